package fault

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// sameKey reports whether a signing request and a certificate have one public key.
func sameKey(csr string, leaf *x509.Certificate) bool {
	der, err := base64.StdEncoding.DecodeString(csr)
	if err != nil {
		return false
	}
	request, err := x509.ParseCertificateRequest(der)
	return err == nil && string(request.RawSubjectPublicKeyInfo) == string(leaf.RawSubjectPublicKeyInfo)
}

// versionID is the version in the id of a bundle, "" where there is none.
func versionID(a *tamper.Response) string {
	id := a.Text("id")
	return id[strings.LastIndex(id, "/")+1:]
}

// current reads the certificate of a request's name.
func current(next http.Handler, r *http.Request) *tamper.Response {
	return tamper.Ask(next, r, http.MethodGet, "", nil)
}

// finished reports whether a bundle is that of a version with a certificate.
func finished(a *tamper.Response) bool { return a.OK() && a.Text("cer") != "" }

// listed are the ids of the versions of a request's name.
func listed(next http.Handler, r *http.Request) []string {
	var ids []string
	items, _ := tamper.Ask(next, r, http.MethodGet, "/versions", nil).Object()["value"].([]any)
	for _, item := range items {
		object, _ := item.(map[string]any)
		if id, _ := object["id"].(string); id != "" && object["x5t"] != nil {
			ids = append(ids, id[strings.LastIndex(id, "/")+1:])
		}
	}
	return ids
}

// hiding takes the items of some versions out of a list.
func hiding(a *tamper.Response, ids []string) {
	keepItems(func(item map[string]any) bool {
		text, _ := json.Marshal(item) // was JSON before
		return !slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(string(text), id) })
	})(a)
}

// versionSequences are wrong about a version because of another one.
func versionSequences() []Fault {
	return []Fault{
		sequence("old-version-update-hits-the-current", "an update of an old version changes the current one instead",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				if !tamper.UpdateCertificate()(r) || key(r) == strings.ToLower(lastSegment(r)) {
					return tamper.Pass(next, r)
				}
				now := current(next, r)
				if !now.OK() || versionID(now) == lastSegment(r) {
					return tamper.Pass(next, r)
				}
				sent := tamper.Sent(r)
				tamper.Ask(next, r, http.MethodPatch, "", sent)
				read := r.Clone(r.Context())
				read.Method = http.MethodGet
				a := tamper.Pass(next, read)
				asked := (&tamper.Response{Sent: sent}).SentObject()
				if tags := asked["tags"]; tags != nil {
					tamper.Set("tags", tags)(a)
				}
				if attributes, ok := asked["attributes"].(map[string]any); ok && attributes["enabled"] != nil {
					tamper.Set("attributes.enabled", attributes["enabled"])(a)
				}
				return a
			}),
		sequence("second-import-overwrites-the-first", "a second import replaces the version of the first",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				first, second := n.get(key(r)+"/1"), n.get(key(r)+"/2")
				if second != "" && strings.HasSuffix(r.URL.Path, "/"+first) {
					r = tamper.WithPath(r, strings.TrimSuffix(r.URL.Path, first)+second)
				}
				a := tamper.Pass(next, r)
				if tamper.Import()(r) && a.OK() {
					switch {
					case first == "":
						n.put(key(r)+"/1", versionID(a))
					case second == "":
						second = versionID(a)
						n.put(key(r)+"/2", second)
					}
				}
				if second != "" {
					if tamper.ListVersions()(r) {
						hiding(a, []string{first})
					}
					renamed(a, second, first)
				}
				return a
			}),
		asksSequence("tags-leak-to-the-next-version", "a create without tags has those of the version before",
			func(next http.Handler, r *http.Request, sent map[string]any) bool {
				tags := current(next, r).Object()["tags"]
				if object, _ := tags.(map[string]any); sent["tags"] != nil || len(object) == 0 {
					return false
				}
				sent["tags"] = tags
				return true
			}),
		asksSequence("disabled-leaks-to-the-next-version", "a version that follows a disabled one is disabled",
			func(next http.Handler, r *http.Request, sent map[string]any) bool {
				now := current(next, r)
				attributes, _ := now.Object()["attributes"].(map[string]any)
				if sent["attributes"] != nil || !finished(now) || attributes["enabled"] != false {
					return false
				}
				sent["attributes"] = map[string]any{"enabled": false}
				return true
			}),
		sequence("third-version-not-current", "the third version of a name never becomes the current one",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if (tamper.Merge()(r) || tamper.Import()(r)) && finished(a) {
					n.add(key(r), versionID(a))
				}
				if made := n.all(key(r)); tamper.ReadCertificate()(r) && finished(a) && len(made) == 3 && versionID(a) == made[2] {
					second := tamper.Ask(next, r, http.MethodGet, "/"+made[1], nil)
					if second.OK() {
						policy := a.Object()["policy"]
						a.Body = second.Body
						tamper.Set("policy", policy)(a)
					}
				}
				return a
			}),
		sequence("deleting-a-completed-request-takes-its-version", "deleting the completed request of a second version takes that version away",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				lost := n.get(key(r))
				var completed bool
				if tamper.DeletePending()(r) {
					completed = is("completed")(pendingOf(next, r))
				}
				a := tamper.Pass(next, r)
				switch {
				case completed && a.OK() && len(listed(next, r)) > 1:
					n.put(key(r), versionID(current(next, r)))
				case lost != "" && tamper.ReadVersion()(r) && lastSegment(r) == lost:
					return refusal(r, http.StatusNotFound, "CertificateNotFound")
				case lost != "" && tamper.ListVersions()(r):
					hiding(a, []string{lost})
				}
				return a
			}),
		sequence("tagging-enables", "an update of the tags enables a version that was disabled",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				sent := sentObject(r)
				if tamper.UpdateCertificate()(r) && sent["tags"] != nil && sent["attributes"] == nil {
					sent["attributes"] = map[string]any{"enabled": true}
					r = tamper.WithBody(r, sent)
				}
				return tamper.Pass(next, r)
			}),
	}
}

