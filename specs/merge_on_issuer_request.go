package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func mergeOnIssuerRequest(b *Book) {
	busy := func(c *Case, p *scenarios.MergeOnIssuerRequest) {
		c.promised(p.Created)
		c.given(scenarios.InProgress(c.Got(p.Before)))
	}
	refused := func(c *Case, p *scenarios.MergeOnIssuerRequest) {
		busy(c, p)
		c.refused(p.Merged)
	}
	rule(b, "merge-on-issuer-request/status", func(c *Case, p *scenarios.MergeOnIssuerRequest) {
		busy(c, p)
		c.Accepts(p.Merged, match.Status())
	})
	rule(b, "merge-on-issuer-request/code", func(c *Case, p *scenarios.MergeOnIssuerRequest) {
		refused(c, p)
		c.Accepts(p.Merged, match.ErrorCode())
	})
	rule(b, "merge-on-issuer-request/pending-status", func(c *Case, p *scenarios.MergeOnIssuerRequest) {
		refused(c, p)
		c.Accepts(p.After, match.State())
	})
	for id, member := range map[string]string{
		"merge-on-issuer-request/pending-request-id": "request_id",
		"merge-on-issuer-request/pending-csr":        "csr",
	} {
		rule(b, id, func(c *Case, p *scenarios.MergeOnIssuerRequest) {
			refused(c, p)
			c.Expect(p.After).To(match.SameMember(p.Before, member))
		})
	}
	rule(b, "merge-on-issuer-request/certificate-untouched", func(c *Case, p *scenarios.MergeOnIssuerRequest) {
		refused(c, p)
		c.Expect(p.Certificate).To(match.CarriesNot(mergedLeaf(p.Merged)))
	})
	mergeOnceEnded(b, "merge-on-issuer-request/after-cancellation", func(c *Case, p *scenarios.MergeAfterCancellation) merging {
		c.endedAs(p.Created, p.Looks, cancelledStates()...)
		return merging{p.Created, p.Merged, p.After, p.Certificate}
	})
	mergeOnceEnded(b, "merge-on-issuer-request/after-failure", func(c *Case, p *scenarios.MergeAfterFailure) merging {
		c.endedAs(p.Created, p.Looks, "failed")
		return merging{p.Created, p.Merged, p.After, p.Certificate}
	})
}

// merging is a merge with what was read after it.
type merging struct{ created, merged, after, certificate *vault.Exchange }

// mergeOnceEnded adds the rules of a merge into a request that an issuer has given up, or was asked to.
func mergeOnceEnded[P any](b *Book, prefix string, over func(c *Case, p *P) merging) {
	rule(b, prefix+"-status", func(c *Case, p *P) {
		c.Accepts(over(c, p).merged, match.Status())
	})
	rule(b, prefix+"-certificate", func(c *Case, p *P) {
		m := over(c, p)
		c.answered(m.merged, http.StatusCreated)
		leaf := mergedLeaf(m.merged)
		c.Expect(m.merged).To(match.Carries(leaf))
		c.Expect(m.certificate).To(match.HasStatus(http.StatusOK))
		c.Expect(m.certificate).To(match.Carries(leaf))
	})
	rule(b, prefix+"-completed", func(c *Case, p *P) {
		m := over(c, p)
		c.answered(m.merged, http.StatusCreated)
		c.Accepts(m.after, match.State())
		c.Expect(m.after).To(match.SameMember(m.created, "request_id"))
	})
}
