package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readCancelledOrFailed(s *Suite) {
	failedState(s)
	failedError(s)
	failedOutcome(s)
	afterFailure(s)
	rejected(s)
	cancelledState(s)
	cancelledOutcome(s)
	afterCancellation(s)
}

func (c *Check) failed(p *scenarios.FailedRequest) *vault.Exchange {
	return c.requireEndedAs(p.Created, p.Polls, vault.StateFailed)
}

// cancelled needs a cancellation that was asked for, accepted, and took effect.
func (c *Check) cancelled(p *scenarios.CancelledRequest) *vault.Exchange {
	c.requireSuccess(scenarios.Last(p.Cancelled))
	return c.requireEndedAs(p.Created, p.Polls, cancelledStates()...)
}

func failedState(s *Suite) {
	rule(s, "read-cancelled-or-failed/failed-status", func(c *Check, p *scenarios.FailedRequest) {
		c.Accepts(c.requireEnded(p.Created, p.Polls), match.Status())
	})
	rule(s, "read-cancelled-or-failed/failed-state", func(c *Check, p *scenarios.FailedRequest) {
		last := c.requireEnded(p.Created, p.Polls)
		c.requireSuccess(last)
		c.Accepts(last, match.State())
	})
	rule(s, "read-cancelled-or-failed/failed-state-spelling", func(c *Check, p *scenarios.FailedRequest) {
		c.spelled(c.failed(p))
	})
	rule(s, "read-cancelled-or-failed/failed-lasts", func(c *Check, p *scenarios.FailedRequest) {
		c.expectSameBody(c.failed(p), p.Later)
	})
	rule(s, "read-cancelled-or-failed/failed-not-cancellable", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Accepts(p.CancelledLate, match.StatusClass())
	})
	rule(s, "read-cancelled-or-failed/failed-not-cancellable-status", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Accepts(p.CancelledLate, match.Status())
	})
	rule(s, "read-cancelled-or-failed/failed-filter-mismatch", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.requireOnlyFlaw(p.Mismatched, p.Later)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(s, "read-cancelled-or-failed/failed-same-request", func(c *Check, p *scenarios.FailedRequest) {
		last := c.failed(p)
		for _, member := range c.identity(p.Created) {
			c.Expect(last, match.SameMember(p.Created, member))
		}
	})
	rule(s, "read-cancelled-or-failed/failed-csr-unchanged", func(c *Check, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.requireMember(p.Created, "csr")
		c.Expect(last, match.SameMember(p.Created, "csr"))
	})
}

func failedError(s *Suite) {
	rule(s, "read-cancelled-or-failed/failed-error", func(c *Check, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p), match.Member("to be an object", isObject, "error"))
	})
	rule(s, "read-cancelled-or-failed/failed-error-code", func(c *Check, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.requireNeeds(isObject(last.Member("error")))
		c.Expect(last, match.Text("error", "code"))
	})
	rule(s, "read-cancelled-or-failed/failed-error-message", func(c *Check, p *scenarios.FailedRequest) {
		last := c.failed(p)
		c.requireNeeds(isObject(last.Member("error")))
		c.Expect(last, match.Member("to be a string", isString, "error", "message"))
	})
	rule(s, "read-cancelled-or-failed/failed-error-known", func(c *Check, p *scenarios.FailedRequest) {
		last := c.failed(p)
		_, err := match.At(last, "error", "code")
		c.requireNeeds(err == nil)
		c.Accepts(last, match.ErrorCode())
	})
}

func isObject(value any) bool {
	_, ok := value.(map[string]any)
	return ok
}

func failedOutcome(s *Suite) {
	rule(s, "read-cancelled-or-failed/failed-status-details", func(c *Check, p *scenarios.FailedRequest) {
		c.Accepts(c.failed(p), match.StatusDetails())
	})
	rule(s, "read-cancelled-or-failed/failed-no-target", func(c *Check, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p), match.Absent("target"))
	})
	rule(s, "read-cancelled-or-failed/failed-no-certificate", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Expect(p.Certificate, match.NoCertificate())
	})
	rule(s, "read-cancelled-or-failed/failed-not-cancellation-requested", func(c *Check, p *scenarios.FailedRequest) {
		c.Expect(c.failed(p), match.Uncancelled())
	})
}

