package reports

import (
	"fmt"
	"slices"
	"strings"
)

// A Verdict is what a run says of one rule.
type Verdict string

// The verdicts. Known stands for a failure that the baseline names, Stale for a rule that the baseline names and that passes.
const (
	Pass        Verdict = "pass"
	Fail        Verdict = "fail"
	Warn        Verdict = "warn"
	Info        Verdict = "info"
	NotReached  Verdict = "not-reached"
	NotClaimed  Verdict = "not-claimed"
	KnownFail   Verdict = "known"
	Stale       Verdict = "stale"
	CouldNotRun Verdict = "could-not-run"
)

// Verdicts lists the verdicts in the order in which every report shows them, the worst first.
func Verdicts() []Verdict {
	return []Verdict{Fail, Stale, CouldNotRun, Warn, NotReached, KnownFail, Info, NotClaimed, Pass}
}

// A Level is how binding a rule is.
type Level string

// The levels.
const (
	Must   Level = "must"
	Should Level = "should"
	May    Level = "may"
)

// Levels lists the levels, the most binding first.
func Levels() []Level { return []Level{Must, Should, May} }

// Counts is how many rules got each verdict. The last three split the passes by who accepts the answer.
type Counts struct {
	Rules        int `json:"rules"`
	Pass         int `json:"pass"`
	Fail         int `json:"fail"`
	Warn         int `json:"warn"`
	Info         int `json:"info"`
	NotReached   int `json:"notReached"`
	NotClaimed   int `json:"notClaimed"`
	Known        int `json:"known"`
	Stale        int `json:"stale"`
	CouldNotRun  int `json:"couldNotRun"`
	AsBoth       int `json:"passAsBoth"`
	AsDocumented int `json:"passAsDocumentedOnly"`
	AsObserved   int `json:"passAsObservedOnly"`
	AsInferred   int `json:"passAsInferred,omitempty"`
}

func (c *Counts) field(v Verdict) *int {
	switch v {
	case Pass:
		return &c.Pass
	case Fail:
		return &c.Fail
	case Warn:
		return &c.Warn
	case Info:
		return &c.Info
	case NotReached:
		return &c.NotReached
	case NotClaimed:
		return &c.NotClaimed
	case KnownFail:
		return &c.Known
	case Stale:
		return &c.Stale
	case CouldNotRun:
		return &c.CouldNotRun
	}
	return nil
}

// Of is how many rules got the verdict v.
func (c Counts) Of(v Verdict) int {
	if n := c.field(v); n != nil {
		return *n
	}
	return 0
}

func (c *Counts) add(res Result) {
	c.Rules++
	if n := c.field(res.Verdict); n != nil {
		*n++
	}
	if res.Verdict != Pass {
		return
	}
	switch documented, observed := slices.Contains(res.As, "documented"), slices.Contains(res.As, "observed"); {
	case documented && observed:
		c.AsBoth++
	case documented:
		c.AsDocumented++
	case observed:
		c.AsObserved++
	case slices.Contains(res.As, "inferred"):
		c.AsInferred++
	}
}

// Count is the tally of one scenario.
func (s Scenario) Count() Counts {
	var c Counts
	for _, res := range s.Rules {
		c.add(res)
	}
	return c
}

func (r *Report) count() Counts {
	var c Counts
	for _, s := range r.Scenarios {
		for _, res := range s.Rules {
			c.add(res)
		}
	}
	return c
}

// Count tallies the verdicts into r.Counts.
func (r *Report) Count() { r.Counts = r.count() }

// Conclude tallies the verdicts and settles the outcome. It is the last thing to do to a report before it is drawn.
func (r *Report) Conclude() {
	if r.Format == "" {
		r.Format = Format
	}
	r.Count()
	r.Outcome = Outcome{ExitCode: ExitCode(r), Line: r.line()}
}

// Failing says whether res counts as a failure: a must that failed, a stale entry of the baseline, and in a strict run also
// a should that failed and a rule that was not reached.
func (r *Report) Failing(res Result) bool {
	switch res.Verdict {
	case Fail, Stale:
		return true
	case Warn, NotReached:
		return r.Strict
	}
	return false
}

// Outcome is the end of a run in two forms: for machines and for people.
type Outcome struct {
	ExitCode int    `json:"exitCode"`
	Line     string `json:"line"`
}

// ExitCode is the exit code that the verdicts lead to. Where several apply, WorstExit says which counts: a run in which
// kvconform itself was at fault proves nothing about the target; an interrupted one was ended by its user, who asked for no judgement; a rule that
// failed has failed whatever else could not run, and running again will not help it; only then is a run merely incomplete.
//
// A run in which no rule was judged at all, because none was selected, claimed or reached, is incomplete: it shows nothing.
func ExitCode(r *Report) int {
	c := r.count()
	failing := c.Fail + c.Stale
	if r.Strict {
		failing += c.Warn + c.NotReached
	}
	switch {
	case len(r.internalErrors()) > 0:
		return ExitInternal
	case r.Interrupted:
		return ExitInterrupted
	case failing > 0:
		return ExitFailed
	case c.CouldNotRun > 0, c.judged() == 0:
		return ExitIncomplete
	}
	return ExitHeld
}

func (c Counts) judged() int { return c.Pass + c.Fail + c.Warn + c.Info + c.Known + c.Stale }

// internalErrors lists what kvconform did wrong, panics of its rules among them.
func (r *Report) internalErrors() []string {
	faults := slices.Clone(r.Faults)
	for _, s := range r.Scenarios {
		for _, res := range s.Rules {
			if res.Panic {
				faults = append(faults, "the rule "+res.ID+" panicked")
			}
		}
	}
	return faults
}

// line is the verdict in one line: what decided first, then the counts.
func (r *Report) line() string {
	c := r.count()
	var lead string
	switch ExitCode(r) {
	case ExitInternal:
		lead = "internal error of kvconform: " + strings.Join(r.internalErrors(), "; ")
	case ExitInterrupted:
		lead = "interrupted: this is what was played so far"
	case ExitFailed:
		lead = "failed: " + strings.Join(r.failures(c), ", ")
	case ExitIncomplete:
		lead = "incomplete: " + c.incomplete()
	default:
		lead = "held: no must is broken"
		if c.Known > 0 {
			lead += " beyond what is known"
		}
		if r.Strict {
			lead = "held, strictly: nothing is broken, everything was reached"
		}
	}
	if c.Rules == 0 {
		return lead
	}
	return lead + " (" + plural(c.Rules, "rule") + ": " + c.list() + ")"
}

func (r *Report) failures(c Counts) []string {
	var parts []string
	say := func(n int, what string) {
		if n > 0 {
			parts = append(parts, plural(n, what))
		}
	}
	say(c.Fail, "broken must")
	say(c.Stale, "stale baseline entry")
	if r.Strict {
		say(c.Warn, "broken should")
		say(c.NotReached, "unreached rule")
	}
	return parts
}

func (c Counts) incomplete() string {
	switch {
	case c.Rules == 0:
		return "no rule was selected"
	case c.CouldNotRun > 0:
		return plural(c.CouldNotRun, "rule") + " could not run"
	}
	return "no rule was judged"
}

// list is "118 pass, 2 fail": every verdict that occurred, passes first.
func (c Counts) list() string {
	order := Verdicts()
	order = append([]Verdict{Pass}, order[:len(order)-1]...)
	var parts []string
	for _, v := range order {
		if n := c.Of(v); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(what, "entry"):
		what = strings.TrimSuffix(what, "y") + "ies"
	case strings.HasSuffix(what, "s"):
	default:
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
