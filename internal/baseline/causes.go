package baseline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/reports"
)

// causes are the causes of a report by the rules that stand under them.
type causes struct {
	all    []reports.Cause
	byRule map[string][]string // the keys of the causes that break a rule, or keep it from being judged
}

// causesOf sorts the causes of a report that has its exchanges. Without them nothing can be said of causes.
func causesOf(report *reports.Report) *causes {
	found := &causes{byRule: map[string][]string{}}
	for _, c := range reports.Causes(report) {
		if c.Play == "" {
			continue
		}
		found.all = append(found.all, c)
		for _, rule := range slices.Concat(c.Breaks, c.HoldsBack) {
			found.byRule[rule] = append(found.byRule[rule], c.Key)
		}
	}
	return found
}

// of lists the keys of the causes of a rule.
func (c *causes) of(rule string) []string { return c.byRule[rule] }

// only reports whether a rule has no other cause than the one of the key; "" stands for any.
func (c *causes) only(rule, key string) bool {
	return key == "" || !slices.ContainsFunc(c.byRule[rule], func(other string) bool { return other != key })
}

// cause finds a cause by its key.
func (c *causes) cause(key string) (reports.Cause, bool) {
	at := slices.IndexFunc(c.all, func(cause reports.Cause) bool { return cause.Key == key })
	if at < 0 {
		return reports.Cause{}, false
	}
	return c.all[at], true
}

// shownBy lists the operations by which a rule fails for the cause of a key.
func (c *causes) shownBy(key, rule string) []string {
	cause, _ := c.cause(key)
	return cause.ShownBy(rule)
}

// expects reports whether the entry of a cause makes a verdict known. It never excuses what the cause keeps from being
// judged: nobody knows what those rules would find, and a cause that keeps more of them than before would hide it.
func (c *causes) expects(came reports.Verdict) bool {
	return came == reports.Fail || came == reports.Warn
}

// byCauses is the entry of the first of the causes of a rule, if each of them is known on all operations by which the rule
// fails: what one of them does not explain is new.
func (b *Baseline) byCauses(rule string, causes *causes) *Deviation {
	var first *Deviation
	for _, key := range causes.of(rule) {
		entries := b.ofCause(key)
		if len(entries) == 0 || len(unknown(entries, causes.shownBy(key, rule))) > 0 {
			return nil
		}
		if first == nil {
			first = entries[0]
		}
	}
	return first
}

// everyOperation stands for all operations in an entry.
const everyOperation = "*"

// ofCause lists the entries of a cause.
func (b *Baseline) ofCause(key string) []*Deviation {
	var entries []*Deviation
	for i := range b.Deviations {
		if d := &b.Deviations[i]; d.Rule == "" && d.Cause == key {
			entries = append(entries, d)
		}
	}
	return entries
}

// unknown lists the operations that no entry of the cause names.
func unknown(entries []*Deviation, operations []string) []string {
	return slices.DeleteFunc(slices.Clone(operations), func(operation string) bool {
		return slices.ContainsFunc(entries, func(d *Deviation) bool { return d.isOn(operation) })
	})
}

// isOn reports whether the entry of a cause knows it on an operation.
func (d *Deviation) isOn(operation string) bool {
	return len(d.Operations) == 0 || slices.Contains(d.Operations, operation) || slices.Contains(d.Operations, everyOperation)
}

// elsewhere says which operations show a cause of the rule that the baseline knows on others, "" if there are none.
func (b *Baseline) elsewhere(rule string, causes *causes) string {
	for _, key := range causes.of(rule) {
		entries := b.ofCause(key)
		if len(entries) == 0 {
			continue
		}
		if others := unknown(entries, causes.shownBy(key, rule)); len(others) > 0 {
			return fmt.Sprintf("%s:%d knows the cause %s on %s: that %s shows it is new",
				b.Path, entries[0].Line, key, strings.Join(entries[0].Operations, ", "), strings.Join(others, ", "))
		}
	}
	return ""
}

// unpinned reports whether the entry knows a cause on every operation without saying so.
func (d *Deviation) unpinned(causes *causes) bool {
	cause, found := causes.cause(d.Cause)
	return found && d.Rule == "" && len(d.Operations) == 0 && len(pinned(cause, cause.Everywhere())) > 0
}

// mostOn is how many operations an entry names. A cause that more of them show is told of every operation.
const mostOn = 8

// pinned lists the operations that a new entry of a cause names. A key that begins with an operation pins it already.
func pinned(cause reports.Cause, operations []string) []string {
	switch first, _, _ := strings.Cut(cause.Key, "/"); {
	case len(cause.Everywhere()) == 0, slices.Contains(cause.Everywhere(), first):
		return nil
	case len(operations) > mostOn:
		return []string{everyOperation}
	}
	return operations
}

// goneCause is the stale result of an entry whose cause a whole run does not show.
func (b *Baseline) goneCause(d *Deviation, causes *causes, report *reports.Report) *reports.Result {
	cause, found := causes.cause(d.Cause)
	if !whole(report) || found && (len(d.Operations) == 0 || len(cause.Everywhere()) == 0 || slices.ContainsFunc(cause.Everywhere(), d.isOn)) {
		return nil
	}
	gone := "the cause is gone"
	if found {
		gone = strings.Join(d.Operations, ", ") + " shows the cause no longer"
	}
	return &reports.Result{
		ID: fmt.Sprintf("%s/line-%d", scenarioID, d.Line), Level: reports.Must, Verdict: reports.Stale,
		Statement: fmt.Sprintf("The target still deviates as the entry for the cause %s says.", d.Cause),
		Known:     b.known(d, reports.Pass),
		Reason:    fmt.Sprintf("%s: delete the entry at line %d of %s", gone, d.Line, b.Path),
	}
}

// whole reports whether a run could have shown every cause: nothing was left out and nothing could not run.
func whole(report *reports.Report) bool {
	if report.Interrupted || len(report.Selection.Scenarios)+len(report.Selection.Rules) > 0 {
		return false
	}
	for _, scenario := range report.Scenarios {
		for _, result := range scenario.Rules {
			if result.Was() == reports.CouldNotRun {
				return false
			}
		}
	}
	return true
}

// missing makes the entries of the causes of a rule, and of the operations that show them, that the updated baseline lacks.
func (b *Baseline) missing(plan *changePlan, causes *causes, rule string) []newDeviation {
	var entries []newDeviation
	for _, key := range causes.of(rule) {
		if slices.ContainsFunc(plan.added, func(d newDeviation) bool { return d.Cause == key }) {
			continue
		}
		cause, _ := causes.cause(key)
		known := b.ofCause(key)
		operations := unknown(known, cause.Everywhere())
		if len(known) > 0 && len(operations) == 0 {
			continue
		}
		entries = append(entries, newDeviation{Cause: key, Operations: pinned(cause, operations), title: cause.Line()})
	}
	return entries
}
