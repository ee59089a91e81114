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

// Counts is how many rules got each verdict. The last three split the passes by who accepts the response.
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
	// KnownUnreached is how many of the known were not reached: the baseline names them, and they are not judged all the same.
	KnownUnreached int `json:"knownNotReached,omitempty"`
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
	if res.Verdict == KnownFail && res.Was() == NotReached {
		c.KnownUnreached++
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
	r.Causes = causesOf(r)
	r.Conclusion = Conclusion{ExitCode: ExitCode(r), Line: r.line()}
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

// tally is " (118 pass, 2 fail); 4 not-reached": every verdict that occurred, passes first, and apart from them those that
// judge nothing.
func (c Counts) tally() string {
	order := Verdicts()
	order = append([]Verdict{Pass}, order[:len(order)-1]...)
	var judged, others []string
	for _, v := range order {
		n := c.Of(v)
		switch {
		case n == 0:
		case v == NotReached || v == NotClaimed || v == CouldNotRun:
			others = append(others, fmt.Sprintf("%d %s", n, v))
		default:
			judged = append(judged, fmt.Sprintf("%d %s", n, v))
		}
	}
	text := ""
	if len(judged) > 0 {
		text = " (" + strings.Join(judged, ", ") + ")"
	}
	if len(others) > 0 {
		text += "; " + strings.Join(others, ", ")
	}
	return text
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
