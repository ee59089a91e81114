package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// neighbourSequences let a request about one name reach another.
func neighbourSequences() []Fault {
	return []Fault{
		sequence("request-id-of-another-name-is-accepted", "the request_id of another name's request finds the pending object", acceptsForeignID),
		everySequence("deletion-hides-longer-names", "the deletion of a certificate hides names that begin alike from the list", hidesLongerNames),
		everySequence("deleted-list-has-the-last-only", "the list of deleted certificates has the one that was deleted last only", listsLastDeleted),
		everySequence("issuer-patch-reaches-longer-names", "a change of an issuer changes those whose names begin alike", patchesLongerIssuers),
		everySequence("issuer-set-again-has-former-members", "an issuer that is set again has the members of the one that was deleted", revivesIssuer),
	}
}

func acceptsForeignID(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	asked := r.URL.Query().Get("request_id")
	if of := n.get(asked); asked != "" && of != "" && of != key(r) {
		r = tamper.WithQuery(r, "request_id", "")
	}
	a := tamper.Pass(next, r)
	if tamper.Create()(r) && a.OK() {
		n.put(a.Text("request_id"), key(r))
	}
	return a
}

func hidesLongerNames(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.DeleteCertificate()(r):
		n.add("deleted", key(r))
		n.put(key(r), "deleted")
	case tamper.Create()(r), tamper.Import()(r), tamper.Recover()(r):
		n.put(key(r), "")
	case tamper.ListCertificates()(r):
		keepItems(func(item map[string]any) bool {
			id, _ := item["id"].(string)
			for _, name := range n.all("deleted") {
				if n.get(name) != "" && nameIn(id) != name && strings.HasPrefix(nameIn(id), name) {
					return false
				}
			}
			return true
		})(a)
	}
	return a
}

func listsLastDeleted(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.DeleteCertificate()(r):
		n.put("last", key(r))
	case tamper.ListDeleted()(r):
		keepItems(func(item map[string]any) bool {
			id, _ := item["id"].(string)
			return n.get("last") == "" || nameIn(id) == n.get("last")
		})(a)
	}
	return a
}

// issuerOf is the issuer in a request's path, in one case.
func issuerOf(r *http.Request) string { return strings.ToLower(lastSegment(r)) }

func patchesLongerIssuers(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if !tamper.Issuer()(r) || !a.OK() {
		return a
	}
	switch r.Method {
	case http.MethodPut:
		n.add("issuers", issuerOf(r))
	case http.MethodPatch:
		for _, name := range n.all("issuers") {
			if name != issuerOf(r) && strings.HasPrefix(name, issuerOf(r)) {
				path := strings.TrimSuffix(r.URL.Path, lastSegment(r)) + name
				tamper.AskPath(next, r, http.MethodPatch, path, a.Sent)
			}
		}
	}
	return a
}

func revivesIssuer(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Issuer()(r) {
		return tamper.Pass(next, r)
	}
	if former := n.get(issuerOf(r)); former != "" && r.Method == http.MethodPut {
		sent := sentObject(r)
		if sent != nil && sent["org_details"] == nil {
			sent["org_details"] = (&tamper.Response{Sent: []byte(former)}).SentObject()["org_details"]
			r = tamper.WithBody(r, sent)
		}
	}
	a := tamper.Pass(next, r)
	if r.Method == http.MethodDelete && a.OK() && a.Object()["org_details"] != nil {
		n.put(issuerOf(r), string(a.Body))
	}
	return a
}
