package reports

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// badNames merges requests that are accepted under names that no certificate can have: a name is looked at in one place, whatever
// the operation.
func (g *grouping) badNames() {
	root, rules := "", []string{}
	for _, key := range g.order {
		all := g.byKey[key].evidence
		if g.parent[key] != "" || slices.ContainsFunc(all, func(e evidence) bool { return !e.illegalForm() || validName(named(e.step)) }) {
			continue
		}
		if root == "" {
			root = key
		}
		g.into(key, root)
		for i := range all {
			rules = addOnce(rules, all[i].rule.ID)
		}
	}
	if len(rules) > 1 {
		g.byKey[root].title = "names that no certificate can have are accepted: " + strings.Join(rules, ", ")
	}
}

// unvalidated merges what an operation accepts though it is illegal, if that is many things: it does not look at what it is sent.
func (g *grouping) unvalidated() {
	accepts := map[string][]string{}
	for _, key := range g.order {
		all := g.byKey[key].evidence
		if g.parent[key] != "" || slices.ContainsFunc(all, func(e evidence) bool { return !e.historical() && (!e.illegalForm() || !validName(named(e.step))) }) {
			continue
		}
		if first := &all[0]; first.step != nil && !first.historical() {
			accepts[first.step.Operation] = append(accepts[first.step.Operation], key)
		}
	}
	for operation, keys := range accepts {
		if len(keys) < manyUnkept {
			continue
		}
		var rules []string
		for _, key := range keys {
			g.into(key, keys[0])
			for i := range g.byKey[key].evidence {
				_, of, _ := strings.Cut(g.byKey[key].evidence[i].rule.ID, "/")
				rules = addOnce(rules, of)
			}
		}
		g.byKey[keys[0]].title = fmt.Sprintf("%s accepts %d kinds of requests that have to be rejected: %s", operation, len(rules), strings.Join(rules, ", "))
	}
}

// illegalForm reports whether the evidence is a request that was accepted and is illegal in its own form, whatever there is.
func (e *evidence) illegalForm() bool {
	if e.step != nil && below(e.step.RequestBody, "cancellation_requested") != nil {
		return false // a cancellation is legal or not by the state
	}
	return e.aboutStatus() && e.refusalIsDue() && e.step.Status < 300 && e.step.Method != http.MethodGet && e.step.query() == "" &&
		e.step.RequestBody != "" && strings.HasSuffix(e.key(), "/refusal/2xx/"+e.at.Play+"."+e.at.Step)
}

// longestName is how many characters a name has at most.
const longestName = 127

// validName reports whether a certificate can have a name: letters, digits and hyphens.
func validName(name string) bool {
	if unescaped, err := url.PathUnescape(name); err == nil {
		name = unescaped
	}
	return name != "" && len(name) <= longestName && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
