package specs

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func listCertificates(s *Suite) {
	listed(s)
	listedItems(s)
	listedPending(s)
	listedPages(s)
	listedLinks(s)
	listedVersionsOf(s)
	listedVersionPages(s)
}

// own are the ids of the complete certificates of the play.
func own(p *scenarios.ListedCertificates) []string {
	return []string{scenarios.CertificateOf(p.Current), scenarios.CertificateOf(p.Disabled), scenarios.CertificateOf(p.Other)}
}

func listed(s *Suite) {
	made := func(c *Check, p *scenarios.ListedCertificates) {
		for _, read := range []*vault.Exchange{p.Current, p.Disabled, p.Other} {
			c.requireBody(read)
		}
	}
	rule(s, "list-certificates/status", func(c *Check, p *scenarios.ListedCertificates) {
		c.begun(p.Pages)
		c.Accepts(p.Pages[0], match.Status())
	})
	rule(s, "list-certificates/listed", func(c *Check, p *scenarios.ListedCertificates) {
		made(c, p)
		c.expectListed(p.Pages, scenarios.CertificateOf(p.Current), scenarios.CertificateOf(p.Other))
	})
	rule(s, "list-certificates/one-item", func(c *Check, p *scenarios.ListedCertificates) {
		c.requireBody(p.Current)
		c.requireList(p.Pages)
		c.expectOnce(p.Pages, scenarios.CertificateOf(p.Current))
	})
	rule(s, "list-certificates/disabled-listed", func(c *Check, p *scenarios.ListedCertificates) {
		made(c, p)
		c.requireList(p.Pages)
		c.requireEntry(p.Pages, scenarios.CertificateOf(p.Other))
		c.expectListed(p.Pages, scenarios.CertificateOf(p.Disabled))
	})
}

func listedItems(s *Suite) {
	rule(s, "list-certificates/item-x5t", func(c *Check, p *scenarios.ListedCertificates) {
		c.requireMember(p.Current, "x5t")
		c.expectItem(p.Pages, scenarios.CertificateOf(p.Current), func(i int) match.Test { return match.ItemLike(i, p.Current, "x5t") })
	})
	rule(s, "list-certificates/item-attributes", func(c *Check, p *scenarios.ListedCertificates) {
		for _, read := range []*vault.Exchange{p.Current, p.Disabled} {
			c.requireMember(read, "attributes")
			for _, member := range []string{"enabled", "nbf", "exp"} {
				c.expectItem(p.Pages, scenarios.CertificateOf(read), func(i int) match.Test {
					return match.ItemLike(i, read, "attributes", member)
				})
			}
		}
	})
	rule(s, "list-certificates/item-recovery", func(c *Check, p *scenarios.ListedCertificates) {
		c.requireMember(p.Current, "attributes")
		_, err := match.At(p.Current, "attributes", "recoveryLevel")
		c.Need(err == nil, "attributes with a recoveryLevel")
		for _, member := range []string{"recoveryLevel", "recoverableDays"} {
			c.expectItem(p.Pages, scenarios.CertificateOf(p.Current), func(i int) match.Test {
				return match.ItemLikeOrAbsent(i, p.Current, "attributes", member)
			})
		}
	})
	rule(s, "list-certificates/item-tags", func(c *Check, p *scenarios.ListedCertificates) {
		c.requireBody(p.Current)
		want := madeTags(p.Made, p.Current)
		c.requireNeeds(len(want) > 0)
		c.expectItem(p.Pages, scenarios.CertificateOf(p.Current), func(i int) match.Test { return match.ItemTags(i, want) })
	})
	rule(s, "list-certificates/item-lean", func(c *Check, p *scenarios.ListedCertificates) {
		c.requireBody(p.Current)
		for _, member := range []string{"policy", "cer"} {
			c.expectItem(p.Pages, scenarios.CertificateOf(p.Current), func(i int) match.Test { return match.ItemIs(i, nil, member) })
		}
	})
}

// madeTags are the tags of the last request that made a version of the certificate that a response is about.
func madeTags(made []*vault.Exchange, about *vault.Exchange) map[string]string {
	for _, e := range slices.Backward(made) {
		creates := e.Operation == vault.CreateCertificate || e.Operation == vault.ImportCertificate
		if creates && e.Succeeded() && match.Name(e) == match.Name(about) {
			return askedTags(e)
		}
	}
	return nil
}

