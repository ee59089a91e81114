package fault

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// remainingSequences keep something of a request, a version or a name that is over, or lose something with it.
func remainingSequences() []Fault {
	return []Fault{
		sequence("second-deletion-blocks-the-name", "after two deletions of a pending object no other create is accepted", blocksName),
		sequence("second-cancellation-takes-the-first-back", "a second request for a cancellation takes the first one back", togglesCancellation),
		sequence("recovery-resumes-a-cancelled-request", "after a recovery a cancelled request is in progress again", resumesOnRecovery),
		sequence("third-version-has-the-tags-of-the-first", "the third create of a name that sends no tags has those of the first", firstTags),
		sequence("fourth-version-drops-the-first", "the fourth version of a name drops the first", keepsThreeVersions),
		sequence("disabled-version-is-not-current", "a read without a version shows the newest one that is enabled", skipsDisabled),
		sequence("second-deletion-has-the-date-of-the-first", "the second deletion of a certificate has the dates of the first", repeatsDates),
		everySequence("deleted-again-after-a-purge-not-listed", "the list of deleted certificates lacks a name that was purged before", hidesPurgedBefore),
		everySequence("restore-enables-versions", "a restore enables the versions that were disabled", enablesOnRestore),
		everySequence("restore-makes-the-first-current", "after a restore a read without a version shows the oldest one", restoresFirstCurrent),
		everySequence("backup-restores-only-once", "a backup that was restored once is malformed the second time", restoresOnce),
		sequence("deleting-an-issuer-drops-its-requests", "deleting an issuer deletes the requests that it is at work on", afterAnIssuer(pendingOf, dropsRequest)),
		sequence("second-issuer-patch-loses-the-first", "a second change of an issuer takes the first one back", losesFirstPatch),
		sequence("contacts-set-again-are-added", "contacts that are set again are added to those before", addsContacts),
		sequence("merges-at-once-both-accepted", "of two merges of a request at once both are accepted",
			bothSucceed(tamper.Merge(), http.StatusForbidden, http.StatusCreated)),
	}
}

func blocksName(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Create()(r) && n.get(key(r)) != "" {
		return refusal(r, http.StatusConflict, "Conflict")
	}
	a := tamper.Pass(next, r)
	if tamper.DeletePending()(r) && a.OK() && n.next(key(r)) == 2 {
		n.put(key(r), "blocked")
	}
	return a
}

func togglesCancellation(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	of := key(r) + a.Text("request_id")
	switch {
	case tamper.PatchPending()(r) && a.OK() && a.SentObject()["cancellation_requested"] == true:
		if n.next(of) == 2 {
			n.put(of, "taken back")
		}
		fallthrough
	case tamper.ReadPending()(r) && n.get(of) != "" && is("inProgress", "cancelled", "canceled")(a):
		if n.get(of) != "" {
			tamper.All(tamper.Set("status", "inProgress"), tamper.Set("cancellation_requested", false),
				tamper.Set("status_details", "Pending certificate created."))(a)
		}
	}
	return a
}

func resumesOnRecovery(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	var before *tamper.Response
	if tamper.DeleteCertificate()(r) {
		before = pendingOf(next, r)
	}
	a := tamper.Pass(next, r)
	switch of := key(r); {
	case !a.OK():
	case before != nil && is("cancelled", "canceled")(before):
		n.put(of+"/deleted", before.Text("request_id"))
	case tamper.Recover()(r):
		n.put(of, n.get(of+"/deleted"))
		n.put(of+"/deleted", "")
	case tamper.ReadPending()(r) && n.get(of) != "" && a.Text("request_id") == n.get(of):
		tamper.All(tamper.Set("status", "inProgress"), tamper.Set("cancellation_requested", false),
			tamper.Set("status_details", "Pending certificate created."))(a)
	}
	return a
}

func firstTags(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Create()(r) {
		return tamper.Pass(next, r)
	}
	sent := sentObject(r)
	if n.counted(key(r)) >= 2 && sent != nil && sent["tags"] == nil && n.get(key(r)) != "" {
		sent["tags"] = (&tamper.Response{Sent: []byte(n.get(key(r)))}).SentObject()["tags"]
		r = tamper.WithBody(r, sent)
	}
	a := tamper.Pass(next, r)
	if a.OK() && n.next(key(r)) == 1 && a.SentObject()["tags"] != nil {
		n.put(key(r), string(a.Sent))
	}
	return a
}

func keepsThreeVersions(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := hidden(n, next, r)
	if (tamper.Merge()(r) || tamper.Import()(r)) && a.OK() {
		if ids := versionsByAge(next, r); len(ids) > 3 {
			for _, id := range ids[:len(ids)-3] {
				n.add(key(r)+"/lost", id)
			}
		}
	}
	return a
}

// newestEnabled is the newest version of a request's name that is enabled, nil if there is none.
func newestEnabled(next http.Handler, r *http.Request) *tamper.Response {
	ids := versionsByAge(next, r)
	slices.Reverse(ids)
	for _, id := range ids {
		a := tamper.Ask(next, r, http.MethodGet, "/"+id, nil)
		if attributes, _ := a.Object()["attributes"].(map[string]any); attributes["enabled"] == true {
			return a
		}
	}
	return nil
}

