package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// groups are the reasons for the standing, each with the rules that share it.
func (r *Report) groups(o VerifyOptions) []Group {
	groups := slices.Concat(r.groupsOfRun(), r.groupsOfRules(o.RuleSet), r.groupOfProduct(), r.groupsOfClaims(), r.groupsOfCatalogue(o.Rules))
	for i := range r.Causes {
		if failing := r.failingUnder(&r.Causes[i]); len(failing.Rules) > 0 {
			groups = append(groups, failing)
		}
	}
	return append(groups, r.groupsOfVerdicts()...)
}

// groupsOfRun are the gaps of the run as a whole.
func (r *Report) groupsOfRun() []Group {
	var groups []Group
	add := func(gap bool, title, cure string) {
		if gap {
			groups = append(groups, Group{Kind: Gap, Title: title, Cure: cure})
		}
	}
	add(len(r.Selection.Scenarios)+len(r.Selection.Rules) > 0, "the run was limited to a selection of the rules", "run without --scenario and --rule")
	add(r.Interrupted, "the run was interrupted", "run again to the end")
	add(r.count().judged() == 0, "no rule was judged", "")
	add(r.APIVersion == "", "the api-version is not named", "")
	add(r.Tool.Version == "", "the version of kvconform is not named", "")
	for _, fault := range r.internalErrors() {
		add(true, "kvconform was at fault: "+oneLine(fault), "report it, and run again with a version that has it fixed")
	}
	for _, claim := range r.Unmet {
		add(true, "a claim of the target file is not met: "+oneLine(claim), "correct the target or the target file")
	}
	return groups
}

// groupsOfRules are the gaps of the rules that the target was held to: those of another api-version, or another set than
// this kvconform has.
func (r *Report) groupsOfRules(digest string) []Group {
	var groups []Group
	if r.Like != "" {
		groups = append(groups, Group{
			Kind: Gap, Title: fmt.Sprintf("the api-version %s was unknown, and the rules of %s were applied to it", oneLine(r.APIVersion), oneLine(r.Like)),
			Cure: "run again with a kvconform that knows " + oneLine(r.APIVersion),
		})
	}
	if digest != "" && r.RuleSet.Digest != "" && r.RuleSet.Digest != digest {
		groups = append(groups, Group{
			Kind: Gap, Title: fmt.Sprintf("the rules are not those of this kvconform: %s in the report, %s here", oneLine(r.RuleSet.Digest), digest),
			Cure: "verify it with the kvconform that made it (" + oneLine(r.Tool.Version) + "), or run again",
		})
	}
	return groups
}

