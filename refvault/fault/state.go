package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// conflicts are creates and imports during a request in progress that are accepted, or refused and not without effect.
func conflicts() []Fault {
	const keepsRequest, keepsState = "conflict-while-in-progress/create-keeps-request",
		"conflict-while-in-progress/create-keeps-state"
	const importKeepsRequest, importKeepsState = "conflict-while-in-progress/import-keeps-request",
		"conflict-while-in-progress/import-keeps-state"
	return []Fault{
		onConflict("conflict-overwrites",
			"a create that meets a request in progress is refused and overwrites it anyway", tamper.Create(),
			overwrite, keepsRequest, "read-deleted-or-overwritten/not-overwritten-in-progress"),
		onConflict("conflict-overwrites-on-import",
			"an import that meets a request in progress is refused and carried out anyway", tamper.Import(),
			overwrite, importKeepsRequest, "conflict-while-in-progress/import-makes-no-version"),
		onConflict("conflict-takes-the-policy",
			"a create that meets a request in progress is refused and its policy is stored", tamper.Create(),
			func(next http.Handler, a *tamper.Response) {
				tamper.Ask(next, a.Request, http.MethodPatch, "/policy", a.SentObject()["policy"])
			}, "conflict-while-in-progress/create-keeps-policy"),
		onConflict("conflict-cancels", "a create that meets a request in progress is refused and cancels it",
			tamper.Create(), cancel, keepsState),
		onConflict("conflict-cancels-on-import", "an import that meets a request in progress is refused and cancels it",
			tamper.Import(), cancel, importKeepsState),
		onConflict("conflict-deletes", "a create that meets a request in progress is refused and deletes it",
			tamper.Create(), forget,
			keepsRequest, "read-deleted-or-overwritten/not-overwritten-in-progress"),
		onConflict("conflict-deletes-on-import", "an import that meets a request in progress is refused and deletes it",
			tamper.Import(), forget, importKeepsRequest),
		acts("conflict-ignored", "a create overwrites a request in progress", tamper.Create(), forcing,
			"history/conflict", "conflict-while-in-progress/create-status", "conflict-while-in-progress/issuer-create-status",
			"read-deleted-or-overwritten/not-overwritten-in-progress"),
		acts("conflict-ignored-on-import", "an import overwrites a request in progress", tamper.Import(), forcing,
			"conflict-while-in-progress/import-status"),
		remembers("conflict-only-once", "a create that meets a request in progress is refused once and then overwrites it",
			tamper.Create(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status != http.StatusConflict {
					return a
				}
				if !m.marked(tamper.Name(r)) {
					m.mark(tamper.Name(r))
					return a
				}
				forget(next, a)
				return tamper.Pass(next, r)
			}, "conflict-while-in-progress/refusal-lasts"),
		acts("conflict-answers-the-old-request", "a create that meets a request in progress returns 202 with that request",
			tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusConflict {
					a.Become(tamper.Ask(next, r, http.MethodGet, "/pending", nil))
					a.Status = http.StatusAccepted
				}
				return a
			}, "conflict-while-in-progress/create-status", "conflict-while-in-progress/issuer-create-status"),
		oneAtATime("one-create-at-a-time", "a create is refused while any name's request is in progress", tamper.Create(),
			"conflict-while-in-progress/other-name-create"),
		oneAtATime("one-import-at-a-time", "an import is refused while any name's request is in progress", tamper.Import(),
			"conflict-while-in-progress/other-name-import"),
		refusedWhen("create-refused-after-the-end", "a create is refused when the name's request has ended",
			tamper.Create(), ends,
			"conflict-while-in-progress/merge-ends-it", "conflict-while-in-progress/waiting-ends-it",
			"read-cancelled-or-failed/create-after-failed", "read-cancelled-or-failed/create-after-cancelled",
			"read-deleted-or-overwritten/overwrite-status", "issue-next-version/next-without-policy",
			"issue-next-version/replace-policy-status"),
		refusedWhen("import-refused-after-the-end", "an import is refused when the name's request has ended",
			tamper.Import(), ends,
			"read-cancelled-or-failed/import-after-failed", "read-cancelled-or-failed/import-after-cancelled",
			"read-deleted-or-overwritten/import-overwrites"),
		refusedAfterDeletion("create-refused-after-deletion", "a create is refused when the name's request was deleted",
			tamper.Create(),
			"conflict-while-in-progress/delete-ends-it", "conflict-while-in-progress/issuer-delete-ends-it",
			"delete-pending/create-after"),
		refusedAfterDeletion("import-refused-after-deletion", "an import is refused when the name's request was deleted",
			tamper.Import(),
			"conflict-while-in-progress/delete-ends-it-for-import", "delete-pending/import-after"),
		refusedWhen("merge-refused-after-failure", "a merge is refused when the request has failed",
			tamper.Merge(), is("failed"),
			"merge-on-issuer-request/after-failure-status", "read-cancelled-or-failed/merge-after-failed"),
		refusedWhen("merge-refused-after-cancellation", "a merge is refused when the request was cancelled",
			tamper.Merge(), is("cancelled", "canceled"),
			"merge-on-issuer-request/after-cancellation-status", "read-cancelled-or-failed/merge-after-cancelled"),
		refusedWhen("deletion-refused-after-completion", "a deletion is refused when the request is completed",
			tamper.DeletePending(), is("completed"),
			"delete-pending/completed-status"),
		refusedWhen("deletion-refused-in-progress", "a deletion is refused while the request is in progress",
			tamper.DeletePending(), is("inprogress"),
			"delete-pending/status", "delete-pending/request-id-accepted"),
		refusedWhen("cancellation-refused", "a cancellation is always refused",
			tamper.PatchPending(), is("inprogress"), "cancel-in-progress/status"),
	}
}

