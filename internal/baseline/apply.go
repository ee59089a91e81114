package baseline

import (
	"fmt"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/reports"
)

// scenarioID is what reports call the entries of a baseline that belong to no single rule.
const scenarioID = "baseline"

// Apply weighs a report with the baseline: what an entry expects is known, an entry that no rule bears out is stale. It
// is done before the report is concluded. The catalogue's ids tell a rule that was not selected from one that is not.
func (b *Baseline) Apply(report *reports.Report, ids []string, now time.Time) {
	use := make([]entryUse, len(b.Deviations))
	causes := causesOf(report)
	for i := range report.Scenarios {
		for j := range report.Scenarios[i].Rules {
			b.weigh(&report.Scenarios[i].Rules[j], causes, use, now)
		}
	}
	var orphans []reports.Result
	for i := range b.Deviations {
		d := &b.Deviations[i]
		if d.Rule == "" {
			if gone := b.goneCause(d, causes, report); gone != nil {
				orphans = append(orphans, *gone)
			}
			continue
		}
		if stale := b.orphan(d, use[i], ids); stale != nil {
			orphans = append(orphans, *stale)
		}
	}
	if len(orphans) > 0 {
		report.Scenarios = append(report.Scenarios, reports.Scenario{
			ID: scenarioID, Title: "The baseline " + b.Path, Rules: orphans,
		})
	}
	report.Notes = append(report.Notes, b.notes(use, causes)...)
	report.Notes = append(report.Notes, b.heldBack(report, causes)...)
}

// heldBack says in a strict run that a known cause excuses no rule that it keeps from being judged, and what to do.
func (b *Baseline) heldBack(report *reports.Report, causes *causes) []string {
	held := 0
	for _, scenario := range report.Scenarios {
		for _, result := range scenario.Rules {
			if result.Verdict == reports.NotReached && b.byCauses(result.ID, causes) != nil {
				held++
			}
		}
	}
	if held == 0 || !report.Strict {
		return nil
	}
	return []string{fmt.Sprintf("--strict fails on %d of the rules that were not reached, because a known cause excuses only the rules that it breaks: "+
		"fix it, or let `kvconform baseline --strict --out %s` name them", held, b.Path)}
}

// entryUse is what a run shows of an entry.
type entryUse struct {
	selected int  // rules of the run that the entry names
	borneOut bool // one of them came out as it expects
	open     bool // one of them was not judged, so that nothing is shown
	reached  bool // it expects a rule not to be reached, which was, and holds
}

// weigh gives a rule the verdict that it has with the baseline: the first entry that names the rule and expects what
// came makes it known.
func (b *Baseline) weigh(result *reports.Result, causes *causes, use []entryUse, now time.Time) {
	came := result.Verdict
	var match, other *Deviation
	for i := range b.Deviations {
		d := &b.Deviations[i]
		if !d.Names(result.ID) {
			continue
		}
		use[i].selected++
		switch {
		case d.Verdict == came && causes.only(result.ID, d.Cause):
			use[i].borneOut = true
			if match == nil {
				match = d
			}
		case undecided(came):
			use[i].open = true
		case d.reachedAfterAll(came):
			use[i].reached = true
		case other == nil && !d.IsPattern():
			other = d
		}
	}
	if match == nil {
		match = b.byCause(result, causes)
	}
	switch {
	case match != nil:
		b.excuse(result, match, now)
	case other != nil && !undecided(came):
		b.contradict(result, other)
	}
}

// reachedAfterAll reports whether the rule of an entry that expects it not to be reached was, and holds. Which rules a cause keeps
// from being judged may depend on the order of requests at once, so that this breaks no gate.
func (d *Deviation) reachedAfterAll(came reports.Verdict) bool {
	return d.Verdict == reports.NotReached && !d.IsPattern() && (came == reports.Pass || came == reports.Info)
}

// byCause is the entry that expects what came of a rule because of the rule's causes, or nil; the result then says which of them
// is known on other operations.
func (b *Baseline) byCause(result *reports.Result, causes *causes) *Deviation {
	if !causes.expects(result.Verdict) {
		return nil
	}
	known := b.byCauses(result.ID, causes)
	if elsewhere := b.elsewhere(result.ID, causes); known == nil && elsewhere != "" {
		because(result, elsewhere)
	}
	return known
}

// undecided reports whether a verdict leaves open whether the rule would still come out as an entry expects.
func undecided(came reports.Verdict) bool {
	return came == reports.CouldNotRun || came == reports.NotReached
}

// excuse makes a result known, unless the entry has expired.
func (b *Baseline) excuse(result *reports.Result, d *Deviation, now time.Time) {
	result.Known = b.known(d, result.Verdict)
	if !d.ExpiredOn(now) {
		result.Verdict = reports.KnownFail
		return
	}
	because(result, fmt.Sprintf("%s:%d excused this until %s: mend it, or give the entry a new date", b.Path, d.Line, d.Expires))
	if result.Verdict != reports.Fail {
		result.Verdict = reports.Stale // so that the date breaks the gate whatever the rule's level
	}
}

