package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

// reusedKey registers the rule of a policy that asks to reuse the key.
func reusedKey(s *Suite) {
	rule(s, "issue-next-version/reused-key", func(c *Check, p *scenarios.ReusedKey) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireCompleted(p.CreatedNext, p.NextPolls)
		c.requireBody(p.First)
		c.requireBody(p.Second)
		c.Expect(p.Second, match.OtherMember(p.First, "cer"))
		c.Expect(p.Second, match.SameKey(p.First))
	})
}
