package specs

import (
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// deletedIDs are the ids of the certificates that were deleted, as lists have them.
func deletedIDs(c *Check, p *scenarios.DeletedCertificates) []string {
	var ids []string
	for _, deleted := range p.Deleted {
		c.requireOf(deleted, scenarios.SoftDeleted, "a deletion that can be taken back")
		ids = append(ids, scenarios.CertificateOf(deleted))
	}
	c.Need(len(ids) > 0 && !slices.Contains(ids, ""), "ids of the deleted certificates")
	return ids
}

func deletedLists(s *Suite) {
	rule(s, "delete-certificate/list-status", func(c *Check, p *scenarios.DeletedCertificates) {
		deletedIDs(c, p)
		c.begun(p.Pages)
		c.Accepts(p.Pages[0], match.Status())
	})
	rule(s, "delete-certificate/list-listed", func(c *Check, p *scenarios.DeletedCertificates) {
		c.expectDeletedListed(p.Pages, deletedIDs(c, p))
	})
	rule(s, "delete-certificate/list-live", func(c *Check, p *scenarios.DeletedCertificates) {
		deletedIDs(c, p)
		c.requireBody(p.Live)
		c.requireList(p.Pages)
		c.expectUnlisted(p.Pages, scenarios.CertificateOf(p.Live))
	})
	rule(s, "delete-certificate/list-item-id", func(c *Check, p *scenarios.DeletedCertificates) {
		deletedIDs(c, p)
		c.begun(p.Pages)
		c.requireOf(p.Pages[0], func(*vault.Exchange) bool { return len(entries(p.Pages)) > 0 }, "an item")
		for _, page := range p.Pages {
			c.Expect(page, match.Items(c.Facts.IDBase))
		}
	})
	rule(s, "delete-certificate/list-item", func(c *Check, p *scenarios.DeletedCertificates) {
		ids := deletedIDs(c, p)
		for i, deleted := range p.Deleted {
			for _, path := range [][]string{{"x5t"}, {"attributes", "enabled"}, {"attributes", "recoveryLevel"}, {"attributes", "recoverableDays"}} {
				c.expectItem(p.Pages, ids[i], func(at int) match.Test { return match.ItemLike(at, deleted, path...) })
			}
			want := madeTags(p.Made, deleted)
			c.expectItem(p.Pages, ids[i], func(at int) match.Test { return match.ItemTags(at, want) })
		}
	})
	rule(s, "delete-certificate/list-recovery", func(c *Check, p *scenarios.DeletedCertificates) {
		ids := deletedIDs(c, p)
		for i, deleted := range p.Deleted {
			for _, member := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate"} {
				c.requireMember(deleted, member)
				c.expectItem(p.Pages, ids[i], func(at int) match.Test { return match.ItemLike(at, deleted, member) })
			}
		}
	})
}

// expectDeletedListed expects a list of deleted certificates to have some, by their ids or by their recoveryIds.
func (c *Check) expectDeletedListed(pages []*vault.Exchange, ids []string) {
	c.requireList(pages)
	for _, id := range ids {
		if !scenarios.Lists(pages, id) {
			c.finding.Member = "/value"
			c.Fail(scenarios.Last(pages), "a list with "+id, "a list without it")
		}
	}
}

func deletedPages(s *Suite) {
	rule(s, "delete-certificate/list-page-size", func(c *Check, p *scenarios.DeletedCertificates) {
		for _, pages := range [][]*vault.Exchange{p.Small, p.Single} {
			c.begun(pages)
			c.expectPageSize(pages, size(c, pages[0]))
		}
	})
	rule(s, "delete-certificate/list-all-pages", func(c *Check, p *scenarios.DeletedCertificates) {
		ids := deletedIDs(c, p)
		for _, id := range ids {
			c.requireEntry(p.Pages, id)
		}
		c.expectDeletedListed(p.Small, ids)
	})
	rule(s, "delete-certificate/list-once", func(c *Check, p *scenarios.DeletedCertificates) {
		c.begun(p.Small)
		c.expectOnce(p.Small, deletedIDs(c, p)...)
		c.expectNoneTwice(p.Single, deletedIDs(c, p)...)
	})
	small := func(p *scenarios.DeletedCertificates) [][]*vault.Exchange { return [][]*vault.Exchange{p.Small} }
	linked(s, linkRules{
		inVault: "delete-certificate/list-link-in-vault", works: "delete-certificate/list-link-works", ends: "delete-certificate/list-ends",
	}, small, small)
}
