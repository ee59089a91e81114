package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func conflictWhileInProgress(b *Book) {
	rule(b, "conflict-while-in-progress/create-status", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.Need(scenarios.InProgress(c.Got(p.Before)), "a pending request that is in progress")
		c.Accepts(p.CreatedAgain, match.Status())
	})
}
