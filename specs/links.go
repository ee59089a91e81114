package specs

import (
	"net/url"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// linkRules are the ids of the rules about the links between the pages of a list. The four lists have the same rules; one that
// a list does not have is empty.
type linkRules struct{ absolute, inVault, apiVersion, works, sizeKept, ends string }

// linked adds the rules about the links of some lists, each read with maxresults; whole are lists that have an end as well.
func linked[P any](s *Suite, ids linkRules, lists func(p *P) [][]*vault.Exchange, whole func(p *P) [][]*vault.Exchange) {
	for id, test := range map[string]func(c *Check, page *vault.Exchange) match.Test{
		ids.absolute: func(*Check, *vault.Exchange) match.Test {
			return match.Member("to be an absolute URL", isAbsolute, "nextLink")
		},
		ids.inVault: func(c *Check, _ *vault.Exchange) match.Test { return match.InVault(c.Facts.IDBase, "nextLink") },
		ids.apiVersion: func(_ *Check, page *vault.Exchange) match.Test {
			return match.LinkQuery("nextLink", "api-version", apiVersionOf(page))
		},
	} {
		if id == "" {
			continue
		}
		rule(s, id, func(c *Check, p *P) {
			var pages []*vault.Exchange
			for _, list := range lists(p) {
				pages = append(pages, c.requireLink(list)...)
			}
			for _, page := range pages {
				c.Expect(page, test(c, page))
			}
		})
	}
	rule(s, ids.works, func(c *Check, p *P) { c.expectLinksWork(lists(p)[0]) })
	rule(s, ids.ends, func(c *Check, p *P) {
		for _, list := range whole(p) {
			c.expectEnd(list)
		}
	})
	if ids.sizeKept == "" {
		return
	}
	rule(s, ids.sizeKept, func(c *Check, p *P) {
		all := lists(p)
		c.requireLink(all[len(all)-1])
		for _, list := range all {
			c.begun(list)
			c.expectPageSize(list[1:], size(c, list[0]))
		}
	})
}

func isAbsolute(value any) bool {
	text, _ := value.(string)
	u, err := url.Parse(text)
	return err == nil && u.IsAbs() && u.Host != ""
}
