package specs

import (
	"crypto/x509"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// certificateOf is the certificate of a bundle, to compare its companions with.
func (c *Check) certificateOf(read *vault.Exchange) *x509.Certificate {
	var certificate *x509.Certificate
	c.requireOf(read, func(e *vault.Exchange) bool {
		var err error
		certificate, err = match.Certificate(e)
		return err == nil
	}, "a certificate in cer")
	return certificate
}

// enabledIs reports whether a bundle says that it is enabled, or that it is not.
func enabledIs(enabled bool) func(e *vault.Exchange) bool {
	return func(e *vault.Exchange) bool {
		attributes, _ := e.Member("attributes").(map[string]any)
		return e.Succeeded() && attributes["enabled"] == enabled
	}
}

func companionSwitched(s *Suite) {
	disabled := func(c *Check, p *scenarios.CompanionLife, of companion) {
		c.requireCompanion(of)
		c.requireOf(p.Disabled, enabledIs(false), "a certificate that is disabled")
	}
	secret := func(p *scenarios.CompanionLife) companion {
		return companion{p.Made, p.Read, p.Secret, "sid"}
	}
	rule(s, "companions/disabled-secret", func(c *Check, p *scenarios.CompanionLife) {
		disabled(c, p, secret(p))
		c.Accepts(p.DisabledSecret, match.StatusClass())
	})
	rule(s, "companions/disabled-secret-status", func(c *Check, p *scenarios.CompanionLife) {
		disabled(c, p, secret(p))
		c.requireRefused(p.DisabledSecret)
		c.Accepts(p.DisabledSecret, match.Status())
	})
	rule(s, "companions/disabled-key", func(c *Check, p *scenarios.CompanionLife) {
		disabled(c, p, companion{p.Made, p.Read, p.Key, "kid"})
		if c.Got(p.DisabledKey); !match.IsRefused(p.DisabledKey) {
			c.Expect(p.DisabledKey, match.Equal(false, "attributes", "enabled"))
		}
	})
	rule(s, "companions/enabled-secret", func(c *Check, p *scenarios.CompanionLife) {
		disabled(c, p, secret(p))
		c.requireOf(p.Enabled, enabledIs(true), "a certificate that is enabled")
		c.Accepts(p.EnabledSecret, match.Accepted())
	})
	rule(s, "companions/policy-change", func(c *Check, p *scenarios.CompanionLife) {
		c.requireContent(secret(p))
		c.requireMember(p.Secret, "contentType")
		c.requireSuccess(p.Policy)
		c.returned(p.PolicySecret)
		c.Expect(p.PolicySecret, match.SameMember(p.Secret, "contentType"))
		c.Expect(p.PolicySecret, match.SameContent(p.Secret))
	})
}

func companionRenewed(s *Suite) {
	rule(s, "companions/in-progress-key", func(c *Check, p *scenarios.CompanionLife) {
		c.requireCompanion(companion{p.Made, p.Read, p.Key, "kid"})
		c.requireInProgress(scenarios.First(p.Next))
		c.returned(p.DuringKey)
		c.Expect(p.DuringKey, match.SameMember(p.Key, "key"))
	})
	rule(s, "companions/in-progress-secret", func(c *Check, p *scenarios.CompanionLife) {
		c.requireContent(companion{p.Made, p.Read, p.Secret, "sid"})
		c.requireInProgress(scenarios.First(p.Next))
		c.returned(p.DuringSecret)
		c.Expect(p.DuringSecret, match.SameContent(p.Secret))
	})
	next := func(c *Check, p *scenarios.CompanionLife, of companion) *x509.Certificate {
		c.requireContent(companion{p.Made, p.Read, p.Secret, "sid"})
		c.requireSuccess(scenarios.Last(p.Next))
		c.requireCompanion(of)
		c.requireOf(p.NextRead, func(e *vault.Exchange) bool { return e.Text("cer") != p.Read.Text("cer") }, "another certificate than the first")
		return c.certificateOf(p.NextRead)
	}
	rule(s, "companions/next-key", func(c *Check, p *scenarios.CompanionLife) {
		certificate := next(c, p, companion{p.Next, p.NextRead, p.NextKey, "kid"})
		c.Expect(p.NextKey, match.PublicKeyIs(certificate))
	})
	rule(s, "companions/next-secret", func(c *Check, p *scenarios.CompanionLife) {
		certificate := next(c, p, companion{p.Next, p.NextRead, p.NextSecret, "sid"})
		c.requireContent(companion{p.Next, p.NextRead, p.NextSecret, "sid"})
		c.Expect(p.NextSecret, match.HoldsCertificates(certificate.Raw))
	})
	rule(s, "companions/previous-secret", func(c *Check, p *scenarios.CompanionLife) {
		next(c, p, companion{p.Next, p.NextRead, p.NextSecret, "sid"})
		c.returned(p.PreviousSecret)
		c.Expect(p.PreviousSecret, match.HoldsCertificates(c.certificateOf(p.Read).Raw))
	})
}

func companionDeleted(s *Suite) {
	type steps struct{ before, gone, back *vault.Exchange }
	for _, kind := range []struct {
		deleted, recovered string
		of                 func(p *scenarios.CompanionsChanged) steps
	}{
		{"companions/deleted-key", "companions/recovered-key", func(p *scenarios.CompanionsChanged) steps {
			return steps{p.KeyAfter, scenarios.Last(p.GoneKeys), scenarios.Last(p.BackKeys)}
		}},
		{"companions/deleted-secret", "companions/recovered-secret", func(p *scenarios.CompanionsChanged) steps {
			return steps{p.SecretAfter, scenarios.Last(p.GoneSecrets), scenarios.Last(p.BackSecrets)}
		}},
	} {
		of := kind.of
		rule(s, kind.deleted, func(c *Check, p *scenarios.CompanionsChanged) {
			c.requireSuccess(of(p).before)
			c.requireSuccess(p.Deleted)
			c.Accepts(of(p).gone, match.StatusClass())
		})
		rule(s, kind.recovered, func(c *Check, p *scenarios.CompanionsChanged) {
			c.requireSuccess(of(p).before)
			c.requireRefused(of(p).gone)
			c.requireSuccess(scenarios.Last(p.Recovered))
			c.Accepts(of(p).back, match.Accepted())
		})
	}
}

func companionChanges(s *Suite) {
	there := func(c *Check, p *scenarios.CompanionsChanged) {
		c.requireCompanion(companion{p.Made, p.Read, p.Key, "kid"})
		c.requireCompanion(companion{p.Made, p.Read, p.Secret, "sid"})
	}
	for id, step := range map[string]func(p *scenarios.CompanionsChanged) *vault.Exchange{
		"companions/set-secret":    func(p *scenarios.CompanionsChanged) *vault.Exchange { return p.SetSecret },
		"companions/delete-secret": func(p *scenarios.CompanionsChanged) *vault.Exchange { return p.DeletedSecret },
		"companions/delete-key":    func(p *scenarios.CompanionsChanged) *vault.Exchange { return p.DeletedKey },
	} {
		rule(s, id, func(c *Check, p *scenarios.CompanionsChanged) {
			there(c, p)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	rule(s, "companions/changes-status", func(c *Check, p *scenarios.CompanionsChanged) {
		there(c, p)
		for _, e := range []*vault.Exchange{p.SetSecret, p.DeletedSecret, p.DeletedKey} {
			c.requireRefused(e)
			c.Accepts(e, match.Status())
		}
	})
	rule(s, "companions/changes-code", func(c *Check, p *scenarios.CompanionsChanged) {
		there(c, p)
		for _, e := range []*vault.Exchange{p.SetSecret, p.DeletedSecret} {
			c.requireRefused(e)
			c.Accepts(e, match.TextAt("error", "innererror", "code"))
		}
	})
	rule(s, "companions/changes-nothing", func(c *Check, p *scenarios.CompanionsChanged) {
		there(c, p)
		for _, e := range []*vault.Exchange{p.SetSecret, p.DeletedSecret, p.DeletedKey} {
			c.requireRefused(e)
		}
		c.returned(p.KeyAfter)
		c.Expect(p.KeyAfter, match.SameMember(p.Key, "key"))
		c.requireOf(p.Secret, opens, "a value that can be read")
		c.returned(p.SecretAfter)
		c.Expect(p.SecretAfter, match.SameContent(p.Secret))
	})
}
