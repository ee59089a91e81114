package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func namesAtLimits(s *Suite) {
	rule(s, "create-manually/name-longest", func(c *Check, p *scenarios.NamesAtLimits) {
		c.requireControl(p.Longest, p.Plain)
		c.Accepts(p.Longest, match.Accepted())
	})
	for id, step := range map[string]func(p *scenarios.NamesAtLimits) (wrong, right *vault.Exchange){
		"create-manually/name-too-long": func(p *scenarios.NamesAtLimits) (wrong, right *vault.Exchange) { return p.TooLong, p.Plain },
		"create-manually/name-with-dot": func(p *scenarios.NamesAtLimits) (wrong, right *vault.Exchange) { return p.Dotted, p.Plain },
		"import-certificate/name-too-long": func(p *scenarios.NamesAtLimits) (wrong, right *vault.Exchange) {
			return p.ImportTooLong, p.PlainImport
		},
		"import-certificate/invalid-name": func(p *scenarios.NamesAtLimits) (wrong, right *vault.Exchange) {
			return p.ImportInvalid, p.PlainImport
		},
	} {
		rule(s, id, func(c *Check, p *scenarios.NamesAtLimits) {
			wrong, right := step(p)
			c.requireOnlyFlaw(wrong, right)
			c.Accepts(wrong, match.StatusClass())
		})
	}
}
