package fault

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// endedSequences carry something over from a request that ended, or was rejected, to what comes after it.
func endedSequences() []Fault {
	return []Fault{
		sequence("rejected-create-replaces-the-policy", "a create that is rejected with a conflict sets its policy", keepsRejectedPolicy),
		sequence("create-after-a-cancelled-one-is-cancelled", "a create after a cancelled request is cancelled, too", inheritsCancellation),
		sequence("completed-after-a-failed-one-has-its-error", "a request that completes after one that failed has the error of that one", inheritsError),
		sequence("third-rejected-create-is-accepted", "the third create during one request is accepted", wearsOut),
		sequence("policy-patch-changes-the-request-id", "a change of the policy during a request changes its request_id", renewsRequestID),
		sequence("merge-is-rejected-after-a-rejected-one", "after a merge that was rejected no other is accepted", neverForgives),
		sequence("deletions-of-a-request-at-once-both-succeed", "of two deletions of a pending object at once both return it",
			bothSucceed(tamper.DeletePending(), http.StatusNotFound, http.StatusOK)),
		sequence("conflict-counts-in-one-spelling-only", "a create in another case of the name ignores the request in progress", conflictBySpelling),
	}
}

func keepsRejectedPolicy(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	policy, sent := a.SentObject()["policy"]
	if tamper.Create()(r) && a.Status == http.StatusConflict && sent {
		tamper.Ask(next, r, http.MethodPatch, "/policy", policy)
	}
	return a
}

func inheritsCancellation(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Create()(r) {
		return tamper.Pass(next, r)
	}
	before := pendingOf(next, r)
	a := tamper.Pass(next, r)
	if a.OK() && is("cancelled", "canceled")(before) {
		tamper.Ask(next, r, http.MethodPatch, "/pending", map[string]any{"cancellation_requested": true})
	}
	return a
}

func inheritsError(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Create()(r) {
		before := pendingOf(next, r)
		a := tamper.Pass(next, r)
		if a.OK() {
			n.put(key(r), "")
			if is("failed")(before) {
				n.put(key(r), a.Text("request_id"))
			}
		}
		return a
	}
	a := tamper.Pass(next, r)
	if tamper.ReadPending()(r) && n.get(key(r)) != "" && a.Text("request_id") == n.get(key(r)) {
		tamper.Completed(tamper.Set("error", map[string]any{"code": "Certificate issuer error", "message": "The issuer could not make the certificate."}))(a)
	}
	return a
}

func wearsOut(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if !tamper.Create()(r) || a.Status != http.StatusConflict {
		return a
	}
	pending := pendingOf(next, r)
	if !is("inProgress")(pending) || n.next(key(r)+pending.Text("request_id")) < 3 {
		return a
	}
	forget(next, a)
	return tamper.Pass(next, r)
}

func renewsRequestID(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	own, shown := n.get(key(r)+"/own"), n.get(key(r)+"/shown")
	switch asked := r.URL.Query().Get("request_id"); {
	case own == "" || asked == "":
	case asked == shown:
		r = tamper.WithQuery(r, "request_id", own)
	case asked == own:
		r = tamper.WithQuery(r, "request_id", shown)
	}
	a := tamper.Pass(next, r)
	if pending := pendingOf(next, r); tamper.PatchPolicy()(r) && a.OK() && is("inProgress")(pending) {
		own = pending.Text("request_id")
		shown = own[len(own)/2:] + own[:len(own)/2]
		n.put(key(r)+"/own", own)
		n.put(key(r)+"/shown", shown)
	}
	if own != "" {
		renamed(a, own, shown)
	}
	return a
}

func neverForgives(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Merge()(r) {
		return tamper.Pass(next, r)
	}
	of := key(r) + pendingOf(next, r).Text("request_id")
	if n.get(of) != "" {
		return refusal(r, http.StatusBadRequest, "BadParameter")
	}
	a := tamper.Pass(next, r)
	if a.Status == http.StatusBadRequest {
		n.put(of, "rejected")
	}
	return a
}

// bothSucceed gives of two requests at once the one that is refused with a status the response to the other one.
func bothSucceed(on tamper.On, refused, succeeds int) func(*notes, http.Handler, *http.Request) *tamper.Response {
	return func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
		if !on(r) {
			return tamper.Pass(next, r)
		}
		met, leave := n.meet(r)
		defer leave()
		a := tamper.Pass(next, r)
		switch last := n.get(key(r)); {
		case a.OK():
			n.put(key(r), string(a.Body))
		case met && a.Status == refused && last != "":
			a.Status, a.Body = succeeds, []byte(last)
		}
		return a
	}
}

func conflictBySpelling(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if !tamper.Create()(r) {
		return a
	}
	if a.Status == http.StatusConflict && n.get(key(r)) != "" && n.get(key(r)) != tamper.Name(r) && is("inProgress")(pendingOf(next, r)) {
		forget(next, a)
		a = tamper.Pass(next, r)
	}
	if a.OK() {
		n.put(key(r), tamper.Name(r))
	}
	return a
}
