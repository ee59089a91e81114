package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func mergedFurther(s *Suite) {
	mergedElliptic(s)
	mergedTwice(s)
	mergedAfterDeletion(s)
}

func mergedElliptic(s *Suite) {
	rule(s, "merge-manual-request/ec-status", func(c *Check, p *scenarios.MergeElliptic) {
		mergeable(c, p.Merged, p.Created, p.Before)
		c.Accepts(p.Merged, match.Status())
	})
	rule(s, "merge-manual-request/ec-cer", func(c *Check, p *scenarios.MergeElliptic) {
		c.requireBody(p.Merged)
		c.Expect(p.Merged, match.Carries(mergedLeaf(p.Merged)))
		c.Expect(p.Current, match.Carries(mergedLeaf(p.Merged)))
	})
	rule(s, "merge-manual-request/policy-kept", func(c *Check, p *scenarios.MergeElliptic) {
		c.requireBody(p.Merged)
		c.requireOf(p.Merged, func(e *vault.Exchange) bool { return e.Member("policy") != nil }, "a policy")
		c.Expect(p.Merged, match.PolicySubject(requestedSubject(p.Created), "policy"))
		c.Expect(p.Merged, match.SameJSON(asked(p.Created, "policy", "x509_props", "validity_months"),
			"policy", "x509_props", "validity_months"))
	})
	rule(s, "merge-manual-request/tags-kept", func(c *Check, p *scenarios.MergeElliptic) {
		c.requireBody(p.Merged)
		c.Expect(p.Merged, match.Tags(askedTags(p.Created)))
		c.requireBody(p.Current)
		c.Expect(p.Current, match.Tags(askedTags(p.Created)))
	})
}

func mergedTwice(s *Suite) {
	rule(s, "merge-manual-request/again-refused", func(c *Check, p *scenarios.MergeElliptic) {
		c.requireSuccess(p.Merged)
		c.Accepts(p.Again, match.StatusClass())
	})
	rule(s, "merge-manual-request/again-unchanged", func(c *Check, p *scenarios.MergeElliptic) {
		c.requireSuccess(p.Merged)
		c.requireBody(p.Current)
		c.requireRefused(p.Again)
		c.Expect(p.AtLast, match.HasStatus(http.StatusOK))
		c.Expect(p.AtLast, match.SameMember(p.Current, "id"))
		c.Expect(p.AtLast, match.SameMember(p.Current, "cer"))
	})
}

func mergedAfterDeletion(s *Suite) {
	gone := func(c *Check, p *scenarios.MergeAfterDeletion) {
		c.requireAccepted(p.Created)
		c.requireOperation(p.Before)
		c.requireSuccess(p.Deleted)
	}
	rule(s, "merge-manual-request/after-deletion-status", func(c *Check, p *scenarios.MergeAfterDeletion) {
		gone(c, p)
		c.Accepts(p.Merged, match.Status())
	})
	rule(s, "merge-manual-request/after-deletion-code", func(c *Check, p *scenarios.MergeAfterDeletion) {
		gone(c, p)
		c.requireRefused(p.Merged)
		c.Accepts(p.Merged, match.ErrorCode())
	})
	rule(s, "merge-manual-request/after-deletion-no-certificate", func(c *Check, p *scenarios.MergeAfterDeletion) {
		gone(c, p)
		c.requireRefused(p.Merged)
		c.Expect(p.Current, match.NotIssued())
	})
}
