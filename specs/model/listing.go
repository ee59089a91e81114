package model

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// observed finds what an exchange is about: one name, or each name of a list that the judge knows already.
func (j *Judge) observed(e *vault.Exchange) []*observation {
	if e == nil || !listsNames(e.Operation) {
		return j.observe(e)
	}
	if !e.Succeeded() || e.Failure != nil {
		return nil
	}
	u := address(e)
	items, ok := e.Member("value").([]any)
	if u == nil || !ok {
		return nil
	}
	base, kind, _ := places(u.Path)
	if kind == "" {
		return nil
	}
	kind = "certificates" // a deleted certificate has one history with the live one
	if e.Operation == vault.GetCertificateIssuers {
		kind = issuersKind
	}
	endpoint := u.Scheme + "://" + u.Host + base
	listed := j.listed(endpoint, kind, items)
	link, _ := e.Member("nextLink").(string)
	whole := link == "" && !partial(e)
	prefix := j.subjectOf(endpoint, kind, "")
	var all []*observation
	for _, h := range j.order {
		name, ours := strings.CutPrefix(h.subject, prefix)
		item := listed[h.subject]
		if !ours || strings.Contains(name, "/") || item == nil && !whole {
			continue
		}
		o := &observation{Exchange: e, subject: h.subject, name: name, status: e.Status(), item: item, take: j.steps[e.Operation]}
		all = append(all, o)
	}
	return all
}

func listsNames(operation string) bool {
	return slices.Contains([]string{vault.GetCertificates, vault.GetDeletedCertificates, vault.GetCertificateIssuers}, operation)
}

// listed are the items of a list by the names that they are about.
func (j *Judge) listed(endpoint, kind string, items []any) map[string]map[string]any {
	listed := map[string]map[string]any{}
	for _, value := range items {
		item, _ := value.(map[string]any)
		id, _ := item["id"].(string)
		_, collection, rest := places(strings.TrimSuffix(id, "/"))
		if kind == issuersKind && len(rest) > 0 {
			rest = rest[1:] // after the word issuers
		}
		if collection != "" && len(rest) > 0 {
			listed[j.subjectOf(endpoint, kind, rest[0])] = item
		}
	}
	return listed
}

// listedNames is GetCertificates, as it is about one name: the name is in the list, or it is not.
func (t *step) listedNames() {
	item := t.o.item
	switch {
	case item == nil:
		if t.life == live && t.finished() && !t.lost {
			t.breaks("B-6-18", "/value", "the certificate among the others", "a list without it", t.lifeSet, t.set)
		}
	case t.life == deleted:
		t.breaks("B-7-05", "/value", "a list without the certificate, because it is deleted", "the certificate in the list", t.lifeSet)
	case t.life == absent && len(t.purged) > 0:
		t.breaks("B-7-10", "/value", "a list without the certificate, because it was purged", "the certificate in the list", t.lifeSet)
	case t.life == live:
		t.showsCurrent(item)
	}
}

// showsCurrent compares an item with the current version, if there is no doubt which one that is.
func (t *step) showsCurrent(item map[string]any) {
	v := t.version(t.current)
	p := &t.pending
	if v == nil || v.cer == "" || t.newer || t.hidden > 0 || v.tagged != yes || p.there == unknown || p.status == inProgress || p.mayMake() {
		return
	}
	if tags := texts(item["tags"]); !maps.Equal(tags, v.tags) {
		t.breaks("B-4-03", "/value/tags", written(v.tags), written(tags), v.last, v.changed)
	}
	t.showsAsRead(item, v)
}

// showsAsRead compares an item of a list of names with what reads have shown of the version that it is of.
func (t *step) showsAsRead(item map[string]any, v *version) {
	if t.broken() {
		return
	}
	shown := timesOf(item)
	x5t, _ := item["x5t"].(string)
	enabled := ""
	if value, there := dig(item, "attributes", "enabled").(bool); there && v.enabled != unknown {
		enabled = strconv.FormatBool(value)
	}
	for _, same := range []struct{ member, had, got string }{
		{"x5t", v.x5t, x5t}, {"attributes/enabled", v.enabled.word(), enabled}, {"attributes/created", v.times.created, shown.created},
		{"attributes/nbf", v.times.nbf, shown.nbf}, {"attributes/exp", v.times.exp, shown.exp},
	} {
		if same.had != "" && same.got != "" && same.had != same.got {
			t.breaks("B-6-18", "/value/"+same.member, same.had+", as reads show it", same.got, v.last, v.changed)
			return
		}
	}
	if tags := texts(item["tags"]); v.tagged == yes && !maps.Equal(tags, v.tags) {
		t.breaks("B-6-18", "/value/tags", written(v.tags)+", as reads show them", written(tags), v.last, v.changed)
	}
}

// listedDeleted is GetDeletedCertificates, as it is about one name.
func (t *step) listedDeleted() {
	switch {
	case t.o.item == nil:
		if t.life == deleted && t.finished() { // lists may leave out what never was finished
			t.breaks("B-7-08", "/value", "the certificate among the deleted ones", "a list without it", t.lifeSet)
		}
	case t.life == deleted || t.life == deleting:
		t.life = deleted // the list shows it
		// A request that was in progress when the name was deleted may have made a version since.
		if v := t.version(t.current); v != nil && v.cer != "" && !t.newer && t.hidden == 0 && !t.pending.mayYetMake() {
			t.showsAsRead(t.o.item, v)
		}
		t.showsDeletion(func(name string) any { return t.o.item[name] }, "B-6-18", "/value")
	case t.life == live && t.lifeSet != nil:
		t.breaks("B-7-09", "/value", "a list without the certificate, because it is not deleted", "the certificate in the list", t.lifeSet)
	case t.life == absent && len(t.purged) > 0:
		t.breaks("B-7-10", "/value", "a list without the certificate, because it was purged", "the certificate in the list", t.lifeSet)
	}
}

// partial reports whether a list may be a page of several.
func partial(e *vault.Exchange) bool {
	return e.Request.Followed || slices.ContainsFunc([]string{"$skiptoken", "maxresults"}, func(parameter string) bool {
		_, there := e.Request.Query(parameter)
		return there
	})
}