// groupOfProduct names what a statement has to say about the product and does not.
func (r *Report) groupOfProduct() []Group {
	var keys []string
	for _, key := range []struct{ name, value string }{
		{"name", r.Target.Product}, {"version", r.Target.ProductVersion}, {"contact", r.Target.Contact}, {"reproduce", r.Target.Reproduce},
	} {
		if key.value == "" {
			keys = append(keys, "product."+key.name)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return []Group{{
		Kind: Gap, Title: "the statement does not say " + strings.Join(keys, ", "),
		Cure: "add " + strings.Join(keys, ", ") + " to the target file and run again",
	}}
}

// groupsOfClaims weighs the features that are not claimed with those that the profile demands.
func (r *Report) groupsOfClaims() []Group {
	rules := map[string][]string{}
	for _, res := range r.with(NotClaimed) {
		rules[res.Feature] = append(rules[res.Feature], visible(res.ID))
	}
	var groups []Group
	without := slices.Clone(r.Target.Claims.Without)
	for feature := range rules {
		if !slices.Contains(without, feature) {
			without = append(without, feature) // judged in plays that need a feature which is not claimed
		}
	}
	slices.Sort(without)
	for _, feature := range slices.Compact(without) {
		groups = append(groups, r.groupOfClaim(feature, rules[feature]))
	}
	return slices.DeleteFunc(groups, func(g Group) bool { return g.Title == "" })
}

func (r *Report) groupOfClaim(feature string, rules []string) Group {
	requires, claimed := r.Target.Claims.Requires, !slices.Contains(r.Target.Claims.Without, feature)
	switch {
	case claimed && len(rules) == 0:
		return Group{}
	case len(requires) > 0 && !slices.ContainsFunc(r.Target.Claims.Without, func(f string) bool { return slices.Contains(requires, f) }):
		title := "not offered, and extended: " + visible(feature)
		if claimed {
			title = "rules of " + visible(feature) + " that need an extended feature which is not offered"
		}
		return Group{Kind: Remark, Title: title, Rules: rules}
	case claimed:
		return Group{Kind: Gap, Title: "rules of " + visible(feature) + " that need a feature which is not claimed", Rules: rules}
	case len(requires) > 0 && slices.Contains(requires, feature):
		return Group{
			Kind: Gap, Title: fmt.Sprintf("not claimed, and the profile %s demands it: %s", oneLine(r.Target.Profile), visible(feature)),
			Cure: "offer " + visible(feature) + " and take it from `without`", Rules: rules,
		}
	case len(requires) > 0:
		return Group{Kind: Remark, Title: "not offered, and extended: " + visible(feature), Rules: rules}
	}
	return Group{
		Kind: Gap, Title: "not claimed: " + visible(feature), Rules: rules,
		Cure: "offer " + visible(feature) + " and take it from `without`, or name the profile that the product has (`product.profile: core`)",
	}
}

// groupsOfCatalogue compares the rules of the report with those that hold at its api-version.
func (r *Report) groupsOfCatalogue(catalogue []string) []Group {
	if catalogue == nil {
		return nil
	}
	var unknown, missing []string
	have := map[string]bool{}
	for _, res := range r.where(func(Result) bool { return true }) {
		have[res.ID] = true
		if !slices.Contains(catalogue, res.ID) {
			unknown = append(unknown, visible(res.ID))
		}
	}
	for _, id := range catalogue {
		if !have[id] {
			missing = append(missing, visible(id))
		}
	}
	var groups []Group
	if len(unknown) > 0 {
		groups = append(groups, Group{Kind: Gap, Title: "this kvconform does not know the rules at that api-version", Rules: unknown, Cure: "verify with the kvconform that wrote the report"})
	}
	if len(missing) > 0 {
		groups = append(groups, Group{Kind: Gap, Title: "the report lacks rules of that api-version", Rules: missing, Cure: "run the whole catalogue with this kvconform"})
	}
	return groups
}

// failingUnder is the group of the failed rules whose first cause is c.
func (r *Report) failingUnder(c *Cause) Group {
	g := Group{Kind: BrokenMust, Title: oneLine(c.Title), Cure: oneLine(c.Hint)}
	for _, res := range r.with(Fail) {
		if r.causeOf(res.ID) == c {
			g.Rules = append(g.Rules, visible(res.ID))
			g.Lines = append(g.Lines, visible(res.ID)+": "+res.summary())
		}
	}
	switch {
	case g.Cure == "":
		g.Cure = "fix it: " + g.Title
	case r.demanded(c):
		g.Cure = "fix it: " + g.Title + " (rule: " + g.Cure + ")"
	}
	return g
}

// groupsOfVerdicts gathers what is left by verdict and reason.
func (r *Report) groupsOfVerdicts() []Group {
	var groups []Group
	add := func(kind GroupKind, title, cure string, res Result) {
		at := slices.IndexFunc(groups, func(g Group) bool { return g.Kind == kind && g.Title == title })
		if at < 0 {
			groups, at = append(groups, Group{Kind: kind, Title: title, Cure: cure}), len(groups)
		}
		groups[at].Rules = append(groups[at].Rules, visible(res.ID))
		groups[at].Lines = append(groups[at].Lines, visible(res.ID)+": "+res.summary())
	}
	for _, res := range r.where(func(Result) bool { return true }) {
		switch reason := oneLine(res.Reason); res.Verdict {
		case Fail:
			if r.causeOf(res.ID) == nil {
				add(BrokenMust, res.summary(), "fix it", res)
			}
		case Stale:
			add(Gap, "entries of the baseline that pass now", "delete the entries, or run `kvconform baseline` again", res)
		case KnownFail:
			add(Gap, "failures that the baseline excuses", "a baseline serves a gate; a statement is made without one", res)
		case CouldNotRun:
			add(Gap, "could not run: "+reason, "run again", res)
		case NotReached:
			kind := Gap
			if res.Level != Must {
				kind = Remark
			}
			add(kind, "not reached: "+r.whyUnreached(res, reason), r.cureUnreached(res, reason), res)
		case Warn:
			add(Remark, "shoulds that are broken, which leave the standing as it is", "", res)
		case Pass, Info, NotClaimed:
		}
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return len(b.Rules) - len(a.Rules) })
	return groups
}

// whyUnreached is the cause that holds a rule back, or the reason of the rule itself.
func (r *Report) whyUnreached(res Result, reason string) string {
	if cause := r.causeOf(res.ID); cause != nil {
		return oneLine(cause.Title)
	}
	return reason
}

func (r *Report) cureUnreached(res Result, reason string) string {
	if strings.Contains(reason, unnamed) {
		return "name such an issuer in the target file"
	}
	if cause := r.causeOf(res.ID); cause != nil {
		return cmp.Or(oneLine(cause.Hint), "fix it: "+oneLine(cause.Title))
	}
	return "have the target reach it: " + r.whyUnreached(res, reason)
}

// judgedBy says whose judgement a report is.
func (r *Report) judgedBy() string {
	parts := []string{
		strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version + " " + r.Tool.Commit), "api-version " + r.APIVersion,
		"oracle " + r.Oracle, fmt.Sprintf("%d of %s judged%s", r.count().judged(), plural(r.count().Rules, "rule"), r.count().tally()),
	}
	return oneLine(strings.Join(parts, " · "))
}

