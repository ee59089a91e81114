package specs

import (
	"net/http"
	"net/url"

	"github.com/onsi/gomega/types"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func authentication(b *Book) {
	rule(b, "authentication/token-accepted", func(c *Case, p *scenarios.Authentication) {
		c.promised(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	unauthorized(b)
	challenged(b)
	nothingDone(b)
}

// readable needs a request that the token can make and read.
func readable(c *Case, p *scenarios.Authentication) {
	c.promised(p.Created)
	c.ok(p.Read)
}

func unauthorized(b *Book) {
	for id, step := range map[string]func(p *scenarios.Authentication) *vault.Exchange{
		"status":             func(p *scenarios.Authentication) *vault.Exchange { return p.ReadWithout },
		"certificate":        func(p *scenarios.Authentication) *vault.Exchange { return p.CertificateWithout },
		"list":               func(p *scenarios.Authentication) *vault.Exchange { return p.ListedWithout },
		"create":             func(p *scenarios.Authentication) *vault.Exchange { return p.CreatedWithout },
		"cancel":             func(p *scenarios.Authentication) *vault.Exchange { return p.CancelledWithout },
		"merge":              func(p *scenarios.Authentication) *vault.Exchange { return p.MergedWithout },
		"import":             func(p *scenarios.Authentication) *vault.Exchange { return p.ImportedWithout },
		"delete":             func(p *scenarios.Authentication) *vault.Exchange { return p.DeletedWithout },
		"wrong-token-status": func(p *scenarios.Authentication) *vault.Exchange { return p.WrongToken },
		"scheme":             func(p *scenarios.Authentication) *vault.Exchange { return p.WrongScheme },
		"unknown-name":       func(p *scenarios.Authentication) *vault.Exchange { return p.UnknownWithout },
		"before-validation":  func(p *scenarios.Authentication) *vault.Exchange { return p.BodylessWithout },
		"before-routing":     func(p *scenarios.Authentication) *vault.Exchange { return p.EmptyNameWithout },
	} {
		rule(b, "authentication/"+id, func(c *Case, p *scenarios.Authentication) {
			readable(c, p)
			c.Accepts(step(p), match.Status())
		})
	}
}

func challenged(b *Book) {
	refused := func(c *Case, p *scenarios.Authentication) {
		readable(c, p)
		c.answered(p.ReadWithout, http.StatusUnauthorized)
	}
	for id, wanted := range map[string]func() types.GomegaMatcher{
		"challenge":               match.BearerChallenge,
		"challenge-authorization": match.ChallengeAuthority,
		"challenge-tenant":        match.ChallengeTenant,
		"challenge-resource":      match.ChallengeResource,
	} {
		rule(b, "authentication/"+id, func(c *Case, p *scenarios.Authentication) {
			refused(c, p)
			c.Expect(p.ReadWithout).To(wanted())
		})
	}
	rule(b, "authentication/challenge-host", func(c *Case, p *scenarios.Authentication) {
		refused(c, p)
		base, err := url.Parse(c.Facts.IDBase)
		c.Need(err == nil, "a base URL of the vault")
		c.Expect(p.ReadWithout).To(match.ChallengeFor(base.Hostname()))
	})
	rule(b, "authentication/code", func(c *Case, p *scenarios.Authentication) {
		refused(c, p)
		c.Accepts(p.ReadWithout, match.ErrorCode())
	})
	rule(b, "authentication/wrong-token-challenge", func(c *Case, p *scenarios.Authentication) {
		readable(c, p)
		c.answered(p.WrongToken, http.StatusUnauthorized)
		c.Expect(p.WrongToken).To(match.BearerChallenge())
		c.Expect(p.WrongToken).To(match.ChallengeAuthority())
		c.Expect(p.WrongToken).To(match.ChallengeResource())
	})
}

func nothingDone(b *Book) {
	rule(b, "authentication/create-nothing-made", func(c *Case, p *scenarios.Authentication) {
		readable(c, p)
		c.given(c.Got(p.ReadAfterCreation).Status() == http.StatusOK ||
			c.Got(p.CreatedWithTokenAtLast).Status() == http.StatusAccepted)
		c.Accepts(p.ReadAfterCreation, match.Status())
	})
	rule(b, "authentication/delete-nothing-deleted", func(c *Case, p *scenarios.Authentication) {
		readable(c, p)
		c.Got(p.DeletedWithout)
		c.Accepts(p.ReadAfterDeletion, match.Status())
		c.Expect(p.ReadAfterDeletion).To(match.SameMember(p.Read, "request_id"))
	})
}
