package fault

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// everySequence is a fault of a sequence that acts on requests about no name as well: lists and restores.
func everySequence(id, title string, act func(n *notes, next http.Handler, r *http.Request) *tamper.Response) Fault {
	f := sequence(id, title, act)
	f.On = tamper.Anything()
	f.Wrap = func(next http.Handler) http.Handler {
		n := &notes{text: map[string]string{}, list: map[string][]string{}, count: map[string]int{}}
		return acting(next, f.On, func(next http.Handler, r *http.Request) *tamper.Response { return act(n, next, r) })
	}
	return f
}

// laterSequences are of other kinds than those before them: backups, lists, requests at once, and what a rejected request
// leaves behind.
func laterSequences() []Fault {
	return append(append(backupSequences(), listSequences()...), sideEffects()...)
}

// nameIn is the name in the id of a certificate.
func nameIn(id string) string {
	_, rest, _ := strings.Cut(id, "certificates/")
	name, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(name)
}

// at is a request about a name as one about another.
func at(r *http.Request, name string) *http.Request {
	base, _, _ := strings.Cut(strings.TrimSuffix(r.URL.Path, "/")+"/", "/certificates/") // lists end with the collection
	return tamper.WithPath(r, base+"/certificates/"+name)
}

func backupSequences() []Fault {
	return []Fault{
		everySequence("restore-loses-versions", "a restore brings back the current version alone",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.Restore()(r) && a.OK():
					name := nameIn(a.Text("id"))
					for _, id := range listed(next, at(r, name)) {
						if id != versionID(a) {
							n.add(name, id)
						}
					}
				case tamper.ReadVersion()(r) && slices.Contains(n.all(key(r)), lastSegment(r)):
					return refusal(r, http.StatusNotFound, "CertificateNotFound")
				case tamper.ListVersions()(r) && a.OK():
					hiding(a, n.all(key(r)))
				}
				return a
			}),
		everySequence("restore-drops-tags", "a restored certificate has no tags",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Restore()(r) && a.OK() {
					tamper.Ask(next, at(r, nameIn(a.Text("id"))), http.MethodPatch, "", map[string]any{"tags": map[string]any{}})
				}
				return a
			}),
		everySequence("second-backup-is-the-first", "a second backup of a name holds what the first one held",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Backup()(r) && a.OK() {
					if first := n.get(key(r)); first != "" {
						tamper.Set("value", first)(a)
					} else {
						n.put(key(r), a.Text("value"))
					}
				}
				return a
			}),
	}
}

// withoutName takes the items of a name out of a list.
func withoutName(a *tamper.Response, name string) {
	keepItems(func(item map[string]any) bool {
		id, _ := item["id"].(string)
		return nameIn(id) != name
	})(a)
}

func listSequences() []Fault {
	return []Fault{
		everySequence("recovered-name-not-listed", "the list of certificates lacks a name that was recovered",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.Recover()(r) && a.OK():
					n.add("recovered", key(r))
				case tamper.ListCertificates()(r) && a.OK():
					for _, name := range n.all("recovered") {
						withoutName(a, name)
					}
				}
				return a
			}),
		everySequence("deleted-list-keeps-a-recovered-name", "the list of deleted certificates still has a name that was recovered",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				if tamper.Recover()(r) {
					object := tamper.AskPath(next, r, http.MethodGet, strings.TrimSuffix(r.URL.Path, "/recover"), nil).Object()
					delete(object, "policy")
					delete(object, "cer")
					text := (&tamper.Response{Header: http.Header{}})
					text.SetObject(object)
					n.put("item/"+key(r), string(text.Body))
				}
				a := tamper.Pass(next, r)
				switch {
				case tamper.Recover()(r) && a.OK():
					n.add("recovered", key(r))
				case tamper.ListDeleted()(r) && a.OK():
					object := a.Object()
					items, _ := object["value"].([]any)
					if items == nil {
						items = []any{}
					}
					for _, name := range n.all("recovered") {
						item := (&tamper.Response{Body: []byte(n.get("item/" + name))}).Object()
						if item != nil {
							items = append(items, item)
						}
					}
					if object != nil {
						object["value"] = items
						a.SetObject(object)
					}
				}
				return a
			}),
		everySequence("listed-as-first-tagged", "the list of certificates shows the tags that a name had when it was listed first",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				object := a.Object()
				items, _ := object["value"].([]any)
				if !tamper.ListCertificates()(r) || !a.OK() {
					return a
				}
				for _, item := range items {
					object, _ := item.(map[string]any)
					id, _ := object["id"].(string)
					first := &tamper.Response{Header: http.Header{}, Body: []byte(n.get(id))}
					if n.get(id) == "" {
						first.SetObject(map[string]any{"tags": object["tags"]})
						n.put(id, string(first.Body))
					}
					object["tags"] = first.Object()["tags"]
				}
				object["value"] = items
				a.SetObject(object)
				return a
			}),
	}
}

