package specs

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
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
		c.Fail(second, "an x-ms-request-id of its own", "that of another answer: "+second.Response.Header.Get("x-ms-request-id"))
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
		if !e.Succeeded() || !slices.Contains([]string{"CreateCertificate", "MergeCertificate"}, e.Operation) {
			c.Expect(e, match.NoHeader("Location"))
		}
	})
	asked := func(e *vault.Exchange) bool { return e.Response.Header.Get("Retry-After") != "" }
	each(s, "every-answer/retry-after", asked, func(c *Check, e *vault.Exchange) {
		if _, ok := vault.RetryAfter(e.Response, e.Started); !ok {
			c.Fail(e, "Retry-After with seconds or a date", "Retry-After "+e.Response.Header.Get("Retry-After"))
		}
	})
}

func overHTTPS(e *vault.Exchange) bool {
	u, err := url.Parse(e.Request.URL)
	return err == nil && strings.EqualFold(u.Scheme, "https")
}

// across adds the spec of a rule about two answers that have the same key, in whatever plays: clash judges them. Where
// fewer than two answers have a key the rule is not reached.
func across(s *Suite, id string, key func(e *vault.Exchange) string, clash func(c *Check, first, second *vault.Exchange)) {
	s.add(Spec{Rule: id, judge: func(c *Check, program Performances) {
		seen := map[string]*vault.Exchange{}
		keyed := 0
		for _, performance := range program.All(c.ctx) {
			c.performance = performance
			for _, step := range scenarios.Steps(performance.Script) {
				if step.Exchange.Failure != nil || step.Exchange.Response == nil {
					continue
				}
				text := key(step.Exchange)
				if text == "" {
					continue
				}
				keyed++
				if first, ok := seen[text]; ok && first != step.Exchange {
					clash(c, first, step.Exchange)
					continue
				}
				seen[text] = step.Exchange
			}
		}
		c.Need(keyed > 1, "%s", c.needs())
		c.needSuccess(program.All(c.ctx))
	}})
}
