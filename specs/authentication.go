package specs

import (
	"net/http"
	"net/url"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func authentication(s *Suite) {
	rule(s, "authentication/token-accepted", func(c *Check, p *scenarios.Authentication) {
		c.requireAccepted(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	unauthorized(s)
	challenged(s)
	nothingDone(s)
	withoutToken(s)
}

// readable needs a request that the token can make and read.
func readable(c *Check, p *scenarios.Authentication) { c.requireOperation(p.Read) }

// refusedFor needs a refusal of a request without the right token to be for want of that token: the play shows that the
// token is accepted. A request that was served has shown already that it is not needed.
func refusedFor(c *Check, p *scenarios.Authentication, refused *vault.Exchange) {
	if c.Got(refused); refused.Succeeded() {
		return
	}
	accepted := func(e *vault.Exchange) bool { return e != nil && e.Succeeded() && hasObject(e) }
	if !accepted(p.Created) {
		c.requireOf(p.Read, accepted, "2xx with a JSON object to the right token")
	}
	c.focus(refused)
}

func unauthorized(s *Suite) {
	for id, step := range map[string]func(p *scenarios.Authentication) *vault.Exchange{
		"authentication/status":             func(p *scenarios.Authentication) *vault.Exchange { return p.ReadWithout },
		"authentication/certificate":        func(p *scenarios.Authentication) *vault.Exchange { return p.CertificateWithout },
		"authentication/list":               func(p *scenarios.Authentication) *vault.Exchange { return p.ListedWithout },
		"authentication/create":             func(p *scenarios.Authentication) *vault.Exchange { return p.CreatedWithout },
		"authentication/cancel":             func(p *scenarios.Authentication) *vault.Exchange { return p.CancelledWithout },
		"authentication/merge":              func(p *scenarios.Authentication) *vault.Exchange { return p.MergedWithout },
		"authentication/import":             func(p *scenarios.Authentication) *vault.Exchange { return p.ImportedWithout },
		"authentication/delete":             func(p *scenarios.Authentication) *vault.Exchange { return p.DeletedWithout },
		"authentication/wrong-token-status": func(p *scenarios.Authentication) *vault.Exchange { return p.WrongToken },
		"authentication/scheme":             func(p *scenarios.Authentication) *vault.Exchange { return p.WrongScheme },
		"authentication/unknown-name":       func(p *scenarios.Authentication) *vault.Exchange { return p.UnknownWithout },
		"authentication/before-validation":  func(p *scenarios.Authentication) *vault.Exchange { return p.BodylessWithout },
		"authentication/before-routing":     func(p *scenarios.Authentication) *vault.Exchange { return p.EmptyNameWithout },
	} {
		rule(s, id, func(c *Check, p *scenarios.Authentication) {
			refusedFor(c, p, step(p))
			c.Accepts(step(p), match.Status())
		})
	}
}

func challenged(s *Suite) {
	refused := func(c *Check, p *scenarios.Authentication) {
		refusedFor(c, p, p.ReadWithout)
		c.requireStatus(p.ReadWithout, http.StatusUnauthorized)
	}
	for id, wanted := range map[string]func() match.Test{
		"authentication/challenge":               match.BearerChallenge,
		"authentication/challenge-authorization": match.ChallengeAuthority,
		"authentication/challenge-tenant":        match.ChallengeTenant,
		"authentication/challenge-alone":         match.ChallengeAlone,
		"authentication/challenge-resource":      match.ChallengeResource,
	} {
		rule(s, id, func(c *Check, p *scenarios.Authentication) {
			refused(c, p)
			c.Expect(p.ReadWithout, wanted())
		})
	}
	rule(s, "authentication/challenge-quoted", func(c *Check, p *scenarios.Authentication) {
		refused(c, p)
		c.requireNeeds(match.ChallengeAuthority()(p.ReadWithout) == nil || match.ChallengeResource()(p.ReadWithout) == nil)
		c.Expect(p.ReadWithout, match.ChallengeQuoted())
	})
	rule(s, "authentication/challenge-host", func(c *Check, p *scenarios.Authentication) {
		refused(c, p)
		base, err := url.Parse(c.Facts.IDBase)
		c.Need(err == nil, "a base URL of the vault")
		c.Expect(p.ReadWithout, match.ChallengeFor(base.Hostname()))
	})
	rule(s, "authentication/code", func(c *Check, p *scenarios.Authentication) {
		refused(c, p)
		c.Accepts(p.ReadWithout, match.ErrorCode())
	})
	rule(s, "authentication/wrong-token-challenge", func(c *Check, p *scenarios.Authentication) {
		refusedFor(c, p, p.WrongToken)
		c.requireStatus(p.WrongToken, http.StatusUnauthorized)
		c.Expect(p.WrongToken, match.BearerChallenge())
		c.Expect(p.WrongToken, match.ChallengeAuthority())
		c.Expect(p.WrongToken, match.ChallengeResource())
	})
}

func nothingDone(s *Suite) {
	rule(s, "authentication/create-nothing-made", func(c *Check, p *scenarios.Authentication) {
		if c.Got(p.ReadAfterCreation); !p.ReadAfterCreation.Succeeded() {
			c.requireSuccess(p.CreatedWithTokenAtLast)
		}
		c.Accepts(p.ReadAfterCreation, match.StatusClass())
	})
	rule(s, "authentication/delete-nothing-deleted", func(c *Check, p *scenarios.Authentication) {
		readable(c, p)
		nothingDeleted(c, p.Read, p.DeletedWithout, p.ReadAfterDeletion)
	})
}

// nothingDeleted wants a pending object to be there after a deletion that had to be refused. If it is there although the
// deletion was accepted, the vault deletes nothing at all, or later: neither shows that the refusal protects it.
func nothingDeleted(c *Check, before, deleted, after *vault.Exchange) {
	c.Got(deleted)
	c.Accepts(after, match.Status())
	c.expectSameRequest(before, after)
	c.requireOf(deleted, func(e *vault.Exchange) bool { return !e.Succeeded() }, "a refusal")
	c.focus(after)
}
