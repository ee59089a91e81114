package fault

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// afterSequences are wrong after a request that was rejected, or that made a copy: a list, a backup, a restore.
func afterSequences() []Fault {
	return []Fault{
		sequence("second-request-keeps-the-key", "the second request of a certificate has the key of the version, though it is not to be used again", keepsKey),
		sequence("update-after-disabling-hits-the-older", "an update without a version, after an older one was disabled, changes the older", hitsDisabled),
		sequence("import-enables-the-version-before", "an import enables the version before it", importEnables),
		everySequence("first-update-after-a-restore-lost", "the first update after a restore gets the right response and is lost", losesUpdateAfterRestore),
		sequence("first-policy-patch-after-a-recovery-lost", "the first patch of the policy after a recovery gets the right response and is lost", losesPatchAfterRecovery),
		sequence("versions-are-listed-as-first-seen", "a list of versions has the attributes and tags that it first had", listsVersionsAsBefore),
		sequence("deleted-as-before-the-last-update", "a deleted certificate has the tags from before its last update", deletesAsBefore),
		everySequence("issuer-set-again-stays-disabled", "an issuer that was disabled and is set again stays disabled", staysDisabled),
		sequence("rejected-policy-patch-kept-in-part", "the valid groups of a policy patch that was rejected are kept", keepsValidGroups),
		sequence("rejected-create-drops-the-request", "a create that is rejected as a bad request drops the request in progress", dropsOn(tamper.Create())),
		sequence("rejected-merge-drops-the-request", "a merge that is rejected drops the request in progress", dropsOn(tamper.Merge())),
		sequence("late-cancellation-is-shown", "a cancellation that comes too late is rejected and shows all the same", showsLateCancellation),
		sequence("unknown-version-update-hits-the-current", "an update of a version that does not exist returns 404 and changes the current one", hitsCurrent),
		sequence("longer-name-reads-the-last", "a read of a pending object, right after one of a name that its name begins with, returns that one", readsLast),
		sequence("create-after-an-import-has-its-issuer", "the request of a name that was imported has no issuer, however it was created", issuerOfImport),
		everySequence("purged-after-a-recovery-stays-listed", "a name that was recovered and then purged stays in the list of deleted ones", staysListed),
		sequence("recovery-swaps-tags", "a recovery swaps the tags of the two last versions", onceRecovered(1, swapsTags)),
		sequence("deleted-request-takes-the-policy", "deleting the request of a certificate with a version takes its policy with it", takesPolicy),
		sequence("disabled-current-is-not-deleted", "a certificate whose current version is disabled and not its first gets the right response to a deletion and stays", staysUndeleted),
	}
}

func keepsKey(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Create()(r) && finished(current(next, r)) {
		if sent := sentObject(r); sent != nil {
			policy, _ := sent["policy"].(map[string]any)
			if policy != nil {
				props, _ := policy["key_props"].(map[string]any)
				if props == nil {
					props = map[string]any{}
					policy["key_props"] = props
				}
				if reuse, _ := props["reuse_key"].(bool); !reuse {
					props["reuse_key"] = true
					r = tamper.WithBody(r, sent)
					n.put(key(r), "reused")
				}
			}
		}
	}
	a := tamper.Pass(next, r)
	if n.get(key(r)) != "" {
		for _, path := range []string{"policy.key_props.reuse_key", "key_props.reuse_key"} {
			tamper.OnSuccess(tamper.Replace(path, false))(a)
		}
	}
	return a
}

func hitsDisabled(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	version := strings.ToLower(lastSegment(r))
	if tamper.UpdateCertificate()(r) && version == key(r) && n.get(key(r)) != "" {
		return tamper.Pass(next, tamper.WithPath(r, strings.TrimSuffix(r.URL.Path, "/")+"/"+n.get(key(r))))
	}
	a := tamper.Pass(next, r)
	if tamper.UpdateCertificate()(r) && a.OK() && version != key(r) && versionID(current(next, r)) != version {
		if sent, _ := a.SentObject()["attributes"].(map[string]any); sent["enabled"] == false {
			n.put(key(r), version)
		}
	}
	return a
}