func listedPending(s *Suite) {
	pending := func(c *Check, p *scenarios.ListedCertificates) string {
		c.requirePending(p.Pending)
		id := strings.TrimSuffix(strings.TrimSuffix(p.Pending.Text("id"), "/"), "/pending")
		c.Need(id != "", "an id of the pending object")
		return id
	}
	rule(s, "list-certificates/pending-item", func(c *Check, p *scenarios.ListedCertificates) {
		id := pending(c, p)
		c.expectItem(p.WithPending, id, func(i int) match.Test { return match.ItemIs(i, false, "attributes", "enabled") })
		c.expectItem(p.WithPending, id, func(i int) match.Test { return match.ItemIs(i, nil, "x5t") })
	})
	rule(s, "list-certificates/pending-false", func(c *Check, p *scenarios.ListedCertificates) {
		id := pending(c, p)
		c.requireEntry(p.WithPending, id)
		c.requireList(p.WithoutPending)
		c.expectUnlisted(p.WithoutPending, id)
		c.expectListed(p.WithoutPending, scenarios.CertificateOf(p.Other))
	})
	rule(s, "list-certificates/pending-pages", func(c *Check, p *scenarios.ListedCertificates) {
		id := pending(c, p)
		c.requireEntry(p.WithPending, id)
		c.requireLink(p.SmallWithPending)
		c.expectListed(p.SmallWithPending, id)
	})
}

// size is the maxresults of a request.
func size(c *Check, page *vault.Exchange) int {
	text, _ := page.Request.Query("maxresults")
	number, err := strconv.Atoi(text)
	c.Need(err == nil, "a request with maxresults")
	return number
}

func listedPages(s *Suite) {
	rule(s, "list-certificates/page-size", func(c *Check, p *scenarios.ListedCertificates) {
		for _, pages := range [][]*vault.Exchange{p.Small, p.Single} {
			c.begun(pages)
			c.expectPageSize(pages[:1], size(c, pages[0]))
		}
	})
	rule(s, "list-certificates/default-page", func(c *Check, p *scenarios.ManyCertificates) {
		c.requireSuccess(scenarios.Last(p.Made))
		c.begun(p.Pages)
		c.expectPageSize(p.Pages, 25)
	})
	rule(s, "list-certificates/many-listed", func(c *Check, p *scenarios.ManyCertificates) {
		c.requireSuccess(scenarios.Last(p.Made))
		var ids []string
		for _, made := range p.Made {
			ids = append(ids, scenarios.CertificateOf(made))
		}
		c.expectListed(p.Pages, ids...)
	})
	rule(s, "list-certificates/all-pages", func(c *Check, p *scenarios.ListedCertificates) {
		for _, id := range own(p) {
			c.requireEntry(p.Pages, id)
		}
		c.expectListed(p.Small, own(p)...)
	})
	rule(s, "list-certificates/once", func(c *Check, p *scenarios.ListedCertificates) {
		c.begun(p.Small)
		c.expectOnce(p.Small, own(p)...)
		c.expectNoneTwice(p.Single, own(p)...)
	})
}

func listedLinks(s *Suite) {
	linked(s, linkRules{
		absolute: "list-certificates/link-absolute", inVault: "list-certificates/link-in-vault",
		apiVersion: "list-certificates/link-api-version", works: "list-certificates/link-works",
		sizeKept: "list-certificates/page-size-kept", ends: "list-certificates/ends",
	}, func(p *scenarios.ListedCertificates) [][]*vault.Exchange {
		return [][]*vault.Exchange{p.Small, p.Single}
	}, func(p *scenarios.ListedCertificates) [][]*vault.Exchange {
		return [][]*vault.Exchange{p.Small, p.Pages}
	})
	ofVersions := func(p *scenarios.ListedVersions) [][]*vault.Exchange { return [][]*vault.Exchange{p.Single} }
	linked(s, linkRules{
		inVault: "list-certificates/versions-link-in-vault", works: "list-certificates/versions-link-works",
		sizeKept: "list-certificates/versions-page-size-kept", ends: "list-certificates/versions-ends",
	}, ofVersions, ofVersions)
}

// versionIDs are the ids of the two versions that were read when they were made.
func versionIDs(c *Check, p *scenarios.ListedVersions) []string {
	if len(p.Reads) < 2 {
		c.Got(nil)
	}
	var ids []string
	for _, read := range p.Reads {
		c.requireBody(read)
		ids = append(ids, read.Text("id"))
	}
	return ids
}

