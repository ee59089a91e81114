package specs

import (
	"fmt"
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// importsAtOnce registers the rules of several imports of one new name at once.
func importsAtOnce(s *Suite) {
	each := func(c *Check, p *scenarios.ImportsAtOnce, judge func(imported []*vault.Exchange)) {
		c.requireSuccess(p.Free)
		c.eachRound(p.Imported, judge)
	}
	rule(s, "at-once/imports-status", func(c *Check, p *scenarios.ImportsAtOnce) {
		each(c, p, func(imported []*vault.Exchange) {
			for _, e := range imported {
				c.Accepts(e, match.Status())
			}
		})
	})
	rule(s, "at-once/imports-one-accepted", func(c *Check, p *scenarios.ImportsAtOnce) {
		each(c, p, func(imported []*vault.Exchange) {
			if accepted, others := accepted(imported); len(accepted) == 0 {
				c.finding.Aspect = match.AspectStatus
				c.Fail(others[0], "one of the imports at once to be accepted", "status "+scenarios.Returned(others[0])+", and none was accepted")
			}
		})
	})
	rule(s, "at-once/imports-versions", func(c *Check, p *scenarios.ImportsAtOnce) {
		each(c, p, func(imported []*vault.Exchange) {
			accepted, _ := accepted(imported)
			c.requireNeeds(len(accepted) > 0)
			pages := named(imported[0], p.Versions)
			last := c.Got(scenarios.Last(pages))
			c.requireBody(last)
			if listed := items(pages); len(listed) != len(accepted) {
				c.finding.Member = "/value"
				c.Fail(last, fmt.Sprintf("%d versions, one for each import that was accepted", len(accepted)), fmt.Sprintf("%d versions", len(listed)))
			}
		})
	})
	rule(s, "at-once/imports-current", func(c *Check, p *scenarios.ImportsAtOnce) {
		each(c, p, func(imported []*vault.Exchange) {
			accepted, _ := accepted(imported)
			c.requireNeeds(len(accepted) > 0)
			current := c.Got(scenarios.Last(named(imported[0], p.Current)))
			c.Expect(current, match.HasStatus(http.StatusOK))
			for _, e := range accepted {
				if len(e.Request.Certificates) > 0 && match.Carries(e.Request.Certificates[0])(current) == nil {
					return
				}
			}
			c.finding.Member = "/cer"
			c.Fail(current, "cer with the certificate of an import that was accepted", "cer with another certificate")
		})
	})
}
