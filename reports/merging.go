package reports

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// merge makes one cause of what follows from one thing that is wrong, and of what one change fixes.
func (g *grouping) merge() {
	g.sameResponse()
	g.everySide()
	g.together()
	g.links()
	g.statuses()
	g.later()
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
	broken := map[string]string{} // by operation and status: every response of it is
	for _, key := range g.order {
		for _, e := range g.byKey[key].evidence {
			if !e.aboutStatus() {
				continue
			}
			if _, ok := roots[e.at]; !ok && (e.step.Status >= 400 || e.refusalIsDue()) {
				roots[e.at] = key
			}
			if returned := e.step.Operation + " " + strconv.Itoa(e.step.Status); e.step.unserved() && len(e.rule.Breaches) == 0 && broken[returned] == "" {
				broken[returned] = key
			}
		}
	}
	for _, key := range g.order {
		g.share(key, func(e *evidence) string { return broken[e.step.Operation+" "+strconv.Itoa(e.step.Status)] })
		g.shareWhole(key, func(e *evidence) string {
			root := e.step.Operation + "/status/" + strconv.Itoa(e.step.Status)
			if e.whole() == "" || g.byKey[root] == nil {
				return ""
			}
			return root
		})
	}
	for _, key := range g.order {
		g.within(key, func(e *evidence) string { return roots[e.at] })
	}
}

// unserved reports whether a status says that the operation is not offered or fails, whatever was asked of it.
func (s *Step) unserved() bool {
	return s.Status == http.StatusMethodNotAllowed || s.Status >= http.StatusInternalServerError
}

// share merges a key into the root of its evidence. Where the pieces have different roots or none, those that are about a
// body go to their own roots, and the others stay: one operation that is not offered is not the reason of a fault in
// every response.
func (g *grouping) share(key string, rootOf func(*evidence) string) {
	if g.shareWhole(key, rootOf) {
		return
	}
	from := g.byKey[key]
	var stays []evidence
	for _, e := range from.evidence {
		if e.step != nil && e.aspect != "header" {
			if root := rootOf(&e); root != "" && g.find(root) != g.find(key) {
				to := g.byKey[g.find(root)]
				to.evidence = append(to.evidence, e)
				continue
			}
		}
		stays = append(stays, e)
	}
	if len(stays) > 0 {
		from.evidence = stays
	}
}

