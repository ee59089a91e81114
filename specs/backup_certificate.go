package specs

import (
	"net/http"
	"regexp"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func backupCertificate(s *Suite) {
	backedUp(s)
	restoredWrongly(s)
	restored(s)
}

func backedUp(s *Suite) {
	rule(s, "backup-certificate/status", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireBody(p.Current)
		c.Accepts(p.BackedUp, match.Status())
	})
	rule(s, "backup-certificate/value", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireSuccess(p.BackedUp)
		c.Expect(p.BackedUp, match.Text("value"))
	})
	rule(s, "backup-certificate/encoding", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireSuccess(p.BackedUp)
		c.requireMember(p.BackedUp, "value")
		form := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
		c.Expect(p.BackedUp, match.Member("to be base64url without padding", func(value any) bool {
			text, _ := value.(string)
			return form.MatchString(text)
		}, "value"))
	})
	rule(s, "backup-certificate/unknown", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireOnlyFlaw(p.BackedUpUnknown, p.BackedUp)
		c.Accepts(p.BackedUpUnknown, match.Status())
	})
	rule(s, "backup-certificate/deleted", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireOnlyFlaw(p.BackedUpDeleted, p.BackedUp)
		c.requireSuccess(scenarios.Last(p.DeletedPolls))
		c.Accepts(p.BackedUpDeleted, match.Status())
	})
	rule(s, "backup-certificate/unknown-code", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireOnlyFlaw(p.BackedUpUnknown, p.BackedUp)
		c.requireStatus(p.BackedUpUnknown, http.StatusNotFound)
		c.Accepts(p.BackedUpUnknown, match.ErrorCode())
	})
}

// requireBackup needs a backup that was made.
func (c *Check) requireBackup(p *scenarios.BackedUpCertificate) {
	c.requireBody(p.Current)
	c.requireSuccess(p.BackedUp)
	c.requireMember(p.BackedUp, "value")
}

func restoredWrongly(s *Suite) {
	for id, step := range map[string]func(p *scenarios.BackedUpCertificate) *vault.Exchange{
		"backup-certificate/restore-over":    func(p *scenarios.BackedUpCertificate) *vault.Exchange { return p.RestoredOver },
		"backup-certificate/restore-deleted": func(p *scenarios.BackedUpCertificate) *vault.Exchange { return p.RestoredDeleted },
	} {
		rule(s, id, func(c *Check, p *scenarios.BackedUpCertificate) {
			c.requireBackup(p)
			c.requireOnlyFlaw(step(p), scenarios.Last(p.Restored))
			c.Accepts(step(p), match.Status())
		})
	}
	rule(s, "backup-certificate/restore-over-code", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireBackup(p)
		c.requireStatus(p.RestoredOver, http.StatusConflict)
		c.Accepts(p.RestoredOver, match.ErrorCode())
	})
	rule(s, "backup-certificate/restore-over-unchanged", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireBackup(p)
		c.Got(p.RestoredOver)
		c.Expect(p.AfterOver, match.HasStatus(http.StatusOK))
		c.expectSameMembers(p.Current, p.AfterOver, sameBundle()...)
	})
	rule(s, "backup-certificate/malformed", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireOnlyFlaw(p.Malformed, scenarios.Last(p.Restored))
		c.Accepts(p.Malformed, match.Status())
	})
	rule(s, "backup-certificate/malformed-code", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireOnlyFlaw(p.Malformed, scenarios.Last(p.Restored))
		c.requireStatus(p.Malformed, http.StatusBadRequest)
		c.Accepts(p.Malformed, match.ErrorCode())
	})
	rule(s, "backup-certificate/value-required", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireOnlyFlaw(p.ValueLeftOut, scenarios.Last(p.Restored))
		c.Accepts(p.ValueLeftOut, match.StatusClass())
	})
}

func restored(s *Suite) {
	accepted := func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireBackup(p)
		c.requireSuccess(scenarios.Last(p.Restored))
	}
	rule(s, "backup-certificate/restore-status", func(c *Check, p *scenarios.BackedUpCertificate) {
		c.requireBackup(p)
		c.Accepts(scenarios.Last(p.Restored), match.Status())
	})
	rule(s, "backup-certificate/restore-id", func(c *Check, p *scenarios.BackedUpCertificate) {
		accepted(c, p)
		c.Expect(scenarios.Last(p.Restored), match.SameMember(p.Current, "id"))
	})
	rule(s, "backup-certificate/restore-pending", func(c *Check, p *scenarios.BackedUpCertificate) {
		accepted(c, p)
		c.Expect(scenarios.Last(p.Restored), match.Absent("pending"))
	})
	rule(s, "backup-certificate/restored-current", func(c *Check, p *scenarios.BackedUpCertificate) {
		accepted(c, p)
		c.Accepts(scenarios.Last(p.RestoredPolls), match.Status())
		for _, member := range []string{"id", "cer"} {
			c.Expect(scenarios.Last(p.RestoredPolls), match.SameMember(p.Current, member))
		}
	})
	comesBack(s, comingBack{
		versions: "backup-certificate/restored-versions", tags: "backup-certificate/restored-tags",
		attributes: "backup-certificate/restored-attributes", policy: "backup-certificate/restored-policy",
	}, func(c *Check, p *scenarios.BackedUpCertificate) cameBack {
		accepted(c, p)
		c.requireBody(scenarios.Last(p.RestoredPolls))
		return cameBack{
			current: p.Current, first: p.First, policy: p.Policy,
			afterCurrent: scenarios.Last(p.RestoredPolls), afterFirst: p.RestoredFirst, afterPol: p.RestoredPolicy, versions: p.RestoredVersions,
		}
	})
}