func listedVersionsOf(s *Suite) {
	rule(s, "list-certificates/versions-status", func(c *Check, p *scenarios.ListedVersions) {
		versionIDs(c, p)
		c.begun(p.Pages)
		c.Accepts(p.Pages[0], match.Status())
	})
	rule(s, "list-certificates/versions-listed", func(c *Check, p *scenarios.ListedVersions) {
		ids := versionIDs(c, p)
		c.expectListed(p.Pages, slices.DeleteFunc(ids, func(id string) bool { return strings.EqualFold(id, p.Reads[1].Text("id")) })...)
	})
	rule(s, "list-certificates/versions-disabled", func(c *Check, p *scenarios.ListedVersions) {
		versionIDs(c, p)
		c.requireEntry(p.Pages, p.Reads[0].Text("id"))
		c.expectListed(p.Pages, p.Reads[1].Text("id"))
	})
	rule(s, "list-certificates/versions-own", func(c *Check, p *scenarios.ListedVersions) {
		versionIDs(c, p)
		c.requireBody(p.Longer)
		c.requireEntry(p.Pages, p.Reads[0].Text("id"))
		c.expectUnlisted(p.Pages, p.Longer.Text("id"))
	})
	rule(s, "list-certificates/versions-in-progress", func(c *Check, p *scenarios.ListedVersions) {
		ids := versionIDs(c, p)
		c.requirePending(p.Pending)
		c.requireList(p.Pages)
		for _, listed := range entries(p.Pages) {
			if !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(strings.TrimSuffix(id, "/"), listed.id) }) &&
				!strings.EqualFold(listed.id, strings.TrimSuffix(p.Longer.Text("id"), "/")) {
				c.finding.Member = match.Pointer("value")
				c.Fail(listed.page, "a list of the "+strconv.Itoa(len(ids))+" versions that are complete", "a list with "+listed.id)
			}
		}
	})
	rule(s, "list-certificates/versions-attributes", func(c *Check, p *scenarios.ListedVersions) {
		versionIDs(c, p)
		for _, read := range p.Reads {
			c.requireMember(read, "attributes")
			for _, member := range []string{"enabled", "nbf", "exp", "created"} {
				c.expectItem(p.Pages, read.Text("id"), func(i int) match.Test { return match.ItemLike(i, read, "attributes", member) })
			}
		}
	})
	rule(s, "list-certificates/versions-tags", func(c *Check, p *scenarios.ListedVersions) {
		versionIDs(c, p)
		at := 0
		for _, made := range p.Made {
			creates := made.Operation == vault.CreateCertificate || made.Operation == vault.ImportCertificate
			if !creates || !made.Succeeded() || match.Name(made) != match.Name(p.Reads[0]) {
				continue
			}
			want := askedTags(made)
			c.expectItem(p.Pages, p.Reads[at].Text("id"), func(i int) match.Test { return match.ItemTags(i, want) })
			at++
		}
	})
	rule(s, "list-certificates/versions-unknown", func(c *Check, p *scenarios.ListedVersions) {
		versionIDs(c, p)
		c.requireSuccess(scenarios.Last(p.Pages))
		c.Accepts(p.Unknown, match.Status())
		if p.Unknown.Succeeded() {
			c.Expect(p.Unknown, match.MostItems(0))
		}
	})
}

func listedVersionPages(s *Suite) {
	rule(s, "list-certificates/versions-page-size", func(c *Check, p *scenarios.ListedVersions) {
		for _, pages := range [][]*vault.Exchange{p.Pairs, p.Single} {
			c.begun(pages)
			c.expectPageSize(pages[:1], size(c, pages[0]))
		}
	})
	rule(s, "list-certificates/versions-all-pages", func(c *Check, p *scenarios.ListedVersions) {
		for _, read := range p.Reads {
			c.requireEntry(p.Pages, read.Text("id"))
		}
		c.expectListed(p.Single, versionIDs(c, p)...)
		c.expectListed(p.Pairs, versionIDs(c, p)...)
	})
	rule(s, "list-certificates/versions-once", func(c *Check, p *scenarios.ListedVersions) {
		c.begun(p.Single)
		c.expectOnce(p.Single, versionIDs(c, p)...)
		c.expectOnce(p.Pairs, versionIDs(c, p)...)
	})
}
