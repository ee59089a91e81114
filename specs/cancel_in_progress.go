package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func cancelInProgress(b *Book) {
	cancelAnswered(b)
	cancelFiltered(b)
	cancelLate(b)
}

func cancelAnswered(b *Book) {
	busy := func(c *Case, p *scenarios.CancelInProgress) {
		c.promised(p.Created)
		c.given(scenarios.InProgress(c.Got(p.Before)))
	}
	cancelled := func(c *Case, p *scenarios.CancelInProgress) {
		busy(c, p)
		c.ok(Last(p.Asked))
	}
	rule(b, "cancel-in-progress/status", func(c *Case, p *scenarios.CancelInProgress) {
		busy(c, p)
		c.Accepts(Last(p.Asked), match.Status())
	})
	rule(b, "cancel-in-progress/operation", func(c *Case, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Expect(Last(p.Asked)).To(match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Created), "pending"))
	})
	rule(b, "cancel-in-progress/requested", func(c *Case, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Expect(Last(p.Asked)).To(match.Equal(true, "cancellation_requested"))
	})
	rule(b, "cancel-in-progress/requested-later", func(c *Case, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Expect(p.After).To(match.Equal(true, "cancellation_requested"))
	})
	rule(b, "cancel-in-progress/still-in-progress", func(c *Case, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Accepts(Last(p.Asked), match.State())
	})
	rule(b, "cancel-in-progress/outcome", func(c *Case, p *scenarios.CancelInProgress) {
		cancelled(c, p)
		c.Got(Last(p.Looks))
		for _, look := range p.Looks {
			c.Accepts(look, match.State())
		}
	})
	for id, member := range map[string]string{
		"cancel-in-progress/request-id": "request_id",
		"cancel-in-progress/csr":        "csr",
	} {
		rule(b, id, func(c *Case, p *scenarios.CancelInProgress) {
			cancelled(c, p)
			c.Expect(Last(p.Asked)).To(match.SameMember(p.Before, member))
		})
	}
}

func cancelFiltered(b *Book) {
	busy := func(c *Case, p *scenarios.CancelByRequestID) {
		c.promised(p.Created)
		c.given(scenarios.InProgress(c.Got(p.Before)))
	}
	rule(b, "cancel-in-progress/request-id-accepted", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.given(scenarios.InProgress(c.Got(p.AfterMismatched)))
		c.Accepts(p.Matched, match.Status())
	})
	rule(b, "cancel-in-progress/request-id-mismatch", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.alone(p.Mismatched, p.Matched, http.StatusOK)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(b, "cancel-in-progress/request-id-mismatch-unchanged", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.alone(p.Mismatched, p.Matched, http.StatusOK)
		c.given(c.Got(p.AfterLeftOut).Member("cancellation_requested") != true)
		c.Expect(p.AfterMismatched).To(match.InState("inProgress"))
		c.Expect(p.AfterMismatched).To(match.Uncancelled())
	})
	rule(b, "cancel-in-progress/member-required", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.alone(p.MemberLeftOut, p.Matched, http.StatusOK)
		c.Accepts(p.MemberLeftOut, match.StatusClass())
	})
	rule(b, "cancel-in-progress/member-required-unchanged", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.alone(p.MemberLeftOut, p.Matched, http.StatusOK)
		c.Expect(p.AfterLeftOut).To(match.InState("inProgress"))
		c.Expect(p.AfterLeftOut).To(match.Uncancelled())
	})
	rule(b, "cancel-in-progress/nothing-pending", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.ok(p.Matched)
		c.ok(p.Deleted)
		c.Accepts(p.CancelledDeleted, match.StatusClass(http.StatusNotFound))
	})
	rule(b, "cancel-in-progress/false-status", func(c *Case, p *scenarios.CancelByRequestID) {
		busy(c, p)
		c.Accepts(p.NotRequested, match.Status())
	})
}

func cancelLate(b *Book) {
	rule(b, "cancel-in-progress/late-refused", func(c *Case, p *scenarios.CancelTooLate) {
		c.finished(p.Created, p.Looks)
		c.Accepts(p.Cancelled, match.StatusClass())
	})
	rule(b, "cancel-in-progress/late-status", func(c *Case, p *scenarios.CancelTooLate) {
		c.finished(p.Created, p.Looks)
		c.Accepts(p.Cancelled, match.Status())
	})
	rule(b, "cancel-in-progress/late-unchanged", func(c *Case, p *scenarios.CancelTooLate) {
		c.finished(p.Created, p.Looks)
		c.refused(p.Cancelled)
		c.Expect(p.After).To(match.InState("completed"))
		c.Expect(p.After).To(match.Uncancelled())
	})
}
