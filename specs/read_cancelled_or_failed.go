package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readCancelledOrFailed(b *Book) {
	failedState(b)
	failedError(b)
	failedOutcome(b)
	afterFailure(b)
	rejected(b)
	cancelledState(b)
	cancelledOutcome(b)
	afterCancellation(b)
}

func (c *Case) failed(p *scenarios.FailedRequest) *vault.Exchange {
	return c.endedAs(p.Created, p.Looks, "failed")
}

// cancelled needs a cancellation that was asked for, accepted, and took effect.
func (c *Case) cancelled(p *scenarios.CancelledRequest) *vault.Exchange {
	c.answered(Last(p.Cancelled), http.StatusOK)
	return c.endedAs(p.Created, p.Looks, cancelledStates()...)
}

func failedState(b *Book) {
	rule(b, "read-cancelled-or-failed/failed-status", func(c *Case, p *scenarios.FailedRequest) {
		c.Accepts(c.ended(p.Created, p.Looks), match.Status())
	})
	rule(b, "read-cancelled-or-failed/failed-state", func(c *Case, p *scenarios.FailedRequest) {
		last := c.ended(p.Created, p.Looks)
		c.given(last.Succeeded())
		c.Accepts(last, match.State())
	})
	rule(b, "read-cancelled-or-failed/failed-state-spelling", func(c *Case, p *scenarios.FailedRequest) {
		c.Accepts(c.failed(p), match.StateSpelling())
	})
	rule(b, "read-cancelled-or-failed/failed-lasts", func(c *Case, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.Expect(p.Later).To(match.SameBody(last))
	})
	rule(b, "read-cancelled-or-failed/failed-not-cancellable", func(c *Case, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Accepts(p.CancelledLate, match.StatusClass())
	})
	rule(b, "read-cancelled-or-failed/failed-same-request", func(c *Case, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.Expect(last).To(match.SameMember(p.Created, "id"))
		c.Expect(last).To(match.SameMember(p.Created, "request_id"))
	})
	rule(b, "read-cancelled-or-failed/failed-csr-unchanged", func(c *Case, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p)).To(match.SameMember(p.Created, "csr"))
	})
}

func failedError(b *Book) {
	rule(b, "read-cancelled-or-failed/failed-error", func(c *Case, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p)).To(match.Member("to be an object", isObject, "error"))
	})
	rule(b, "read-cancelled-or-failed/failed-error-code", func(c *Case, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.given(isObject(last.Member("error")))
		c.Expect(last).To(match.Text("error", "code"))
	})
	rule(b, "read-cancelled-or-failed/failed-error-message", func(c *Case, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.given(isObject(last.Member("error")))
		c.Expect(last).To(match.Member("to be a string", isString, "error", "message"))
	})
	rule(b, "read-cancelled-or-failed/failed-error-known", func(c *Case, p *scenarios.FailedRequest) {
		last := c.failed(p)
		_, err := match.At(last, "error", "code")
		c.given(err == nil)
		c.Accepts(last, match.ErrorCode())
	})
}

func isObject(value any) bool {
	_, ok := value.(map[string]any)
	return ok
}

func failedOutcome(b *Book) {
	rule(b, "read-cancelled-or-failed/failed-status-details", func(c *Case, p *scenarios.FailedRequest) {
		c.Accepts(c.failed(p), match.StatusDetails())
	})
	rule(b, "read-cancelled-or-failed/failed-no-target", func(c *Case, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p)).To(match.Absent("target"))
	})
	rule(b, "read-cancelled-or-failed/failed-no-certificate", func(c *Case, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Expect(p.Certificate).To(match.NoCertificate())
	})
	rule(b, "read-cancelled-or-failed/failed-not-cancellation-requested", func(c *Case, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p)).To(match.Uncancelled())
	})
}

