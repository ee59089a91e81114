package model

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// mostChains bounds how many lists may be read page by page at once; the oldest is forgotten.
const mostChains = 8

// A chain is the pages of one list that follow one another by their links. They are read one after another while names may be
// made and deleted; whatever is there throughout is on one of them, and on one only.
type chain struct {
	operation string
	next      string // the link of the last page so far
	pages     int
	first     *vault.Exchange
	last      *vault.Exchange
	ended     time.Time
	// throughout is what was there when the first page was asked for.
	throughout []*presence
}

// presence is what a history was sure of when a list began: the keys that the list has to show of it, each with the page that
// showed it, 0 for none.
type presence struct {
	*history
	before int // removals until then
	keys   []string
	on     map[string]int
}

// page is one page on its way into a chain.
type page struct {
	*chain
	e      *vault.Exchange
	items  []any
	link   string
	listed func(h *history) []string
}

// pageOf finds the chain that a page of a list belongs to, or begins one with it. It is nil where the exchange is no page. It comes before the judge takes the exchange, so that a new chain knows what was there before it.
func (j *Judge) pageOf(e *vault.Exchange, began time.Time) *page {
	if e == nil || !listsNames(e.Operation) && e.Operation != vault.GetCertificateVersions {
		return nil
	}
	if !e.Succeeded() {
		j.deadLink(e)
		return nil
	}
	items, ok := e.Member("value").([]any)
	u := address(e)
	if !ok || u == nil {
		return nil
	}
	link, _ := e.Member("nextLink").(string)
	p := &page{e: e, items: items, link: link, listed: j.itemsOf(e, u, items)}
	if p.chain = j.chainOf(e); p.chain != nil {
		return p
	}
	if link == "" || e.Request.Followed || partialByToken(e) {
		return p // a list by itself, or one whose first pages are not known
	}
	p.chain = &chain{operation: e.Operation, first: e}
	for _, h := range j.subjectsOf(e, u) {
		if len(h.window) > 0 && !began.IsZero() && !h.over(began) {
			continue // something is under way that may change it
		}
		h.flush(j)
		if keys := h.surely(e.Operation); len(keys) > 0 {
			p.throughout = append(p.throughout, &presence{history: h, before: h.removals, keys: keys, on: map[string]int{}})
		}
	}
	return p
}

// chainOf takes the chain out that an exchange goes on with, nil if there is none.
func (j *Judge) chainOf(e *vault.Exchange) *chain {
	asked := linkKey(e.Request.URL)
	at := slices.IndexFunc(j.chains, func(c *chain) bool { return c.operation == e.Operation && c.next == asked })
	if at < 0 {
		return nil
	}
	c := j.chains[at]
	j.chains = slices.Delete(j.chains, at, at+1)
	return c
}

// deadLink notes a link that a page gave and that the vault rejects. A list of versions may go with its name.
func (j *Judge) deadLink(e *vault.Exchange) {
	status := e.Status()
	if !j.options.Legal || e.Failure != nil || status != http.StatusBadRequest && status != http.StatusNotFound && status != http.StatusGone {
		return
	}
	if c := j.chainOf(e); c != nil && e.Operation != vault.GetCertificateVersions {
		c.last = e
		j.findings = append(j.findings, Finding{
			Statement: statement("B-6-19"), Subject: linkKey(c.first.Request.URL), Expected: "the next page",
			Got: fmt.Sprintf("status %d", status), Exchange: e, After: []*vault.Exchange{c.first},
		})
	}
}

func partialByToken(e *vault.Exchange) bool {
	_, there := e.Request.Query("$skiptoken")
	return there
}

// linkKey is a link as it is compared: hosts and the order of parameters may differ.
func linkKey(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	query := u.Query()
	query.Del("api-version") // which a client adds where a link has none
	return strings.ToLower(strings.TrimSuffix(u.Path, "/")) + "?" + query.Encode()
}

// subjectsOf are the histories that a list is about: that of one name, or all of a kind.
func (j *Judge) subjectsOf(e *vault.Exchange, u *url.URL) []*history {
	base, kind, rest := places(u.Path)
	endpoint := u.Scheme + "://" + u.Host + base
	if e.Operation == vault.GetCertificateVersions {
		if len(rest) == 0 || kind == "" {
			return nil
		}
		if h := j.names[j.subjectOf(endpoint, "certificates", rest[0])]; h != nil {
			return []*history{h}
		}
		return nil
	}
	prefix := j.subjectOf(endpoint, kindOf(e.Operation), "")
	var all []*history
	for _, h := range j.order {
		if name, ours := strings.CutPrefix(h.subject, prefix); ours && !strings.Contains(name, "/") {
			all = append(all, h)
		}
	}
	return all
}

