package reports

import (
	"cmp"
	"strings"
)

// lists merges what a list shows twice, or not at all, with what is wrong with its pages, and what rests on an item that is
// not listed with that.
func (g *grouping) lists() {
	wrong := map[string]*paging{}
	for key, e := range g.all() {
		if e.step == nil || e.historical() {
			continue
		}
		of := wrong[e.step.Operation]
		if of == nil {
			of = &paging{}
			wrong[e.step.Operation] = of
		}
		switch {
		case e.member == "/nextLink" && e.aspect == "body" && of.link == "":
			of.link, of.circles = key, strings.HasPrefix(e.got, "the nextLink of an earlier page")
		case key == "list/paging" && of.page == "":
			of.page = key
		}
	}
	for _, key := range g.order {
		g.shareWhole(key, func(e *evidence) string {
			if of := wrong[e.step.Operation]; of != nil {
				return of.root(key, e)
			}
			return ""
		})
	}
}

// paging is what is wrong with the pages of an operation: the causes of its links and of the sizes of its pages, "" for none.
type paging struct {
	link, page string
	circles    bool // the links lead to pages that were read before
}

// root is the cause of the two that evidence with a key follows from.
func (p *paging) root(key string, e *evidence) string {
	switch {
	case key == p.link || key == p.page && p.link == "":
		return ""
	case strings.HasPrefix(e.got, "not followed: "), key == p.page:
		return p.link
	case !strings.HasSuffix(e.key(), "/body/items"):
		return ""
	case strings.HasPrefix(e.got, "a list without it") && p.circles:
		return p.link
	case strings.Contains(e.got, " twice"), strings.HasSuffix(e.want, "one version"):
		return cmp.Or(p.link, p.page)
	}
	return ""
}
