package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// companionNames are the rules about names that a key or a secret of its own has.
func companionNames(s *Suite) {
	taken := func(id string, of func(p *scenarios.CompanionNames) (made, create *vault.Exchange)) {
		rule(s, id, func(c *Check, p *scenarios.CompanionNames) {
			made, create := of(p)
			c.requireSuccess(made)
			c.requireOnlyFlaw(create, p.Plain)
			c.Accepts(create, match.Status())
		})
	}
	taken("companions/secret-name-taken", func(p *scenarios.CompanionNames) (_, _ *vault.Exchange) { return p.Secret, p.SecretTaken })
	taken("companions/key-name-taken", func(p *scenarios.CompanionNames) (_, _ *vault.Exchange) { return p.Key, p.KeyTaken })
	rule(s, "companions/name-taken-kept", func(c *Check, p *scenarios.CompanionNames) {
		if c.requireSuccess(p.Secret); match.IsRefused(p.SecretTaken) {
			c.Expect(p.SecretAfter, match.HasStatus(http.StatusOK))
			c.expectSameMembers(p.Secret, p.SecretAfter, []string{"id"})
		}
		if c.requireSuccess(p.Key); match.IsRefused(p.KeyTaken) {
			c.Expect(p.KeyAfter, match.HasStatus(http.StatusOK))
			c.expectSameMembers(p.Key, p.KeyAfter, []string{"key", "kid"})
		}
		c.requireRefused(p.SecretTaken)
		c.requireRefused(p.KeyTaken)
	})
}
