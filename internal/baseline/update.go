package baseline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/reports"
)

// Changes is what updating a baseline changed, each entry as "RULE (VERDICT)".
type Changes struct {
	Added, Removed, Kept []string
	// Changed are entries whose verdict is another now; their reasons stay and want a poll.
	Changed []string
	// Open are rules that the run could not judge: what they would be is not in the baseline.
	Open []string
}

// head opens a baseline that kvconform writes.
const head = `# What is known to deviate. kvconform run --baseline takes it as known, fails on any other deviation, and fails when
# an entry is true no more. Give each entry its reason, and where you can a link and a last day (expires: 2006-01-02).
`

// Update returns the text of the baseline as a run would have it: what the run bears out stays as it is written, with
// its reason, link, date and comments; what holds now goes; and what breaks the run is added. Broken shoulds and rules
// that were not reached are added where the report is strict, as only then they break it, and all rules of a scenario of which
// none was judged, as such a run is incomplete. Entries that the run did not
// judge stay.
func (b *Baseline) Update(report *reports.Report) ([]byte, *Changes, error) {
	if len(b.Deviations) > 0 && !b.blocks {
		return nil, nil, input.Usagef("%s: cannot be updated, as entries share a line; write each as a list item of its own, `- rule: …`", b.Path)
	}
	plan := b.plan(report)
	text := b.rewrite(plan)
	indent := "  "
	if b.column > 0 {
		indent = strings.Repeat(" ", b.column-1)
	}
	for _, added := range plan.added {
		if added.title != "" {
			text = append(text, indent+"# "+added.title+"\n"...)
		}
		entry, err := yaml.Marshal([]newDeviation{added})
		if err != nil {
			return nil, nil, fmt.Errorf("writing an entry of the baseline: %w", err)
		}
		for line := range strings.Lines(string(entry)) {
			text = append(text, indent+line...)
		}
	}
	if _, err := Parse(b.Path, text); err != nil {
		return nil, nil, fmt.Errorf("updating the baseline made a file that cannot be read: %w", err)
	}
	return text, &plan.changes, nil
}

// newDeviation is an entry as it is written.
type newDeviation struct {
	Cause      string          `yaml:"cause,omitempty"`
	Operations []string        `yaml:"operations,omitempty,flow"`
	Rule       string          `yaml:"rule,omitempty"`
	Verdict    reports.Verdict `yaml:"verdict,omitempty"`
	Reason     string          `yaml:"reason"`
	title      string
}

// String is the cause with the operations that it is pinned to.
func (d newDeviation) String() string {
	if len(d.Operations) == 0 {
		return "cause " + d.Cause
	}
	return "cause " + d.Cause + " on " + strings.Join(d.Operations, ", ")
}

// changePlan says what becomes of each entry and what is new.
type changePlan struct {
	removed map[int]bool            // by place in Deviations
	verdict map[int]reports.Verdict // entries whose verdict is another now
	added   []newDeviation
	changes Changes
}

func (b *Baseline) plan(report *reports.Report) *changePlan {
	plan := &changePlan{removed: map[int]bool{}, verdict: map[int]reports.Verdict{}}
	came := verdictsWithout(report)
	causes := causesOf(report)
	for i := range b.Deviations {
		if d := &b.Deviations[i]; d.Rule == "" {
			if b.goneCause(d, causes, report) != nil {
				plan.removed[i] = true
				plan.changes.Removed = append(plan.changes.Removed, "cause "+d.Cause)
			} else {
				plan.changes.Kept = append(plan.changes.Kept, "cause "+d.Cause)
			}
			continue
		}
		b.planEntry(plan, i, came)
	}
	for _, result := range came {
		if result.verdict == reports.CouldNotRun {
			plan.changes.Open = append(plan.changes.Open, result.rule)
		}
		breaks := result.verdict == reports.Fail ||
			report.Strict && (result.verdict == reports.Warn || result.verdict == reports.NotReached) ||
			result.bare && result.verdict == reports.NotReached
		if !breaks || b.covers(plan, result) {
			continue
		}
		entry := newDeviation{Rule: result.rule, Verdict: result.verdict}
		if keys := causes.of(result.rule); keys != nil {
			for _, missing := range b.missing(plan, causes, result.rule) {
				plan.added = append(plan.added, missing)
				plan.changes.Added = append(plan.changes.Added, missing.String())
			}
			if result.verdict != reports.NotReached {
				continue
			}
			entry.title = "not reached because of " + strings.Join(keys, ", ")
		}
		plan.added = append(plan.added, entry)
		plan.changes.Added = append(plan.changes.Added, result.String())
	}
	return plan
}