// asksSequence builds a fault that changes the body of a create by what the vault has.
func asksSequence(id, title string, change func(next http.Handler, r *http.Request, sent map[string]any) bool) Fault {
	return sequence(id, title, func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
		if tamper.Create()(r) {
			sent := sentObject(r)
			if sent != nil && change(next, r, sent) {
				r = tamper.WithBody(r, sent)
			}
		}
		return tamper.Pass(next, r)
	})
}

// deletionSequences lose something, or keep it, from a deletion to what follows.
func deletionSequences() []Fault {
	return []Fault{
		sequence("recovery-loses-versions", "a recovery brings back the current version alone",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				lost := n.all(key(r))
				switch {
				case tamper.Recover()(r) && a.OK():
					for _, id := range listed(next, withoutDeleted(r)) {
						if id != versionID(a) {
							n.add(key(r), id)
						}
					}
				case tamper.ReadVersion()(r) && slices.Contains(lost, lastSegment(r)):
					return refusal(r, http.StatusNotFound, "CertificateNotFound")
				case tamper.ListVersions()(r) && a.OK() && len(lost) > 0:
					hiding(a, lost)
				}
				return a
			}),
		sequence("recovery-drops-tags", "a recovery takes the tags of the current version away",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Recover()(r) && a.OK() {
					tamper.Ask(next, withoutDeleted(r), http.MethodPatch, "", map[string]any{"tags": map[string]any{}})
				}
				return a
			}),
		sequence("recovery-resets-the-policy", "a recovery sets the validity in the policy back",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Recover()(r) && a.OK() {
					tamper.Ask(next, withoutDeleted(r), http.MethodPatch, "/policy", map[string]any{"x509_props": map[string]any{"validity_months": 1}})
				}
				return a
			}),
		sequence("purge-keeps-the-deleted-certificate", "a second purge of a name is accepted and purges nothing",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				if tamper.Purge()(r) && n.get(key(r)) != "" {
					read := r.Clone(r.Context())
					read.Method = http.MethodGet
					a := tamper.Pass(next, read)
					if a.OK() {
						a.Status, a.Body = http.StatusNoContent, nil
						a.Header.Del("Content-Type")
					}
					return a
				}
				a := tamper.Pass(next, r)
				if tamper.Purge()(r) && a.OK() {
					n.put(key(r), "purged")
				}
				return a
			}),
	}
}

// withVersion adds an item of another version to a list that has one.
func withVersion(a *tamper.Response, id string) {
	object := a.Object()
	items, _ := object["value"].([]any)
	if len(items) == 0 {
		return
	}
	first, _ := items[0].(map[string]any)
	added := map[string]any{}
	for name, value := range first {
		added[name] = value
	}
	text, _ := first["id"].(string)
	added["id"] = text[:strings.LastIndex(text, "/")+1] + id
	object["value"] = append(items, added)
	a.SetObject(object)
}

// withoutDeleted is a request about a deleted certificate as one about the certificate.
func withoutDeleted(r *http.Request) *http.Request {
	path := strings.TrimSuffix(r.URL.Path, "/recover")
	return tamper.WithPath(r, strings.Replace(path, "/deletedcertificates/", "/certificates/", 1))
}

// settingSequences forget what was set.
func settingSequences() []Fault {
	return []Fault{
		sequence("policy-patch-reverts", "a patch of the policy is undone by the next create without a policy",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				var before *tamper.Response
				if tamper.PatchPolicy()(r) {
					before = tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				}
				if sent := sentObject(r); tamper.Create()(r) && sent["policy"] == nil && n.get(key(r)) != "" {
					tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(n.get(key(r))))
				}
				a := tamper.Pass(next, r)
				if before != nil && before.OK() && a.OK() && n.get(key(r)) == "" {
					n.put(key(r), string(before.Body))
				}
				return a
			}),
		sequence("issuer-set-again-keeps-the-account", "an issuer that is set a second time still has the account of the first",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if !tamper.Issuer()(r) || !a.OK() {
					return a
				}
				credentials, _ := a.Object()["credentials"].(map[string]any)
				account, _ := credentials["account_id"].(string)
				switch first := n.get(lastSegment(r)); {
				case tamper.SetIssuer()(r) && first == "":
					n.put(lastSegment(r), account)
				case tamper.ReadIssuer()(r) && first != "" && account != "":
					tamper.Set("credentials.account_id", first)(a)
				}
				return a
			}),
	}
}
