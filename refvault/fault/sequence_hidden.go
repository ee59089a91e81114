package fault

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// hiddenSequences were written after the explorer learnt to send wrong requests, to see whether it finds more than those before them.
func hiddenSequences() []Fault {
	return []Fault{
		sequence("policy-patch-after-an-import-names-self", "a patch of the policy of an imported certificate makes Self its issuer", namesSelf),
		sequence("deletion-by-id-keeps-a-completed-request", "a deletion by its request_id returns a completed request and leaves it", keepsCompleted),
		sequence("import-after-a-failure-conflicts", "an import under a name whose request failed is rejected with a conflict", conflictsWhen(tamper.Import(), "failed")),
		everySequence("restored-name-cannot-be-deleted", "a deletion of a restored name gets the right response and deletes nothing", undeletable),
		sequence("import-over-a-merge-is-not-listed", "the list of versions lacks an import over a version that was merged", hidesImportOverMerge),
		sequence("second-version-is-enabled-all-the-same", "the second version of a name is enabled, although its create disables it", enablesSecond),
		sequence("merge-after-a-cancellation-loses-the-tags", "a version merged into a cancelled request lacks the tags of its create", losesTagsOfCancelled),
		sequence("recovery-enables-the-older", "a recovery enables the versions before the current one", onceRecovered(1, enablesOlder)),
		everySequence("backup-after-a-recovery-lacks-the-first", "a restore of a backup that was made after a recovery lacks the oldest version", lacksFirstAfterRecovery),
		sequence("second-policy-patch-undoes-the-first", "a second patch of a policy takes the first one back", undoesFirstPatch),
		sequence("request-id-is-forgotten-after-a-rejected-merge", "after a rejected merge the request is not found by its request_id", forgetsByID),
	}
}

func namesSelf(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Import()(r):
		n.put(key(r), "imported")
	case tamper.Create()(r), tamper.Purge()(r):
		n.put(key(r), "")
	case tamper.PatchPolicy()(r) && n.get(key(r)) != "" && a.SentObject()["issuer"] == nil:
		tamper.Ask(next, r, http.MethodPatch, "/policy", map[string]any{"issuer": map[string]any{"name": "Self"}})
	}
	return a
}

func keepsCompleted(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if id := r.URL.Query().Get("request_id"); tamper.DeletePending()(r) && id != "" {
		if now := pendingOf(next, r); is("completed")(now) && now.Text("request_id") == id {
			return now
		}
	}
	return tamper.Pass(next, r)
}

func conflictsWhen(on tamper.On, status string) func(*notes, http.Handler, *http.Request) *tamper.Response {
	return func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
		if on(r) && is(status)(pendingOf(next, r)) {
			return refusal(r, http.StatusConflict, "Conflict")
		}
		return tamper.Pass(next, r)
	}
}

func undeletable(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Restore()(r):
		n.put(nameIn(a.Text("id")), "restored")
	case tamper.DeleteCertificate()(r) && n.get(key(r)) != "":
		recovers(next, r)
	}
	return a
}

func hidesImportOverMerge(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Merge()(r):
		n.put(key(r), "merged")
	case tamper.Import()(r) && n.get(key(r)) != "":
		n.add(key(r)+"/hidden", versionID(a))
	case tamper.ListVersions()(r):
		hiding(a, n.all(key(r)+"/hidden"))
	}
	return a
}

func enablesSecond(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Create()(r) && finished(current(next, r)) {
		if sent := sentObject(r); sent["attributes"] != nil {
			delete(sent, "attributes")
			r = tamper.WithBody(r, sent)
		}
	}
	return tamper.Pass(next, r)
}

func losesTagsOfCancelled(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Merge()(r) && is("cancelled", "canceled")(pendingOf(next, r)) {
		if sent := sentObject(r); sent != nil && sent["tags"] == nil {
			sent["tags"] = map[string]any{}
			a := tamper.Pass(next, tamper.WithBody(r, sent))
			if a.OK() {
				tamper.Ask(next, r, http.MethodPatch, "/"+versionID(a), map[string]any{"tags": map[string]any{}})
				tamper.Drop("tags")(a)
			}
			return a
		}
	}
	return tamper.Pass(next, r)
}

func enablesOlder(next http.Handler, r *http.Request) {
	now := versionID(current(next, r))
	for _, id := range listed(next, r) {
		if id != now {
			enables(next, r, id)
		}
	}
}

func lacksFirstAfterRecovery(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	switch {
	case tamper.Recover()(r):
		a := tamper.Pass(next, r)
		if a.OK() {
			n.put(key(r), "recovered")
		}
		return a
	case tamper.Backup()(r) && n.get(key(r)) != "":
		if ids := versionsByAge(next, r); len(ids) > 1 {
			n.put(key(r)+"/first", ids[0])
		}
	case tamper.Restore()(r):
		a := tamper.Pass(next, r)
		if name := nameIn(a.Text("id")); a.OK() && n.get(name+"/first") != "" {
			n.add(name+"/lost", n.get(name+"/first"))
		}
		return a
	}
	if lost := n.all(key(r) + "/lost"); slices.Contains(lost, strings.ToLower(lastSegment(r))) && tamper.ReadVersion()(r) {
		return refusal(r, http.StatusNotFound, "CertificateNotFound")
	}
	return hidden(n, next, r)
}

func undoesFirstPatch(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.PatchPolicy()(r) {
		return tamper.Pass(next, r)
	}
	before := storedPolicy(next, r)
	first := n.get(key(r))
	if first == "" {
		a := tamper.Pass(next, r)
		if a.OK() {
			n.put(key(r), groupsText(before.Object()))
		}
		return a
	}
	sent := sentObject(r)
	tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(first))
	n.put(key(r), "")
	return tamper.Pass(next, tamper.WithBody(r, sent))
}

func forgetsByID(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case tamper.Merge()(r) && a.Status == http.StatusBadRequest:
		n.put(key(r), pendingOf(next, r).Text("request_id"))
	case tamper.ReadPending()(r) && a.OK() && n.get(key(r)) != "" && r.URL.Query().Get("request_id") == n.get(key(r)):
		return refusal(r, http.StatusNotFound, "PendingCertificateNotFound")
	}
	return a
}
