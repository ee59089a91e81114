package reports

import (
	"cmp"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// grouping sorts evidence into groups of one cause each.
type grouping struct {
	report *Report
	order  []string
	byKey  map[string]*group
	parent map[string]string // the key that a group was merged into
}

// group is the evidence of one key.
type group struct {
	key       string
	title     string // "": that of its evidence
	cure      string // "": that of its evidence
	operation string // "": that of its evidence
	evidence  []evidence
	held      []string
	feature   string // that of the first rule that is held back
	blocker   *Step
	want      string
	at        Place
}

func (g *grouping) add(e evidence) {
	key := e.key()
	found := g.groupOf(key)
	found.evidence = append(found.evidence, e)
}

// all goes through the evidence in the order in which it was found, with the key that each piece had then.
func (g *grouping) all() iter.Seq2[string, *evidence] {
	return func(yield func(string, *evidence) bool) {
		for _, key := range g.order {
			for i := range g.byKey[key].evidence {
				if !yield(key, &g.byKey[key].evidence[i]) {
					return
				}
			}
		}
	}
}

func (g *grouping) groupOf(key string) *group {
	if found, ok := g.byKey[key]; ok {
		return found
	}
	found := &group{key: key}
	g.byKey[key] = found
	g.order = append(g.order, key)
	return found
}

// find is the key of the cause that a key belongs to.
func (g *grouping) find(key string) string {
	for g.parent[key] != "" {
		key = g.parent[key]
	}
	return key
}

// into merges the cause of one key into that of another.
func (g *grouping) into(key, root string) {
	if key, root = g.find(key), g.find(root); key != root {
		g.parent[key] = root
	}
}

// holdBack puts a rule that was not judged under the cause that stood in its way.
func (g *grouping) holdBack(res *Result) {
	if res.Was() != NotReached {
		return
	}
	if res.After != "" {
		if root := g.breaking(res.After); root != "" {
			found := g.byKey[root]
			found.held = addOnce(found.held, res.ID)
		}
		return
	}
	if res.Blocker == nil {
		return
	}
	at := res.Blocker.place()
	step, ok := g.report.exchangeAt(at)
	if !ok {
		return
	}
	if root := g.standing(at, step, res.Blocker.Want); root != "" {
		found := g.byKey[root]
		found.held = addOnce(found.held, res.ID)
		return
	}
	if res.Blocker.Want == "" {
		return
	}
	status := strings.TrimSpace(strconv.Itoa(step.Status) + " " + step.code())
	want, _, _ := strings.Cut(res.Blocker.Want, ",") // which control it is of makes no difference
	found := g.groupOf(join(step.Operation, "status", status, "needed", want))
	found.held = addOnce(found.held, res.ID)
	if found.blocker == nil {
		found.blocker, found.want, found.at, found.feature = step, want, at, res.Feature
	}
}

// breaking is the key of the first cause that breaks a rule.
func (g *grouping) breaking(rule string) string {
	for _, key := range g.order {
		if slices.ContainsFunc(g.byKey[key].evidence, func(e evidence) bool { return e.rule.ID == rule }) {
			return g.find(key)
		}
	}
	return ""
}

// standing is the key of the cause that best explains why an exchange was not the one that a rule needed: one that this
// exchange shows, then one of such exchanges in general, then one of the same play.
func (g *grouping) standing(at Place, step *Step, want string) string {
	best, key := 0, ""
	for _, k := range g.order {
		for i := range g.byKey[k].evidence {
			if n := g.byKey[k].evidence[i].explains(at, step, want); n > best {
				best, key = n, g.find(k)
			}
		}
	}
	return key
}

// explains weighs how well the evidence explains that a rule did not get of an exchange what it needed. A wrong status
// is explained by what is wrong with a status, and a wrong state by what is wrong with a state: what else is wrong with
// the same response, or in the same play, is another cause.
func (e *evidence) explains(at Place, step *Step, want string) int {
	if e.step == nil || e.aspect == "header" {
		return 0
	}
	if e.lacks(step, want) {
		return 6
	}
	if !e.canExplain(at, want) {
		return 0
	}
	switch {
	case e.at != at:
		return e.explainsAnother(at, step, want)
	case e.aspect == "status", e.aspect == "refusal":
		return 7
	}
	return 6
}

// canExplain reports whether the evidence is of a kind that explains a status, or a state, that a rule did not get.
func (e *evidence) canExplain(at Place, want string) bool {
	led := e.aboutStatus() || e.aspect == "way" || e.step.Status < 400 && e.whole() != ""
	switch {
	case want == takenBack:
		return led && e.at == at
	case wantsStatus(want):
		return led
	case wantsState(want):
		return led || e.aboutState()
	}
	return true
}

// explainsAnother is explains for an exchange that does not show the evidence itself.
func (e *evidence) explainsAnother(at Place, step *Step, want string) int {
	alike := e.step.Operation == step.Operation && e.step.Status == step.Status
	switch {
	case wantsState(want) && e.aboutState() && e.state() == member(step, "status"):
		return 5
	case alike && e.aspect == "status":
		return 4
	case e.at.Play == at.Play && e.leadsTo(step, want):
		return 3
	case alike && e.count > 1:
		return 2
	case carried(e.step) == carried(step) && !wantsStatus(want):
		return 1
	default:
		return 0
	}
}

// leadsTo reports whether what is wrong with an earlier response of the play can have led to a response that a rule cannot
// use. Another status follows from a change that went wrong, and a state from no status at all.
func (e *evidence) leadsTo(step *Step, want string) bool {
	switch {
	case e.historical():
		return false
	case wantsStatus(want):
		deleted := strings.Contains(e.step.path(), "/deletedcertificates/") && e.step.path() == strings.TrimSuffix(step.path(), "/recover")
		return e.step.Operation == step.Operation || e.step.Method != http.MethodGet && named(e.step) == named(step) ||
			deleted && e.step.Status == step.Status
	default:
		return !wantsState(want) || step.Status >= 300 || !e.aboutStatus()
	}
}

// wantsStatus reports whether a rule needs a response of another status.
func wantsStatus(want string) bool {
	return want != "" && (want[0] >= '2' && want[0] <= '5' || strings.HasPrefix(want, "a refusal") || want == "an operation that the target has")
}

// wantsState reports whether a rule needs an operation in another state.
func wantsState(want string) bool { return strings.HasPrefix(want, "an operation in progress") }

// aboutState reports whether the evidence is the state of an operation.
func (e *evidence) aboutState() bool {
	_, member := e.thing()
	return e.aspect == "state" || carried(e.step) == "operation" && member == "status"
}

// lacks reports whether the evidence is about a member that a rule needed of a step, or about the csr that a refused merge
// is for.
func (e *evidence) lacks(step *Step, want string) bool {
	_, member := e.thing()
	if step.refusesMerge() {
		return e.spoilsMerge()
	}
	if want == takenBack {
		want = "recoveryId deletedDate scheduledPurgeDate"
	}
	return member != "" && slices.Contains(strings.Fields(want), member) && carried(e.step) == carried(step)
}

// takenBack is what a rule needs of a vault with soft delete.
const takenBack = "a deletion that can be taken back"

// refusesMerge reports whether a merge is refused by an operation that is offered and finds the request.
func (s *Step) refusesMerge() bool {
	return s.Operation == "MergeCertificate" && s.Status >= 400 && s.Status != http.StatusNotFound && !s.unserved()
}

// spoilsMerge reports whether the evidence is a csr that no certificate can be made for.
func (e *evidence) spoilsMerge() bool {
	_, member := e.thing()
	return member == "csr" && e.aspect == "body" && (e.part() == "" || e.part() == "key")
}

func (g *grouping) causes() []Cause {
	merged := map[string]*group{}
	var order []string
	for _, key := range g.order {
		root := g.find(key)
		into, ok := merged[root]
		if !ok {
			first := g.byKey[root]
			into = &group{key: root, title: first.title, cure: first.cure, operation: first.operation, blocker: first.blocker, want: first.want, at: first.at, feature: first.feature}
			into.evidence = append(into.evidence, first.evidence...)
			merged[root] = into
			order = append(order, root)
		}
		if key != root {
			into.evidence = append(into.evidence, g.byKey[key].evidence...)
		}
		into.held = append(into.held, g.byKey[key].held...)
	}
	causes := make([]Cause, 0, len(order))
	for _, key := range order {
		causes = append(causes, merged[key].cause())
	}
	slices.SortFunc(causes, weigh)
	tellApart(causes)
	return causes
}

// tellApart adds a rule to each title that several causes share.
func tellApart(causes []Cause) {
	count := map[string]int{}
	for i := range causes {
		count[causes[i].Title]++
	}
	for i := range causes {
		if c := &causes[i]; count[c.Title] > 1 && len(c.Breaks) > 0 {
			c.Title += " (" + c.Breaks[0] + ")"
		}
	}
}

func (g *group) cause() Cause {
	c := Cause{Key: g.key, Breaks: []string{}, HoldsBack: append([]string{}, g.held...), Known: true}
	if len(g.evidence) == 0 {
		c.Known, c.Aspect, c.Exchanges = false, "status", 1
		c.Operation, c.Play, c.Step, c.Index = g.blocker.Operation, g.at.Play, g.at.Step, g.at.Index
		c.Title = g.blocker.returned()
		if g.want != "" {
			c.Title += ", and rules need " + g.want
		}
		c.Hint = g.blockerHint()
		return c
	}
	seen := map[Place]bool{}
	c.shown = map[string][]string{}
	for _, e := range g.evidence {
		c.Breaks = addOnce(c.Breaks, e.rule.ID)
		c.Known = c.Known && e.rule.Verdict == KnownFail
		if e.step != nil {
			c.Operations = addOnce(addOnce(addOnce(c.Operations, e.step.Operation), e.sender), e.changedBy())
			c.shown[e.rule.ID] = addOnce(addOnce(c.shown[e.rule.ID], e.step.Operation), e.sender)
		}
		if !seen[e.at] {
			seen[e.at] = true
			c.Exchanges += e.count
		}
	}
	first := g.first()
	c.Title, c.Aspect, c.Hint = cmp.Or(g.title, first.title()), first.aspect, g.hint()
	c.Play, c.Step, c.Index = first.at.Play, first.at.Step, first.at.Index
	if first.step != nil {
		c.Operation = cmp.Or(g.operation, first.step.Operation)
		c.Operations = slices.DeleteFunc(c.Operations, func(name string) bool { return name == c.Operation })
	}
	return c
}

// first is the evidence that says best what is wrong: that of a rule of a single play, which has fewer words than one of
// histories.
func (g *group) first() *evidence {
	for i := range g.evidence {
		if !g.evidence[i].historical() {
			return &g.evidence[i]
		}
	}
	return &g.evidence[0]
}