// shareWhole merges a key of which all evidence has the same root, and reports whether it did.
func (g *grouping) shareWhole(key string, rootOf func(*evidence) string) bool {
	shared := ""
	for i := range g.byKey[key].evidence {
		e := &g.byKey[key].evidence[i]
		if e.step == nil {
			return false
		}
		root := rootOf(e)
		if root == "" || shared != "" && g.find(root) != g.find(shared) {
			return false
		}
		shared = root
	}
	if shared == "" || g.find(shared) == g.find(key) {
		return false
	}
	g.into(key, shared)
	return true
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
			if id := carried(first.step) + "/body/id/missing"; member != "id" && g.byKey[id] != nil {
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
	for _, key := range g.order {
		g.within(key, func(e *evidence) string { return others[e.at] })
	}
}

// within merges a key of which each piece of evidence, seen in one response each, has the same root.
func (g *grouping) within(key string, rootOf func(*evidence) string) {
	root := ""
	for i := range g.byKey[key].evidence {
		e := &g.byKey[key].evidence[i]
		found := rootOf(e)
		if found == "" || e.step == nil || e.count > max(len(g.byKey[found].evidence), 1) || e.aspect == "header" || root != "" && g.find(root) != g.find(found) {
			return
		}
		root = found
	}
	if root != "" {
		g.into(key, root)
	}
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

// statuses merges the statuses of one operation that have one reason: a request with a filter or without, and a method
// that is not offered or fails for legal requests and illegal ones alike.
func (g *grouping) statuses() {
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if !first.aboutStatus() {
			continue
		}
		for _, other := range g.order {
			if to := &g.byKey[other].evidence[0]; other != key && to.step != nil && sameReason(key, other, first.step, to.step) {
				g.into(key, other)
			}
		}
	}
}

// sameReason reports whether the status of a step has the reason of another's: the keys of both come first.
func sameReason(key, other string, step, to *Step) bool {
	prefix, filtered := strings.CutSuffix(key, "/"+step.query())
	switch {
	case filtered && step.query() != "" && step.Status >= 400 && (other == prefix || strings.HasPrefix(other, prefix+"/")):
		return true
	case strings.HasPrefix(key, "authentication/refusal/") && other == "authentication/refusal/2xx":
		return true
	default:
		return strings.HasPrefix(other, step.Operation+"/status/") && to.Status == step.Status &&
			strings.HasPrefix(key, step.Operation+"/refusal/") && step.Status > 400 && step.Status != http.StatusNotFound
	}
}

// aboutStatus reports whether the evidence is the status of a response.
func (e *evidence) aboutStatus() bool {
	return e.step != nil && (e.aspect == "status" || e.aspect == "refusal")
}

// later merges what a play shows after a request that changed something though it should have been refused, or was
// refused though it should not have been.
func (g *grouping) later() {
	type seen struct {
		number    int
		key, name string
	}
	roots, numbers := map[string]seen{}, g.numbers()
	for _, key := range g.order {
		for _, e := range g.byKey[key].evidence {
			if !e.aboutStatus() || e.step.Method == http.MethodGet {
				continue
			}
			accepted, refused := e.step.Status < 300 && e.refusalIsDue(), e.step.Status >= 400 && !e.refusalIsDue()
			if at, ok := roots[e.at.Play]; (accepted || refused) && (!ok || numbers[e.at] < at.number) {
				roots[e.at.Play] = seen{numbers[e.at], key, named(e.step)}
			}
		}
	}
	for _, key := range g.order {
		g.within(key, func(e *evidence) string {
			at, ok := roots[e.at.Play]
			if ok && numbers[e.at] > at.number && named(e.step) == at.name && kindOf(key) != "missing" {
				return at.key
			}
			return ""
		})
	}
}

// numbers are the positions of the exchanges in their plays, from 1.
func (g *grouping) numbers() map[Place]int {
	numbers := map[Place]int{}
	for i := range g.report.Plays {
		for j, step := range g.report.Plays[i].Steps {
			numbers[Place{g.report.Plays[i].Name, step.Name, step.Index}] = j + 1
		}
	}
	return numbers
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
	_, member := first.thing()
	switch {
	case first.aspect == "identity" && first.header != "":
		g.after(key, func(e *evidence) bool { return e.aspect == "header" && e.header == first.header })
	case first.aspect == "identity" && member != "":
		g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect == "body" && m == member })
	case first.aspect == "header" && strings.EqualFold(first.header, "Content-Type") && first.whole() != "":
		g.after(key, func(e *evidence) bool { return strings.Contains(e.key(), "/body/whole/") && e.side() == first.side() })
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

// followStatus merges the status of a merge whose csr is wrong, and of a request that went where a link led.
func (g *grouping) followStatus(key string, first *evidence) {
	switch {
	case first.step.Operation == "MergeCertificate" && first.step.Status >= 400 && !first.refusalIsDue():
		g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect == "body" && m == "csr" })
	case g.followed(first):
		g.fromLink(key)
	}
}

// followMember merges a member that is made from another one, or that an operation in a wrong state lacks.
func (g *grouping) followMember(key string, first *evidence, member string) {
	switch {
	case slices.Contains([]string{"x5t", "attributes.nbf", "attributes.exp"}, member):
		g.after(key, func(e *evidence) bool { _, m := e.thing(); return e.aspect == "body" && m == "cer" })
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
	plays := map[string]bool{}
	for _, e := range g.byKey[key].evidence {
		plays[e.at.Play] = true
	}
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
