package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// secondSequences were written after the explorer was mended, to see whether it was mended for more than the faults before them.
func secondSequences() []Fault {
	return []Fault{
		sequence("second-update-of-an-old-version-lost", "the second update of an earlier version gets the right response and is lost", losesSecondUpdate),
		sequence("policy-patch-after-a-cancellation-lost", "a patch of the policy after a cancelled request gets the right response and is lost", losesPolicyAfterCancel),
		everySequence("create-after-a-restore-conflicts", "a create under a restored name is rejected with a conflict", conflictsAfterRestore),
		sequence("import-after-a-failure-is-disabled", "an import after a request that failed is disabled", disablesAfterFailure),
		sequence("cancellation-in-another-case-lost", "a cancellation in another case of the name gets the right response and is lost", losesCancellationByCase),
		sequence("recovery-purges-the-other", "a recovery purges the name that was deleted before it", purgesOther),
	}
}

// shownAs is the response to a read of what an update was about, with the members that the update sent.
func shownAs(next http.Handler, r *http.Request, sent map[string]any) *tamper.Response {
	read := r.Clone(r.Context())
	read.Method = http.MethodGet
	read.Body = http.NoBody
	a := tamper.Pass(next, read)
	for member, value := range sent {
		if attributes, ok := value.(map[string]any); ok && member == "attributes" {
			for name, value := range attributes {
				tamper.OnSuccess(tamper.Set("attributes."+name, value))(a)
			}
			continue
		}
		tamper.OnSuccess(tamper.Set(member, value))(a)
	}
	return a
}

func losesSecondUpdate(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	version := strings.ToLower(lastSegment(r))
	if tamper.UpdateCertificate()(r) && version != key(r) && versionID(current(next, r)) != version && n.next(key(r)+version) == 2 {
		return shownAs(next, r, sentObject(r))
	}
	return tamper.Pass(next, r)
}

// passThenUndo passes a change of a policy on, and then brings the policy before it back.
func passThenUndo(next http.Handler, r *http.Request) *tamper.Response {
	before := storedPolicy(next, r)
	a := tamper.Pass(next, r)
	tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(groupsText(before.Object())))
	return a
}

func losesPolicyAfterCancel(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.PatchPolicy()(r) && is("cancelled", "canceled")(pendingOf(next, r)) {
		return passThenUndo(next, r)
	}
	return tamper.Pass(next, r)
}

func conflictsAfterRestore(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Create()(r) && n.get(key(r)) != "" && current(next, r).OK() {
		return refusal(r, http.StatusConflict, "Conflict")
	}
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Restore()(r):
		n.put(nameIn(a.Text("id")), "restored")
	case tamper.Import()(r), tamper.DeleteCertificate()(r):
		n.put(key(r), "")
	}
	return a
}

func disablesAfterFailure(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Import()(r) && is("failed")(pendingOf(next, r)) {
		if sent := sentObject(r); sent != nil && sent["attributes"] == nil {
			sent["attributes"] = map[string]any{"enabled": false}
			r = tamper.WithBody(r, sent)
		}
	}
	return tamper.Pass(next, r)
}

func losesCancellationByCase(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.PatchPending()(r) && n.get(key(r)) != "" && n.get(key(r)) != tamper.Name(r) {
		a := pendingOf(next, r)
		tamper.InProgress(tamper.Set("cancellation_requested", true))(a)
		return a
	}
	a := tamper.Pass(next, r)
	if tamper.Create()(r) && a.OK() {
		n.put(key(r), tamper.Name(r))
	}
	return a
}

func purgesOther(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.DeleteCertificate()(r):
		n.put("before", n.get("last"))
		n.put("last", tamper.Name(r))
	case tamper.Recover()(r) && n.get("last") == tamper.Name(r) && n.get("before") != "":
		base, _, _ := strings.Cut(r.URL.Path, "/deletedcertificates/")
		tamper.AskPath(next, r, http.MethodDelete, base+"/deletedcertificates/"+n.get("before"), nil)
	}
	return a
}
