package reports

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// afterwards merges what only the rules of histories find into what came before it. A history is judged by all responses
// of a name together: once one of them was wrong, the later ones contradict it, and the contradiction is the same fact once
// more. Where no rule of a single play finds the wrong response, the first contradiction of the name is the cause.
func (g *grouping) afterwards() {
	first, contradicted, shown := g.firstOfNames(), g.contradicted(), g.shownStates()
	for _, key := range g.order {
		if !g.onlyHistories(key) {
			continue
		}
		g.share(key, func(e *evidence) string {
			return cmp.Or(contradicted(e), shown(e), first(e))
		})
	}
}

// onlyHistories reports whether no rule of a single play says what a key says.
func (g *grouping) onlyHistories(key string) bool {
	return !slices.ContainsFunc(g.byKey[key].evidence, func(e evidence) bool { return !e.historical() || e.step == nil })
}

// firstOfNames finds the first response about the name of a piece of evidence, in its play, that is wrong in a way that
// later responses contradict.
func (g *grouping) firstOfNames() func(*evidence) string {
	numbers := g.numbers()
	first := map[subject]seen{}
	for key, e := range g.all() {
		if e.step == nil || !e.misleads() {
			continue
		}
		of, number := subject{e.at.Play, named(e.step)}, numbers[e.at]
		if at, ok := first[of]; !ok || number < at.number || number == at.number && !e.historical() && g.onlyHistories(at.key) {
			first[of] = seen{number, key, e.step}
		}
	}
	return func(e *evidence) string {
		at, ok := first[subject{e.at.Play, named(e.step)}]
		if !ok || at.number > numbers[e.at] || !e.misleads() && g.onlyHistories(at.key) {
			return ""
		}
		return at.key
	}
}

// misleads reports whether the evidence says which thing there is, or in which state: a history takes its bearings by that.
func (e *evidence) misleads() bool {
	_, member := e.thing()
	switch {
	case e.aspect == "header", kindOf(e.key()) == "missing":
		return false
	case e.aboutStatus(), e.aboutState(), e.aspect == "identity":
		return true
	}
	return slices.Contains([]string{"id", "request_id", "target"}, member)
}

// contradicted finds the cause of the response that a piece of evidence contradicts, if that response is known to be wrong in
// the same member.
func (g *grouping) contradicted() func(*evidence) string {
	type said struct{ operation, member string }
	wrong := map[said]string{}
	for key, e := range g.all() {
		if e.step == nil || e.historical() || e.aspect == "header" {
			continue
		}
		if of := (said{e.step.Operation, e.topic()}); of.member != "" && wrong[of] == "" {
			wrong[of] = key
		}
	}
	return func(e *evidence) string {
		_, after, ok := strings.Cut(e.got, ", after ")
		operation, _, _ := strings.Cut(after, " ")
		if !ok {
			return ""
		}
		return wrong[said{operation, e.topic()}]
	}
}

// topic is the member that the evidence is about, by its name in a certificate or an operation.
func (e *evidence) topic() string {
	switch {
	case e.aboutState():
		return "status"
	case e.aboutStatus():
		return ""
	case carried(e.step) == "list" && !strings.Contains(e.plainMember(), "."):
		member, _, _ := strings.Cut(e.got, " ")
		return member
	}
	return e.plainMember()
}

// shownStates finds the cause of a state that an earlier response about the name shows, and that a rule of a single play finds
// wrong elsewhere: each rule reports its first breach, and the same state stands in other plays as well.
func (g *grouping) shownStates() func(*evidence) string {
	wrong := g.wrongStates()
	return func(e *evidence) string {
		if len(wrong) == 0 || !e.misleads() {
			return ""
		}
		earlier, at := g.report.upTo(e.at)
		context := ""
		for i := range earlier {
			step := &earlier[i]
			if root := wrong[stateMark(step, context)]; root != "" && step.Status < 300 && named(step) == named(e.step) {
				return root
			}
			if step.Method != http.MethodGet && step.Status < 300 {
				context = "after " + step.Operation
			}
		}
		if at == nil || at.Status >= 300 {
			return ""
		}
		return wrong[stateMark(at, context)]
	}
}

// wrongStates are the causes of the states that a rule of a single play finds wrong, by what they are known by.
func (g *grouping) wrongStates() map[string]string {
	wrong := map[string]string{}
	for key, e := range g.all() {
		if e.step == nil || e.historical() || e.aspect == "header" || !e.aboutState() || e.step.Status >= 300 {
			continue
		}
		if mark := stateMark(e.step, e.context); wrong[mark] == "" {
			wrong[mark] = key
		}
	}
	return wrong
}

// stateMark is what a wrong state is known by: one that is spelled otherwise is so anywhere, a known one is wrong where the
// operation returns it after the same request.
func stateMark(step *Step, context string) string {
	if carried(step) != "operation" {
		return "none"
	}
	switch state := member(step, "status"); {
	case !slices.Contains(states(), state):
		return "spelling " + state
	case step.Method == http.MethodGet:
		return join(step.Operation, state, context)
	default:
		return join(step.Operation, state)
	}
}

// states are those of an operation.
func states() []string { return []string{"inProgress", "completed", "cancelled", "canceled", "failed"} }
