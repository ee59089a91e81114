package specs

import (
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func issuers(s *Suite) {
	issuersSet(s)
	issuersListed(s)
	issuersPaged(s)
	issuersReplaced(s)
	issuersChanged(s)
}

func issuersSet(s *Suite) {
	rule(s, "issuers/password-kept", func(c *Check, p *scenarios.SetIssuers) {
		c.requireSuccess(scenarios.Last(p.Together))
		for _, e := range append(append([]*vault.Exchange{}, p.Together...), p.Reads...) {
			c.Expect(e, match.Absent("credentials", "pwd"))
		}
		c.requireSuccess(p.First)
		c.Expect(p.First, match.Absent("credentials", "pwd"))
		for _, e := range p.Removed {
			c.Expect(e, match.Absent("credentials", "pwd"))
		}
	})
	rule(s, "issuers/provider-missing", func(c *Check, p *scenarios.SetIssuers) {
		c.requireOnlyFlaw(p.NoProvider, p.Plain)
		c.Accepts(p.NoProvider, match.StatusClass())
	})
	rule(s, "issuers/no-credentials", func(c *Check, p *scenarios.SetIssuers) {
		c.Accepts(p.Plain, match.Accepted())
	})
	rule(s, "issuers/enabled-by-default", func(c *Check, p *scenarios.SetIssuers) {
		c.requireBody(p.Plain)
		c.Expect(p.Plain, match.Equal(true, "attributes", "enabled"))
	})
	rule(s, "issuers/unknown-status", func(c *Check, p *scenarios.SetIssuers) {
		c.requireOnlyFlaw(p.Unknown, p.Plain)
		c.Accepts(p.Unknown, match.Status())
	})
	rule(s, "issuers/unknown-code", func(c *Check, p *scenarios.SetIssuers) {
		c.requireRefused(p.Unknown)
		c.Accepts(p.Unknown, match.ErrorCode())
	})
	rule(s, "issuers/other-case", func(c *Check, p *scenarios.SetIssuers) {
		c.requireSuccess(p.Plain)
		c.Accepts(p.OtherCase, match.Accepted())
	})
}

// listedIssuer is the item of an issuer in the pages of a list, nil if they have none, with the page that has it.
func listedIssuer(pages []*vault.Exchange, name string) (map[string]any, *vault.Exchange) {
	for _, page := range pages {
		items, _ := page.Member("value").([]any)
		for _, item := range items {
			object, _ := item.(map[string]any)
			id, _ := object["id"].(string)
			if strings.HasSuffix(strings.ToLower(id), "/"+strings.ToLower(name)) {
				return object, page
			}
		}
	}
	return nil, nil
}

// issuerName is the name of an issuer in the URL of a request.
func issuerName(e *vault.Exchange) string {
	path := pathOf(e)
	return path[strings.LastIndex(path, "/")+1:]
}

// listing reads whether the pages of a list, of which the last is given, have an issuer.
func listing(pages []*vault.Exchange, name string) match.Reader {
	return match.Reader{Name: "the issuer is", Aspect: match.AspectBody, Member: "/value", Read: func(*vault.Exchange) (string, error) {
		if item, _ := listedIssuer(pages, name); item == nil {
			return "not listed", nil
		}
		return "listed", nil
	}}
}

func issuersListed(s *Suite) {
	rule(s, "issuers/listed", func(c *Check, p *scenarios.SetIssuers) {
		c.requireSuccess(p.Plain)
		c.requireBody(scenarios.Last(p.Listed))
		c.Accepts(scenarios.Last(p.Listed), listing(p.Listed, issuerName(p.Plain)))
	})
	item := func(c *Check, p *scenarios.SetIssuers) (map[string]any, *vault.Exchange) {
		c.requireSuccess(p.Plain)
		c.requireBody(scenarios.Last(p.Listed))
		found, page := listedIssuer(p.Listed, issuerName(p.Plain))
		c.requireNeeds(found != nil)
		return found, page
	}
	rule(s, "issuers/listed-provider", func(c *Check, p *scenarios.SetIssuers) {
		found, page := item(c, p)
		want := asked(p.Plain, "provider")
		if found["provider"] != want {
			got := "an item without a provider"
			if provider := found["provider"]; provider != nil {
				got = fmt.Sprintf("an item with the provider %q", provider)
			}
			c.Fail(page, fmt.Sprintf("an item with the provider %q", want), got)
		}
		c.Got(page)
	})
	rule(s, "issuers/listed-credentials", func(c *Check, p *scenarios.SetIssuers) {
		found, page := item(c, p)
		if found["credentials"] != nil {
			c.Fail(page, "an item without credentials", "an item with credentials")
		}
		c.Got(page)
	})
	rule(s, "issuers/deleted-unlisted", func(c *Check, p *scenarios.SetIssuers) {
		item(c, p)
		c.requireSuccess(p.Deleted)
		c.requireBody(scenarios.Last(p.ListedAfter))
		c.Accepts(scenarios.Last(p.ListedAfter), listing(p.ListedAfter, issuerName(p.Plain)))
	})
}

// issuersPaged registers the rules of a list with one issuer a page.
func issuersPaged(s *Suite) {
	rule(s, "issuers/page-size", func(c *Check, p *scenarios.SetIssuers) {
		c.begun(p.Paged)
		c.expectPageSize(p.Paged[:1], size(c, p.Paged[0]))
	})
	rule(s, "issuers/all-pages", func(c *Check, p *scenarios.SetIssuers) {
		c.requireList(p.Paged)
		set, _ := accepted(append([]*vault.Exchange{p.Plain}, p.Together...))
		c.requireNeeds(len(set) > 0)
		for _, e := range set {
			count := 0
			for _, page := range p.Paged {
				if item, _ := listedIssuer([]*vault.Exchange{page}, issuerName(e)); item != nil {
					count++
				}
			}
			if count != 1 {
				c.finding.Member = "/value"
				c.Fail(scenarios.Last(p.Paged), "the pages to have the issuer "+issuerName(e)+" once", fmt.Sprintf("%d of %d pages have it", count, len(p.Paged)))
			}
		}
	})
	one := func(p *scenarios.SetIssuers) [][]*vault.Exchange { return [][]*vault.Exchange{p.Paged} }
	linked(s, linkRules{
		absolute: "issuers/link-absolute", inVault: "issuers/link-in-vault", apiVersion: "issuers/link-api-version",
		works: "issuers/link-works", sizeKept: "issuers/page-size-kept", ends: "issuers/ends",
	}, one, one)
}

func issuersReplaced(s *Suite) {
	rule(s, "issuers/replaced", func(c *Check, p *scenarios.SetIssuers) {
		c.requireBody(p.First)
		c.requireBody(p.Again)
		for _, e := range []*vault.Exchange{p.Again, p.AfterAgain} {
			c.Expect(e, match.HasStatus(200))
			c.Expect(e, match.Empty("org_details", "admin_details"))
			c.Expect(e, match.Absent("credentials", "account_id"))
		}
	})
	rule(s, "issuers/replaced-times", func(c *Check, p *scenarios.SetIssuers) {
		c.requireBody(p.First)
		c.requireBody(p.Again)
		c.keepsCreated(p.First, p.Again)
	})
	rule(s, "issuers/deleted", func(c *Check, p *scenarios.SetIssuers) {
		c.requireSuccess(p.Again)
		c.Accepts(p.Deleted, match.Status())
		c.Expect(p.Deleted, match.Equal(asked(p.Again, "provider"), "provider"))
	})
	rule(s, "issuers/deleted-gone", func(c *Check, p *scenarios.SetIssuers) {
		c.requireSuccess(p.AfterAgain)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.Gone, match.StatusClass())
	})
	rule(s, "issuers/deleted-twice", func(c *Check, p *scenarios.SetIssuers) {
		c.requireSuccess(p.Deleted)
		c.Accepts(p.DeletedOnce, match.Status())
	})
}

