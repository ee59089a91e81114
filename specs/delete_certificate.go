package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func deleteCertificate(s *Suite) {
	deleting(s)
	deletedUnknown(s)
	deletedReads(s)
	afterDeletion(s)
	recovering(s)
	recoveredWhole(s)
	recoveredElsewhere(s)
	purging(s)
	afterPurge(s)
	deletedLists(s)
	deletedPages(s)
}

// requireDeleted needs a certificate that was read, and a deletion of it that was accepted.
func (c *Check) requireDeleted(current, deleted *vault.Exchange) {
	c.requireBody(current)
	c.requireSuccess(deleted)
}

// requireSoftDeleted needs a deletion that can be taken back.
func (c *Check) requireSoftDeleted(current, deleted *vault.Exchange) {
	c.requireDeleted(current, deleted)
	c.requireOf(deleted, scenarios.SoftDeleted, "a deletion that can be taken back")
}

// sameBundle are the members by which two bundles show the same certificate.
func sameBundle() [][]string {
	return [][]string{
		{"id"}, {"kid"}, {"sid"}, {"x5t"}, {"cer"}, {"tags"}, {"attributes", "enabled"}, {"attributes", "nbf"}, {"attributes", "exp"},
		{"attributes", "created"},
	}
}

// expectSameMembers expects the members that an earlier response has to be the same in another.
func (c *Check) expectSameMembers(before, after *vault.Exchange, members ...[]string) {
	for _, member := range members {
		if _, err := match.At(before, member...); err == nil {
			c.Expect(after, match.SameMember(before, member...))
		}
	}
}

func deleting(s *Suite) {
	rule(s, "delete-certificate/status", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireBody(p.Current)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-certificate/bundle", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireBody(p.Current)
		c.requireBody(p.Deleted)
		c.expectSameMembers(p.Current, p.Deleted, sameBundle()...)
		if p.Current.Member("policy") != nil {
			c.Expect(p.Deleted, match.SamePolicy(p.Current, []string{"policy"}, "policy"))
		}
	})
	rule(s, "delete-certificate/again", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireDeleted(p.Current, p.Deleted)
		c.Accepts(p.DeletedAgain, match.Status())
	})
	rule(s, "delete-certificate/unfinished-form", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requirePending(p.Pending)
		c.requireBody(p.Deleted)
		c.Expect(p.Deleted, match.NotIssued())
	})
	rule(s, "delete-certificate/one-version", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requireOnlyFlaw(p.VersionDeleted, p.Deleted)
		c.Accepts(p.VersionDeleted, match.StatusClass(http.StatusMethodNotAllowed))
		c.Expect(p.AfterRejected, match.HasStatus(http.StatusOK))
	})
}

func deletedUnknown(s *Suite) {
	unknownRefused(s, "delete-certificate/unknown", "delete-certificate/unknown-code",
		func(p *scenarios.RecoveredCertificate) (_, _ *vault.Exchange) { return p.DeletedUnknown, p.Deleted })
	unknownRefused(s, "delete-certificate/read-unknown", "delete-certificate/read-unknown-code",
		func(p *scenarios.RecoveredCertificate) (_, _ *vault.Exchange) {
			return p.ReadUnknown, scenarios.Last(p.DeletedPolls)
		})
	unknownRefused(s, "delete-certificate/recover-unknown", "delete-certificate/recover-unknown-code",
		func(p *scenarios.RecoveredCertificate) (_, _ *vault.Exchange) { return p.RecoveredUnknown, p.Recovered })
}

func deletedReads(s *Suite) {
	rule(s, "delete-certificate/read", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireSoftDeleted(p.Current, p.Deleted)
		c.Accepts(scenarios.Last(p.DeletedPolls), match.Status())
	})
	rule(s, "delete-certificate/read-same", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireSoftDeleted(p.Current, p.Deleted)
		c.requireBody(p.Deleted)
		read := scenarios.Last(p.DeletedPolls)
		c.requireBody(read)
		c.expectSameMembers(p.Deleted, read, append(sameBundle(), []string{"recoveryId"}, []string{"deletedDate"},
			[]string{"scheduledPurgeDate"})...)
		if p.Deleted.Member("policy") != nil {
			c.Expect(read, match.SamePolicy(p.Deleted, []string{"policy"}, "policy"))
		}
	})
}

// shownGone needs a deletion that shows: the certificate can no longer be read, or is seen among the deleted ones.
func (c *Check) shownGone(p *scenarios.RecoveredCertificate) {
	c.requireDeleted(p.Current, p.Deleted)
	if !scenarios.Last(p.DeletedPolls).Succeeded() {
		c.requireStatus(p.AfterCurrent, http.StatusNotFound)
	}
}

func afterDeletion(s *Suite) {
	for id, step := range map[string]struct {
		before, after func(p *scenarios.RecoveredCertificate) *vault.Exchange
	}{
		"delete-certificate/versions-gone": {
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.First },
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.AfterVersion },
		},
		"delete-certificate/policy-gone": {
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.Policy },
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.AfterPolicy },
		},
		"delete-certificate/pending-gone": {
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.Pending },
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.AfterPending },
		},
		"delete-certificate/update-gone": {
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.Current },
			func(p *scenarios.RecoveredCertificate) *vault.Exchange { return p.AfterUpdate },
		},
	} {
		rule(s, id, func(c *Check, p *scenarios.RecoveredCertificate) {
			c.shownGone(p)
			c.requireSuccess(step.before(p))
			c.Accepts(step.after(p), match.Status())
		})
	}
	rule(s, "delete-certificate/versions-list-gone", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.shownGone(p)
		c.requireEntry(p.Versions, p.Current.Text("id"))
		c.begun(p.AfterVersions)
		c.Accepts(p.AfterVersions[0], match.Status())
		if p.AfterVersions[0].Succeeded() {
			c.Expect(p.AfterVersions[0], match.MostItems(0))
		}
	})
	rule(s, "delete-certificate/not-listed", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.shownGone(p)
		c.requireList(p.Listed)
		c.expectUnlisted(p.Listed, scenarios.CertificateOf(p.Current))
	})
}

