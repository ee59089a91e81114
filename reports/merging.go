package reports

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// merge makes one cause of what follows from one thing that is wrong, and of what one change fixes.
func (g *grouping) merge() {
	g.sameResponse()
	g.everySide()
	g.together()
	g.states()
	g.links()
	g.never()
	g.statuses()
	g.later()
	g.listed()
	g.histories()
	for _, key := range g.order {
		if first := &g.byKey[key].evidence[0]; first.step != nil && g.parent[key] == "" { // it would take its root along
			g.follow(key, first)
		}
	}
	g.forms()
	g.ignored()
	g.afterwards()
	g.alike()
	g.lists()
	g.deletions()
	g.copies()
	g.bases()
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

// together merges members that one change fixes: a pair of times, the members of an object of which the id or three
// others are missing as well, and what a response shows that is about another thing than was asked for.
func (g *grouping) together() {
	pairs := map[string]string{
		"attributes.updated": "attributes.created", "attributes.exp": "attributes.nbf", "scheduledPurgeDate": "deletedDate",
	}
	type object struct {
		at    Place
		thing string
	}
	missing := map[object][]string{}
	others := map[Place]string{}
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil {
			continue
		}
		thing, rest, _ := strings.Cut(key, "/body/")
		member, kind, _ := strings.Cut(rest, "/")
		if root := thing + "/body/" + pairs[member] + "/" + kind; g.byKey[root] != nil {
			g.into(key, root)
		}
		if kind == "missing" {
			in := object{first.at, thing}
			missing[in] = append(missing[in], key)
			if id := thing + "/body/id/missing"; member != "id" && g.byKey[id] != nil && lacksID(first) {
				g.into(key, id)
			}
		}
		if strings.HasSuffix(key, "/identity/id") {
			for _, e := range g.byKey[key].evidence {
				others[e.at] = key
			}
		}
	}
	for _, keys := range missing {
		if len(keys) > 2 {
			for _, key := range keys[1:] {
				g.into(key, keys[0])
			}
		}
	}
	g.unkept()
	g.differing()
	g.requested()
	g.parts()
	for _, key := range g.order {
		g.within(key, func(e *evidence) string { return others[e.at] })
	}
}

// lacksID reports whether the object that the evidence is about has no id in its own response.
func lacksID(first *evidence) bool {
	of := *first
	of.member = "/id"
	if rest, ok := strings.CutPrefix(first.member, "/policy/"); ok && rest != "" {
		of.member = "/policy/id"
	}
	kind, _ := of.kind()
	return kind == "missing"
}

// states merges the end of an operation that comes too early: on the create, on a read right after it, and with the target
// that such an operation has.
func (g *grouping) states() {
	root := ""
	for _, key := range g.order {
		for _, created := range []string{"CreateCertificate/state/completed", "GetCertificateOperation/state/completed"} {
			if key == created || key == created+"/after CreateCertificate" {
				root = cmp.Or(root, key)
				g.into(key, root)
			}
		}
	}
	if target := "operation/body/target/wrong"; root != "" && g.byKey[target] != nil {
		g.shareWhole(target, func(e *evidence) string {
			if e.state() != "completed" || e.want != "no target" {
				return ""
			}
			return root
		})
	}
}

// within merges a key of which each piece of evidence, seen in one response each, has the same root.
func (g *grouping) within(key string, rootOf func(*evidence) string) {
	g.shareWhole(key, func(e *evidence) string {
		root := rootOf(e)
		if root == "" || e.aspect == "header" || e.count > max(len(g.byKey[root].evidence), 1) {
			return ""
		}
		return root
	})
}

// named is the certificate that a request is about.
func named(step *Step) string {
	u, err := url.Parse(step.URL)
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(u.Path, "/certificates/")
	name, _, _ := strings.Cut(rest, "/")
	return name
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
		case kindOf(key) != "wrong":
		case first.aspect == "body" && slices.Contains([]string{"id", "kid", "sid", "recoveryId", "target"}, member),
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
	thing, member := first.thing()
	switch {
	case g.fromCompanionLink(key, first, thing, member):
	case first.aspect == "identity" && first.header != "":
		g.after(key, func(e *evidence) bool { return e.aspect == "header" && e.header == first.header })
	case first.aspect == "identity" && member != "":
		g.followIdentity(key, first, thing, member)
	case first.aspect == "header" && strings.EqualFold(first.header, "Content-Type") && first.whole() != "":
		g.followWhole(key, first)
	case first.aspect == "status":
		g.followStatus(key, first)
	case first.aspect == "body":
		g.followMember(key, first, member)
	case listsOtherThumbprint(first):
		g.after(key, showsCer)
	case first.aspect == "way":
		g.fromLink(key)
	}
}

