package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// manyUnkept is how many members of one request have to be lost for the request to be what is not kept.
const manyUnkept = 3

// unkept merges the members that were sent with the requests of one operation in a play and are not in the responses as they
// were sent: an operation that stores nothing is one cause, however many members there are.
func (g *grouping) unkept() {
	type requests struct{ play, operation string }
	lost := map[requests][]string{}
	for _, key := range g.order {
		e := &g.byKey[key].evidence[0]
		if _, rest, ok := strings.Cut(key, "/body/"); !ok || rest == "" || !e.wasSent() {
			continue
		}
		of := requests{e.at.Play, e.step.Operation}
		lost[of] = addOnce(lost[of], key)
	}
	for _, keys := range lost {
		if len(keys) < manyUnkept {
			continue
		}
		for _, key := range keys[1:] {
			g.into(key, keys[0])
		}
		g.sentAlike(keys[0])
		first := &g.byKey[keys[0]].evidence[0]
		g.byKey[keys[0]].title = fmt.Sprintf("%s does not keep %d members that were sent, such as %s", first.step.Operation, len(keys), withoutIndexes(first.member))
	}
}

// sentAlike merges the other members that the same operation returns otherwise than they were sent, or than they were before.
func (g *grouping) sentAlike(root string) {
	operation := g.byKey[root].evidence[0].step.Operation
	for _, key := range g.order {
		e := &g.byKey[key].evidence[0]
		elsewhere := func(e evidence) bool { return !e.historical() && e.step != nil && e.step.Operation != operation }
		if e.step == nil || e.step.Operation != operation || g.parent[key] != "" || slices.ContainsFunc(g.byKey[key].evidence, elsewhere) || !strings.Contains(e.step.RequestBody, "{") || e.step.Status >= 300 {
			continue
		}
		if _, member := e.thing(); e.aspect == "body" && e.wasSent() || e.aspect == "identity" && e.header == "" && member != "" {
			g.into(key, root)
		}
	}
}

// wasSent reports whether the request of the response had the member, or the object that it belongs to.
func (e *evidence) wasSent() bool {
	if e.step == nil || e.member == "" || e.aspect == "header" || e.step.Status >= 300 {
		return false
	}
	var value any
	if json.Unmarshal([]byte(e.step.RequestBody), &value) != nil {
		return false
	}
	for _, name := range strings.Split(strings.TrimPrefix(e.member, "/"), "/") {
		object, ok := value.(map[string]any)
		if !ok {
			return false
		}
		if value, ok = object[name]; !ok {
			return false
		}
	}
	return true
}

// differing merges a group of a policy that two responses have otherwise into the member of it that is known to be wrong.
func (g *grouping) differing() {
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || !strings.HasSuffix(first.got, " differs") {
			continue
		}
		thing, member := first.thing()
		if thing != "policy" {
			continue
		}
		g.after(key, func(e *evidence) bool {
			of, m := e.thing()
			return of == "policy" && e.aspect == "body" && strings.HasPrefix(m, member+".")
		})
	}
}