// kindOf is the kind of the histories that a list of names is about. A deleted certificate has one history with the live one.
func kindOf(operation string) string {
	if operation == vault.GetCertificateIssuers {
		return issuersKind
	}
	return "certificates"
}

// itemsOf finds what a page shows of a history: its versions, or the name itself, once for each item.
func (j *Judge) itemsOf(e *vault.Exchange, u *url.URL, items []any) func(h *history) []string {
	if e.Operation == vault.GetCertificateVersions {
		return func(*history) []string {
			var ids []string
			for _, item := range items {
				if b, ok := bundleOf(item); ok {
					ids = append(ids, b.id)
				}
			}
			return ids
		}
	}
	base, _, _ := places(u.Path)
	endpoint := u.Scheme + "://" + u.Host + base
	return func(h *history) []string {
		var names []string
		for _, item := range items {
			if listed := j.listed(endpoint, kindOf(e.Operation), []any{item}); listed[h.subject] != nil {
				names = append(names, h.subject)
			}
		}
		return names
	}
}

// surely are the keys that a list has to show of a history, by what is known of it beyond doubt.
func (h *history) surely(operation string) []string {
	keys := []string{h.subject}
	for i, s := range h.states {
		there := s.life == live && s.finished() && !s.lost
		switch operation {
		case vault.GetDeletedCertificates:
			there = s.life == deleted && s.finished() && !s.lost
		case vault.GetCertificateIssuers:
			there = s.issuer.there == yes && !s.lost
		case vault.GetCertificateVersions:
			if i == 0 {
				keys = s.finishedVersions()
			}
		}
		if !there {
			return nil
		}
	}
	return keys
}

func (s *state) finishedVersions() []string {
	var ids []string
	for _, v := range s.versions {
		if v.cer != "" {
			ids = append(ids, v.id)
		}
	}
	return ids
}

// turn takes a page into its chain. A chain whose last page it is waits until nothing that is added later can have been under
// way beside it.
func (j *Judge) turn(p *page, ended time.Time) {
	if p == nil {
		return
	}
	j.onceEach(p)
	c := p.chain
	if c == nil {
		return
	}
	c.pages++
	c.last, c.ended = p.e, ended
	for _, was := range c.throughout {
		for _, key := range p.listed(was.history) {
			if before := was.on[key]; before > 0 && before < c.pages && slices.Contains(was.keys, key) && j.lasts(was) {
				j.pageFinding(c, was, key+" once", fmt.Sprintf("it on page %d and on page %d", before, c.pages))
			}
			was.on[key] = c.pages
		}
	}
	if p.link == "" {
		j.due = append(j.due, c)
		return
	}
	c.next = linkKey(p.link)
	j.chains = latest(append(j.chains, c), mostChains)
}

// lasts reports whether nothing removed what a history was sure of, as far as was added.
func (j *Judge) lasts(was *presence) bool {
	return j.names[was.subject] == was.history && was.removals == was.before && !was.contradicted
}

// judgePages judges the chains that had ended before a time, and all of them where it is zero.
func (j *Judge) judgePages(began time.Time) {
	var left []*chain
	for _, c := range j.due {
		if !began.IsZero() && !began.After(c.ended) {
			left = append(left, c)
			continue
		}
		for _, was := range c.throughout {
			for _, key := range was.keys {
				if was.on[key] == 0 && j.lasts(was) {
					j.pageFinding(c, was, key+" on one of the pages", fmt.Sprintf("%d pages without it", c.pages))
				}
			}
		}
	}
	j.due = left
}

func (j *Judge) pageFinding(c *chain, was *presence, expected, got string) {
	f := Finding{Statement: statement("B-6-19"), Subject: was.subject, Member: "/value", Expected: expected, Got: got, Exchange: c.last}
	if c.first != c.last {
		f.After = append(f.After, c.first)
	}
	j.findings = append(j.findings, f)
}

// onceEach notes what one page has twice. Of traffic that others recorded nobody knows: names may have been made alike in it.
func (j *Judge) onceEach(p *page) {
	if twice := repeats(p.items); twice != "" && j.options.Legal {
		j.findings = append(j.findings, Finding{
			Statement: statement("B-6-09"), Subject: twice, Member: "/value", Expected: "each object once", Got: twice + " twice", Exchange: p.e,
		})
	}
}

// repeats is the first thing that a page has twice, "" if there is none.
func repeats(items []any) string {
	seen := map[string]bool{}
	for _, item := range items {
		object, _ := item.(map[string]any)
		id, _ := object["id"].(string)
		if id = strings.ToLower(strings.TrimSuffix(id, "/")); id == "" {
			continue
		}
		if seen[id] {
			return id
		}
		seen[id] = true
	}
	return ""
}
