package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readCertificate(s *Suite) {
	readUnknown(s)
	readInOtherCase(s)
	readMembers(s)
}

func readUnknown(s *Suite) {
	rule(s, "read-certificate/unknown", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireOnlyFlaw(p.Unknown, p.Current)
		c.Accepts(p.Unknown, match.Status())
	})
	rule(s, "read-certificate/unknown-code", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireOnlyFlaw(p.Unknown, p.Current)
		c.requireStatus(p.Unknown, http.StatusNotFound)
		c.Accepts(p.Unknown, match.ErrorCode())
	})
	rule(s, "read-certificate/foreign-version", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireBody(p.Other)
		c.requireOnlyFlaw(p.Foreign, p.Version)
		c.Accepts(p.Foreign, match.Status())
	})
}

func readInOtherCase(s *Suite) {
	for id, step := range map[string]func(p *scenarios.ReadCertificates) (same, other *vault.Exchange){
		"read-certificate/name-case":    func(p *scenarios.ReadCertificates) (_, _ *vault.Exchange) { return p.Current, p.OtherCase },
		"read-certificate/version-case": func(p *scenarios.ReadCertificates) (_, _ *vault.Exchange) { return p.Version, p.VersionOtherCase },
	} {
		rule(s, id, func(c *Check, p *scenarios.ReadCertificates) {
			same, other := step(p)
			c.requireMember(same, "cer")
			c.Accepts(other, match.Status())
			c.Expect(other, match.SameMember(same, "cer"))
		})
	}
}

func readMembers(s *Suite) {
	rule(s, "read-certificate/pending", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireBody(p.Current)
		c.requireMember(p.Pending, "id")
		c.Expect(p.Current, match.ID(c.Facts.IDBase, "pending.id", "certificates", match.Name(p.Current), "pending"))
	})
	rule(s, "read-certificate/pending-gone", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireBody(p.Current)
		c.requireSuccess(p.PendingDeleted)
		c.requireBody(p.AfterPending)
		c.Expect(p.AfterPending, match.Absent("pending"))
	})
	rule(s, "read-certificate/no-tags", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireMember(p.Current, "cer")
		c.Expect(p.Current, match.NoTags())
	})
	rule(s, "read-certificate/policy", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireMember(p.Current, "cer")
		c.Expect(p.Current, match.Present("policy"))
		if p.Policy.Succeeded() {
			c.Expect(p.Current, match.SamePolicy(p.Policy, nil, "policy"))
		}
	})
	rule(s, "read-certificate/version-lean", func(c *Check, p *scenarios.ReadCertificates) {
		c.requireMember(p.Version, "cer")
		c.Expect(p.Version, match.Absent("policy"))
	})
}