func issuersChanged(s *Suite) {
	rule(s, "issuers/patch-status", func(c *Check, p *scenarios.IssuersChanged) {
		c.requireSuccess(p.Before)
		c.Accepts(p.Plain, match.Status())
	})
	rule(s, "issuers/patch-keeps", func(c *Check, p *scenarios.IssuersChanged) {
		c.requireBody(p.Before)
		c.requireBody(p.Plain)
		for _, e := range []*vault.Exchange{p.Plain, p.After} {
			for _, path := range [][]string{{"provider"}, {"org_details"}, {"attributes", "enabled"}} {
				if want, err := match.At(p.Before, path...); err == nil {
					c.Expect(e, match.SameJSON(want, path...))
				}
			}
		}
	})
	rule(s, "issuers/patch-enabled-keeps", func(c *Check, p *scenarios.IssuersChanged) {
		c.requireBody(p.After)
		c.requireBody(p.Disabled)
		for _, e := range []*vault.Exchange{p.Disabled, p.AfterDisabled} {
			for _, path := range [][]string{{"provider"}, {"org_details"}, {"credentials", "account_id"}} {
				if want, err := match.At(p.After, path...); err == nil {
					c.Expect(e, match.SameJSON(want, path...))
				}
			}
		}
	})
	rule(s, "issuers/patch-times", func(c *Check, p *scenarios.IssuersChanged) {
		c.requireBody(p.Before)
		c.requireBody(p.Plain)
		c.keepsCreated(p.Before, p.Plain)
	})
	rule(s, "issuers/unknown-patch", func(c *Check, p *scenarios.IssuersChanged) {
		c.requireOnlyFlaw(p.Unknown, p.Plain)
		c.Accepts(p.Unknown, match.Status())
	})
}

// keepsCreated wants a later response to have the created of an earlier one, and no earlier updated.
func (c *Check) keepsCreated(earlier, later *vault.Exchange) {
	c.requireOf(earlier, func(e *vault.Exchange) bool {
		_, err := match.At(e, "attributes", "created")
		return err == nil
	}, "attributes.created")
	c.Expect(later, match.SameMember(earlier, "attributes", "created"))
	c.Expect(later, match.NotBefore(earlier, "attributes", "updated"))
}
