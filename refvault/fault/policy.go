package fault

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// policies are changes of the policy that do not do what they say.
func policies() []Fault {
	return []Fault{
		acts("policy-patch-ignored", "a patch of the policy gets the right response and stores nothing", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				before := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				a := tamper.Pass(next, r)
				if a.OK() {
					tamper.Ask(next, r, http.MethodPatch, "/policy", before.Body)
				}
				return a
			}, "history/policy", "issue-next-version/policy-patch-sets", "certificate-policy/next-key-size"),
		acts("policy-patch-answers-the-old-policy", "a patch of the policy returns the policy before it",
			tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				before := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				if a := tamper.Pass(next, r); !a.OK() {
					return a
				}
				return before
			}, "issue-next-version/policy-patch-sets"),
		{
			ID: "policy-patch-replaces", Title: "a patch of the policy takes away what was not sent",
			Breaks: []string{"issue-next-version/policy-patch-keeps"}, On: tamper.Policy(),
			Wrap: func(next http.Handler) http.Handler {
				shadow := shadowing(tamper.PatchPolicy(), http.StatusOK, tamper.ReadPolicy(), lostGroups)(next)
				return tamper.Handler(shadow, tamper.PatchPolicy(), tamper.OnSuccess(lostGroups))
			},
		},
		{
			ID: "policy-patch-resets", Title: "a patch of the policy puts what was not sent back to its defaults",
			Breaks: []string{"issue-next-version/policy-patch-keeps"}, On: tamper.Policy(),
			Wrap: shadowing(tamper.PatchPolicy(), http.StatusOK, tamper.Policy(),
				tamper.Set("x509_props.subject", "CN=default")),
		},
		{
			ID: "policy-patch-makes-a-version", Title: "a patch of the policy gives the certificate another version",
			Breaks: []string{"issue-next-version/policy-patch-later-only"},
			On:     tamper.PatchPolicy().Or(tamper.ReadCertificate()),
			Wrap:   shadowing(tamper.PatchPolicy(), http.StatusOK, tamper.ReadCertificate(), otherVersion),
		},
		acts("policy-patch-half-stored", "a patch of the policy that is refused has set its other groups", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentObject(r)
				a := tamper.Pass(next, r)
				if a.Status != http.StatusBadRequest {
					return a
				}
				for _, group := range []string{"secret_props", "x509_props", "lifetime_actions", "issuer"} {
					if body[group] != nil {
						tamper.Ask(next, r, http.MethodPatch, "/policy", map[string]any{group: body[group]})
					}
				}
				return a
			}, "certificate-policy/rejected-as-a-whole"),
		acts("policy-patch-ends-reuse", "a patch of the policy without key_props sets reuse_key to false", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentObject(r)
				key, _ := tamper.Ask(next, r, http.MethodGet, "/policy", nil).Object()["key_props"].(map[string]any)
				if body == nil || body["key_props"] != nil || key == nil {
					return tamper.Pass(next, r)
				}
				key["reuse_key"] = false
				body["key_props"] = key
				return tamper.Pass(next, tamper.WithBody(r, body))
			}, "certificate-policy/part-keeps-groups"),
		edits("trigger-of-days-with-percentage", "a lifetime action with days_before_expiry has a lifetime_percentage as well",
			tamper.Policy(), tamper.OnSuccess(tamper.Map("lifetime_actions", func(actions any) any {
				list, _ := actions.([]any)
				for _, action := range list {
					object, _ := action.(map[string]any)
					if trigger, _ := object["trigger"].(map[string]any); trigger["days_before_expiry"] != nil {
						trigger["lifetime_percentage"] = 80
					}
				}
				return actions
			})), "certificate-policy/trigger-alone"),
		acts("policy-patch-drops-tags", "a patch of the policy takes the tags of the current version away", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					tamper.Ask(next, r, http.MethodPatch, "", map[string]any{"tags": map[string]any{}})
				}
				return a
			}, "issue-next-version/policy-patch-later-only"),
		{
			ID: "policy-kept-at-the-next-create", Title: "the policy of a later create is used but not stored",
			Breaks: []string{"issue-next-version/replace-policy"},
			On:     tamper.Create().Or(tamper.Policy()).Or(tamper.ReadCertificate()),
			Wrap:   firstPolicy,
		},
		acts("policy-needed-at-every-create", "a create for an existing certificate needs a policy", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := &tamper.Response{Sent: tamper.Sent(r)}
				if a.SentObject()["policy"] == nil {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "issue-next-version/next-without-policy"),
		acts("policy-not-needed", "the first create of a name without a policy is accepted with a policy of the vault's own",
			tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusBadRequest && a.SentObject()["policy"] == nil && r.URL.Query().Get("api-version") != "" {
					return tamper.Pass(next, tamper.WithBody(r, manualCreate("CN=default")))
				}
				return a
			}, "issue-next-version/policy-required"),
	}
}

func manualCreate(subject string) map[string]any {
	return map[string]any{"policy": map[string]any{
		"x509_props": map[string]any{"subject": subject}, "issuer": map[string]any{"name": "Unknown"},
	}}
}

func lostGroups(a *tamper.Response) {
	tamper.All(tamper.Drop("secret_props"), tamper.Drop("x509_props"), tamper.Drop("lifetime_actions"))(a)
}

// firstPolicy keeps showing the first policy of every name.
func firstPolicy(next http.Handler) http.Handler {
	m := newMemory()
	on := tamper.Create().Or(tamper.Policy()).Or(tamper.ReadCertificate())
	return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if tamper.Create()(r) {
			if a.OK() {
				m.first(tamper.Name(r), tamper.Ask(next, r, http.MethodGet, "/policy", nil))
			}
			return a
		}
		if first := m.kept(tamper.Name(r)); first != nil && a.OK() {
			if tamper.Policy()(r) {
				a.Body = first.Body
			} else {
				tamper.Replace("policy", first.Object())(a)
			}
		}
		return a
	})
}
