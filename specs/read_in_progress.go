package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readInProgress(s *Suite) {
	rule(s, "read-in-progress/status", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireAccepted(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	readFiltered(s)
	readUnchanged(s)
	readState(s)
	rule(s, "read-in-progress/repeatable", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Expect(p.ReadAgain, match.SameBody(p.Read))
	})
	rule(s, "read-in-progress/retry-after", func(c *Check, p *scenarios.ReadInProgress) {
		c.requirePending(p.Read)
		c.Expect(p.Read, match.RetryAfter())
	})
}

func readFiltered(s *Suite) {
	found := func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
	}
	rule(s, "read-in-progress/filter-match-status", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Accepts(p.Matched, match.Status())
	})
	rule(s, "read-in-progress/filter-match-body", func(c *Check, p *scenarios.ReadInProgress) {
		found(c, p)
		c.requireOperation(p.Matched)
		c.expectSameBody(p.Read, p.Matched)
	})
	rule(s, "read-in-progress/filter-mismatch-status", func(c *Check, p *scenarios.ReadInProgress) {
		found(c, p)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(s, "read-in-progress/filter-mismatch-code", func(c *Check, p *scenarios.ReadInProgress) {
		found(c, p)
		c.requireRefused(p.Mismatched)
		c.Accepts(p.Mismatched, match.ErrorCode())
	})
	rule(s, "read-in-progress/filter-foreign-status", func(c *Check, p *scenarios.ReadInProgress) {
		found(c, p)
		c.requireBody(p.OtherRead)
		c.Accepts(p.ForeignFilter, match.Status())
	})
	rule(s, "read-in-progress/filter-mismatch-keeps", func(c *Check, p *scenarios.ReadInProgress) {
		found(c, p)
		c.Got(p.Mismatched)
		c.Expect(p.ReadAfter, match.HasStatus(http.StatusOK))
		for _, member := range c.identity(p.Read) {
			c.Expect(p.ReadAfter, match.SameMember(p.Read, member))
		}
		c.Expect(p.ReadAfter, match.InState(vault.StateInProgress))
	})
}

func readUnchanged(s *Suite) {
	for id, member := range map[string]string{
		"read-in-progress/id-unchanged":         "id",
		"read-in-progress/csr-unchanged":        "csr",
		"read-in-progress/request-id-unchanged": "request_id",
	} {
		rule(s, id, func(c *Check, p *scenarios.ReadInProgress) {
			c.requireOperation(p.Read)
			c.Expect(p.Read, match.SameMember(p.Created, member))
		})
	}
	rule(s, "read-in-progress/issuer-unchanged", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Expect(p.Read, match.IssuerName(requestedIssuer(p.Created)))
	})
	rule(s, "read-in-progress/own-operation", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.requireOperation(p.OtherRead)
		c.Expect(p.OtherRead, match.OtherMember(p.Read, "id"))
		c.Expect(p.OtherRead, match.OtherMember(p.Read, "csr"))
	})
}

func readState(s *Suite) {
	rule(s, "read-in-progress/state", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Accepts(p.Read, match.State())
	})
	rule(s, "read-in-progress/state-spelling", func(c *Check, p *scenarios.ReadInProgress) {
		c.requirePending(p.Read)
		c.spelled(p.Read)
	})
	rule(s, "read-in-progress/cancellation-not-requested", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Expect(p.Read, match.Uncancelled())
	})
	rule(s, "read-in-progress/status-details", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Expect(p.Read, match.Member("to be a string", isString, "status_details"))
	})
	rule(s, "read-in-progress/no-outcome", func(c *Check, p *scenarios.ReadInProgress) {
		c.requireOperation(p.Read)
		c.Expect(p.Read, match.Absent("error"))
		c.Expect(p.Read, match.Absent("target"))
	})
}
