package specs

import (
	"cmp"
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func cancelInProgress(s *Suite) {
	cancelAnswered(s)
	cancelRepeated(s)
	cancelFiltered(s)
	cancelNothing(s)
	cancelLate(s)
}

func cancelAnswered(s *Suite) {
	busy := func(c *Check, p *scenarios.CancelInProgress) {
		c.requireAccepted(p.Created)
		c.requirePending(p.Before)
	}
	cancelled := func(c *Check, p *scenarios.CancelInProgress) {
		busy(c, p)
		c.requireSuccess(scenarios.Last(p.Asked))
	}
	rule(s, "cancel-in-progress/status", func(c *Check, p *scenarios.CancelInProgress) {
		busy(c, p)
		c.Accepts(scenarios.Last(p.Asked), match.Status())
	})
	rule(s, "cancel-in-progress/operation", func(c *Check, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Expect(scenarios.Last(p.Asked), match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Created), "pending"))
	})
	rule(s, "cancel-in-progress/requested", func(c *Check, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Expect(scenarios.Last(p.Asked), match.Equal(true, "cancellation_requested"))
	})
	rule(s, "cancel-in-progress/requested-later", func(c *Check, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.requireOf(p.After, undecided, "an operation in progress or cancelled")
		c.Expect(p.After, match.Equal(true, "cancellation_requested"))
	})
	rule(s, "cancel-in-progress/still-in-progress", func(c *Check, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Accepts(scenarios.Last(p.Asked), match.State())
	})
	rule(s, "cancel-in-progress/outcome", func(c *Check, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Got(scenarios.Last(p.Polls))
		for _, poll := range p.Polls {
			c.Accepts(poll, match.State())
		}
	})
	for id, member := range map[string]string{
		"cancel-in-progress/request-id": "request_id",
		"cancel-in-progress/csr":        "csr",
	} {
		rule(s, id, func(c *Check, p *scenarios.CancelInProgress) {
			cancelled(c, p)
			c.Expect(scenarios.Last(p.Asked), match.SameMember(p.Before, member))
		})
	}
}

func cancelRepeated(s *Suite) {
	rule(s, "cancel-in-progress/again-status", func(c *Check, p *scenarios.CancelInProgress) {
		c.requireAccepted(p.Created)
		c.requireSuccess(scenarios.Last(p.Asked))
		again := c.Got(scenarios.Last(p.AskedAgain))
		if match.IsRefused(again) && scenarios.Ended(c.Got(p.After)) {
			c.focus(again) // the first cancellation took effect before the second came: to refuse that one is right
			return
		}
		c.Accepts(again, match.Status())
	})
}

// busy needs a request in progress.
func busy(c *Check, p *scenarios.CancelByRequestID) {
	c.requireAccepted(p.Created)
	c.requirePending(p.Before)
}

func cancelFiltered(s *Suite) {
	rule(s, "cancel-in-progress/request-id-accepted", func(c *Check, p *scenarios.CancelByRequestID) {
		if p.AgainRead != nil {
			c.requireAccepted(p.Again)
			c.requirePending(p.AgainRead)
			c.Accepts(p.Matched, match.Status())
			return
		}
		busy(c, p)
		c.requirePending(p.AfterMismatched)
		c.Accepts(p.Matched, match.Status())
	})
	rule(s, "cancel-in-progress/request-id-mismatch", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.requireOnlyFlaw(p.Mismatched, p.Matched)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(s, "cancel-in-progress/request-id-mismatch-unchanged", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.requireOnlyFlaw(p.Mismatched, p.Matched)
		c.requireNeeds(c.Got(cmp.Or(p.AfterNotRequested, p.AfterLeftOut)).Member("cancellation_requested") != true)
		c.Expect(p.AfterMismatched, match.InState(vault.StateInProgress))
		c.Expect(p.AfterMismatched, match.Uncancelled())
	})
	rule(s, "cancel-in-progress/member-required", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.requireOnlyFlaw(p.MemberLeftOut, cmp.Or(p.Matched, p.Unfiltered))
		c.Accepts(p.MemberLeftOut, match.StatusClass())
	})
	rule(s, "cancel-in-progress/member-required-unchanged", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.requireOnlyFlaw(p.MemberLeftOut, cmp.Or(p.Matched, p.Unfiltered))
		c.Expect(p.AfterLeftOut, match.InState(vault.StateInProgress))
		c.Expect(p.AfterLeftOut, match.Uncancelled())
	})
	rule(s, "cancel-in-progress/false-status", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.Accepts(p.NotRequested, match.Status())
	})
	rule(s, "cancel-in-progress/false-unchanged", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.Got(p.NotRequested)
		c.requireOf(p.AfterLeftOut, func(e *vault.Exchange) bool {
			return scenarios.InProgress(e) && e.Member("cancellation_requested") != true
		}, "an operation in progress without a cancellation")
		c.Expect(p.AfterNotRequested, match.InState(vault.StateInProgress))
		c.Expect(p.AfterNotRequested, match.Uncancelled())
	})
}

func cancelNothing(s *Suite) {
	rule(s, "cancel-in-progress/never-existed-status", func(c *Check, p *scenarios.CancelByRequestID) {
		c.requireOnlyFlaw(p.NeverExisted, cmp.Or(p.Matched, p.Unfiltered))
		c.Accepts(p.NeverExisted, match.Status())
	})
	rule(s, "cancel-in-progress/never-existed-code", func(c *Check, p *scenarios.CancelByRequestID) {
		c.requireOnlyFlaw(p.NeverExisted, cmp.Or(p.Matched, p.Unfiltered))
		c.requireStatus(p.NeverExisted, http.StatusNotFound)
		c.Accepts(p.NeverExisted, match.ErrorCode())
	})
	rule(s, "cancel-in-progress/nothing-pending", func(c *Check, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.requireSuccess(cmp.Or(p.Matched, p.Unfiltered))
		c.requireSuccess(p.Deleted)
		c.Accepts(p.CancelledDeleted, match.StatusClass(http.StatusNotFound))
	})
}

func cancelLate(s *Suite) {
	rule(s, "cancel-in-progress/late-refused", func(c *Check, p *scenarios.CancelTooLate) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireOnlyFlaw(p.Cancelled, scenarios.Last(p.Control))
		c.Accepts(p.Cancelled, match.StatusClass())
	})
	rule(s, "cancel-in-progress/late-status", func(c *Check, p *scenarios.CancelTooLate) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireOnlyFlaw(p.Cancelled, scenarios.Last(p.Control))
		c.Accepts(p.Cancelled, match.Status())
	})
	rule(s, "cancel-in-progress/late-unchanged", func(c *Check, p *scenarios.CancelTooLate) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireOnlyFlaw(p.Cancelled, scenarios.Last(p.Control))
		c.requireRefused(p.Cancelled)
		c.Expect(p.After, match.InState(vault.StateCompleted))
		c.Expect(p.After, match.Uncancelled())
	})
}
