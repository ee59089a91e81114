package reports

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// merge makes one cause of what follows from one thing that is wrong, and of what one change mends.
func (g *grouping) merge() {
	g.sameResponse()
	g.everySide()
	g.together()
	g.links()
	for _, key := range g.order {
		if first := &g.byKey[key].evidence[0]; first.step != nil {
			g.follow(key, first)
		}
	}
}

// sameResponse merges into a wrong status whatever else is wrong with the same response, and with a body that is no JSON
// object at all.
func (g *grouping) sameResponse() {
	roots := map[Place]string{}
	for _, key := range g.order {
		for _, e := range g.byKey[key].evidence {
			if e.step == nil || e.aspect != "status" && e.aspect != "refusal" {
				continue
			}
			if _, ok := roots[e.at]; !ok {
				roots[e.at] = key
			}
		}
	}
	for _, key := range g.order {
		for _, e := range g.byKey[key].evidence {
			if root, ok := roots[e.at]; ok && (e.count == 1 || e.aspect == "status" || len(g.byKey[key].evidence) == 1) && e.aspect != "header" {
				g.into(key, root)
			}
			if e.step == nil || e.whole() == "" {
				continue
			}
			if root := e.step.Operation + "/status/" + strconv.Itoa(e.step.Status); g.byKey[root] != nil {
				g.into(key, root)
			}
		}
	}
}

// everySide merges what is wrong with the responses that accept, with those that refuse and with those that challenge.
func (g *grouping) everySide() {
	first := map[string]string{}
	for _, key := range g.order {
		side, rest, _ := strings.Cut(key, "/")
		if !slices.Contains([]string{"response", "error", "challenge"}, side) {
			continue
		}
		if !strings.HasPrefix(rest, "header/") && !strings.HasPrefix(rest, "body/whole/") && !strings.HasPrefix(rest, "body/error") {
			continue
		}
		if other, ok := first[rest]; ok {
			g.into(key, other)
			continue
		}
		first[rest] = key
	}
}

// together merges members that one change mends: a pair of times, and all the members of an object of which even the id
// is missing.
func (g *grouping) together() {
	for _, key := range g.order {
		thing, rest, _ := strings.Cut(key, "/body/")
		member, kind, _ := strings.Cut(rest, "/")
		for _, pair := range [][2]string{{"attributes.created", "attributes.updated"}, {"attributes.nbf", "attributes.exp"}} {
			if member == pair[1] && g.byKey[thing+"/body/"+pair[0]+"/"+kind] != nil {
				g.into(key, thing+"/body/"+pair[0]+"/"+kind)
			}
		}
		first := &g.byKey[key].evidence[0]
		if first.step == nil {
			continue
		}
		if id := carried(first.step) + "/body/id/missing"; kind == "missing" && member != "id" && g.byKey[id] != nil {
			g.into(key, id)
		}
	}
}

// links merges the links of a vault: if those of three things or more are wrong, they have a wrong base in common.
func (g *grouping) links() {
	var wrong, things []string
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil {
			continue
		}
		thing, member := first.thing()
		switch {
		case first.aspect == "body" && slices.Contains([]string{"id", "kid", "sid", "recoveryId", "target"}, member),
			first.aspect == "body" && thing == "list",
			first.aspect == "header" && strings.EqualFold(first.header, "Location"):
			wrong, things = append(wrong, key), addOnce(things, thing)
		}
	}
	if len(things) < 3 {
		return
	}
	for _, key := range wrong[1:] {
		g.into(key, wrong[0])
	}
}

// follow merges what follows from something else that is wrong: a link that leads nowhere from the link itself, what has
// to stay the same from what is wrong at first sight, the thumbprint from the certificate.
func (g *grouping) follow(key string, first *evidence) {
	_, member := first.thing()
	switch {
	case first.aspect == "identity" && first.header != "":
		g.after(key, func(e *evidence) bool { return e.aspect == "header" && e.header == first.header })
	case first.aspect == "identity" && member != "":
		g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect == "body" && m == member })
	case first.aspect == "header" && strings.EqualFold(first.header, "Content-Type") && first.whole() != "":
		g.after(key, func(e *evidence) bool { return strings.Contains(e.key(), "/body/whole/") && e.side() == first.side() })
	case first.aspect == "body" && slices.Contains([]string{"x5t", "attributes.nbf", "attributes.exp"}, member):
		g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect == "body" && m == "cer" })
	case first.aspect == "way", first.aspect == "body" && carried(first.step) == "list", first.aspect == "status" && g.followed(first):
		if !g.after(key, func(e *evidence) bool {
			return e.at.Play == first.at.Play && e.aspect == "header" && strings.EqualFold(e.header, "Location")
		}) {
			g.after(key, func(e *evidence) bool {
				_, m := e.thing()
				return carried(e.step) != "list" && slices.Contains([]string{"body", "identity"}, e.aspect) && (m == "id" || m == "target")
			})
		}
		if carried(first.step) == "list" {
			g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect != "header" && m == "cer" })
		}
	}
}

// followed tells whether the request went where an earlier response of the same play led.
func (g *grouping) followed(first *evidence) bool {
	u, err := url.Parse(first.step.URL)
	if err != nil || first.step.Status < 400 || first.refusalIsDue() {
		return false
	}
	for i := range g.report.Plays {
		if g.report.Plays[i].Name != first.at.Play {
			continue
		}
		for j := range g.report.Plays[i].Steps {
			step := &g.report.Plays[i].Steps[j]
			if step == first.step {
				return false
			}
			if strings.Contains(step.ResponseHeader.Get("Location"), u.Path) || strings.Contains(step.ResponseBody, u.Path) {
				return true
			}
		}
	}
	return false
}

// after merges a key into the first other whose evidence passes a test.
func (g *grouping) after(key string, test func(e *evidence) bool) bool {
	for _, other := range g.order {
		if other == key {
			continue
		}
		for i := range g.byKey[other].evidence {
			if e := &g.byKey[other].evidence[i]; e.step != nil && test(e) {
				g.into(key, other)
				return true
			}
		}
	}
	return false
}
