package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func mergeOnIssuerRequest(s *Suite) {
	busy := func(c *Check, p *scenarios.MergeOnIssuerRequest) {
		c.requireAccepted(p.Created)
		c.requirePending(p.Before)
	}
	// merged needs a merge that was tried: whatever came of it, the issuer's request must be as it was.
	merged := func(c *Check, p *scenarios.MergeOnIssuerRequest) {
		busy(c, p)
		c.Got(p.Merged)
	}
	rule(s, "merge-on-issuer-request/status", func(c *Check, p *scenarios.MergeOnIssuerRequest) {
		busy(c, p)
		c.requireSignable(p.Merged, p.Created, p.Before)
		c.Accepts(p.Merged, match.Status())
	})
	rule(s, "merge-on-issuer-request/code", func(c *Check, p *scenarios.MergeOnIssuerRequest) {
		merged(c, p)
		c.requireRefused(p.Merged)
		c.Accepts(p.Merged, match.ErrorCode())
	})
	rule(s, "merge-on-issuer-request/pending-status", func(c *Check, p *scenarios.MergeOnIssuerRequest) {
		merged(c, p)
		c.Accepts(p.After, match.State())
	})
	for id, member := range map[string]string{
		"merge-on-issuer-request/pending-request-id": "request_id",
		"merge-on-issuer-request/pending-csr":        "csr",
	} {
		rule(s, id, func(c *Check, p *scenarios.MergeOnIssuerRequest) {
			merged(c, p)
			c.Expect(p.After, match.SameMember(p.Before, member))
		})
	}
	rule(s, "merge-on-issuer-request/certificate-untouched", func(c *Check, p *scenarios.MergeOnIssuerRequest) {
		merged(c, p)
		c.Expect(p.Certificate, match.CarriesNot(mergedLeaf(p.Merged)))
	})
	mergeOnceEnded(s, endedIDs{
		status:      "merge-on-issuer-request/after-cancellation-status",
		certificate: "merge-on-issuer-request/after-cancellation-certificate",
		completed:   "merge-on-issuer-request/after-cancellation-completed",
	}, func(c *Check, p *scenarios.MergeAfterCancellation) merging {
		c.requireEndedAs(p.Created, p.Polls, cancelledStates()...)
		return merging{p.Created, p.Merged, p.After, p.Certificate}
	})
	mergeOnceEnded(s, endedIDs{
		status:      "merge-on-issuer-request/after-failure-status",
		certificate: "merge-on-issuer-request/after-failure-certificate",
		completed:   "merge-on-issuer-request/after-failure-completed",
	}, func(c *Check, p *scenarios.MergeAfterFailure) merging {
		c.requireEndedAs(p.Created, p.Polls, vault.StateFailed)
		return merging{p.Created, p.Merged, p.After, p.Certificate}
	})
}

// merging is a merge with what was read after it.
type merging struct{ created, merged, after, certificate *vault.Exchange }

// endedIDs are the ids of the rules of a merge into a request that has ended.
type endedIDs struct{ status, certificate, completed string }

// mergeOnceEnded adds the rules of a merge into a request that an issuer has given up, or was asked to.
func mergeOnceEnded[P any](s *Suite, ids endedIDs, over func(c *Check, p *P) merging) {
	rule(s, ids.status, func(c *Check, p *P) {
		m := over(c, p)
		c.requireSignable(m.merged, m.created)
		c.Accepts(m.merged, match.Status())
	})
	rule(s, ids.certificate, func(c *Check, p *P) {
		m := over(c, p)
		c.requireBody(m.merged)
		leaf := mergedLeaf(m.merged)
		c.Expect(m.merged, match.Carries(leaf))
		c.Expect(m.certificate, match.HasStatus(http.StatusOK))
		c.Expect(m.certificate, match.Carries(leaf))
	})
	rule(s, ids.completed, func(c *Check, p *P) {
		m := over(c, p)
		c.requireBody(m.merged)
		c.Accepts(m.after, match.State())
		c.Expect(m.after, match.SameMember(m.created, "request_id"))
	})
}