// onConflict builds a fault that does something more when a request is refused with 409.
func onConflict(id, title string, on tamper.On, then func(http.Handler, *tamper.Response), breaks ...string) Fault {
	return thenOn(id, title, on, http.StatusConflict, then, breaks...)
}

// thenOn builds a fault that does something more when a request gets a status.
func thenOn(id, title string, on tamper.On, status int, then func(http.Handler, *tamper.Response),
	breaks ...string) Fault {
	return acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if a.Status == status {
			then(next, a)
		}
		return a
	}, breaks...)
}

// forget deletes the pending object, cancel cancels it, overwrite replaces it by what was refused.
func forget(next http.Handler, a *tamper.Response) {
	tamper.Ask(next, a.Request, http.MethodDelete, "/pending", nil)
}

func cancel(next http.Handler, a *tamper.Response) {
	tamper.Ask(next, a.Request, http.MethodPatch, "/pending", map[string]any{"cancellation_requested": true})
}

func overwrite(next http.Handler, a *tamper.Response) {
	forget(next, a)
	tamper.Pass(next, a.Request)
}

// forcing carries out a request that was refused because another is in progress.
func forcing(next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if a.Status == http.StatusConflict {
		forget(next, a)
		return tamper.Pass(next, r)
	}
	return a
}

func oneAtATime(id, title string, on tamper.On, breaks ...string) Fault {
	return remembers(id, title, tamper.Create().Or(tamper.Import()),
		func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			if last := m.kept("last"); last != nil && on(r) && tamper.Name(last.Request) != tamper.Name(r) {
				if is("inprogress")(tamper.Ask(next, last.Request, http.MethodGet, "/pending", nil)) {
					return refusal(r, http.StatusConflict, "Conflict")
				}
			}
			a := tamper.Pass(next, r)
			if tamper.Create()(r) && a.OK() {
				m.keep("last", a)
			}
			return a
		}, breaks...)
}

// refusedWhen builds a fault that refuses a request in some states of the name's operation.
func refusedWhen(id, title string, on tamper.On, when func(pending *tamper.Response) bool, breaks ...string) Fault {
	return acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Response {
		if when(tamper.Ask(next, r, http.MethodGet, "/pending", nil)) {
			return refusal(r, http.StatusConflict, "Conflict")
		}
		return tamper.Pass(next, r)
	}, breaks...)
}

func refusedAfterDeletion(id, title string, on tamper.On, breaks ...string) Fault {
	return remembers(id, title, on.Or(tamper.DeletePending()),
		func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			if on(r) && m.marked(tamper.Name(r)) {
				return refusal(r, http.StatusConflict, "Conflict")
			}
			a := tamper.Pass(next, r)
			if tamper.DeletePending()(r) && a.OK() {
				m.mark(tamper.Name(r))
			}
			return a
		}, breaks...)
}

func is(states ...string) func(*tamper.Response) bool {
	return func(a *tamper.Response) bool {
		for _, state := range states {
			if a.OK() && strings.EqualFold(a.Text("status"), state) {
				return true
			}
		}
		return false
	}
}