// bareResult is a rule with the verdict that it has without a baseline.
type bareResult struct {
	rule    string
	verdict reports.Verdict
	bare    bool // no rule of its scenario was judged
}

func (r bareResult) String() string { return fmt.Sprintf("%s (%s)", r.rule, r.verdict) }

func verdictsWithout(report *reports.Report) []bareResult {
	var came []bareResult
	for _, scenario := range report.Scenarios {
		if scenario.ID == scenarioID {
			continue
		}
		for _, result := range scenario.Rules {
			verdict := result.Verdict
			if result.Known != nil && result.Known.Was != "" {
				verdict = result.Known.Was
			}
			came = append(came, bareResult{result.ID, verdict, scenario.Bare()})
		}
	}
	return came
}

func (b *Baseline) planEntry(plan *changePlan, i int, came []bareResult) {
	d := &b.Deviations[i]
	named := slices.DeleteFunc(slices.Clone(came), func(r bareResult) bool { return !d.Names(r.rule) })
	borneOut := slices.ContainsFunc(named, func(r bareResult) bool { return r.verdict == d.Verdict })
	open := slices.ContainsFunc(named, func(r bareResult) bool { return undecided(r.verdict) })
	words := bareResult{rule: d.Rule, verdict: d.Verdict}.String()
	switch {
	case borneOut, open, len(named) == 0:
		plan.changes.Kept = append(plan.changes.Kept, words)
	case !d.IsPattern() && slices.Contains(expectable(), named[0].verdict) && !b.expects(named[0]):
		plan.verdict[i] = named[0].verdict
		plan.changes.Changed = append(plan.changes.Changed, fmt.Sprintf("%s, was %s", named[0], d.Verdict))
	default:
		plan.removed[i] = true
		plan.changes.Removed = append(plan.changes.Removed, words)
	}
}

func (b *Baseline) expects(r bareResult) bool {
	return slices.ContainsFunc(b.Deviations, func(d Deviation) bool { return d.Verdict == r.verdict && d.Names(r.rule) })
}

// covers reports whether the updated baseline says this of the rule already.
func (b *Baseline) covers(plan *changePlan, r bareResult) bool {
	for i := range b.Deviations {
		d := &b.Deviations[i]
		verdict := d.Verdict
		if changed, ok := plan.verdict[i]; ok {
			verdict = changed
		}
		if !plan.removed[i] && verdict == r.verdict && d.Names(r.rule) {
			return true
		}
	}
	return false
}

// rewrite is the file without what goes, line by line, so that what stays keeps its comments and its form.
func (b *Baseline) rewrite(plan *changePlan) []byte {
	if len(b.text) == 0 {
		return []byte(head + "deviations:\n")
	}
	text := string(b.text)
	if len(b.Deviations) == 0 {
		text = strings.Replace(text, "deviations: []", "deviations:", 1)
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	lines := strings.SplitAfter(text, "\n")
	starts := b.starts(lines)
	for i, verdict := range plan.verdict {
		at := b.Deviations[i].verdictAt
		line := lines[at.Line-1]
		lines[at.Line-1] = line[:at.Column-1] + strings.Replace(line[at.Column-1:], at.Text, string(verdict), 1)
	}
	for i := range b.Deviations {
		if !plan.removed[i] {
			continue
		}
		end := lastEntryLine(lines)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		for n := starts[i]; n < end; n++ {
			lines[n] = ""
		}
	}
	return []byte(strings.Join(lines, ""))
}

// starts are the indexes of the first lines of the entries, the comments right above them among them.
func (b *Baseline) starts(lines []string) []int {
	starts := make([]int, len(b.Deviations))
	for i := range b.Deviations {
		start := b.Deviations[i].Line - 1
		for start > 0 && strings.HasPrefix(strings.TrimSpace(lines[start-1]), "#") {
			start--
		}
		starts[i] = start
	}
	return starts
}

// lastEntryLine is the index behind the last line that is neither blank nor a comment.
func lastEntryLine(lines []string) int {
	for n := len(lines); n > 0; n-- {
		if line := strings.TrimSpace(lines[n-1]); line != "" && !strings.HasPrefix(line, "#") {
			return n
		}
	}
	return 0
}
