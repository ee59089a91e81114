package specs

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// requestedFromOwnIssuer adds the specs of an issuer that the play sets in the vault.
func requestedFromOwnIssuer(s *Suite) {
	rule(s, "request-from-issuer/issuer-set", func(c *Check, p *scenarios.RequestFromOwnIssuer) {
		c.Accepts(p.IssuerSet, match.Status())
		c.Expect(p.IssuerSet, match.ID(c.Facts.IDBase, "id", "certificates", "issuers", issuerIn(p.IssuerSet)))
		c.Expect(p.IssuerSet, match.Equal(asked(p.IssuerSet, "provider"), "provider"))
	})
	rule(s, "request-from-issuer/issuer-read", func(c *Check, p *scenarios.RequestFromOwnIssuer) {
		c.requireBody(p.IssuerSet)
		c.Expect(p.IssuerRead, match.HasStatus(http.StatusOK))
		c.Expect(p.IssuerRead, match.Equal(asked(p.IssuerSet, "provider"), "provider"))
		c.Expect(p.IssuerRead, match.Equal(asked(p.IssuerSet, "credentials", "account_id"), "credentials", "account_id"))
		email := administratorEmail(asked(p.IssuerSet, "org_details", "admin_details"))
		c.Expect(p.IssuerRead, match.Member("to have the administrator "+email, func(value any) bool {
			return administratorEmail(value) == email
		}, "org_details", "admin_details"))
	})
	rule(s, "request-from-issuer/issuer-password-kept", func(c *Check, p *scenarios.RequestFromOwnIssuer) {
		c.requireBody(p.IssuerSet)
		c.requireBody(p.IssuerRead)
		provider := asked(p.IssuerSet, "provider")
		c.requireNeeds(p.IssuerSet.Member("provider") == provider && p.IssuerRead.Member("provider") == provider)
		c.Expect(p.IssuerSet, match.Absent("credentials", "pwd"))
		c.Expect(p.IssuerRead, match.Absent("credentials", "pwd"))
	})
	rule(s, "request-from-issuer/issuer-gone", func(c *Check, p *scenarios.RequestFromOwnIssuer) {
		c.requireBody(p.IssuerRead)
		c.requireSuccess(p.IssuerDeleted)
		c.Accepts(p.IssuerGone, match.Status())
	})
	rule(s, "request-from-issuer/issuer-gone-code", func(c *Check, p *scenarios.RequestFromOwnIssuer) {
		c.requireBody(p.IssuerRead)
		c.requireSuccess(p.IssuerDeleted)
		c.requireRefused(p.IssuerGone)
		c.Accepts(p.IssuerGone, match.ErrorCode())
	})
	rule(s, "request-from-issuer/issuer-referenced", func(c *Check, p *scenarios.RequestFromOwnIssuer) {
		c.requireBody(p.IssuerSet)
		c.Accepts(p.Created, match.Status())
	})
}

// issuerIn is the issuer's name in the path of a request.
func issuerIn(e *vault.Exchange) string {
	_, rest, _ := strings.Cut(e.Request.URL, "/certificates/issuers/")
	name, _, _ := strings.Cut(rest, "?")
	return name
}

// administratorEmail is the e-mail address of the first administrator in a list.
func administratorEmail(list any) string {
	administrators, _ := list.([]any)
	if len(administrators) == 0 {
		return ""
	}
	first, _ := administrators[0].(map[string]any)
	email, _ := first["email"].(string)
	return email
}
