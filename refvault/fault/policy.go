package fault

import (
	"net/http"
	"net/url"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// policies are wrong policies, in bundles and by themselves.
func policies() []Fault {
	return append(policyMembers(), policyChanges()...)
}

// both edits a policy where it is the body and where it is in a bundle. Its path is that in the policy.
func both(id, title string, edit func(path string) tamper.Edit, breaks ...string) Fault {
	on := tamper.Policy().Or(tamper.Bundle())
	policy, alone, inside := tamper.Policy(), tamper.OnSuccess(edit("")), tamper.OnSuccess(edit("policy."))
	return edits(id, title, on, func(a *tamper.Answer) {
		if policy(a.Request) {
			alone(a)
			return
		}
		inside(a)
	}, breaks...)
}

func policyMembers() []Fault {
	set := func(id, title, path string, value any, breaks ...string) Fault {
		return both(id, title, func(at string) tamper.Edit { return tamper.Replace(at+path, value) }, breaks...)
	}
	drop := func(id, title, path string, breaks ...string) Fault {
		return both(id, title, func(at string) tamper.Edit { return tamper.Drop(at + path) }, breaks...)
	}
	const whole, valid = "merge-manual-request/policy", "every-answer/certificate-policy"
	return []Fault{
		edits("policy-missing", "a bundle has no policy", tamper.Bundle(), tamper.Drop("policy"), whole,
			"import-certificate/policy-subject", "issue-next-version/one-policy"),
		drop("policy-id-missing", "a policy has no id", "id", whole, "every-answer/policy-id", "issue-next-version/one-policy"),
		drop("policy-without-key-properties", "a policy has no key_props", "key_props", whole, "merge-manual-request/default-key", "import-certificate/policy-key"),
		drop("policy-without-secret-properties", "a policy has no secret_props", "secret_props", whole, "merge-manual-request/default-content-type"),
		drop("policy-without-x509-properties", "a policy has no x509_props", "x509_props", whole, "merge-manual-request/policy-subject"),
		drop("policy-without-lifetime-actions", "a policy has no lifetime_actions", "lifetime_actions", whole, "merge-manual-request/default-lifetime-action"),
		drop("policy-without-issuer", "a policy has no issuer", "issuer", whole, "merge-manual-request/policy-issuer", "create-manually/issuer-omitted-policy"),
		drop("policy-without-attributes", "a policy has no attributes", "attributes", whole, "merge-manual-request/policy-attributes"),
		set("policy-subject-wrong", "a policy has another subject than was asked for", "x509_props.subject", "CN=another.example.com",
			"merge-manual-request/policy-subject", "import-certificate/policy-subject", "issue-next-version/replace-policy"),
		drop("policy-subject-missing", "a policy has no subject", "x509_props.subject", "merge-manual-request/policy-subject", "import-certificate/policy-subject"),
		set("policy-issuer-wrong", "a policy names another issuer", "issuer.name", "Other",
			"merge-manual-request/policy-issuer", "import-certificate/policy-issuer", "create-manually/issuer-omitted-policy"),
		set("policy-key-type-wrong", "a policy has the key type EC for an RSA key", "key_props.kty", "EC",
			"merge-manual-request/default-key", "import-certificate/policy-key"),
		set("policy-key-type-unknown", "the key type of a policy is rsa, in lower case", "key_props.kty", "rsa",
			"merge-manual-request/default-key", "import-certificate/policy-key"),
		set("policy-key-size-wrong", "a policy has 4096 bits for a key of 2048", "key_props.key_size", 4096,
			"merge-manual-request/default-key", "import-certificate/policy-key", "issue-next-version/policy-patch-sets"),
		set("policy-key-size-as-text", "the key size of a policy is a string", "key_props.key_size", "2048", valid),
		set("policy-curve-wrong", "a policy has another curve than the key", "key_props.crv", "P-521", "import-certificate/policy-ec-key"),
		drop("policy-curve-missing", "a policy has no curve for an elliptic key", "key_props.crv", "import-certificate/policy-ec-key"),
		set("policy-reuses-the-key", "a policy has reuse_key true where nothing was asked for", "key_props.reuse_key", true, "merge-manual-request/default-reuse-key"),
		set("policy-not-exportable", "the key of an imported certificate is not exportable", "key_props.exportable", false, "import-certificate/policy-exportable"),
		set("policy-exportable-as-text", "exportable is a string", "key_props.exportable", "true", valid),
		set("policy-content-type-wrong", "a policy has the content type of PEM for PFX and the other way round", "secret_props.contentType", "application/x-pem-file",
			"merge-manual-request/default-content-type", "import-certificate/policy-content-type"),
		both("policy-content-type-always-pfx", "a policy has the content type of PFX for PEM", func(at string) tamper.Edit {
			return tamper.Replace(at+"secret_props.contentType", "application/x-pkcs12")
		}, "import-certificate/policy-pem-content-type"),
		set("policy-content-type-unknown", "a policy has a content type of another file", "secret_props.contentType", "application/octet-stream",
			"merge-manual-request/default-content-type", "import-certificate/policy-pem-content-type"),
		set("policy-usages-wrong", "a policy has another extended key usage", "x509_props.ekus", []any{"1.3.6.1.5.5.7.3.3"},
			"merge-manual-request/default-ekus", "import-certificate/policy-ekus"),
		drop("policy-usages-missing", "a policy has no extended key usages", "x509_props.ekus", "merge-manual-request/default-ekus", "import-certificate/policy-ekus"),
		set("policy-key-usages-wrong", "a policy has other key usages", "x509_props.key_usage", []any{"keyCertSign"},
			"import-certificate/policy-key-usage", "issue-next-version/key-usage-default"),
		drop("policy-key-usages-missing", "a policy has no key usages", "x509_props.key_usage", "import-certificate/policy-key-usage", "issue-next-version/key-usage-default"),
		set("policy-key-usage-unknown", "a policy has a key usage that is none", "x509_props.key_usage", []any{"signing"},
			"import-certificate/policy-key-usage", "issue-next-version/key-usage-default"),
		drop("policy-names-missing", "a policy has no alternative names", "x509_props.sans", "import-certificate/policy-names"),
		set("policy-validity-wrong", "a policy has a validity of 24 months", "x509_props.validity_months", 24, "merge-manual-request/default-validity"),
		drop("policy-validity-missing", "a policy has no validity", "x509_props.validity_months", "merge-manual-request/default-validity"),
		set("policy-validity-as-text", "the validity of a policy is a string", "x509_props.validity_months", "12", valid),
		set("policy-action-wrong", "the lifetime action of a policy is AutoRenew for a manual one", "lifetime_actions",
			[]any{map[string]any{"trigger": map[string]any{"lifetime_percentage": 80}, "action": map[string]any{"action_type": "AutoRenew"}}},
			"merge-manual-request/default-lifetime-action", "import-certificate/policy-lifetime-action"),
		set("policy-action-late", "the lifetime action of a policy is at 90 percent", "lifetime_actions",
			[]any{map[string]any{"trigger": map[string]any{"lifetime_percentage": 90}, "action": map[string]any{"action_type": "EmailContacts"}}},
			"merge-manual-request/default-lifetime-action", "import-certificate/policy-lifetime-action"),
		set("policy-actions-none", "a policy has no lifetime action in its list", "lifetime_actions", []any{},
			"merge-manual-request/default-lifetime-action", "import-certificate/policy-lifetime-action"),
		set("policy-action-unknown", "the lifetime action of a policy is none that there is", "lifetime_actions",
			[]any{map[string]any{"trigger": map[string]any{"lifetime_percentage": 80}, "action": map[string]any{"action_type": "Renew"}}}, valid),
		drop("policy-enabled-missing", "the attributes of a policy have no enabled", "attributes.enabled", "merge-manual-request/policy-attributes"),
		both("policy-with-validity-dates", "the attributes of a policy have nbf and exp", func(at string) tamper.Edit {
			return tamper.All(tamper.Set(at+"attributes.nbf", 1700000000), tamper.Set(at+"attributes.exp", 1800000000))
		}, "merge-manual-request/policy-attributes"),
		both("policy-times-in-milliseconds", "the times of a policy are in milliseconds", func(at string) tamper.Edit {
			milliseconds := func(n int64) any { return n * 1000 }
			return tamper.All(tamper.MapNumber(at+"attributes.created", milliseconds), tamper.MapNumber(at+"attributes.updated", milliseconds))
		}, "every-answer/times"),
		both("policy-created-after-updated", "created of a policy is after updated", func(at string) tamper.Edit {
			return tamper.MapNumber(at+"attributes.created", func(n int64) any { return n + 60 })
		}, "every-answer/created-updated"),
		both("policy-id-of-another-name", "the id of a policy is another certificate's", func(at string) tamper.Edit {
			return tamper.EditURL(at+"id", otherName)
		}, "every-answer/policy-id", "issue-next-version/one-policy"),
		both("policy-id-of-the-version", "the id of a policy has a version", func(at string) tamper.Edit {
			return tamper.EditURL(at+"id", func(u *url.URL) { u.Path += "/0123456789abcdef0123456789abcdef" })
		}, "every-answer/policy-id", "issue-next-version/one-policy"),
		both("policy-id-of-another-host", "the id of a policy is on another host", func(at string) tamper.Edit {
			return tamper.EditURL(at+"id", func(u *url.URL) { u.Host = "elsewhere.invalid" })
		}, "every-answer/policy-id"),
		edits("policy-of-the-bundle-another", "the bundle of a certificate has another policy than its URL", tamper.Bundle(),
			tamper.Replace("policy.x509_props.validity_months", 36), "issue-next-version/one-policy", "import-certificate/policy-stored"),
	}
}

// policyChanges are changes of the policy that do not do what they say.
func policyChanges() []Fault {
	return []Fault{
		acts("policy-patch-ignored", "a patch of the policy is answered rightly and stores nothing", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Answer {
				before := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				a := tamper.Pass(next, r)
				if a.OK() {
					tamper.Ask(next, r, http.MethodPatch, "/policy", before.Body)
				}
				return a
			}, "issue-next-version/policy-patch-sets"),
		acts("policy-patch-answers-the-old-policy", "a patch of the policy answers with the policy before it", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Answer {
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
			Wrap: shadowing(tamper.PatchPolicy(), http.StatusOK, tamper.Policy(), tamper.Set("x509_props.subject", "CN=default")),
		},
		{
			ID: "policy-patch-makes-a-version", Title: "a patch of the policy gives the certificate another version",
			Breaks: []string{"issue-next-version/policy-patch-later-only"}, On: tamper.PatchPolicy().Or(tamper.ReadCertificate()),
			Wrap: shadowing(tamper.PatchPolicy(), http.StatusOK, tamper.ReadCertificate(), otherVersion),
		},
		{
			ID: "policy-kept-at-the-next-create", Title: "the policy of a later create is used but not stored",
			Breaks: []string{"issue-next-version/replace-policy"}, On: tamper.Create().Or(tamper.Policy()).Or(tamper.ReadCertificate()),
			Wrap: firstPolicy,
		},
		acts("policy-needed-at-every-create", "a create for an existing certificate needs a policy", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Answer {
				a := &tamper.Answer{Sent: tamper.Sent(r)}
				if a.SentObject()["policy"] == nil {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "issue-next-version/next-without-policy"),
		acts("policy-not-needed", "the first create of a name without a policy is accepted with a policy of the vault's own", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Answer {
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

func lostGroups(a *tamper.Answer) {
	tamper.All(tamper.Drop("secret_props"), tamper.Drop("x509_props"), tamper.Drop("lifetime_actions"))(a)
}

// firstPolicy shows the first policy of every name for ever.
func firstPolicy(next http.Handler) http.Handler {
	m := newMemory()
	on := tamper.Create().Or(tamper.Policy()).Or(tamper.ReadCertificate())
	return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Answer {
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