func importEnables(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Import()(r) {
		return tamper.Pass(next, r)
	}
	before := current(next, r)
	a := tamper.Pass(next, r)
	if a.OK() && finished(before) {
		tamper.Ask(next, r, http.MethodPatch, "/"+versionID(before), map[string]any{"attributes": map[string]any{"enabled": true}})
	}
	return a
}

func losesUpdateAfterRestore(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.UpdateCertificate()(r) && n.get(key(r)) != "" {
		n.put(key(r), "")
		return shownAs(next, r, sentObject(r))
	}
	a := tamper.Pass(next, r)
	if tamper.Restore()(r) && a.OK() {
		n.put(nameIn(a.Text("id")), "restored")
	}
	return a
}

func losesPatchAfterRecovery(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.PatchPolicy()(r) && n.get(key(r)) != "" {
		a := passThenUndo(next, r)
		if a.OK() {
			n.put(key(r), "")
		}
		return a
	}
	a := tamper.Pass(next, r)
	if tamper.Recover()(r) && a.OK() {
		n.put(key(r), "recovered")
	}
	return a
}

func staysDisabled(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.SetIssuer()(r) && r.Method == http.MethodPut {
		before := tamper.AskPath(next, r, http.MethodGet, strings.TrimSuffix(r.URL.Path, "/"), nil)
		attributes, _ := before.Object()["attributes"].(map[string]any)
		if sent := sentObject(r); before.OK() && attributes["enabled"] == false && sent != nil && sent["attributes"] == nil {
			sent["attributes"] = map[string]any{"enabled": false}
			r = tamper.WithBody(r, sent)
		}
	}
	return tamper.Pass(next, r)
}

func keepsValidGroups(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if tamper.PatchPolicy()(r) && a.Status == http.StatusBadRequest {
		for _, group := range slices.Sorted(maps.Keys(a.SentObject())) {
			tamper.Ask(next, r, http.MethodPatch, "/policy", map[string]any{group: a.SentObject()[group]})
		}
	}
	return a
}

func dropsOn(on tamper.On) func(*notes, http.Handler, *http.Request) *tamper.Response {
	return func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if on(r) && a.Status == http.StatusBadRequest {
			dropsRequest(next, r)
		}
		return a
	}
}

func showsLateCancellation(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case tamper.PatchPending()(r) && !a.OK() && a.SentObject()["cancellation_requested"] == true:
		if now := pendingOf(next, r); is("completed")(now) {
			n.put(now.Text("request_id"), "late")
		}
	case tamper.ReadPending()(r) && a.OK() && n.get(a.Text("request_id")) != "":
		tamper.Set("cancellation_requested", true)(a)
	}
	return a
}

func hitsCurrent(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if tamper.UpdateCertificate()(r) && a.Status == http.StatusNotFound {
		tamper.Ask(next, r, http.MethodPatch, "", a.Sent)
	}
	return a
}

func readsLast(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if !tamper.ReadPending()(r) || r.URL.Query().Get("request_id") != "" || !a.OK() {
		return a
	}
	last, body := n.get("last"), n.get("body")
	n.put("last", key(r))
	n.put("body", string(a.Body))
	if last != "" && last != key(r) && strings.HasPrefix(key(r), last) {
		a.Body = []byte(body)
	}
	return a
}

func issuerOfImport(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if (tamper.Create()(r) || tamper.ReadPending()(r)) && a.OK() {
		if ids := versionsByAge(next, r); len(ids) > 0 {
			first := tamper.Ask(next, r, http.MethodGet, "/"+ids[0], nil)
			if policy, _ := first.Object()["policy"].(map[string]any); policy == nil || first.Object()["pending"] == nil {
				tamper.Replace("issuer.name", "Unknown")(a)
			}
		}
	}
	return a
}