func ends(a *tamper.Response) bool { return is("completed", "failed", "cancelled", "canceled")(a) }

// merges are merges that are accepted wrongly, or do not do what they say.
func merges() []Fault {
	const untouched = "merge-on-issuer-request/pending-status"
	return []Fault{
		thenOn("forbidden-merge-cancels", "a forbidden merge cancels the request",
			tamper.Merge(), http.StatusForbidden, func(next http.Handler, a *tamper.Response) {
				forget(next, a)
			}, untouched, "merge-on-issuer-request/pending-request-id", "merge-on-issuer-request/pending-csr"),
		{
			ID: "forbidden-merge-completes", Title: "a forbidden merge completes the request anyway",
			Breaks: []string{untouched}, On: tamper.Merge().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.Merge(), http.StatusForbidden, tamper.ReadPending(),
				tamper.All(tamper.Set("status", "completed"), completedTarget, tamper.Drop("status_details"))),
		},
		{
			ID: "forbidden-merge-changes-the-request-id", Title: "after a forbidden merge the request has another request_id",
			Breaks: []string{"merge-on-issuer-request/pending-request-id"}, On: tamper.Merge().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.Merge(), http.StatusForbidden, tamper.ReadPending(),
				tamper.Set("request_id", strings.Repeat("e", 32))),
		},
		{
			ID: "forbidden-merge-changes-the-csr", Title: "after a forbidden merge the request has another csr",
			Breaks: []string{"merge-on-issuer-request/pending-csr"}, On: tamper.Merge().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.Merge(), http.StatusForbidden, tamper.ReadPending(),
				tamper.MapText("csr", resigned(lazyRSA(2048), nil))),
		},
		remembers("forbidden-merge-shows", "a forbidden merge puts its certificate under the name anyway",
			tamper.Merge().Or(tamper.ReadCertificate()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Merge()(r) {
					if a.Status == http.StatusForbidden {
						m.keep(tamper.Name(r), a)
					}
					return a
				}
				if refused := m.kept(tamper.Name(r)); refused != nil && a.OK() {
					chain, _ := refused.SentObject()["x5c"].([]any)
					if len(chain) > 0 {
						leaf, _ := chain[0].(string)
						tamper.All(withCertificate(leaf), tamper.Set("attributes.enabled", true))(a)
					}
				}
				return a
			}, "merge-on-issuer-request/certificate-untouched"),
		acts("merge-on-issuer-accepted", "a merge while an issuer is at work returns 201", tamper.Merge(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusForbidden {
					a.Become(tamper.Ask(next, r, http.MethodGet, "", nil))
					a.Status = http.StatusCreated
				}
				return a
			}, "merge-on-issuer-request/status"),
		acceptedMerge("merge-of-anything", "a merge of what is no certificate returns 201 and completes the request",
			func(*tamper.Response) bool { return true },
			"merge-manual-request/x5c-missing", "merge-manual-request/x5c-empty", "merge-manual-request/x5c-garbage",
			"merge-manual-request/foreign-key-refused"),
		acceptedMerge("merge-of-nothing-accepted", "a merge without x5c is accepted", func(a *tamper.Response) bool {
			_, there := a.SentObject()["x5c"]
			return !there
		}, "merge-manual-request/x5c-missing"),
		acceptedMerge("merge-of-an-empty-chain-accepted", "a merge with an empty x5c is accepted",
			func(a *tamper.Response) bool {
				chain, there := a.SentObject()["x5c"].([]any)
				return there && len(chain) == 0
			}, "merge-manual-request/x5c-empty"),
		acceptedMerge("merge-of-garbage-accepted", "a merge of bytes that are no certificate is accepted",
			func(a *tamper.Response) bool {
				leaf := firstCertificate(a)
				return leaf != "" && parsed(leaf) == nil
			}, "merge-manual-request/x5c-garbage"),
		acceptedMerge("merge-of-a-foreign-key-accepted", "a merge of a certificate of another key is accepted",
			func(a *tamper.Response) bool {
				return parsed(firstCertificate(a)) != nil
			}, "merge-manual-request/foreign-key-refused", "merge-manual-request/foreign-key-status"),
		thenOn("refused-merge-deletes", "a merge that is refused deletes the request",
			tamper.Merge(), http.StatusBadRequest, forget,
			"merge-manual-request/foreign-key-unchanged", "merge-manual-request/x5c-refused-unchanged"),
		thenOn("refused-merge-cancels", "a merge that is refused cancels the request",
			tamper.Merge(), http.StatusBadRequest, cancel,
			"merge-manual-request/foreign-key-unchanged", "merge-manual-request/x5c-refused-unchanged"),
		{
			ID: "refused-merge-fails-the-request", Title: "a merge that is refused makes the request fail",
			Breaks: []string{"merge-manual-request/foreign-key-unchanged", "merge-manual-request/x5c-refused-unchanged"},
			On:     tamper.Merge().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.Merge(), http.StatusBadRequest, tamper.ReadPending(),
				tamper.All(tamper.Set("status", "failed"), tamper.Set("error", failure("Request rejected")["error"]))),
		},
		{
			ID: "merge-leaves-the-request", Title: "after a merge the request is still in progress",
			Breaks: []string{
				"history/states-expected", "merge-manual-request/completed", "merge-on-issuer-request/after-cancellation-completed",
				"merge-on-issuer-request/after-failure-completed",
			},
			On: tamper.Merge().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.Merge(), http.StatusCreated, tamper.ReadPending(),
				tamper.All(tamper.Set("status", "inProgress"), tamper.Drop("target"))),
		},
		{
			ID: "merge-takes-the-request-away", Title: "after a merge the request is no longer found",
			Breaks: []string{"merge-manual-request/completed", "merge-manual-request/completed-target"},
			On:     tamper.Merge().Or(tamper.ReadPending()),
			Wrap:   shadowing(tamper.Merge(), http.StatusCreated, tamper.ReadPending(), notFound),
		},
		{
			ID: "merge-changes-the-request-id", Title: "after a merge the request has another request_id",
			Breaks: []string{"merge-manual-request/completed-request-id"}, On: tamper.Merge().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.Merge(), http.StatusCreated, tamper.ReadPending(),
				tamper.Set("request_id", strings.Repeat("e", 32))),
		},
		{
			ID: "merge-not-stored", Title: "after a merge the certificate is still what it was",
			Breaks: []string{
				"merge-manual-request/current", "issue-next-version/merged-current",
				"merge-on-issuer-request/after-cancellation-certificate", "merge-on-issuer-request/after-failure-certificate",
			},
			On:   tamper.Merge().Or(tamper.ReadCertificate()),
			Wrap: stale(tamper.Merge()),
		},
		refusedChain(),
	}
}

