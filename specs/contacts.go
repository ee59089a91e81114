package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func contacts(s *Suite) {
	rule(s, "contacts/id", func(c *Check, p *scenarios.Contacts) {
		c.requireBody(p.Plain)
		c.Expect(p.Plain, match.ID(c.Facts.IDBase, "id", "certificates", "contacts"))
	})
	rule(s, "contacts/replaced", func(c *Check, p *scenarios.Contacts) {
		c.requireSuccess(scenarios.Last(p.Together))
		c.requireBody(p.Replaced)
		for _, e := range []*vault.Exchange{p.Replaced, p.After} {
			c.Expect(e, match.HasStatus(200))
			c.Expect(e, match.SameJSON(asked(p.Replaced, "contacts"), "contacts"))
		}
	})
	rule(s, "contacts/members-absent", func(c *Check, p *scenarios.Contacts) {
		c.requireBody(p.Replaced)
		for _, e := range []*vault.Exchange{p.Replaced, p.After} {
			c.Expect(e, match.Member("to have an e-mail address alone", func(value any) bool {
				list, _ := value.([]any)
				for _, item := range list {
					contact, _ := item.(map[string]any)
					if contact["name"] != nil || contact["phone"] != nil {
						return false
					}
				}
				return true
			}, "contacts"))
		}
	})
	rule(s, "contacts/deleted", func(c *Check, p *scenarios.Contacts) {
		c.requireSuccess(p.Replaced)
		c.Accepts(p.Deleted, match.Status())
		c.Expect(p.Deleted, match.SameJSON(asked(p.Replaced, "contacts"), "contacts"))
	})
	rule(s, "contacts/deleted-gone", func(c *Check, p *scenarios.Contacts) {
		c.requireSuccess(p.After)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.Gone, match.Status())
	})
	rule(s, "contacts/deleted-gone-code", func(c *Check, p *scenarios.Contacts) {
		c.requireSuccess(p.Deleted)
		c.requireRefused(p.Gone)
		c.Accepts(p.Gone, match.ErrorCode())
	})
	rule(s, "contacts/deleted-twice", func(c *Check, p *scenarios.Contacts) {
		c.requireSuccess(p.Deleted)
		c.Accepts(p.Twice, match.Status())
	})
}
