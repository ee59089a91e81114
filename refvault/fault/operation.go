package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// operations are wrong members of certificate operations.
func operations() []Fault {
	all := append(requestIDs(), operationIDs()...)
	all = append(all, states()...)
	return append(all, operationMembers()...)
}

// pending is a fault of the bodies of all operations, wherever they come.
func pending(id, title string, edit tamper.Edit, breaks ...string) Fault {
	return edits(id, title, tamper.Pending(), tamper.OnSuccess(edit), breaks...)
}

// created is a fault of the bodies that creates answer with.
func created(id, title string, edit tamper.Edit, breaks ...string) Fault {
	return edits(id, title, tamper.Create(), tamper.OnSuccess(edit), breaks...)
}

// read is a fault of the operations that are read.
func read(id, title string, edit tamper.Edit, breaks ...string) Fault {
	return edits(id, title, tamper.ReadPending(), tamper.OnSuccess(edit), breaks...)
}

func requestIDs() []Fault {
	const there, format = "request-from-issuer/request-id", "request-from-issuer/request-id-format"
	return []Fault{
		pending("request-id-missing", "an operation has no request_id", tamper.Drop("request_id"),
			there, "request-from-issuer/location-request-id", "every-answer/operation"),
		pending("request-id-null", "the request_id of an operation is null", tamper.Set("request_id", nil), there),
		pending("request-id-empty", "the request_id of an operation is empty", tamper.Set("request_id", ""), there),
		pending("request-id-a-number", "the request_id of an operation is a number", tamper.Set("request_id", 42), there, "every-answer/operation"),
		pending("request-id-in-another-case", "the member request_id is written requestId", tamper.Rename("request_id", "requestId"), there),
		{
			ID: "request-id-dashed", Title: "request_ids are GUIDs with dashes, in Location, bodies and filters alike",
			Breaks: []string{format}, On: tamper.Pending(),
			Wrap: translated(dashed, func(text string) string { return strings.ReplaceAll(text, "-", "") }),
		},
		{
			ID: "request-id-in-upper-case", Title: "request_ids are in upper case, in Location, bodies and filters alike",
			Breaks: []string{format}, On: tamper.Pending(),
			Wrap: translated(strings.ToUpper, strings.ToLower),
		},
		pending("request-id-dashed-in-bodies", "the request_id of a body has dashes, that of the Location has none",
			tamper.MapText("request_id", dashed), format, "request-from-issuer/location-request-id", "create-manually/location-request-id"),
		pending("request-id-the-same-for-all", "every operation has the same request_id", tamper.Set("request_id", strings.Repeat("7", 32)),
			"request-from-issuer/request-id-unique", "read-deleted-or-overwritten/overwrite-request-id",
			"delete-pending/create-after-request-id", "issue-next-version/next-request-id"),
		remembers("request-id-changing", "every read shows another request_id", tamper.ReadPending(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Answer {
				a := tamper.Pass(next, r)
				turned := strings.Repeat(string("0123456789abcdef"[m.next()%16]), 32)
				tamper.OnSuccess(tamper.Set("request_id", turned))(a)
				return a
			},
			"read-in-progress/request-id-unchanged", "read-completed/request-id-unchanged", "read-in-progress/repeatable",
			"read-completed/same-request-throughout",
			"read-cancelled-or-failed/failed-same-request", "read-cancelled-or-failed/cancelled-same-request",
			"create-manually/read-request-id", "request-from-issuer/location-read"),
		read("request-id-dropped-at-the-end", "an operation that has ended has no request_id", ended(tamper.Drop("request_id")),
			"every-answer/operation-cancelled", "read-completed/request-id-unchanged", "read-cancelled-or-failed/failed-same-request",
			"read-cancelled-or-failed/cancelled-same-request", "merge-manual-request/completed-request-id"),
		read("request-id-changed-at-the-end", "an operation gets another request_id when it ends",
			ended(tamper.Set("request_id", strings.Repeat("c", 32))),
			"read-completed/request-id-unchanged", "read-cancelled-or-failed/failed-same-request",
			"read-cancelled-or-failed/cancelled-same-request", "merge-manual-request/completed-request-id",
			"merge-on-issuer-request/after-cancellation-completed", "merge-on-issuer-request/after-failure-completed"),
		edits("request-id-of-another-after-cancelling", "a cancellation answers with another request_id", tamper.PatchPending(),
			tamper.Set("request_id", strings.Repeat("d", 32)), "cancel-in-progress/request-id"),
		edits("request-id-of-another-after-deleting", "a deletion answers with another request_id", tamper.DeletePending(),
			tamper.OnSuccess(tamper.Set("request_id", strings.Repeat("d", 32))), "delete-pending/request-id"),
	}
}

// ended edits the operations that are in progress no more.
func ended(edit tamper.Edit) tamper.Edit {
	return tamper.InState([]string{"completed", "failed", "cancelled", "canceled"}, edit)
}

// dashed writes 32 digits as a GUID.
func dashed(id string) string {
	if len(id) != 32 {
		return id
	}
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

// translated has a vault write its request_ids in another way, and read them so.
func translated(out, in func(string) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return acting(next, tamper.Pending(), func(next http.Handler, r *http.Request) *tamper.Answer {
			if id := r.URL.Query().Get("request_id"); id != "" {
				r = tamper.WithQuery(r, "request_id", in(id))
			}
			a := tamper.Pass(next, r)
			tamper.OnSuccess(
				tamper.MapText("request_id", out),
				tamper.MapHeader("Location", tamper.OnURL(changed("request_id", out))),
			)(a)
			return a
		})
	}
}

func operationIDs() []Fault {
	const id = "request-from-issuer/operation-id"
	on := func(change func(*url.URL)) tamper.Edit { return tamper.EditURL("id", change) }
	return []Fault{
		pending("operation-id-missing", "an operation has no id", tamper.Drop("id"), id, "create-manually/id", "delete-pending/id", "cancel-in-progress/operation"),
		pending("operation-id-null", "the id of an operation is null", tamper.Set("id", nil), id, "create-manually/id", "every-answer/operation"),
		pending("operation-id-a-number", "the id of an operation is a number", tamper.Set("id", 1), id, "every-answer/operation"),
		pending("operation-id-in-capitals", "the member id is written ID", tamper.Rename("id", "ID"), id),
		pending("operation-id-relative", "the id of an operation is a path", tamper.MapText("id", pathOnly), id, "every-answer/pending-id"),
		pending("operation-id-with-a-query", "the id of an operation has an api-version", on(with("api-version", "7.4")), id, "create-manually/id", "every-answer/identifier-form"),
		pending("operation-id-with-a-version", "the id of an operation has a version", on(func(u *url.URL) {
			u.Path = strings.TrimSuffix(u.Path, "/pending") + "/" + strings.Repeat("0", 32) + "/pending"
		}), id, "create-manually/id"),
		pending("operation-id-with-a-slash", "the id of an operation ends in a slash", on(func(u *url.URL) { u.Path += "/" }), id, "every-answer/identifier-form"),
		pending("operation-id-of-the-certificate", "the id of an operation is the certificate's", on(func(u *url.URL) {
			u.Path = strings.TrimSuffix(u.Path, "/pending")
		}), id, "create-manually/id", "every-answer/pending-id"),
		pending("operation-id-of-another-host", "the id of an operation is on another host",
			on(func(u *url.URL) { u.Host = "elsewhere.invalid" }), id, "create-manually/id", "every-answer/pending-id"),
		pending("operation-id-of-another-name", "the id of an operation is another certificate's",
			on(otherName), id, "create-manually/id", "cancel-in-progress/operation", "every-answer/pending-id"),
		read("operation-id-read-otherwise", "a read shows another id than the create", on(func(u *url.URL) { u.Path += "ing" }),
			"read-in-progress/id-unchanged", "read-completed/id-unchanged", "read-cancelled-or-failed/failed-same-request",
			"read-cancelled-or-failed/cancelled-same-request"),
		edits("operation-id-deleted-otherwise", "a deletion answers with another id", tamper.DeletePending(),
			tamper.OnSuccess(on(otherName)), "delete-pending/id"),
		remembers("operation-of-another-certificate", "a read shows the operation of the certificate created last",
			tamper.Create().Or(tamper.ReadPending()), func(m *memory, next http.Handler, r *http.Request) *tamper.Answer {
				a := tamper.Pass(next, r)
				if tamper.Create()(r) {
					if a.OK() {
						m.keep("last", a)
					}
					return a
				}
				if last := m.kept("last"); a.OK() && last != nil && r.URL.Query().Get("request_id") == "" &&
					tamper.Name(last.Request) != tamper.Name(r) {
					a.Body = last.Body
				}
				return a
			},
			"read-in-progress/own-operation", "read-in-progress/id-unchanged", "read-in-progress/csr-unchanged",
			"read-in-progress/request-id-unchanged", "every-answer/pending-id"),
	}
}

func states() []Fault {
	const fresh, spelled = "request-from-issuer/state", "request-from-issuer/state-spelling"
	state := func(value any) tamper.Edit { return tamper.Set("status", value) }
	return []Fault{
		pending("state-missing", "an operation has no status", tamper.Drop("status"), fresh, "create-manually/state", "every-answer/operation"),
		pending("state-null", "the status of an operation is null", state(nil), fresh, "create-manually/state"),
		pending("state-a-number", "the status of an operation is a number", state(0), fresh, "create-manually/state"),
		pending("state-in-capitals", "the member status is written Status", tamper.Rename("status", "Status"), fresh, "create-manually/state"),
		pending("state-in-words", "an operation in progress is called pending", tamper.InProgress(state("pending")),
			fresh, "create-manually/state", "conflict-while-in-progress/states-known"),
		pending("state-with-a-dash", "an operation in progress is called in-progress", tamper.InProgress(state("in-progress")),
			fresh, "conflict-while-in-progress/states-known"),
		pending("state-shouted", "an operation in progress is called INPROGRESS", tamper.InProgress(state("INPROGRESS")),
			spelled, "read-in-progress/state-spelling"),
		created("state-completed-at-once", "a create answers as if it had completed", state("completed"), fresh, "create-manually/state"),
		read("manual-request-completes", "a manual request is read as completed", tamper.InProgress(tamper.Where(isManual,
			state("completed"), completedTarget)), "read-in-progress/state", "create-manually/stays-in-progress"),
		read("completed-in-words", "a completed operation is called complete", tamper.Completed(state("complete")),
			"read-completed/state", "issue-next-version/first-completes", "conflict-while-in-progress/states-known"),
		read("completed-with-a-capital", "a completed operation is called Completed", tamper.Completed(state("Completed")),
			"read-completed/state-spelling"),
		read("failed-in-words", "a failed operation is called error", tamper.Failed(state("error")),
			"read-cancelled-or-failed/failed-state", "conflict-while-in-progress/states-known"),
		read("failed-with-a-capital", "a failed operation is called Failed", tamper.Failed(state("Failed")),
			"read-cancelled-or-failed/failed-state-spelling"),
		read("failed-as-completed", "a failed operation is called completed", tamper.Failed(state("completed")),
			"read-cancelled-or-failed/failed-state", "read-cancelled-or-failed/rejected-state"),
		read("failed-as-cancelled", "a failed operation is called cancelled", tamper.Failed(state("cancelled")),
			"read-cancelled-or-failed/failed-state"),
		read("cancelled-in-words", "a cancelled operation is called aborted", tamper.Cancelled(state("aborted")),
			"read-cancelled-or-failed/cancelled-state", "cancel-in-progress/outcome", "conflict-while-in-progress/states-known"),
		read("cancelled-with-a-capital", "a cancelled operation is called Cancelled", tamper.Cancelled(state("Cancelled")),
			"read-cancelled-or-failed/cancelled-state-spelling"),
		read("cancelled-as-failed", "a cancelled operation is called failed", tamper.Cancelled(state("failed")),
			"every-answer/operation-failed"),
		edits("cancel-answers-cancelled", "a cancellation answers as if it had taken effect at once", tamper.PatchPending(),
			tamper.InProgress(state("cancelled")), "cancel-in-progress/still-in-progress"),
		edits("deletion-answers-cancelled", "a deletion answers that the request is cancelled", tamper.DeletePending(),
			tamper.OnSuccess(state("cancelled")), "delete-pending/state", "delete-pending/completed-state"),
		edits("deletion-answers-completed", "a deletion answers that the request is completed", tamper.DeletePending(),
			tamper.OnSuccess(state("completed")), "delete-pending/state"),
	}
}

func isManual(a *tamper.Answer) bool {
	issuer, _ := a.Object()["issuer"].(map[string]any)
	name, _ := issuer["name"].(string)
	return strings.EqualFold(name, "Unknown")
}

func completedTarget(a *tamper.Answer) {
	tamper.Set("target", strings.TrimSuffix(a.Text("id"), "/pending"))(a)
}

func operationMembers() []Fault {
	const issuer = "request-from-issuer/issuer-name"
	const asked = "request-from-issuer/cancellation-not-requested"
	flag := func(value any) tamper.Edit { return tamper.Set("cancellation_requested", value) }
	return []Fault{
		pending("issuer-missing", "an operation has no issuer", tamper.Drop("issuer"), issuer, "create-manually/issuer", "delete-pending/issuer", "every-answer/operation-in-progress"),
		pending("issuer-null", "the issuer of an operation is null", tamper.Set("issuer", nil), issuer, "create-manually/issuer"),
		pending("issuer-a-string", "the issuer of an operation is its name", tamper.Map("issuer", func(v any) any {
			in, _ := v.(map[string]any)
			return in["name"]
		}), issuer, "create-manually/issuer", "every-answer/operation"),
		pending("issuer-without-name", "the issuer of an operation has no name", tamper.Drop("issuer.name"), issuer, "create-manually/issuer", "create-manually/issuer-omitted"),
		pending("issuer-in-capitals", "the name of an issuer is written Name", tamper.Rename("issuer.name", "Name"), issuer, "create-manually/issuer"),
		pending("issuer-of-another-name", "an operation names another issuer", tamper.Set("issuer.name", "Other"),
			issuer, "create-manually/issuer", "create-manually/issuer-omitted", "create-manually/issuer-unnamed"),
		pending("issuer-empty", "the issuer of a manual request has an empty name", tamper.Where(isManual, tamper.Set("issuer.name", "")),
			"create-manually/issuer", "create-manually/issuer-omitted", "create-manually/issuer-unnamed"),
		pending("issuer-spelled-otherwise", "an operation spells the issuer in upper case", tamper.MapText("issuer.name", strings.ToUpper),
			"request-from-issuer/issuer-name-spelling"),
		read("issuer-read-otherwise", "a read names another issuer", tamper.Set("issuer.name", "Other"),
			"read-in-progress/issuer-unchanged", "read-completed/issuer-unchanged"),
		edits("issuer-deleted-otherwise", "a deletion names another issuer", tamper.DeletePending(), tamper.OnSuccess(tamper.Set("issuer.name", "Other")),
			"delete-pending/issuer"),
		pending("cancellation-flag-missing", "an operation does not say whether its cancellation was requested", tamper.Drop("cancellation_requested"),
			asked, "cancel-in-progress/requested", "read-cancelled-or-failed/cancelled-flag"),
		pending("cancellation-flag-null", "cancellation_requested is null", flag(nil), asked, "cancel-in-progress/requested"),
		pending("cancellation-flag-a-string", "cancellation_requested is a string", tamper.Map("cancellation_requested", func(v any) any {
			if v == true {
				return "true"
			}
			return "false"
		}), asked, "cancel-in-progress/requested", "read-in-progress/cancellation-not-requested", "every-answer/operation"),
		pending("cancellation-flag-a-number", "cancellation_requested is a number", flag(0), asked, "create-manually/cancellation-not-requested", "every-answer/operation"),
		pending("cancellation-flag-renamed", "cancellation_requested is written cancellationRequested", tamper.Rename("cancellation_requested", "cancellationRequested"), asked),
		pending("cancellation-flag-always-set", "every operation says that its cancellation was requested", flag(true),
			asked, "create-manually/cancellation-not-requested", "read-in-progress/cancellation-not-requested",
			"read-completed/cancellation-not-requested", "read-cancelled-or-failed/failed-not-cancellation-requested"),
		pending("cancellation-flag-never-set", "no operation says that its cancellation was requested", flag(false),
			"cancel-in-progress/requested", "cancel-in-progress/requested-later", "read-cancelled-or-failed/cancelled-flag"),
		read("cancellation-flag-dropped-at-the-end", "a cancelled operation says that nobody asked for it", tamper.Cancelled(flag(false)),
			"read-cancelled-or-failed/cancelled-flag"),
		edits("cancellation-flag-lost-in-deletion", "a deletion says that no cancellation was requested", tamper.DeletePending(),
			tamper.OnSuccess(flag(false)), "delete-pending/cancellation-kept"),
		pending("details-missing", "an operation in progress has no status_details", tamper.Drop("status_details"),
			"request-from-issuer/status-details", "create-manually/status-details", "read-in-progress/status-details"),
		pending("details-empty", "the status_details of an operation in progress are empty", tamper.Replace("status_details", ""),
			"request-from-issuer/status-details", "create-manually/status-details"),
		pending("details-an-object", "the status_details of an operation are an object", tamper.Replace("status_details", map[string]any{"text": "wait"}),
			"request-from-issuer/status-details", "read-in-progress/status-details", "every-answer/operation"),
		read("error-while-in-progress", "a request in progress has an error", tamper.InProgress(tamper.Set("error", failure("Request rejected")["error"])),
			"read-in-progress/no-outcome"),
		created("error-in-create", "a create answers with an error in the operation", tamper.Set("error", failure("Request rejected")["error"]),
			"request-from-issuer/no-error"),
		read("error-after-completion", "a completed request has an error", tamper.Completed(tamper.Set("error", failure("Request rejected")["error"])),
			"read-completed/no-error"),
		read("failure-without-error", "a failed request has no error", tamper.Failed(tamper.Drop("error")),
			"read-cancelled-or-failed/failed-error", "every-answer/operation-failed"),
		read("failure-error-null", "the error of a failed request is null", tamper.Failed(tamper.Set("error", nil)), "read-cancelled-or-failed/failed-error"),
		read("failure-error-a-string", "the error of a failed request is a string", tamper.Failed(tamper.Set("error", "Request rejected")),
			"read-cancelled-or-failed/failed-error", "every-answer/operation"),
		read("failure-without-code", "the error of a failed request has no code", tamper.Failed(tamper.Drop("error.code")),
			"read-cancelled-or-failed/failed-error-code", "read-cancelled-or-failed/rejected-state", "every-answer/operation-failed"),
		read("failure-code-a-number", "the code of a failed request is a number", tamper.Failed(tamper.Set("error.code", 17)),
			"read-cancelled-or-failed/failed-error-code"),
		read("failure-code-empty", "the code of a failed request is empty", tamper.Failed(tamper.Set("error.code", "")),
			"read-cancelled-or-failed/failed-error-code"),
		read("failure-without-message", "the error of a failed request has no message", tamper.Failed(tamper.Drop("error.message")),
			"read-cancelled-or-failed/failed-error-message", "read-cancelled-or-failed/rejected-state"),
		read("failure-code-joined", "the code of a failed request is written without blanks", tamper.Failed(tamper.MapText("error.code", func(code string) string {
			return strings.ReplaceAll(code, " ", "")
		})), "read-cancelled-or-failed/failed-error-known", "read-cancelled-or-failed/rejected-error-code"),
		read("failure-code-of-the-issuer", "every failed request is the issuer's fault", tamper.Failed(tamper.Set("error.code", "Certificate issuer error")),
			"read-cancelled-or-failed/rejected-error-code"),
		read("failure-answers-500", "a read of a failed request answers 500", tamper.Failed(tamper.Status(http.StatusInternalServerError)),
			"read-cancelled-or-failed/failed-status", "every-answer/no-server-fault"),
		read("failure-answers-400", "a read of a failed request answers 400", tamper.Failed(tamper.Status(http.StatusBadRequest)),
			"read-cancelled-or-failed/failed-status"),
		read("cancelled-answers-404", "a cancelled request is not found any more", tamper.Cancelled(notFound),
			"read-cancelled-or-failed/cancelled-status"),
		read("completed-answers-404", "a completed request is not found any more", tamper.Completed(notFound),
			"read-completed/status"),
		read("completed-redirects", "a read of a completed request redirects to the certificate", tamper.Completed(func(a *tamper.Answer) {
			a.Header.Set("Location", a.Text("target"))
			a.Status, a.Body = http.StatusSeeOther, nil
		}), "read-completed/status"),
		edits("deletion-answers-nothing", "a deletion answers 200 with an empty object", tamper.DeletePending(),
			tamper.OnSuccess(tamper.Body("application/json; charset=utf-8", "{}")), "delete-pending/id", "delete-pending/csr", "delete-pending/request-id"),
		edits("deletion-without-body", "a deletion answers 200 without a body", tamper.DeletePending(),
			tamper.OnSuccess(tamper.Body("", "")), "delete-pending/body"),
		edits("cancellation-without-body", "a cancellation answers 200 without a body", tamper.PatchPending(),
			tamper.OnSuccess(tamper.Body("", "")), "cancel-in-progress/operation", "cancel-in-progress/requested"),
		created("create-without-body", "a create answers 202 without a body", tamper.Body("", ""),
			"request-from-issuer/operation-id", "request-from-issuer/csr-encoding", "request-from-issuer/request-id", "request-from-issuer/state"),
		created("create-answers-a-bundle", "a create answers with a certificate instead of an operation", tamper.Body("application/json; charset=utf-8",
			`{"id":"https://vault.invalid/certificates/x/0123456789abcdef0123456789abcdef","attributes":{"enabled":true}}`),
			"request-from-issuer/operation-id", "request-from-issuer/state"),
	}
}