// sideEffects change something that the request is not about, or that it was refused.
func sideEffects() []Fault {
	return []Fault{
		sequence("policy-patch-enables", "a patch of the policy enables a version that was disabled",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.PatchPolicy()(r) && a.OK() && finished(current(next, r)) {
					tamper.Ask(next, r, http.MethodPatch, "", map[string]any{"attributes": map[string]any{"enabled": true}})
				}
				return a
			}),
		sequence("refused-cancellation-takes-effect", "a completed request is cancelled by a cancellation that was rejected",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.PatchPending()(r) && a.Status >= 400 && a.Status < 500 && is("completed")(pendingOf(next, r)):
					n.put(key(r), "rejected")
				case tamper.Create()(r) && a.OK():
					n.put(key(r), "")
				case tamper.ReadPending()(r) && is("completed")(a) && n.get(key(r)) != "":
					tamper.All(tamper.Set("status", "cancelled"), tamper.Set("cancellation_requested", true), tamper.Drop("target"))(a)
				}
				return a
			}),
		sequence("dropped-request-clears-tags", "deleting a request takes the tags of the current version away",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.DeletePending()(r) && a.OK() && finished(current(next, r)) {
					tamper.Ask(next, r, http.MethodPatch, "", map[string]any{"tags": map[string]any{}})
				}
				return a
			}),
		sequence("issuer-set-after-deletion-is-gone", "an issuer that is set again after it was deleted is not found",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if !tamper.Issuer()(r) {
					return a
				}
				name := strings.ToLower(lastSegment(r))
				switch {
				case r.Method == http.MethodDelete && a.OK():
					n.put(name, "deleted")
				case tamper.ReadIssuer()(r) && a.OK() && n.get(name) != "":
					return refusal(r, http.StatusNotFound, "CertificateIssuerNotFound")
				}
				return a
			}),
		sequence("request-id-changes-after-a-conflict", "a create that meets a conflict changes the request_id of the request in progress",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				from, to := n.get(key(r)+"/from"), n.get(key(r)+"/to")
				if id := r.URL.Query().Get("request_id"); to != "" && id == to {
					r = tamper.WithQuery(r, "request_id", from)
				}
				a := tamper.Pass(next, r)
				switch {
				case tamper.Create()(r) && a.Status == http.StatusConflict && from == "":
					if id := pendingOf(next, r).Text("request_id"); id != "" {
						n.put(key(r)+"/from", id)
						n.put(key(r)+"/to", id[len(id)-4:]+id[4:len(id)-4]+id[:4])
					}
				case to != "":
					renamed(a, from, to)
				}
				return a
			}),
		sequence("new-version-disables-the-old", "a merge disables the version before",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				var before []string
				if tamper.Merge()(r) {
					before = listed(next, r)
				}
				a := tamper.Pass(next, r)
				if tamper.Merge()(r) && a.OK() {
					for _, id := range before {
						tamper.Ask(next, r, http.MethodPatch, "/"+id, map[string]any{"attributes": map[string]any{"enabled": false}})
					}
				}
				return a
			}),
		sequence("purge-by-prefix", "purging a name purges the deleted names that begin alike",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.DeleteCertificate()(r) && a.OK():
					n.add("deleted", tamper.Name(r))
				case tamper.Purge()(r) && a.OK():
					for _, name := range n.all("deleted") {
						if lower := strings.ToLower(name); lower != key(r) && strings.HasPrefix(lower, key(r)) {
							base, _, _ := strings.Cut(r.URL.Path, "/deletedcertificates/")
							tamper.AskPath(next, r, http.MethodDelete, base+"/deletedcertificates/"+name, nil)
						}
					}
				}
				return a
			}),
		sequence("imports-at-once-share-a-version", "of two imports of a name at once both get the version of the first", sharesVersionAtOnce),
	}
}

// sharesVersionAtOnce gives an import that meets another one under way the response of that one.
func sharesVersionAtOnce(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Import()(r) {
		return tamper.Pass(next, r)
	}
	met, leave := n.meet(r)
	defer leave()
	a := tamper.Pass(next, r)
	if !met || !a.OK() {
		return a
	}
	if first := n.get(key(r) + "/first"); first != "" {
		a.Body = []byte(first)
	} else {
		n.put(key(r)+"/first", string(a.Body))
	}
	return a
}
