package reports

import (
	"cmp"
	"iter"
	"net/http"
	"regexp"
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
			into = &group{key: root, title: first.title, operation: first.operation, blocker: first.blocker, want: first.want, at: first.at, feature: first.feature}
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

// withoutRun leaves out of a text what another run has otherwise, so that a cause has one title: ids, and the marks of
// the run in names.
func withoutRun(text string) string {
	text = regexp.MustCompile(`-[0-9a-f]{12}-`).ReplaceAllString(text, "-…-")
	text = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`).ReplaceAllString(text, "…")
	text = regexp.MustCompile(`("[A-Za-z0-9+/_-]{16})[A-Za-z0-9+/_=-]{24,}…?"`).ReplaceAllString(text, `$1…"`) // a certificate, a csr
	text = regexp.MustCompile(` of \d{4}-\d\d-\d\dT[\d:]+Z`).ReplaceAllString(text, "")
	return regexp.MustCompile(`([?&]\$?skiptoken=)[^&\s"]+`).ReplaceAllString(text, "$1…")
}

// title says in one line what is wrong.
func (e *evidence) title() string {
	got, _, _ := strings.Cut(e.got, " (and ") // a rule of every response counts the others there
	if e.step == nil {
		return cmp.Or(clip(oneLine(got), 120), e.rule.ID)
	}
	if e.aspect != "status" && e.aspect != "refusal" {
		if _, member := e.thing(); e.historical() && member != "" && isValue(got) {
			got = member + " " + got
		}
		if e.want == "" {
			got = itself(got)
		}
		title := clip(e.step.Operation+": "+oneLine(withoutRun(got)), 120)
		if e.want != "" && (e.member == "" || !e.wantsStatuses()) { // the status is not what is wrong
			member, _, _ := strings.Cut(got, " is ")
			if of, ok := strings.CutPrefix(e.want, member+" "); ok {
				title += ", want it " + withoutRun(of)
			} else {
				title += ", want " + withoutRun(e.want)
			}
		}
		if e.sender != "" {
			title += " (" + e.sender + " sent it)"
		}
		return title
	}
	title := strings.Replace(e.step.returned(), " returns ", e.asked()+" returns ", 1)
	if e.changedBy() != "" {
		title += " " + e.context
	}
	if e.want != "" && !e.legal {
		title += ", want " + withoutRun(e.want)
	}
	return title
}

// itself says of a list what is wrong with it in words that need no want beside them, which would name an item of one run.
func itself(got string) string {
	for _, told := range [][2]string{
		{"a list without it", "a list without an item that is there"},
		{"a list with it twice", "a list with an item twice"},
		{"a list with it", "a list with an item that does not belong in it"},
	} {
		if rest, ok := strings.CutPrefix(got, told[0]); ok {
			return told[1] + rest
		}
	}
	return got
}

// wantsStatuses reports whether the rule accepts responses by their status.
func (e *evidence) wantsStatuses() bool {
	return slices.ContainsFunc(e.rule.Accepts.all(), func(text string) bool { return text != "" && text[0] >= '2' && text[0] <= '5' })
}

// isValue reports whether a rule of histories says what came by its value alone.
func isValue(got string) bool {
	value, _, _ := strings.Cut(got, ", after ")
	return !strings.Contains(value, " ")
}

// asked says what the request was about where the operation and its status do not tell.
func (e *evidence) asked() string {
	switch key := e.key(); {
	case key == "names/case":
		return " for a name in another case"
	case strings.HasPrefix(key, "authentication/"):
		return " without a valid token"
	case strings.HasPrefix(key, "api-version/"):
		return " without a valid api-version"
	case strings.HasSuffix(key, "/refusal/2xx/request_id"):
		return " for another request_id"
	}
	return ""
}

// changedBy is the operation that brought about what a GET shows: it is as likely to be at fault.
func (e *evidence) changedBy() string {
	if e.step.Method != http.MethodGet || !e.aboutStatus() && !e.aboutState() && e.aspect != "identity" {
		return ""
	}
	if key := e.key(); e.aboutStatus() && !strings.HasSuffix(key, "/"+e.context) {
		return ""
	}
	return strings.TrimPrefix(e.context, "after ")
}

// returned says what an operation returned: the status, and the code of a refusal.
func (s *Step) returned() string {
	return strings.TrimSpace(s.Operation + " returns " + strconv.Itoa(s.Status) + " " + oneLine(s.code()))
}