func afterFailure(s *Suite) {
	rule(s, "read-cancelled-or-failed/create-after-failed", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(s, "read-cancelled-or-failed/create-after-failed-request-id", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.expectOwnRequest(p.CreatedAfter, p.Created)
	})
	rule(s, "read-cancelled-or-failed/failed-overwritten-filter", func(c *Check, p *scenarios.FailedRequest) {
		c.failed(p)
		c.requireSuccess(p.Later)
		c.requireOwnRequest(p.CreatedAfter, p.Created)
		c.Accepts(p.OldFilter, match.Status())
	})
	rule(s, "read-cancelled-or-failed/import-after-failed", func(c *Check, p *scenarios.FailedRequest) {
		c.requireEndedAs(p.CreatedForImport, p.LooksForImport, vault.StateFailed)
		c.Accepts(p.ImportedAfter, match.Status())
	})
	rule(s, "read-cancelled-or-failed/merge-after-failed", func(c *Check, p *scenarios.FailedRequest) {
		c.requireEndedAs(p.CreatedForMerge, p.LooksForMerge, vault.StateFailed)
		c.requireSignable(p.MergedAfter, append([]*vault.Exchange{p.CreatedForMerge}, p.LooksForMerge...)...)
		c.Accepts(p.MergedAfter, match.Status())
	})
}

func rejected(s *Suite) {
	rule(s, "read-cancelled-or-failed/rejected-state", func(c *Check, p *scenarios.RejectedRequest) {
		last := c.requireEnded(p.Created, p.Polls)
		c.requireSuccess(last)
		c.Accepts(last, match.State())
		c.Expect(last, match.Text("error", "code"))
		c.Expect(last, match.Member("to be a string", isString, "error", "message"))
	})
	rule(s, "read-cancelled-or-failed/rejected-error-code", func(c *Check, p *scenarios.RejectedRequest) {
		last := c.requireEndedAs(p.Created, p.Polls, vault.StateFailed)
		c.Accepts(last, match.ErrorCode())
	})
}

func cancelledState(s *Suite) {
	rule(s, "read-cancelled-or-failed/cancelled-status", func(c *Check, p *scenarios.CancelledRequest) {
		c.requireSuccess(scenarios.Last(p.Cancelled))
		c.Accepts(c.requireEnded(p.Created, p.Polls), match.Status())
	})
	rule(s, "read-cancelled-or-failed/cancelled-state", func(c *Check, p *scenarios.CancelledRequest) {
		c.requireSuccess(scenarios.Last(p.Cancelled))
		last := c.requireEnded(p.Created, p.Polls)
		c.requireSuccess(last)
		c.requireOf(last, func(e *vault.Exchange) bool { return !scenarios.InState(e, vault.StateCompleted, vault.StateFailed) }, "an operation that was cancelled")
		c.Accepts(last, match.State())
	})
	rule(s, "read-cancelled-or-failed/cancelled-state-spelling", func(c *Check, p *scenarios.CancelledRequest) {
		c.spelled(c.cancelled(p))
	})
	rule(s, "read-cancelled-or-failed/cancelled-lasts", func(c *Check, p *scenarios.CancelledRequest) {
		c.expectSameBody(c.cancelled(p), p.Later)
	})
	rule(s, "read-cancelled-or-failed/cancelled-filter-mismatch", func(c *Check, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.requireOnlyFlaw(p.Mismatched, p.Later)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(s, "read-cancelled-or-failed/cancelled-same-request", func(c *Check, p *scenarios.CancelledRequest) {
		last := c.cancelled(p)
		for _, member := range c.identity(p.Created) {
			c.Expect(last, match.SameMember(p.Created, member))
		}
	})
	rule(s, "read-cancelled-or-failed/cancelled-csr-unchanged", func(c *Check, p *scenarios.CancelledRequest) {
		last := c.cancelled(p)
		c.requireMember(p.Created, "csr")
		c.Expect(last, match.SameMember(p.Created, "csr"))
	})
}

func cancelledOutcome(s *Suite) {
	rule(s, "read-cancelled-or-failed/cancelled-flag", func(c *Check, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p), match.Equal(true, "cancellation_requested"))
	})
	rule(s, "read-cancelled-or-failed/cancelled-no-error", func(c *Check, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p), match.Absent("error"))
	})
	rule(s, "read-cancelled-or-failed/cancelled-status-details", func(c *Check, p *scenarios.CancelledRequest) {
		c.Accepts(c.cancelled(p), match.StatusDetails())
	})
	rule(s, "read-cancelled-or-failed/cancelled-no-target", func(c *Check, p *scenarios.CancelledRequest) {
		c.Expect(c.cancelled(p), match.Absent("target"))
	})
	rule(s, "read-cancelled-or-failed/cancelled-no-certificate", func(c *Check, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.Expect(p.Certificate, match.NoCertificate())
	})
}

