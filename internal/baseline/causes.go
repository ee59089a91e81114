package baseline

import (
	"fmt"
	"slices"

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

// expects reports whether the entry of a cause makes a verdict known. It never excuses what the cause keeps from being
// judged: nobody knows what those rules would find, and a cause that keeps more of them than before would hide it.
func (c *causes) expects(came reports.Verdict) bool {
	return came == reports.Fail || came == reports.Warn
}

// byCauses is the entry of the first of some causes, if there is an entry for each of them: what one of them does not
// explain is new.
func (b *Baseline) byCauses(keys []string) *Deviation {
	var first *Deviation
	for _, key := range keys {
		at := slices.IndexFunc(b.Deviations, func(d Deviation) bool { return d.Rule == "" && d.Cause == key })
		if at < 0 {
			return nil
		}
		if first == nil {
			first = &b.Deviations[at]
		}
	}
	return first
}

// goneCause is the stale result of an entry whose cause a whole run does not show.
func (b *Baseline) goneCause(d *Deviation, causes *causes, report *reports.Report) *reports.Result {
	if _, found := causes.cause(d.Cause); found || !whole(report) {
		return nil
	}
	return &reports.Result{
		ID: fmt.Sprintf("%s/line-%d", scenarioID, d.Line), Level: reports.Must, Verdict: reports.Stale,
		Statement: fmt.Sprintf("The target still deviates as the entry for the cause %s says.", d.Cause),
		Known:     b.known(d, reports.Pass),
		Reason:    fmt.Sprintf("the cause is gone: delete the entry at line %d of %s", d.Line, b.Path),
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

// missing lists the causes of a rule that no entry of the updated baseline names.
func (b *Baseline) missing(plan *changePlan, keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return slices.ContainsFunc(plan.added, func(d newDeviation) bool { return d.Cause == key }) ||
			slices.ContainsFunc(b.Deviations, func(d Deviation) bool { return d.Rule == "" && d.Cause == key })
	})
}
