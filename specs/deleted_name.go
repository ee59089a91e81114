package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

// deletedName registers the rules of a certificate that was deleted and whose name is created again.
func deletedName(s *Suite) {
	gone := func(c *Check, p *scenarios.DeletedName) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.Current)
		c.requireSuccess(p.Deleted)
		c.requireSuccess(scenarios.Last(p.DeletedPolls))
	}
	rule(s, "issue-next-version/deleted-unreadable", func(c *Check, p *scenarios.DeletedName) {
		gone(c, p)
		c.Accepts(p.After, match.Status())
	})
	rule(s, "issue-next-version/deleted-name-refused", func(c *Check, p *scenarios.DeletedName) {
		gone(c, p)
		c.Accepts(p.CreatedAgain, match.Status())
	})
	rule(s, "issue-next-version/recovered", func(c *Check, p *scenarios.DeletedName) {
		gone(c, p)
		c.Accepts(p.Recovered, match.Status())
		c.Expect(p.Recovered, match.SameMember(p.Current, "id"))
	})
	rule(s, "issue-next-version/deleted-name-code", func(c *Check, p *scenarios.DeletedName) {
		gone(c, p)
		c.requireRefused(p.CreatedAgain)
		c.Accepts(p.CreatedAgain, match.ErrorCode())
	})
}