func afterCancellation(s *Suite) {
	rule(s, "read-cancelled-or-failed/create-after-cancelled", func(c *Check, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(s, "read-cancelled-or-failed/create-after-cancelled-request-id", func(c *Check, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.expectOwnRequest(p.CreatedAfter, p.Created)
	})
	rule(s, "read-cancelled-or-failed/cancelled-overwritten-filter", func(c *Check, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.requireSuccess(p.Later)
		c.requireOwnRequest(p.CreatedAfter, p.Created)
		c.Accepts(p.OldFilter, match.Status())
	})
	rule(s, "read-cancelled-or-failed/import-after-cancelled", func(c *Check, p *scenarios.CancelledRequest) {
		c.requireSuccess(scenarios.Last(p.CancelledToImport))
		c.requireEndedAs(p.CreatedForImport, p.LooksForImport, cancelledStates()...)
		c.Accepts(p.ImportedAfter, match.Status())
	})
	rule(s, "read-cancelled-or-failed/patch-after-cancelled", func(c *Check, p *scenarios.CancelledRequest) {
		c.requireSuccess(scenarios.Last(p.Cancelled))
		c.requireEndedAs(p.Created, p.Polls, cancelledStates()...)
		c.Accepts(p.CancelledAgain, match.StatusClass())
	})
	rule(s, "read-cancelled-or-failed/patch-after-cancelled-status", func(c *Check, p *scenarios.CancelledRequest) {
		c.cancelled(p)
		c.Accepts(p.CancelledAgain, match.Status())
	})
	rule(s, "read-cancelled-or-failed/merge-after-cancelled", func(c *Check, p *scenarios.CancelledRequest) {
		c.requireSuccess(scenarios.Last(p.CancelledToMerge))
		c.requireEndedAs(p.CreatedForMerge, p.LooksForMerge, cancelledStates()...)
		c.requireSignable(p.MergedAfter, append([]*vault.Exchange{p.CreatedForMerge}, p.LooksForMerge...)...)
		c.Accepts(p.MergedAfter, match.Status())
	})
}

// expectOwnRequest wants a create that followed an earlier request to have a request_id of its own.
func (c *Check) expectOwnRequest(created, earlier *vault.Exchange) {
	c.requireSuccess(created)
	c.requireMember(earlier, "request_id")
	c.Expect(created, match.OtherMember(earlier, "request_id"))
}

// requireOwnRequest needs a create that followed an earlier request to have a request_id of its own.
func (c *Check) requireOwnRequest(created, earlier *vault.Exchange) {
	c.requireSuccess(created)
	c.requireOf(created, func(e *vault.Exchange) bool { return scenarios.RequestID(e) != scenarios.RequestID(earlier) },
		"another request_id than that of the earlier request")
}