// refusedChain refuses a merge of more than a leaf.
func refusedChain() Fault {
	return acts("merge-of-a-chain-refused", "a merge of a leaf with its issuer is refused", tamper.Merge(),
		func(next http.Handler, r *http.Request) *tamper.Response {
			a := &tamper.Response{}
			if a.Sent = tamper.Sent(r); len(chainOf(a)) > 1 {
				return refusal(r, http.StatusBadRequest, "BadParameter")
			}
			return tamper.Pass(next, r)
		}, "merge-manual-request/chain-status")
}

// acceptedMerge builds a fault that returns 201 and the current certificate for merges that the vault refuses with 400;
// when picks them.
func acceptedMerge(id, title string, when func(*tamper.Response) bool, breaks ...string) Fault {
	return acts(id, title, tamper.Merge(), func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if a.Status == http.StatusBadRequest && when(a) {
			a.Become(tamper.Ask(next, r, http.MethodGet, "", nil))
			a.Status = http.StatusCreated
		}
		return a
	}, breaks...)
}

// shadowing edits the responses that seen picks for a name, once a request for it that on picks has got the status.
func shadowing(on tamper.On, status int, seen tamper.On, edit tamper.Edit) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		m := newMemory()
		return acting(next, on.Or(seen), func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			switch {
			case on(r) && a.Status == status:
				m.mark(tamper.Name(r))
			case seen(r) && a.OK() && m.marked(tamper.Name(r)):
				edit(a)
			}
			return a
		})
	}
}

// stale shows a certificate as it was before a request for it succeeded.
func stale(on tamper.On) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		m := newMemory()
		return acting(next, on.Or(tamper.ReadCertificate()), func(next http.Handler, r *http.Request) *tamper.Response {
			if on(r) {
				before := tamper.Ask(next, r, http.MethodGet, "", nil)
				a := tamper.Pass(next, r)
				if a.OK() {
					m.keep(tamper.Name(r), before)
				}
				return a
			}
			a := tamper.Pass(next, r)
			if before := m.kept(tamper.Name(r)); before != nil {
				a.Become(before)
			}
			return a
		})
	}
}
