package reports

import (
	"cmp"
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
	key      string
	title    string // "": that of its evidence
	evidence []evidence
	held     []string
	blocker  *Step
	want     string
	at       Place
}

func (g *grouping) add(e evidence) {
	key := e.key()
	found := g.groupOf(key)
	found.evidence = append(found.evidence, e)
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
	found := g.groupOf(join(step.Operation, "status", status, "needed", res.Blocker.Want))
	found.held = addOnce(found.held, res.ID)
	found.blocker, found.want, found.at = step, res.Blocker.Want, at
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

// explains weighs how well the evidence explains that a rule did not get of an exchange what it needed.
func (e *evidence) explains(at Place, step *Step, want string) int {
	if e.step == nil {
		return 0
	}
	alike := e.step.Operation == step.Operation && e.step.Status == step.Status
	if e.aspect == "header" {
		return 0
	}
	switch {
	case e.at == at && (e.aspect == "status" || e.aspect == "refusal"):
		return 7
	case e.at == at:
		return 6
	case e.lacks(step, want):
		return 5
	case alike && e.aspect == "status":
		return 4
	case e.at.Play == at.Play:
		return 3
	case alike && e.count > 1:
		return 2
	case carried(e.step) == carried(step):
		return 1
	default:
		return 0
	}
}

// lacks reports whether the evidence is about a member that a rule needed of a step, or about the csr that a merge is for.
func (e *evidence) lacks(step *Step, want string) bool {
	_, member := e.thing()
	if step.Operation == "MergeCertificate" && step.Status >= 400 && member == "csr" {
		return true
	}
	return member != "" && slices.Contains(strings.Fields(want), member) && carried(e.step) == carried(step)
}

func (g *grouping) causes() []Cause {
	merged := map[string]*group{}
	var order []string
	for _, key := range g.order {
		root := g.find(key)
		into, ok := merged[root]
		if !ok {
			first := g.byKey[root]
			into = &group{key: root, title: first.title, blocker: first.blocker, want: first.want, at: first.at}
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
		return c
	}
	seen := map[Place]bool{}
	for _, e := range g.evidence {
		c.Breaks = addOnce(c.Breaks, e.rule.ID)
		c.Known = c.Known && e.rule.Verdict == KnownFail
		if e.step != nil {
			c.Operations = addOnce(c.Operations, e.step.Operation)
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
		c.Operation = first.step.Operation
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
		title := clip(e.step.Operation+": "+oneLine(withoutRun(got)), 120)
		if e.want != "" {
			member, _, _ := strings.Cut(got, " is ")
			if of, ok := strings.CutPrefix(e.want, member+" "); ok {
				return title + ", want it " + withoutRun(of)
			}
			title += ", want " + withoutRun(e.want)
		}
		return title
	}
	title := strings.Replace(e.step.returned(), " returns ", e.asked()+" returns ", 1)
	if e.want != "" && !e.legal {
		title += ", want " + withoutRun(e.want)
	}
	return title
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

// returned says what an operation returned: the status, and the code of a refusal.
func (s *Step) returned() string {
	return strings.TrimSpace(s.Operation + " returns " + strconv.Itoa(s.Status) + " " + oneLine(s.code()))
}
