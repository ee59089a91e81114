package specs

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func everyHeader(s *Suite) {
	everything := func(*vault.Exchange) bool { return true }
	each(s, "every-answer/x-ms-request-id", everything, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.GUIDHeader("x-ms-request-id"))
	})
	across(s, "every-answer/x-ms-request-id-unique", func(e *vault.Exchange) string {
		return strings.ToLower(e.Response.Header.Get("x-ms-request-id"))
	}, func(c *Check, _, second *vault.Exchange) {
		c.finding.Aspect, c.finding.Header = match.AspectIdentity, "x-ms-request-id"
		c.Fail(second, "an x-ms-request-id of its own", "that of another response: "+second.Response.Header.Get("x-ms-request-id"))
	})
	each(s, "every-answer/cache-control", everything, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.NotCached())
	})
	each(s, "every-answer/nosniff", everything, func(c *Check, e *vault.Exchange) {
		c.Accepts(e, match.HeaderAt("X-Content-Type-Options"))
	})
	each(s, "every-answer/strict-transport-security", overHTTPS, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.HasHeader("Strict-Transport-Security"))
	})
	each(s, "every-answer/location-only-where-due", everything, func(c *Check, e *vault.Exchange) {
		if !e.Succeeded() || !slices.Contains([]string{vault.CreateCertificate, vault.MergeCertificate}, e.Operation) {
			c.Expect(e, match.NoHeader("Location"))
		}
	})
	asked := func(e *vault.Exchange) bool { return e.Response.Header.Get("Retry-After") != "" }
	each(s, "every-answer/retry-after", asked, func(c *Check, e *vault.Exchange) {
		if _, ok := vault.RetryAfter(e.Response, e.Started); !ok {
			c.finding.Aspect, c.finding.Header = match.AspectHeader, "Retry-After"
			c.Fail(e, "Retry-After with seconds or a date", "Retry-After "+e.Response.Header.Get("Retry-After"))
		}
	})
}

func overHTTPS(e *vault.Exchange) bool {
	u, err := url.Parse(e.Request.URL)
	return err == nil && strings.EqualFold(u.Scheme, "https")
}
