package specs

import (
	"encoding/json"
	"fmt"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func certificatePolicy(s *Suite) {
	rule(s, "certificate-policy/together", func(c *Check, p *scenarios.CertificatePolicy) {
		c.expectTogether(p.Together, p.Alone)
	})
	rule(s, "certificate-policy/unknown-status", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireOnlyFlaw(p.UnknownRead, p.Before)
		c.Accepts(p.UnknownRead, match.Status())
	})
	rule(s, "certificate-policy/unknown-code", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireRefused(p.UnknownRead)
		c.Accepts(p.UnknownRead, match.ErrorCode())
	})
	rule(s, "certificate-policy/unknown-patch-rejected", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireOnlyFlaw(p.UnknownPatched, p.Plain)
		c.Accepts(p.UnknownPatched, match.Status())
	})
	rule(s, "certificate-policy/rejected-unchanged", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.Plain)
		for _, illegal := range p.Illegal {
			c.requireRefused(illegal)
		}
		c.Expect(p.Unchanged, match.HasStatus(200))
		c.Expect(p.Unchanged, match.SamePolicy(p.Plain, nil))
	})
	rule(s, "certificate-policy/read-only", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.Plain)
		c.Expect(p.ReadOnly, match.HasStatus(200))
		c.Expect(p.ReadOnly, match.SameMember(p.Plain, "id"))
		c.Expect(p.ReadOnly, match.SameMember(p.Plain, "attributes", "created"))
	})
	rule(s, "certificate-policy/times", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.Before)
		c.requireBody(p.Plain)
		c.keepsCreated(p.Before, p.Plain)
	})
	rule(s, "certificate-policy/others-kept", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireSuccess(scenarios.Last(p.Together))
		c.requireBody(p.Unchanged)
		c.Expect(p.Untouched, match.HasStatus(200))
		c.Expect(p.Untouched, match.SamePolicy(p.Unchanged, nil))
	})
	nextPolicy(s)
	partsOfPolicy(s)
}

// partsOfPolicy are the rules about a PATCH that sends one member of a policy whose groups do not have their defaults.
func partsOfPolicy(s *Suite) {
	rule(s, "certificate-policy/part-keeps-groups", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.Whole)
		c.requireBody(p.Part)
		for _, e := range []*vault.Exchange{p.Part, p.PartRead} {
			for _, group := range []string{"secret_props", "x509_props", "lifetime_actions", "issuer"} {
				c.expectSameGroup(p.Whole, e, group)
			}
		}
		c.requireBody(p.PartRead)
		c.requireBody(p.Member)
		for _, e := range []*vault.Exchange{p.Member, p.MemberRead} {
			for _, group := range []string{"secret_props", "key_props", "lifetime_actions", "issuer"} {
				c.expectSameGroup(p.PartRead, e, group)
			}
		}
	})
	rule(s, "certificate-policy/rejected-as-a-whole", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.MemberRead)
		c.requireRefused(p.Half)
		c.Expect(p.HalfRead, match.HasStatus(200))
		c.Expect(p.HalfRead, match.SamePolicy(p.MemberRead, nil))
	})
	rule(s, "certificate-policy/trigger-alone", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.Whole)
		for _, e := range []*vault.Exchange{p.Whole, p.PartRead} {
			c.Expect(e, match.Member("to have no trigger with both days_before_expiry and lifetime_percentage", oneTriggerEach, "lifetime_actions"))
		}
	})
	rule(s, "certificate-policy/part-keeps-members", func(c *Check, p *scenarios.CertificatePolicy) {
		c.requireBody(p.Whole)
		c.requireBody(p.Part)
		for _, member := range []string{"kty", "key_size", "reuse_key"} {
			c.expectSameMembers(p.Whole, p.PartRead, []string{"key_props", member})
		}
		c.requireBody(p.Member)
		for _, member := range []string{"subject", "sans", "ekus", "key_usage"} {
			if want, err := match.At(p.Whole, "x509_props", member); err == nil {
				c.Expect(p.MemberRead, match.SameJSON(want, "x509_props", member))
			}
		}
	})
}

// oneTriggerEach reports whether each lifetime action has days or a percentage, and not both.
func oneTriggerEach(actions any) bool {
	list, ok := actions.([]any)
	for _, action := range list {
		object, _ := action.(map[string]any)
		trigger, _ := object["trigger"].(map[string]any)
		ok = ok && (trigger["days_before_expiry"] == nil || trigger["lifetime_percentage"] == nil)
	}
	return ok
}

// expectSameGroup expects a group of a policy to be as before; one that was not there may be missing.
func (c *Check) expectSameGroup(before, after *vault.Exchange, group string) {
	if _, err := match.At(before, group); err == nil {
		c.Expect(after, match.SameGroup(before, group))
	}
}

// nextPolicy are the rules about the version that comes after a change of the policy.
func nextPolicy(s *Suite) {
	patched := func(c *Check, p *scenarios.CertificatePolicy) *vault.Exchange {
		for _, patch := range append(p.Together, p.Alone...) {
			if patch.Succeeded() && match.Name(patch) == match.Name(c.Got(p.Next)) {
				return patch
			}
		}
		c.requireSuccess(scenarios.Last(p.Together))
		return nil
	}
	rule(s, "certificate-policy/next-accepted", func(c *Check, p *scenarios.CertificatePolicy) {
		patched(c, p)
		c.Accepts(p.Next, match.Accepted())
	})
	rule(s, "certificate-policy/next-subject", func(c *Check, p *scenarios.CertificatePolicy) {
		subject, _ := asked(patched(c, p), "x509_props", "subject").(string)
		c.requireNeeds(subject != "")
		c.readableCSR(p.Next)
		c.Expect(p.Next, match.CSRSubject(subject))
	})
	rule(s, "certificate-policy/next-key-size", func(c *Check, p *scenarios.CertificatePolicy) {
		size, _ := asked(patched(c, p), "key_props", "key_size").(json.Number)
		c.requireNeeds(size != "")
		c.readableCSR(p.Next)
		c.Expect(p.Next, match.CSRKey(fmt.Sprintf("RSA %s", size)))
	})
}

// expectTogether wants requests with many members to be accepted, if each member is accepted alone.
func (c *Check) expectTogether(many, alone []*vault.Exchange) {
	refusedAlone := false
	for _, one := range alone {
		refusedAlone = refusedAlone || !one.Succeeded()
	}
	for _, together := range many {
		if !together.Failed() && !together.Succeeded() && refusedAlone {
			c.requireOf(together, func(*vault.Exchange) bool { return false }, "2xx to each of its members alone")
		}
		c.Accepts(together, match.Accepted())
	}
	c.Got(scenarios.Last(many))
}
