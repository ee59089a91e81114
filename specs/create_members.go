package specs

import (
	"github.com/kvconform/kvconform/scenarios"
)

func createMembers(s *Suite) {
	rule(s, "create-members/together", func(c *Check, p *scenarios.CreateMembers) { c.expectTogether(p.Together, p.Alone) })
}