func skipsDisabled(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	attributes, _ := a.Object()["attributes"].(map[string]any)
	if tamper.ReadCertificate()(r) && finished(a) && attributes["enabled"] == false {
		if enabled := newestEnabled(next, r); enabled != nil {
			policy := a.Object()["policy"]
			a.Become(enabled)
			tamper.Set("policy", policy)(a)
		}
	}
	return a
}

func repeatsDates(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch of := key(r); {
	case !a.OK():
	case tamper.Purge()(r):
		n.put(of, "")
	case tamper.DeletedBundle()(r) && n.get(of) == "":
		n.put(of, string(a.Body))
	case tamper.DeletedBundle()(r):
		first := (&tamper.Response{Body: []byte(n.get(of))}).Object()
		tamper.All(tamper.Replace("deletedDate", first["deletedDate"]), tamper.Replace("scheduledPurgeDate", first["scheduledPurgeDate"]))(a)
	}
	return a
}

func hidesPurgedBefore(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Purge()(r):
		n.add("purged", key(r))
	case tamper.ListDeleted()(r):
		for _, name := range n.all("purged") {
			withoutName(a, name)
		}
	}
	return a
}

func enablesOnRestore(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if tamper.Restore()(r) && a.OK() {
		of := at(r, nameIn(a.Text("id")))
		for _, id := range listed(next, of) {
			tamper.Ask(next, of, http.MethodPatch, "/"+id, map[string]any{"attributes": map[string]any{"enabled": true}})
		}
		a.Become(current(next, of))
	}
	return a
}

func restoresFirstCurrent(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Restore()(r):
		name := nameIn(a.Text("id"))
		if ids := versionsByAge(next, at(r, name)); len(ids) > 1 {
			n.put(name, ids[0])
		}
	case tamper.Create()(r), tamper.Import()(r):
		n.put(key(r), "")
	case tamper.ReadCertificate()(r) && n.get(key(r)) != "":
		policy := a.Object()["policy"]
		a.Become(tamper.Ask(next, r, http.MethodGet, "/"+n.get(key(r)), nil))
		tamper.OnSuccess(tamper.Set("policy", policy))(a)
	}
	return a
}

func restoresOnce(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Restore()(r) {
		return tamper.Pass(next, r)
	}
	value, _ := sentObject(r)["value"].(string)
	if value != "" && n.get(value) != "" {
		return refusal(r, http.StatusBadRequest, "BadParameter")
	}
	a := tamper.Pass(next, r)
	if a.OK() {
		n.put(value, "restored")
	}
	return a
}

// afterAnIssuer does something about each name of which a document names the issuer that was deleted.
func afterAnIssuer(document func(http.Handler, *http.Request) *tamper.Response, act func(next http.Handler, of *http.Request)) func(*notes, http.Handler, *http.Request) *tamper.Response {
	return func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		switch {
		case !a.OK():
		case tamper.Create()(r) && !slices.Contains(n.all("names"), key(r)):
			n.add("names", key(r))
		case tamper.Issuer()(r) && r.Method == http.MethodDelete:
			for _, name := range n.all("names") {
				of := at(r, name)
				issuer, _ := document(next, of).Object()["issuer"].(map[string]any)
				if named, _ := issuer["name"].(string); strings.EqualFold(named, lastSegment(r)) {
					act(next, of)
				}
			}
		}
		return a
	}
}

func dropsRequest(next http.Handler, of *http.Request) {
	tamper.Ask(next, of, http.MethodDelete, "/pending", nil)
}

func losesFirstPatch(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Issuer()(r) {
		return tamper.Pass(next, r)
	}
	name := issuerOf(r)
	if r.Method == http.MethodPatch && n.get(name) != "" && n.next(name) > 1 {
		tamper.AskPath(next, r, http.MethodPut, strings.TrimSuffix(r.URL.Path, "/"), []byte(n.get(name)))
	}
	a := tamper.Pass(next, r)
	if r.Method == http.MethodPut && a.OK() {
		n.put(name, string(a.Sent))
	}
	return a
}

func addsContacts(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if key(r) != "contacts" || r.Method != http.MethodPut {
		return tamper.Pass(next, r)
	}
	sent := sentObject(r)
	before := tamper.AskPath(next, r, http.MethodGet, strings.TrimSuffix(r.URL.Path, "/"), nil)
	was, _ := before.Object()["contacts"].([]any)
	if list, ok := sent["contacts"].([]any); ok && before.OK() {
		for _, one := range list {
			text, _ := json.Marshal(one) // was JSON before
			if !slices.ContainsFunc(was, func(other any) bool { known, _ := json.Marshal(other); return string(known) == string(text) }) {
				was = append(was, one)
			}
		}
		sent["contacts"] = was
		r = tamper.WithBody(r, sent)
	}
	return tamper.Pass(next, r)
}
