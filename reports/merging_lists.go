package reports

import (
	"strings"
)

// lists merges what a list shows twice, or not at all, with what is wrong with its pages, and what rests on an item that is
// not listed with that.
func (g *grouping) lists() {
	links, pages, circles := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, key := range g.order {
		for i := range g.byKey[key].evidence {
			e := &g.byKey[key].evidence[i]
			switch {
			case e.step == nil || e.historical():
			case e.member == "/nextLink" && e.aspect == "body" && links[e.step.Operation] == "":
				links[e.step.Operation], circles[e.step.Operation] = key, strings.HasPrefix(e.got, "the nextLink of an earlier page")
			case key == "list/paging" && pages[e.step.Operation] == "":
				pages[e.step.Operation] = key
			}
		}
	}
	for _, key := range g.order {
		g.shareWhole(key, func(e *evidence) string {
			link, page := links[e.step.Operation], pages[e.step.Operation]
			switch {
			case key == link || key == page && link == "":
				return ""
			case strings.HasPrefix(e.got, "not followed: "), key == page:
				return link
			case !strings.HasSuffix(e.key(), "/body/items"):
				return ""
			case strings.HasPrefix(e.got, "a list without it") && circles[e.step.Operation]:
				return link
			case strings.Contains(e.got, " twice"), strings.HasSuffix(e.want, "one version"):
				if link != "" {
					return link
				}
				return page
			}
			return ""
		})
	}
}
