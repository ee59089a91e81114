package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func createMembers(s *Suite) {
	rule(s, "create-members/together", func(c *Check, p *scenarios.CreateMembers) {
		refusedAlone := false
		for _, alone := range p.Alone {
			refusedAlone = refusedAlone || !alone.Succeeded()
		}
		for _, together := range p.Together {
			if !together.Failed() && !together.Succeeded() && refusedAlone {
				c.requireOf(together, func(*vault.Exchange) bool { return false }, "2xx to each of its members alone")
			}
			c.Accepts(together, match.Accepted())
		}
		c.Got(Last(p.Together))
	})
}
