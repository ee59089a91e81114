package specs

import (
	"fmt"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func importedVariants(s *Suite) {
	plain := func(p *scenarios.ImportVariants) *vault.Exchange { return p.Plain }
	plainPEM := func(p *scenarios.ImportVariants) *vault.Exchange { return p.PlainPEM }
	for _, variant := range []struct {
		accepted, policy string
		step, control    func(p *scenarios.ImportVariants) *vault.Exchange
	}{
		{"import-certificate/rsa-3072-accepted", "import-certificate/rsa-3072-policy",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.RSA3072 }, plain},
		{"import-certificate/rsa-4096-accepted", "import-certificate/rsa-4096-policy",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.RSA4096 }, plain},
		{"import-certificate/p-384-accepted", "import-certificate/p-384-policy",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.P384 }, plain},
		{"import-certificate/p-521-accepted", "import-certificate/p-521-policy",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.P521 }, plain},
		{"import-certificate/no-password-accepted", "",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.NoPassword }, plain},
		{"import-certificate/pem-chain-accepted", "",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.PEMChain }, plainPEM},
		{"import-certificate/pem-p-384-accepted", "import-certificate/pem-p-384-policy",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.PEM384 }, plainPEM},
		{"import-certificate/pem-p-521-accepted", "import-certificate/pem-p-521-policy",
			func(p *scenarios.ImportVariants) *vault.Exchange { return p.PEM521 }, plainPEM},
	} {
		rule(s, variant.accepted, func(c *Check, p *scenarios.ImportVariants) {
			c.requireControl(variant.step(p), variant.control(p))
			c.Accepts(variant.step(p), match.Accepted())
		})
		if variant.policy == "" {
			continue
		}
		rule(s, variant.policy, func(c *Check, p *scenarios.ImportVariants) {
			c.requireBody(variant.step(p))
			c.Expect(variant.step(p), match.PolicyKey(leafOf(c, importedLeaf(variant.step(p))), "policy"))
		})
	}
	rule(s, "import-certificate/policy-validity", func(c *Check, p *scenarios.ImportVariants) {
		c.requireBody(p.Tagged)
		c.Expect(p.Tagged, match.Member("to be 5, or 6 where a month that has begun counts", func(value any) bool {
			months := fmt.Sprint(value)
			return months == "5" || months == "6"
		}, "policy", "x509_props", "validity_months"))
	})
	rule(s, "import-certificate/tags-not-inherited", func(c *Check, p *scenarios.ImportVariants) {
		c.requireBody(p.Tagged)
		c.requireMember(p.Tagged, "tags")
		c.requireBody(p.Untagged)
		c.Expect(p.Untagged, match.NoTags())
		c.requireBody(p.UntaggedRead)
		c.Expect(p.UntaggedRead, match.NoTags())
	})
	rule(s, "import-certificate/encrypted-refused", func(c *Check, p *scenarios.ImportVariants) {
		c.requireOnlyFlaw(p.Encrypted, p.PlainPEM)
		c.Accepts(p.Encrypted, match.StatusClass())
	})
	rule(s, "import-certificate/pem-chain-cer", func(c *Check, p *scenarios.ImportVariants) {
		c.requireBody(p.PEMChain)
		c.Expect(p.PEMChain, match.Carries(importedLeaf(p.PEMChain)))
	})
}