// requireRecovered needs a recovery that was accepted, and a certificate that shows again.
func (c *Check) requireRecovered(p *scenarios.RecoveredCertificate) {
	c.requireSoftDeleted(p.Current, p.Deleted)
	c.requireSuccess(p.Recovered)
	c.requireBody(scenarios.Last(p.RecoveredPolls))
}

func recovering(s *Suite) {
	rule(s, "delete-certificate/recovered-current", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireSoftDeleted(p.Current, p.Deleted)
		c.requireSuccess(p.Recovered)
		c.Accepts(scenarios.Last(p.RecoveredPolls), match.Status())
		for _, member := range []string{"id", "cer"} {
			c.Expect(scenarios.Last(p.RecoveredPolls), match.SameMember(p.Current, member))
		}
	})
	rule(s, "delete-certificate/recovered-form", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireSoftDeleted(p.Current, p.Deleted)
		c.requireBody(p.Recovered)
		for _, member := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate"} {
			c.Expect(p.Recovered, match.Absent(member))
		}
	})
}

func recoveredWhole(s *Suite) {
	comesBack(s, comingBack{
		versions: "delete-certificate/recovered-versions", tags: "delete-certificate/recovered-tags",
		attributes: "delete-certificate/recovered-attributes", policy: "delete-certificate/recovered-policy",
	}, func(c *Check, p *scenarios.RecoveredCertificate) cameBack {
		c.requireRecovered(p)
		return cameBack{
			current: p.Current, first: p.First, policy: p.Policy,
			afterCurrent: scenarios.Last(p.RecoveredPolls), afterFirst: p.RecoveredFirst, afterPol: p.RecoveredPolicy, versions: p.RecoveredVersions,
		}
	})
}

func recoveredElsewhere(s *Suite) {
	rule(s, "delete-certificate/recovered-listed", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireRecovered(p)
		c.expectListed(p.ListedAgain, scenarios.CertificateOf(p.Current))
	})
	rule(s, "delete-certificate/recovered-deleted-gone", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireRecovered(p)
		c.requireSuccess(scenarios.Last(p.DeletedPolls))
		c.Accepts(scenarios.Last(p.Gone), match.Status())
	})
	rule(s, "delete-certificate/recovered-next-version", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireRecovered(p)
		c.begun(p.Next)
		c.Accepts(scenarios.Last(p.Next), match.Accepted())
		c.Expect(p.NextCurrent, match.OtherMember(p.Current, "id"))
	})
	rule(s, "delete-certificate/list-recovered", func(c *Check, p *scenarios.RecoveredCertificate) {
		c.requireRecovered(p)
		c.requireEntry(p.ListedDeleted, scenarios.CertificateOf(p.Current))
		c.requireList(p.ListedRecovered)
		c.expectUnlisted(p.ListedRecovered, scenarios.CertificateOf(p.Current))
	})
}

// requirePurged needs a purge that was accepted, of a certificate that was deleted.
func (c *Check) requirePurged(p *scenarios.PurgedCertificate) {
	c.requireSoftDeleted(p.Current, p.Deleted)
	c.requireSuccess(scenarios.Last(p.DeletedPolls))
	c.requireSuccess(p.Purged)
}

func purging(s *Suite) {
	rule(s, "delete-certificate/purge-status", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requireSoftDeleted(p.Current, p.Deleted)
		c.requireSuccess(scenarios.Last(p.DeletedPolls))
		c.requireOf(p.Deleted, scenarios.Purgeable, "a recoveryLevel with Purgeable")
		c.Accepts(p.Purged, match.Status())
		c.Expect(p.Purged, match.NoBody())
	})
	rule(s, "delete-certificate/purge-live", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requireBody(p.Current)
		c.requireOnlyFlaw(p.PurgedLive, p.Purged)
		c.Accepts(p.PurgedLive, match.Status())
		c.Expect(p.AfterRejected, match.HasStatus(http.StatusOK))
	})
	rule(s, "delete-certificate/purge-again", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requirePurged(p)
		c.Accepts(scenarios.Last(p.PurgedAgain), match.Status())
	})
	rule(s, "delete-certificate/purge-final", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requirePurged(p)
		c.Accepts(scenarios.Last(p.RecoveredLate), match.Status())
	})
	rule(s, "delete-certificate/purge-gone", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requirePurged(p)
		c.Accepts(scenarios.Last(p.Gone), match.Status())
	})
}

func afterPurge(s *Suite) {
	rule(s, "delete-certificate/purge-name-free", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requirePurged(p)
		c.requireAccepted(p.Made[0])
		c.Accepts(scenarios.Last(p.Reused), match.Accepted())
	})
	rule(s, "delete-certificate/purge-name-fresh", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requirePurged(p)
		c.requireSuccess(scenarios.Last(p.Reused))
		c.begun(p.ReusedVersions)
		c.expectUnlisted(p.ReusedVersions, p.Current.Text("id"))
		if c.Got(p.ReusedCurrent).Succeeded() {
			c.Expect(p.ReusedCurrent, match.NoTags())
		}
	})
	rule(s, "delete-certificate/list-purged", func(c *Check, p *scenarios.PurgedCertificate) {
		c.requirePurged(p)
		c.requireList(p.ListedPurged)
		c.expectUnlisted(p.ListedPurged, scenarios.CertificateOf(p.Current))
	})
}
