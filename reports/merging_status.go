package reports

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// sameResponse merges into a wrong status whatever else is wrong with the same response, and with a body that is no JSON
// object at all.
func (g *grouping) sameResponse() {
	roots := map[Place]string{}
	broken := map[string]string{} // by operation and status: every response of it is
	for key, e := range g.all() {
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
	accepted := g.acceptedWrongly()
	for _, key := range g.order {
		g.shareWhole(key, func(e *evidence) string {
			root := roots[e.at]
			if root == "" || e.aspect == "header" || e.count > max(len(g.byKey[root].evidence), accepted[e.step.Operation], 1) {
				return ""
			}
			return root
		})
	}
	g.headersOfAccepted(roots, accepted)
}

// headersOfAccepted merges a header that only responses lack which should not have been a success.
func (g *grouping) headersOfAccepted(roots map[Place]string, accepted map[string]int) {
	for _, key := range g.order {
		if !strings.HasPrefix(key, "response/header/") {
			continue
		}
		g.shareWhole(key, func(e *evidence) string {
			if e.step.Status >= 300 || e.count > max(accepted[e.step.Operation], 1) {
				return ""
			}
			return roots[e.at]
		})
	}
}

// acceptedWrongly counts the requests of each operation that were accepted and should not have been.
func (g *grouping) acceptedWrongly() map[string]int {
	seen := map[Place]bool{}
	count := map[string]int{}
	for _, e := range g.all() {
		if e.aboutStatus() && e.step.Status < 300 && e.refusalIsDue() && !seen[e.at] {
			seen[e.at] = true
			count[e.step.Operation]++
		}
	}
	return count
}

// unserved reports whether a status says that the operation is not offered or fails, whatever was asked of it.
func (s *Step) unserved() bool {
	return s.Status == http.StatusMethodNotAllowed || s.Status >= http.StatusInternalServerError
}

// share merges a key into the root of its evidence. Where the pieces have different roots or none, those that are about a
// body go to their own roots, and the others stay: one operation that is not offered is not the reason of a fault in
// every response. A key of which nothing stays is no cause any more.
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
	from.evidence = stays
	if len(stays) == 0 {
		g.order = slices.DeleteFunc(slices.Clone(g.order), func(other string) bool { return other == key })
	}
}

// shareWhole merges a key of which all evidence has the same root, and reports whether it did. A key that is merged already
// stays where it is: it would take its root along.
func (g *grouping) shareWhole(key string, rootOf func(*evidence) string) bool {
	if g.parent[key] != "" {
		return false
	}
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

// never merges the statuses of an operation that accepted nothing in the whole run: whatever was sent, one thing is in
// the way.
func (g *grouping) never() {
	sent, accepted := map[string]int{}, map[string]bool{}
	for i := range g.report.Plays {
		for j := range g.report.Plays[i].Steps {
			step := &g.report.Plays[i].Steps[j]
			sent[step.Operation]++
			accepted[step.Operation] = accepted[step.Operation] || step.Status >= 200 && step.Status < 300
		}
	}
	first := map[string]string{}
	for _, key := range g.order {
		operation, rest, _ := strings.Cut(key, "/")
		if sent[operation] < 2 || accepted[operation] || !strings.HasPrefix(rest, "status/4") {
			continue
		}
		if other, ok := first[operation]; ok {
			g.into(key, other)
			continue
		}
		first[operation] = key
	}
	for _, key := range g.order {
		if strings.Contains(key, "/refusal/4") {
			g.shareWhole(key, func(e *evidence) string { return first[e.step.Operation] })
		}
	}
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
	case strings.HasPrefix(key, step.Operation+"/status/4") && other == join(step.Operation, "refusal", strconv.Itoa(step.Status)) && to.code() == step.code():
		return step.code() != "" // the rule accepts a refusal as well, and this one is wrong wherever it is due
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
	numbers := g.numbers()
	changed := g.changed(numbers)
	for _, key := range g.order {
		rootOf := func(e *evidence) string {
			at, ok := changed[subject{e.at.Play, named(e.step)}]
			if ok && numbers[e.at] > at.number && kindOf(key) != "missing" && !e.independent(at.step) {
				return at.key
			}
			return ""
		}
		if first := &g.byKey[key].evidence[0]; first.step != nil && first.aspect == "identity" && g.parent[key] == "" {
			g.share(key, rootOf) // what did not stay the same has its reason in each play by itself
			continue
		}
		g.within(key, rootOf)
	}
}

// independent reports whether a response cannot follow from an earlier one about the same name: one more form of a request that is
// illegal whatever there is, or the refusal of a request after an update that was refused, which changes nothing.
func (e *evidence) independent(earlier *Step) bool {
	switch {
	case !e.aboutStatus():
		return false
	case e.refusalIsDue() && e.step.Status < 300:
		return e.illegalForm() && earlier.Operation == e.step.Operation && earlier.Status < 300 && !earlier.errorDespiteSuccess()
	default:
		return strings.HasPrefix(earlier.Operation, "UpdateCertificate") && earlier.Status >= 400 && e.step.Status >= 400 && e.step.Operation != earlier.Operation
	}
}

// subject is a certificate in a play.
type subject struct{ play, name string }

// seen is where a cause was seen first: the position of the exchange in its play.
type seen struct {
	number int
	key    string
	step   *Step
}

// changed finds the first request about each subject that was accepted or refused wrongly.
func (g *grouping) changed(numbers map[Place]int) map[subject]seen {
	roots := map[subject]seen{}
	for key, e := range g.all() {
		if !e.aboutStatus() || e.step.Method == http.MethodGet {
			continue
		}
		accepted, refused := e.step.Status < 300 && e.refusalIsDue(), e.step.Status >= 400 && !e.refusalIsDue()
		of := subject{e.at.Play, named(e.step)}
		if at, ok := roots[of]; (accepted || refused) && (!ok || numbers[e.at] < at.number) {
			roots[of] = seen{numbers[e.at], key, e.step}
		}
	}
	return roots
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
