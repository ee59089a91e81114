package fault

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// filters are requests whose request_id in the query is handled wrongly.
func filters() []Fault {
	ignore := func(r *http.Request) *http.Request { return tamper.WithQuery(r, "request_id", "") }
	readFiltered := tamper.ReadPending().And(tamper.Filtered())
	patchFiltered := tamper.PatchPending().And(tamper.Filtered())
	deleteFiltered := tamper.DeletePending().And(tamper.Filtered())
	const mismatch, foreign = "read-in-progress/filter-mismatch-status", "read-in-progress/filter-foreign-status"
	return []Fault{
		asks("filter-ignored-on-read", "a read ignores the request_id of its query", readFiltered, ignore,
			mismatch, foreign, "read-completed/filter-mismatch", "read-deleted-or-overwritten/overwritten-filter-status",
			"read-cancelled-or-failed/failed-filter-mismatch", "read-cancelled-or-failed/cancelled-filter-mismatch",
			"read-cancelled-or-failed/failed-overwritten-filter", "read-cancelled-or-failed/cancelled-overwritten-filter"),
		asks("filter-ignored-on-cancellation", "a cancellation ignores the request_id of its query", patchFiltered, ignore,
			"cancel-in-progress/request-id-mismatch", "cancel-in-progress/request-id-mismatch-unchanged"),
		asks("filter-ignored-on-deletion", "a deletion ignores the request_id of its query", deleteFiltered, ignore,
			"delete-pending/request-id-mismatch", "delete-pending/request-id-mismatch-keeps"),
		acts("filter-refused-and-cancelled", "a cancellation with a wrong request_id is refused and carried out anyway",
			patchFiltered,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusNotFound {
					tamper.Pass(next, ignore(r))
				}
				return a
			}, "cancel-in-progress/request-id-mismatch-unchanged"),
		acts("filter-refused-and-deleted", "a deletion with a wrong request_id is refused and carried out anyway",
			deleteFiltered,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusNotFound {
					tamper.Pass(next, ignore(r))
				}
				return a
			}, "delete-pending/request-id-mismatch-keeps"),
		acts("filter-mismatch-deletes", "a read with a wrong request_id makes the request go away", readFiltered,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusNotFound {
					tamper.Ask(next, r, http.MethodDelete, "/pending", nil)
				}
				return a
			}, "read-in-progress/filter-mismatch-keeps"),
		acts("filter-ignored-after-the-end", "a read of a completed request ignores the request_id of its query",
			readFiltered,
			func(next http.Handler, r *http.Request) *tamper.Response {
				whole := tamper.Pass(next, ignore(r))
				if whole.OK() && strings.EqualFold(whole.Text("status"), "completed") {
					return whole
				}
				return tamper.Pass(next, r)
			}, "read-completed/filter-mismatch"),
		remembers("filter-over-all-names", "a read takes any request_id that the vault has given, whatever its name",
			tamper.Create().Or(readFiltered), func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				if tamper.Create()(r) {
					a := tamper.Pass(next, r)
					if a.OK() {
						m.mark(a.Text("request_id"))
					}
					return a
				}
				if m.marked(r.URL.Query().Get("request_id")) {
					return tamper.Pass(next, ignore(r))
				}
				return tamper.Pass(next, r)
			}, foreign, "read-deleted-or-overwritten/overwritten-filter-status"),
		acts("filter-refused-on-deletion", "a deletion with a request_id in its query is a bad request",
			deleteFiltered, badRequest,
			"delete-pending/request-id-accepted", "delete-pending/request-id-mismatch"),
		acts("filter-refused-on-cancellation", "a cancellation with a request_id in its query is a bad request",
			patchFiltered, badRequest,
			"cancel-in-progress/request-id-accepted"),
		acts("filter-refused-on-read", "a read with a request_id in its query is a bad request", readFiltered, badRequest,
			"read-in-progress/filter-match-status", mismatch, "request-from-issuer/location-read"),
	}
}

// badRequest refuses a request without passing it on.
func badRequest(_ http.Handler, r *http.Request) *tamper.Response {
	return refusal(r, http.StatusBadRequest, "BadParameter")
}

// refusal is a refusal that the vault did not send, with the headers that every response has.
func refusal(r *http.Request, status int, code string) *tamper.Response {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	a := &tamper.Response{Status: status, Request: r, Header: http.Header{
		"Cache-Control":             {"no-cache"},
		"Strict-Transport-Security": {"max-age=31536000;includeSubDomains"},
		"X-Content-Type-Options":    {"nosniff"},
		"X-Ms-Request-Id":           {fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])},
	}}
	a.SetObject(failure(code))
	return a
}