// Of lists the groups of a kind.
func (s Statement) Of(kind GroupKind) []Group {
	return slices.DeleteFunc(slices.Clone(s.Groups), func(g Group) bool { return g.Kind != kind })
}

// Line is the standing with its reason in one line.
func (s Statement) Line() string {
	switch s.Standing {
	case Conformant:
		return fmt.Sprintf("conformant to the profile %s: every must holds, and nothing that it demands was left out", s.Profile)
	case NotConformant:
		n := 0
		for _, g := range s.Of(BrokenMust) {
			n += len(g.Rules)
		}
		return fmt.Sprintf("not-conformant: %s, for %s", plural(n, "broken must"), plural(len(s.Of(BrokenMust)), "reason"))
	case Invalid:
		return fmt.Sprintf("invalid: the report contradicts itself or its transcript, %d times", len(s.Of(Contradiction)))
	}
	return fmt.Sprintf("partial: no must is broken, and %s to the profile %s", plural(len(s.Of(Gap)), "gap"), s.Profile)
}

// StatementOptions say how much of a statement is written.
type StatementOptions struct {
	Width   int
	Verbose bool // every rule with its own reason
}

// mostGroups is how many groups of a kind, and how many cures, are named if the reader does not want them all.
const mostGroups = 10

// WriteStatement writes the standing first, then the reasons in groups, and last what would make it conformant.
func WriteStatement(w io.Writer, s Statement, o StatementOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := &textWriter{Writer: bufio.NewWriter(w), o: TextOptions{Width: o.Width}}
	t.prose("", s.Line())
	t.prose("", s.Judged)
	for _, part := range []struct {
		kind GroupKind
		head string
	}{{Contradiction, "contradictions"}, {BrokenMust, "broken"}, {Gap, "gaps"}, {Remark, "remarks"}} {
		if groups := s.Of(part.kind); len(groups) > 0 {
			t.printf("\n%s\n", part.head)
			shown := groups
			if !o.Verbose {
				shown = groups[:min(len(groups), mostGroups)]
			}
			for _, g := range shown {
				t.group(g, o.Verbose)
			}
			if rest := groups[len(shown):]; len(rest) > 0 {
				t.prose("  ", andMore(rest))
			}
		}
	}
	t.cures(s, o.Verbose)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the statement: %w", err)
	}
	return nil
}

func (t *textWriter) group(g Group, verbose bool) {
	title := g.Title
	if n := len(g.Rules); n > 0 {
		title += " (" + plural(n, "rule") + ")"
		if g.Kind == BrokenMust && !verbose {
			title += ", such as " + g.Rules[0]
		}
	}
	t.prose("  ", title)
	lines := g.Lines
	if len(lines) == 0 {
		lines = g.Rules
	}
	if verbose {
		for _, line := range lines {
			t.prose(indent, line)
		}
	}
}

// andMore counts groups that are not named.
func andMore(groups []Group) string {
	rules := 0
	for _, g := range groups {
		rules += len(g.Rules)
	}
	return fmt.Sprintf("and %s (%s); --verbose lists them", plural(len(groups), "other reason"), plural(rules, "rule"))
}

// cures lists what would make the statement conformant, each cure once.
func (t *textWriter) cures(s Statement, verbose bool) {
	if s.Standing == Conformant || s.Standing == Invalid {
		return
	}
	var cures []string
	for _, g := range append(s.Of(BrokenMust), s.Of(Gap)...) {
		cures = addOnce(cures, g.Cure)
	}
	if len(cures) > 0 {
		t.printf("\nto be conformant\n")
		for i, cure := range cures {
			if i == mostGroups && !verbose {
				t.printf("  and %d more; --verbose lists them\n", len(cures)-i)
				break
			}
			t.prose("  ", fmt.Sprintf("%d. %s", i+1, cure))
		}
	}
}