// contradict says that a rule did not come out as its entry expects.
func (b *Baseline) contradict(result *reports.Result, d *Deviation) {
	came := result.Verdict
	result.Known = b.known(d, came)
	switch came {
	case d.Verdict:
		because(result, fmt.Sprintf("%s:%d expects it for the cause %s, and it has another: it is new", b.Path, d.Line, d.Cause))
		return
	case reports.Fail:
		because(result, fmt.Sprintf("%s:%d expects only %s: it got worse", b.Path, d.Line, d.Verdict))
		return
	case reports.Warn:
		because(result, fmt.Sprintf("%s:%d expects %s and it came out as warn: correct that line", b.Path, d.Line, d.Verdict))
	case reports.NotClaimed:
		because(result, fmt.Sprintf("%s:%d expects %s of it all the same: delete that entry", b.Path, d.Line, d.Verdict))
	default:
		because(result, fmt.Sprintf("passes now: delete the entry at line %d of %s", d.Line, b.Path))
	}
	result.Verdict = reports.Stale
}

func because(result *reports.Result, what string) {
	if result.Reason != "" {
		what = result.Reason + "; " + what
	}
	result.Reason = what
}

// orphan is the stale result of an entry that no single rule can carry: one that names no rule at all, or a pattern
// whose rules all hold.
func (b *Baseline) orphan(d *Deviation, use entryUse, ids []string) *reports.Result {
	result := &reports.Result{
		ID: fmt.Sprintf("%s/line-%d", scenarioID, d.Line), Level: reports.Must, Verdict: reports.Stale,
		Statement: fmt.Sprintf("The entry for %s says what the target still does.", d.Rule),
		Known:     b.known(d, reports.Pass),
	}
	switch {
	case use.selected == 0 && !namesAny(d, ids):
		if d.IsPattern() {
			result.Reason = fmt.Sprintf("%s:%d: the pattern %s names no rule: delete that entry", b.Path, d.Line, d.Rule)
			return result
		}
		result.Reason = fmt.Sprintf("%s:%d: delete or correct that entry: there is no rule %s%s", b.Path, d.Line, d.Rule, input.Suggest(d.Rule, ids))
		return result
	case d.IsPattern() && use.selected > 0 && !use.borneOut && !use.open:
		result.Reason = fmt.Sprintf("%s:%d: no rule that the pattern %s names came out as %s: delete that entry", b.Path, d.Line, d.Rule, d.Verdict)
		return result
	}
	return nil
}

func namesAny(d *Deviation, ids []string) bool {
	for _, id := range ids {
		if d.Names(id) {
			return true
		}
	}
	return false
}

// notes says which entries want a poll though they break nothing.
func (b *Baseline) notes(use []entryUse, causes *causes) []string {
	var unexplained, open, reached []string
	loose, anywhere := 0, 0
	for i := range b.Deviations {
		line := fmt.Sprint(b.Deviations[i].Line)
		if strings.TrimSpace(b.Deviations[i].Reason) == "" {
			unexplained = append(unexplained, line)
		}
		if b.Deviations[i].Cause == "" && b.Deviations[i].Verdict != reports.NotReached {
			loose++
		}
		if b.Deviations[i].unpinned(causes) {
			anywhere++
		}
		if use[i].open && !use[i].borneOut {
			open = append(open, line)
		}
		if use[i].reached {
			reached = append(reached, line)
		}
	}
	var notes []string
	if len(unexplained) > 0 {
		notes = append(notes, fmt.Sprintf("the baseline %s gives no reason on line %s", b.Path, someOf(unexplained)))
	}
	if len(open) > 0 {
		notes = append(notes, fmt.Sprintf("the baseline %s could not be checked on line %s: its rules were not judged in this run", b.Path, someOf(open)))
	}
	if len(reached) > 0 {
		notes = append(notes, fmt.Sprintf("the baseline %s expects on line %s that a rule is not reached, and it passes: delete the entry", b.Path, someOf(reached)))
	}
	if loose > 0 {
		notes = append(notes, fmt.Sprintf(
			"%d of %d entries of the baseline %s name a rule without a cause: another breach of the same rule is not noticed; `kvconform baseline` writes causes",
			loose, len(b.Deviations), b.Path))
	}
	if anywhere > 0 {
		notes = append(notes, fmt.Sprintf(
			"%d of %d entries of the baseline %s name a cause without operations: another operation that shows it is not noticed; add `operations: [NAME]` to each",
			anywhere, len(b.Deviations), b.Path))
	}
	return notes
}

// mostNamed is how many lines of the baseline a note names.
const mostNamed = 10

// someOf lists the first lines, and counts the others.
func someOf(lines []string) string {
	if more := len(lines) - mostNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(lines[:mostNamed], ", "), more)
	}
	return strings.Join(lines, ", ")
}
