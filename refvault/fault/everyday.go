package fault

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// everyday are mistakes that a vault is quickly written with. They were written down before anybody looked at the rules, as a
// measure of what the rules find unprepared.
func everyday() []Fault {
	return append(append(everydayPolicies(), everydayImports()...), everydayOthers()...)
}

// sentObject is the body of a request as an object, nil if it is none.
func sentObject(r *http.Request) map[string]any {
	return (&tamper.Response{Sent: tamper.Sent(r)}).SentObject()
}

// adds builds a fault that changes the body of a request before the vault reads it.
func adds(id, title string, on tamper.On, change func(sent map[string]any) bool, breaks ...string) Fault {
	return asks(id, title, on, func(r *http.Request) *http.Request {
		if sent := sentObject(r); sent != nil && change(sent) {
			return tamper.WithBody(r, sent)
		}
		return r
	}, breaks...)
}

func everydayPolicies() []Fault {
	patch := tamper.PatchPolicy()
	return []Fault{
		adds("policy-patch-drops-the-names", "a patch of one X.509 property of the policy drops the alternative names", patch,
			func(sent map[string]any) bool {
				props, ok := sent["x509_props"].(map[string]any)
				if ok && props["sans"] == nil {
					props["sans"] = map[string]any{}
					return true
				}
				return false
			}, "certificate-policy/part-keeps-members"),
		adds("policy-patch-of-the-key-resets-the-secret", "a patch of the key properties puts the secret properties back to their default", patch,
			func(sent map[string]any) bool {
				if sent["key_props"] == nil || sent["secret_props"] != nil {
					return false
				}
				sent["secret_props"] = map[string]any{"contentType": "application/x-pkcs12"}
				return true
			}, "certificate-policy/part-keeps-groups"),
		remembers("policy-patch-not-in-the-bundle", "a patch of the policy leaves the policy in the bundle as it was", patch.Or(tamper.ReadCertificate()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				name := tamper.Name(r)
				if patch(r) {
					if before := tamper.Ask(next, r, http.MethodGet, "", nil); before.OK() {
						m.first(name, before)
					}
					return tamper.Pass(next, r)
				}
				a := tamper.Pass(next, r)
				if before := m.kept(name); before != nil && a.OK() {
					tamper.Set("policy", before.Object()["policy"])(a)
				}
				return a
			}, "history/policy"),
		acts("create-without-policy-takes-the-defaults", "a create without a policy takes the subject of the stored policy and defaults for all else",
			tamper.Create(), func(next http.Handler, r *http.Request) *tamper.Response {
				sent := sentObject(r)
				stored := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				props, _ := stored.Object()["x509_props"].(map[string]any)
				if sent == nil || sent["policy"] != nil || !stored.OK() {
					return tamper.Pass(next, r)
				}
				sent["policy"] = map[string]any{
					"issuer": stored.Object()["issuer"], "x509_props": map[string]any{"subject": props["subject"]},
				}
				return tamper.Pass(next, tamper.WithBody(r, sent))
			}, "certificate-policy/next-key-size"),
		remembers("policy-patch-of-another-name-shows", "a patch of one policy changes the key properties of every other policy", tamper.Policy(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch last := m.kept(""); {
				case patch(r) && a.OK():
					m.keep("", a)
				case a.OK() && last != nil && tamper.Name(last.Request) != tamper.Name(r):
					tamper.Set("key_props", last.Object()["key_props"])(a)
				}
				return a
			}, "certificate-policy/others-kept"),
		remembers("policy-of-a-deleted-certificate", "the policy of a deleted certificate can be read", tamper.DeleteCertificate().Or(tamper.ReadPolicy()),
			outlives("/policy"), "delete-certificate/policy-gone"),
		remembers("policy-patch-appends-actions", "the lifetime actions of a patch are added to those of the policy", tamper.Policy(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				before := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				sent := sentObject(r)
				a := tamper.Pass(next, r)
				if patch(r) && a.OK() && sent["lifetime_actions"] != nil {
					m.first(tamper.Name(r), before)
				}
				if first := m.kept(tamper.Name(r)); first != nil && a.OK() {
					earlier, _ := first.Object()["lifetime_actions"].([]any)
					tamper.Map("lifetime_actions", func(now any) any {
						list, _ := now.([]any)
						return append(earlier, list...)
					})(a)
				}
				return a
			}, "certificate-policy/action-in-days"),
	}
}