func afterFailure(b *Book) {
	rule(b, "read-cancelled-or-failed/create-after-failed", func(c *Case, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(b, "read-cancelled-or-failed/import-after-failed", func(c *Case, p *scenarios.FailedRequest) {
		c.endedAs(p.CreatedForImport, p.LooksForImport, "failed")
		c.Accepts(p.ImportedAfter, match.Status())
	})
	rule(b, "read-cancelled-or-failed/merge-after-failed", func(c *Case, p *scenarios.FailedRequest) {
		c.endedAs(p.CreatedForMerge, p.LooksForMerge, "failed")
		c.Accepts(p.MergedAfter, match.Status())
	})
}

func rejected(b *Book) {
	rule(b, "read-cancelled-or-failed/rejected-state", func(c *Case, p *scenarios.RejectedRequest) {
		last := c.ended(p.Created, p.Looks)
		c.given(last.Succeeded())
		c.Accepts(last, match.State())
		c.Expect(last).To(match.Text("error", "code"))
		c.Expect(last).To(match.Member("to be a string", isString, "error", "message"))
	})
	rule(b, "read-cancelled-or-failed/rejected-error-code", func(c *Case, p *scenarios.RejectedRequest) {
		last := c.endedAs(p.Created, p.Looks, "failed")
		c.Accepts(last, match.ErrorCode())
	})
}

func cancelledState(b *Book) {
	rule(b, "read-cancelled-or-failed/cancelled-status", func(c *Case, p *scenarios.CancelledRequest) {
		c.answered(Last(p.Cancelled), http.StatusOK)
		c.Accepts(c.ended(p.Created, p.Looks), match.Status())
	})
	rule(b, "read-cancelled-or-failed/cancelled-state", func(c *Case, p *scenarios.CancelledRequest) {
		c.answered(Last(p.Cancelled), http.StatusOK)
		last := c.ended(p.Created, p.Looks)
		c.given(last.Succeeded() && !inState(last, "completed", "failed"))
		c.Accepts(last, match.State())
	})
	rule(b, "read-cancelled-or-failed/cancelled-state-spelling", func(c *Case, p *scenarios.CancelledRequest) {
		c.Accepts(c.cancelled(p), match.StateSpelling())
	})
	rule(b, "read-cancelled-or-failed/cancelled-lasts", func(c *Case, p *scenarios.CancelledRequest) {
		last := c.cancelled(p)
		c.Expect(p.Later).To(match.SameBody(last))
	})
	rule(b, "read-cancelled-or-failed/cancelled-same-request", func(c *Case, p *scenarios.CancelledRequest) {
		last := c.cancelled(p)
		c.Expect(last).To(match.SameMember(p.Created, "id"))
		c.Expect(last).To(match.SameMember(p.Created, "request_id"))
	})
	rule(b, "read-cancelled-or-failed/cancelled-csr-unchanged", func(c *Case, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p)).To(match.SameMember(p.Created, "csr"))
	})
}

func cancelledOutcome(b *Book) {
	rule(b, "read-cancelled-or-failed/cancelled-flag", func(c *Case, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p)).To(match.Equal(true, "cancellation_requested"))
	})
	rule(b, "read-cancelled-or-failed/cancelled-no-error", func(c *Case, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p)).To(match.Absent("error"))
	})
	rule(b, "read-cancelled-or-failed/cancelled-status-details", func(c *Case, p *scenarios.CancelledRequest) {
		c.Accepts(c.cancelled(p), match.StatusDetails())
	})
	rule(b, "read-cancelled-or-failed/cancelled-no-target", func(c *Case, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p)).To(match.Absent("target"))
	})
	rule(b, "read-cancelled-or-failed/cancelled-no-certificate", func(c *Case, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.Expect(p.Certificate).To(match.NoCertificate())
	})
}

func afterCancellation(b *Book) {
	rule(b, "read-cancelled-or-failed/create-after-cancelled", func(c *Case, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(b, "read-cancelled-or-failed/import-after-cancelled", func(c *Case, p *scenarios.CancelledRequest) {
		c.answered(Last(p.CancelledToImport), http.StatusOK)
		c.endedAs(p.CreatedForImport, p.LooksForImport, cancelledStates()...)
		c.Accepts(p.ImportedAfter, match.Status())
	})
	rule(b, "read-cancelled-or-failed/merge-after-cancelled", func(c *Case, p *scenarios.CancelledRequest) {
		c.answered(Last(p.CancelledToMerge), http.StatusOK)
		c.endedAs(p.CreatedForMerge, p.LooksForMerge, cancelledStates()...)
		c.Accepts(p.MergedAfter, match.Status())
	})
}
