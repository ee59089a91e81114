package specs

import (
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// entry is an item of a list with its place.
type entry struct {
	page  *vault.Exchange
	index int
	id    string
}

// entries are the items on the pages of a list that have an id.
func entries(pages []*vault.Exchange) []entry {
	var all []entry
	for _, page := range pages {
		values, _ := page.Member("value").([]any)
		for i, value := range values {
			object, _ := value.(map[string]any)
			if id, ok := object["id"].(string); ok {
				all = append(all, entry{page: page, index: i, id: strings.TrimSuffix(id, "/")})
			}
		}
	}
	return all
}

// entriesOf are the items with an id.
func entriesOf(pages []*vault.Exchange, id string) []entry {
	var own []entry
	for _, e := range entries(pages) {
		if strings.EqualFold(e.id, strings.TrimSuffix(id, "/")) {
			own = append(own, e)
		}
	}
	return own
}

// begun needs a list of which a page was asked for. A link that cannot be followed breaks the rules of links alone, so it is
// the first page that counts.
func (c *Check) begun(pages []*vault.Exchange) {
	if len(pages) == 0 {
		c.Got(nil)
	}
	c.Got(pages[0])
}

// requireList needs a list that was read to its end.
func (c *Check) requireList(pages []*vault.Exchange) {
	c.begun(pages)
	for _, page := range pages {
		c.requireSuccess(page)
	}
	c.requireOf(scenarios.Last(pages), func(last *vault.Exchange) bool {
		return len(pages) < scenarios.MostPages || last.Text("nextLink") == ""
	}, fmt.Sprintf("the end of the list within %d pages", scenarios.MostPages))
}

// requireEntry needs a list to have an item, and returns it.
func (c *Check) requireEntry(pages []*vault.Exchange, id string) entry {
	c.Need(id != "", "an id of the certificate")
	c.begun(pages)
	own := entriesOf(pages, id)
	c.requireOf(scenarios.Last(pages), func(*vault.Exchange) bool { return len(own) > 0 }, "an item with the id "+id)
	return own[0]
}

// expectListed expects a list to have an item of each id.
func (c *Check) expectListed(pages []*vault.Exchange, ids ...string) {
	c.requireList(pages)
	for _, id := range ids {
		c.Need(id != "", "an id of the certificate")
		if len(entriesOf(pages, id)) == 0 {
			c.finding.Member = "/value"
			c.Fail(scenarios.Last(pages), "a list with "+id, "a list without it")
		}
	}
}

// expectUnlisted expects a list to have no item of an id.
func (c *Check) expectUnlisted(pages []*vault.Exchange, id string) {
	c.Need(id != "", "an id of the certificate")
	if own := entriesOf(pages, id); len(own) > 0 {
		c.finding.Member = match.Pointer("value")
		c.Fail(own[0].page, "a list without "+id, "a list with it")
	}
}

// expectOnce expects a list to have some ids once, of which it has at least one.
func (c *Check) expectOnce(pages []*vault.Exchange, ids ...string) {
	found := c.expectNoneTwice(pages, ids...)
	c.Need(found > 0, "a list with the certificate")
}

// expectNoneTwice expects a list to have no id more than once among some, and counts those that it has.
func (c *Check) expectNoneTwice(pages []*vault.Exchange, ids ...string) (found int) {
	for _, id := range ids {
		own := entriesOf(pages, id)
		if len(own) > 1 {
			c.finding.Member = "/value"
			c.Fail(own[1].page, "a list with "+id+" once", "a list with it twice")
		}
		found += len(own)
	}
	return found
}

// expectItem expects an item of a list to describe a certificate as a read of it does, in some members of the attributes.
func (c *Check) expectItem(pages []*vault.Exchange, id string, test func(index int) match.Test) {
	own := c.requireEntry(pages, id)
	c.Expect(own.page, test(own.index))
}

// expectPageSize expects the pages of a list to hold no more items than the request asked for.
func (c *Check) expectPageSize(pages []*vault.Exchange, most int) {
	for _, page := range pages {
		c.requireSuccess(page)
		c.Expect(page, match.MostItems(most))
	}
}

// expectEnd expects the chain of the pages to end: no link is given twice, and no page repeats what was listed before.
func (c *Check) expectEnd(pages []*vault.Exchange) {
	c.begun(pages)
	links, ids := map[string]bool{}, map[string]bool{}
	for _, page := range pages {
		link := page.Text("nextLink")
		if link != "" && links[link] {
			c.finding.Member = "/nextLink"
			c.Fail(page, "a nextLink that no earlier page has", "the nextLink of an earlier page")
		}
		links[link] = true
		known, listed := 0, entries([]*vault.Exchange{page})
		for _, e := range listed {
			if ids[strings.ToLower(e.id)] {
				known++
			}
			ids[strings.ToLower(e.id)] = true
		}
		if known > 0 && known == len(listed) && link != "" {
			c.finding.Member = "/value"
			c.Fail(page, "a page with items that no earlier page has", "a page with items of earlier pages alone, and a nextLink")
		}
	}
	c.requireList(pages)
}

// requireLink needs a list of several pages, and returns those with a link.
func (c *Check) requireLink(pages []*vault.Exchange) []*vault.Exchange {
	c.begun(pages)
	var linked []*vault.Exchange
	for _, page := range pages {
		if page.Succeeded() && page.Text("nextLink") != "" {
			linked = append(linked, page)
		}
	}
	c.requireOf(pages[0], func(*vault.Exchange) bool { return len(linked) > 0 }, "a nextLink")
	return linked
}

// expectLinksWork expects every page that a link led to to be one.
func (c *Check) expectLinksWork(pages []*vault.Exchange) {
	c.requireLink(pages)
	for _, page := range pages[1:] {
		if page.Failure != nil && page.Failure.Kind == vault.NotSent {
			continue // a link that leads away breaks the rule about where it leads
		}
		c.Accepts(page, match.Status())
	}
}

// listedThumbprint is the x5t of an item, "" where it has none.
func listedThumbprint(pages []*vault.Exchange, id string) string {
	for _, item := range items(pages) {
		listed, _ := item["id"].(string)
		if strings.EqualFold(strings.TrimSuffix(listed, "/"), strings.TrimSuffix(id, "/")) {
			thumbprint, _ := item["x5t"].(string)
			return thumbprint
		}
	}
	return ""
}

// itemIDs are the ids of the items on the pages of a list.
func itemIDs(pages []*vault.Exchange) []string {
	var ids []string
	for _, item := range items(pages) {
		if id, ok := item["id"].(string); ok {
			ids = append(ids, strings.TrimSuffix(id, "/")) // a matter of every-answer/identifier-form
		}
	}
	return ids
}

// items are the objects on the pages of a list.
func items(pages []*vault.Exchange) []map[string]any {
	var objects []map[string]any
	for _, page := range pages {
		values, _ := page.Member("value").([]any)
		for _, value := range values {
			if object, ok := value.(map[string]any); ok {
				objects = append(objects, object)
			}
		}
	}
	return objects
}

func listedIn(pages []*vault.Exchange, id string) bool {
	for _, listed := range itemIDs(pages) {
		if strings.EqualFold(listed, strings.TrimSuffix(id, "/")) {
			return true
		}
	}
	return false
}