// followIdentity merges a member that does not stay the same into what is wrong with it at first sight.
func (g *grouping) followIdentity(key string, first *evidence, thing, member string) {
	there, _ := first.kind()
	g.after(key, func(e *evidence) bool {
		of, m := e.thing()
		if m == "id" && of != thing {
			return false // a policy has an id as well
		}
		lost := kindOf(e.key()) == "missing" && there != "missing"
		return e.aspect == "body" && m == member && !e.historical() && !lost
	})
}

// followWhole merges a wrong content type with the wrong body that it tells truly.
func (g *grouping) followWhole(key string, first *evidence) {
	if whole := join(first.side(), "body", "whole", first.whole()); g.byKey[whole] != nil && len(g.byKey[whole].evidence) > 0 {
		g.into(key, whole) // not into an operation that shows it too
		return
	}
	g.after(key, func(e *evidence) bool { return strings.Contains(e.key(), "/body/whole/") && e.side() == first.side() })
}

// followStatus merges the status of a merge whose csr is wrong, of a request that went where a link led, and of a read after
// requests that were to change nothing.
func (g *grouping) followStatus(key string, first *evidence) {
	scenario, rest, _ := strings.Cut(first.rule.ID, "/")
	switch {
	case rest == "nothing-changed" && g.after(key, func(e *evidence) bool {
		return strings.HasPrefix(e.rule.ID, scenario+"/") && e.refusalIsDue() && e.step.Status < 300
	}): // a deletion without a token was among those that were accepted
	case first.step.refusesMerge() && !first.refusalIsDue():
		g.after(key, (*evidence).spoilsMerge)
	case g.followed(first):
		g.fromLink(key)
	}
}

// followMember merges a member that is made from another one, or that an operation in a wrong state lacks.
func (g *grouping) followMember(key string, first *evidence, member string) {
	switch {
	case member == "cer" && (strings.HasPrefix(first.got, "a certificate for another key") || strings.HasPrefix(first.got, "a certificate of another key")):
		g.after(key, (*evidence).spoilsMerge)
	case slices.Contains([]string{"x5t", "attributes.nbf", "attributes.exp"}, member):
		plays := g.plays(key)
		g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect == "body" && m == "cer" && plays[e.at.Play] })
	case kindOf(key) == "missing" && (member == "error" || member == "target"):
		g.after(key, func(e *evidence) bool { return e.aspect == "state" && e.state() != "" })
	case listsOtherThumbprint(first):
		g.after(key, showsCer)
	case carried(first.step) == "list":
		g.fromLink(key)
	}
}

// listsOtherThumbprint reports whether a list was found to show another thumbprint than a certificate has.
func listsOtherThumbprint(first *evidence) bool {
	return carried(first.step) == "list" && strings.HasPrefix(first.got, "x5t ")
}

// showsCer reports whether the evidence is about the certificate itself.
func showsCer(e *evidence) bool {
	_, member := e.thing()
	return e.aspect != "header" && member == "cer"
}

// fromLink merges a key into the link that was followed: a Location, or an id or a target, of the same play.
func (g *grouping) fromLink(key string) {
	plays := g.plays(key)
	if g.after(key, func(e *evidence) bool {
		return plays[e.at.Play] && e.aspect == "header" && strings.EqualFold(e.header, "Location")
	}) {
		return
	}
	g.after(key, func(e *evidence) bool {
		thing, m := e.thing()
		return plays[e.at.Play] && (thing == "bundle" || thing == "operation") &&
			slices.Contains([]string{"body", "identity"}, e.aspect) && (m == "id" || m == "target")
	})
}

// fromCompanionLink merges what is wrong with a key or a secret, or that it is not found, into the kid or the sid that led to it.
func (g *grouping) fromCompanionLink(key string, first *evidence, thing, member string) bool {
	link := ""
	switch {
	case first.aspect == "header":
	case first.step.Operation == "GetKey", thing == "secret" && member == "kid":
		link = "kid"
	case first.step.Operation == "GetSecret":
		link = "sid"
	}
	return link != "" && g.after(key, func(e *evidence) bool {
		of, m := e.thing()
		return of == "bundle" && m == link && e.aspect == "body"
	})
}

// plays are those with evidence of a key.
func (g *grouping) plays(key string) map[string]bool {
	plays := map[string]bool{}
	for _, e := range g.byKey[key].evidence {
		plays[e.at.Play] = true
	}
	return plays
}

// followed reports whether the request went where an earlier response of the same play led.
func (g *grouping) followed(first *evidence) bool {
	u, err := url.Parse(first.step.URL)
	if err != nil || first.step.Status < 400 || first.step.Status >= 500 || first.refusalIsDue() || first.step.Method != http.MethodGet {
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

func kindOf(key string) string { return key[strings.LastIndex(key, "/")+1:] }