func everydayImports() []Fault {
	on := tamper.Import()
	return []Fault{
		edits("import-takes-the-last-certificate", "an import of a PFX with a chain takes the last certificate", on,
			tamper.OnSuccess(func(a *tamper.Response) {
				value, _ := a.SentObject()["value"].(string)
				password, _ := a.SentObject()["pwd"].(string)
				der, err := base64.StdEncoding.DecodeString(value)
				if err != nil {
					return
				}
				if _, _, chain, err := pkcs12.DecodeChain(der, password); err == nil && len(chain) > 0 {
					tamper.Set("cer", base64.StdEncoding.EncodeToString(chain[len(chain)-1].Raw))(a)
				}
			}), "import-certificate/chain-cer"),
		edits("import-key-always-2048", "the policy of an import says 2048 bits of every RSA key", on.Or(tamper.ReadPolicy()).Or(tamper.ReadCertificate()),
			tamper.OnSuccess(tamper.Where(func(a *tamper.Response) bool {
				policy, _ := a.Object()["policy"].(map[string]any)
				keys, _ := policy["key_props"].(map[string]any)
				return keys["kty"] == "RSA"
			}, tamper.Replace("policy.key_props.key_size", 2048))), "import-certificate/rsa-3072-policy", "import-certificate/rsa-4096-policy"),
		acts("import-inherits-the-tags", "an import under an existing name without tags has the tags of the version before", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				before := tamper.Ask(next, r, http.MethodGet, "", nil)
				sent := sentObject(r)
				if sent == nil || sent["tags"] != nil || before.Object()["tags"] == nil {
					return tamper.Pass(next, r)
				}
				sent["tags"] = before.Object()["tags"]
				return tamper.Pass(next, tamper.WithBody(r, sent))
			}, "import-certificate/tags-not-inherited"),
		acts("import-takes-the-validity-of-the-request", "the policy of an import has the validity that the request says or 12 months, not the certificate's", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				policy, _ := sentObject(r)["policy"].(map[string]any)
				props, _ := policy["x509_props"].(map[string]any)
				months := props["validity_months"]
				if months == nil {
					months = 12
				}
				a := tamper.Pass(next, r)
				if a.OK() {
					change := map[string]any{"x509_props": map[string]any{"validity_months": months}}
					if patched := tamper.Ask(next, r, http.MethodPatch, "/policy", change); patched.OK() {
						tamper.Set("policy", patched.Object())(a)
					}
				}
				return a
			}, "import-certificate/policy-validity"),
	}
}

func everydayOthers() []Fault {
	contacts := func(method string) tamper.On { return tamper.Operation(method, "/certificates/contacts") }
	return append([]Fault{
		acts("issuer-disabled-forgets-the-rest", "a patch of an issuer that says enabled alone takes away its account and its organization",
			tamper.Operation(http.MethodPatch, "/certificates/issuers/[^/]+"), func(next http.Handler, r *http.Request) *tamper.Response {
				sent := sentObject(r)
				before := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil)
				if !before.OK() || len(sent) != 1 || sent["attributes"] == nil {
					return tamper.Pass(next, r)
				}
				return tamper.AskPath(next, r, http.MethodPut, r.URL.Path,
					map[string]any{"provider": before.Object()["provider"], "attributes": sent["attributes"]})
			}, "issuers/patch-enabled-keeps"),
		acts("issuer-set-again-merges", "setting an issuer again keeps what is not sent", tamper.SetIssuer(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if !tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil).OK() {
					return tamper.Pass(next, r)
				}
				return tamper.AskPath(next, r, http.MethodPatch, r.URL.Path, tamper.Sent(r))
			}, "issuers/replaced", "history/issuers-whole"),
		acts("contacts-added", "setting the contacts adds them to those that are set", contacts(http.MethodPut),
			func(next http.Handler, r *http.Request) *tamper.Response {
				sent := sentObject(r)
				list, _ := sent["contacts"].([]any)
				before, _ := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil).Object()["contacts"].([]any)
				if sent == nil {
					return tamper.Pass(next, r)
				}
				sent["contacts"] = append(before, list...)
				return tamper.Pass(next, tamper.WithBody(r, sent))
			}, "contacts/replaced"),
		adds("contacts-phone-of-the-first-alone", "only the first of several contacts keeps a telephone number", contacts(http.MethodPut),
			func(sent map[string]any) bool {
				list, _ := sent["contacts"].([]any)
				for i, item := range list {
					if contact, ok := item.(map[string]any); ok && i > 0 {
						delete(contact, "phone")
					}
				}
				return len(list) > 1
			}, "contacts/list"),
		edits("contacts-deleted-answers-none", "deleting the contacts returns an empty list", contacts(http.MethodDelete),
			tamper.OnSuccess(tamper.Set("contacts", []any{})), "contacts/deleted"),
	}, restoredUnderNewVersions())
}

// restoredUnderNewVersions gives a restored certificate other versions, under which it can be read.
func restoredUnderNewVersions() Fault {
	read := tamper.ReadBundle().Or(tamper.ListVersions())
	renamed := func(u *url.URL) {
		if i := strings.LastIndex(u.Path, "/"); len(u.Path)-i == 33 {
			u.Path = u.Path[:i+1] + "00000000" + u.Path[i+9:]
		}
	}
	inAll := tamper.All(tamper.EditURL("id", renamed), tamper.EditURL("kid", renamed), tamper.EditURL("sid", renamed),
		tamper.EditURL("value.*.id", renamed))
	return remembers("restore-gives-new-versions", "every version of a restored certificate has a new id", tamper.Restore().Or(read),
		func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			switch {
			case tamper.Restore()(r) && a.OK():
				m.mark(nameOf(a))
				inAll(a)
			case m.marked(tamper.Name(r)) && tamper.ReadVersion()(r) && a.OK():
				notFound(a)
			case m.marked(tamper.Name(r)) && a.OK():
				inAll(a)
			}
			return a
		}, "backup-certificate/restore-id", "backup-certificate/restored-versions")
}
