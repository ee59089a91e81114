package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func updateCertificate(s *Suite) {
	updatedEarlier(s)
	updatedTags(s)
	updatedOthers(s)
	updatedReadOnly(s)
	updatedLimits(s)
	updatedUnknown(s)
}

// earlierUpdated needs an update of the earlier version that was accepted.
func earlierUpdated(c *Check, p *scenarios.UpdatedVersions, update *vault.Exchange) {
	c.requireBody(p.First)
	c.requireBody(p.Current)
	c.requireSuccess(update)
}

func updatedEarlier(s *Suite) {
	rule(s, "update-certificate/version", func(c *Check, p *scenarios.UpdatedVersions) {
		c.requireBody(p.First)
		c.Accepts(p.Disabled, match.Status())
		c.Expect(p.Disabled, match.SameMember(p.First, "id"))
	})
	rule(s, "update-certificate/disabled", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Disabled)
		c.Expect(p.DisabledRead, match.HasStatus(http.StatusOK))
		c.Expect(p.DisabledRead, match.Equal(false, "attributes", "enabled"))
	})
	rule(s, "update-certificate/enabled-again", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Enabled)
		c.Expect(p.Enabled, match.Equal(true, "attributes", "enabled"))
		c.Expect(p.EnabledRead, match.Equal(true, "attributes", "enabled"))
	})
	rule(s, "update-certificate/enabled-not-sent", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Tagged)
		c.requireOf(p.RepeatedRead, disabled, "a disabled version")
		c.Expect(p.TaggedRead, match.Equal(false, "attributes", "enabled"))
	})
	rule(s, "update-certificate/repeated", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Disabled)
		c.requireBody(p.DisabledRead)
		c.Accepts(p.Repeated, match.Status())
		c.expectSameMembers(p.DisabledRead, p.RepeatedRead, sameBundle()...)
	})
	rule(s, "update-certificate/lean", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Disabled)
		c.Expect(p.Disabled, match.Absent("policy"))
	})
}

// disabled reports whether a response shows a disabled certificate.
func disabled(e *vault.Exchange) bool {
	value, err := match.At(e, "attributes", "enabled")
	return err == nil && value == false
}

// shownAgain is a read of the earlier version while it was disabled or, if the vault does not return disabled versions, the one
// after it was enabled again.
func shownAgain(p *scenarios.UpdatedVersions, read *vault.Exchange) *vault.Exchange {
	if !read.Succeeded() && p.EnabledRead.Succeeded() {
		return p.EnabledRead
	}
	return read
}

func updatedTags(s *Suite) {
	rule(s, "update-certificate/tags-replaced", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Tagged)
		c.Expect(p.Tagged, match.Tags(askedTags(p.Tagged)))
		c.Expect(shownAgain(p, p.TaggedRead), match.Tags(askedTags(p.Tagged)))
	})
	rule(s, "update-certificate/tags-not-sent", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Disabled)
		c.requireMember(p.First, "tags")
		c.requireBody(p.DisabledRead)
		c.Expect(p.DisabledRead, match.SameMember(p.First, "tags"))
	})
	rule(s, "update-certificate/tags-emptied", func(c *Check, p *scenarios.UpdatedVersions) {
		c.requireMember(p.Current, "tags")
		c.requireBody(p.Emptied)
		c.Expect(p.Emptied, match.NoTags())
		c.Expect(p.EmptiedRead, match.NoTags())
	})
}

