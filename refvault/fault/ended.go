package fault

import (
	"bytes"
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// endings are requests about a pending object that has ended, that never was, or that gets the same request twice.
func endings() []Fault {
	cancelled := is("cancelled", "canceled")
	return []Fault{
		refusedWhen("deletion-refused-after-failure", "a deletion is refused when the request has failed",
			tamper.DeletePending(), is("failed"), "delete-pending/failed-status"),
		refusedWhen("deletion-refused-after-cancellation", "a deletion is refused when the request was cancelled",
			tamper.DeletePending(), cancelled, "delete-pending/cancelled-status"),
		refusedWhen("deletion-refused-to-issuer-requests", "the request of an issuer that is at work cannot be deleted",
			tamper.DeletePending(), func(now *tamper.Response) bool {
				issuer, _ := member(now.Object(), "issuer.name").(string)
				return is("inProgress")(now) && issuer != "Unknown" && issuer != "Self"
			}, "delete-pending/issuer-status"),
		deletingNothing("deletion-keeps-the-cancelled", "deleting a cancelled request gets the right response and deletes nothing",
			cancelled, "delete-pending/cancelled-gone"),
		deletingNothing("deletion-keeps-the-failed", "deleting a failed request gets the right response and deletes nothing",
			is("failed"), "delete-pending/failed-gone"),
		edits("deletion-shows-the-cancelled-in-progress", "deleting a cancelled request shows it in progress",
			tamper.DeletePending(), tamper.Cancelled(tamper.Set("status", "inProgress")), "delete-pending/cancelled-state"),
		edits("deletion-takes-the-cancellation-back", "deleting a cancelled request shows that no cancellation was requested",
			tamper.DeletePending(), tamper.Cancelled(tamper.Set("cancellation_requested", false)), "delete-pending/cancelled-state"),
		edits("deletion-shows-the-failed-cancelled", "deleting a failed request shows it cancelled",
			tamper.DeletePending(), tamper.Failed(tamper.Set("status", "cancelled")), "delete-pending/failed-state"),
		edits("deletion-without-the-error", "deleting a failed request does not show its error",
			tamper.DeletePending(), tamper.Failed(tamper.Drop("error")), "delete-pending/failed-error"),
		edits("deletion-shows-a-cancellation", "deleting a request in progress shows that its cancellation was requested",
			tamper.DeletePending(), tamper.InProgress(tamper.Set("cancellation_requested", true)), "delete-pending/not-cancelled"),
		edits("deletion-of-the-unknown-accepted", "deleting the pending object of an unknown name returns 200",
			tamper.DeletePending(), tamper.OnStatus(http.StatusNotFound, tamper.Status(http.StatusOK),
				tamper.Body("application/json; charset=utf-8", "{}")),
			"delete-pending/never-existed-status", "delete-pending/again-status"),
		edits("deletion-of-the-unknown-other-code", "deleting the pending object of an unknown name has the code NotFound",
			tamper.DeletePending(), tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound")),
			"delete-pending/never-existed-code", "delete-pending/again-code"),
		edits("cancellation-of-the-unknown-a-bad-request", "a cancellation of an unknown name returns 400",
			tamper.PatchPending(), tamper.OnStatus(http.StatusNotFound, tamper.Status(http.StatusBadRequest)),
			"cancel-in-progress/never-existed-status"),
		edits("cancellation-of-the-unknown-other-code", "a cancellation of an unknown name has the code NotFound",
			tamper.PatchPending(), tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound")),
			"cancel-in-progress/never-existed-code"),
		edits("late-cancellation-a-conflict", "a cancellation of a request that has ended returns 409", tamper.PatchPending(),
			tamper.OnStatus(http.StatusForbidden, tamper.Status(http.StatusConflict), tamper.Set("error.code", "Conflict")),
			"cancel-in-progress/late-status", "read-cancelled-or-failed/failed-not-cancellable-status",
			"read-cancelled-or-failed/patch-after-cancelled-status"),
		acts("cancellation-only-once", "a second cancellation of a request in progress is forbidden", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				now := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
				if is("inProgress")(now) && now.Object()["cancellation_requested"] == true {
					return refusal(r, http.StatusForbidden, "Forbidden")
				}
				return tamper.Pass(next, r)
			}, "cancel-in-progress/again-status"),
		asks("cancellation-by-false", "a patch with cancellation_requested false requests the cancellation", tamper.PatchPending(),
			func(r *http.Request) *http.Request {
				if bytes.Contains(tamper.Sent(r), []byte("false")) {
					return tamper.WithBody(r, map[string]any{"cancellation_requested": true})
				}
				return r
			}, "cancel-in-progress/false-unchanged"),
	}
}

// deletingNothing builds a fault that answers a deletion with the pending object and leaves it there.
func deletingNothing(id, title string, when func(*tamper.Response) bool, breaks ...string) Fault {
	return acts(id, title, tamper.DeletePending(), func(next http.Handler, r *http.Request) *tamper.Response {
		if now := tamper.Ask(next, r, http.MethodGet, "/pending", nil); when(now) {
			return now
		}
		return tamper.Pass(next, r)
	}, breaks...)
}
