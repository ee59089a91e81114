package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func readInProgress(b *Book) {
	rule(b, "read-in-progress/status", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	readFiltered(b)
	readUnchanged(b)
	readState(b)
	rule(b, "read-in-progress/repeatable", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Expect(p.ReadAgain).To(match.SameBody(p.Read))
	})
	rule(b, "read-in-progress/retry-after", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.given(scenarios.InProgress(c.Got(p.Read)))
		c.Expect(p.Read).To(match.RetryAfter())
	})
}

func readFiltered(b *Book) {
	found := func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.given(p.Read.Text("request_id") == p.Created.Text("request_id"))
	}
	rule(b, "read-in-progress/filter-match-status", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.Accepts(p.Matched, match.Status())
	})
	rule(b, "read-in-progress/filter-match-body", func(c *Case, p *scenarios.ReadInProgress) {
		found(c, p)
		c.Expect(p.Matched).To(match.SameBody(p.Read))
	})
	rule(b, "read-in-progress/filter-mismatch-status", func(c *Case, p *scenarios.ReadInProgress) {
		found(c, p)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(b, "read-in-progress/filter-mismatch-code", func(c *Case, p *scenarios.ReadInProgress) {
		found(c, p)
		c.refused(p.Mismatched)
		c.Accepts(p.Mismatched, match.ErrorCode())
	})
	rule(b, "read-in-progress/filter-foreign-status", func(c *Case, p *scenarios.ReadInProgress) {
		found(c, p)
		c.answered(p.OtherRead, http.StatusOK)
		c.Accepts(p.ForeignFilter, match.Status())
	})
	rule(b, "read-in-progress/filter-mismatch-keeps", func(c *Case, p *scenarios.ReadInProgress) {
		found(c, p)
		c.answered(p.Mismatched, http.StatusNotFound)
		c.Expect(p.ReadAfter).To(match.HasStatus(http.StatusOK))
		c.Expect(p.ReadAfter).To(match.SameMember(p.Created, "request_id"))
		c.Expect(p.ReadAfter).To(match.InState("inProgress"))
	})
}

func readUnchanged(b *Book) {
	for id, member := range map[string]string{
		"read-in-progress/id-unchanged":         "id",
		"read-in-progress/csr-unchanged":        "csr",
		"read-in-progress/request-id-unchanged": "request_id",
	} {
		rule(b, id, func(c *Case, p *scenarios.ReadInProgress) {
			c.begun(p.Created)
			c.answered(p.Read, http.StatusOK)
			c.Expect(p.Read).To(match.SameMember(p.Created, member))
		})
	}
	rule(b, "read-in-progress/issuer-unchanged", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Expect(p.Read).To(match.IssuerName(requestedIssuer(p.Created)))
	})
	rule(b, "read-in-progress/own-operation", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.begun(p.OtherCreated)
		c.answered(p.Read, http.StatusOK)
		c.answered(p.OtherRead, http.StatusOK)
		c.Expect(p.OtherRead).To(match.OtherMember(p.Read, "id"))
		c.Expect(p.OtherRead).To(match.OtherMember(p.Read, "csr"))
	})
}

func readState(b *Book) {
	rule(b, "read-in-progress/state", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Accepts(p.Read, match.State())
	})
	rule(b, "read-in-progress/state-spelling", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.given(scenarios.InProgress(c.Got(p.Read)))
		c.Accepts(p.Read, match.StateSpelling())
	})
	rule(b, "read-in-progress/cancellation-not-requested", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Expect(p.Read).To(match.Uncancelled())
	})
	rule(b, "read-in-progress/status-details", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Expect(p.Read).To(match.Member("to be a string", isString, "status_details"))
	})
	rule(b, "read-in-progress/no-outcome", func(c *Case, p *scenarios.ReadInProgress) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Expect(p.Read).To(match.Absent("error"))
		c.Expect(p.Read).To(match.Absent("target"))
	})
}