func updatedOthers(s *Suite) {
	rule(s, "update-certificate/others-enabled", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Disabled)
		c.requireOf(p.Current, func(e *vault.Exchange) bool { return !disabled(e) }, "a current version that is enabled")
		c.Expect(p.DisabledCurrent, match.Equal(true, "attributes", "enabled"))
	})
	rule(s, "update-certificate/others-tags", func(c *Check, p *scenarios.UpdatedVersions) {
		earlierUpdated(c, p, p.Tagged)
		c.requireMember(p.Current, "tags")
		c.Expect(p.TaggedCurrent, match.SameMember(p.Current, "tags"))
	})
	kept := func(id string, expect func(c *Check, before, after *vault.Exchange)) {
		rule(s, id, func(c *Check, p *scenarios.UpdatedVersions) {
			for _, version := range []struct{ before, update, after *vault.Exchange }{
				{p.First, p.Disabled, shownAgain(p, p.DisabledRead)}, {p.Current, p.Emptied, p.EmptiedRead},
			} {
				c.requireBody(version.before)
				c.requireSuccess(version.update)
				c.requireBody(version.after)
				expect(c, version.before, version.after)
			}
		})
	}
	kept("update-certificate/created-kept", func(c *Check, before, after *vault.Exchange) {
		c.expectSameMembers(before, after, []string{"attributes", "created"})
	})
	kept("update-certificate/updated-forward", func(c *Check, before, after *vault.Exchange) {
		if _, err := match.At(before, "attributes", "updated"); err == nil {
			c.Expect(after, match.NotLess(before, "attributes", "updated"))
		}
	})
	kept("update-certificate/identity-kept", func(c *Check, before, after *vault.Exchange) {
		c.expectSameMembers(before, after, []string{"id"}, []string{"kid"}, []string{"sid"}, []string{"cer"}, []string{"x5t"})
	})
	rule(s, "update-certificate/policy-kept", func(c *Check, p *scenarios.UpdatedVersions) {
		c.requireBody(p.Policy)
		c.requireSuccess(p.Emptied)
		c.Expect(p.PolicyAfter, match.HasStatus(http.StatusOK))
		c.Expect(p.PolicyAfter, match.SamePolicy(p.Policy, nil))
	})
}

func updatedReadOnly(s *Suite) {
	for _, attributes := range []struct {
		accepted, ignored string
		of                func(p *scenarios.UpdatedVersions) (update, read *vault.Exchange)
	}{
		{
			"update-certificate/dates-accepted", "update-certificate/dates-ignored",
			func(p *scenarios.UpdatedVersions) (_, _ *vault.Exchange) { return p.Dated, p.DatedRead },
		},
		{
			"update-certificate/read-only-accepted", "update-certificate/read-only-ignored",
			func(p *scenarios.UpdatedVersions) (_, _ *vault.Exchange) { return p.Fixed, p.FixedRead },
		},
	} {
		rule(s, attributes.accepted, func(c *Check, p *scenarios.UpdatedVersions) {
			update, _ := attributes.of(p)
			c.requireControl(update, p.Emptied)
			c.Accepts(update, match.Status())
		})
		rule(s, attributes.ignored, func(c *Check, p *scenarios.UpdatedVersions) {
			update, read := attributes.of(p)
			c.requireBody(p.Current)
			c.Got(update)
			c.requireBody(read)
			for _, member := range []string{"nbf", "exp", "created", "recoveryLevel"} {
				c.expectSameMembers(p.Current, read, []string{"attributes", member})
			}
		})
	}
}

func updatedLimits(s *Suite) {
	rule(s, "update-certificate/tags-limit", func(c *Check, p *scenarios.UpdatedVersions) {
		c.requireControl(p.Most, p.Emptied)
		c.Accepts(p.Most, match.Status())
		c.Expect(p.MostRead, match.Tags(askedTags(p.Most)))
	})
	rule(s, "update-certificate/tags-over-limit", func(c *Check, p *scenarios.UpdatedVersions) {
		c.requireOnlyFlaw(p.TooMany, p.Most)
		c.Accepts(p.TooMany, match.StatusClass())
	})
	rule(s, "update-certificate/over-limit-unchanged", func(c *Check, p *scenarios.UpdatedVersions) {
		c.requireSuccess(p.Most)
		c.requireMember(p.MostRead, "tags")
		c.requireRefused(p.TooMany)
		c.Expect(p.TooManyRead, match.SameMember(p.MostRead, "tags"))
	})
}

func updatedUnknown(s *Suite) {
	unknownRefused(s, "update-certificate/unknown", "update-certificate/unknown-code",
		func(p *scenarios.UpdatedVersions) (_, _ *vault.Exchange) { return p.UnknownName, p.Emptied })
	unknownRefused(s, "update-certificate/unknown-version", "update-certificate/unknown-version-code",
		func(p *scenarios.UpdatedVersions) (_, _ *vault.Exchange) { return p.UnknownVersion, p.Disabled })
}
