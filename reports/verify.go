package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Standing is what a report says as a conformance statement.
type Standing string

// The standings. A conformant target was asked everything and every must held; a partial one broke no must, but something was not asked,
// not claimed, not reached or is excused by a baseline, or the statement lacks who made it; an invalid report contradicts itself.
const (
	Conformant    Standing = "conformant"
	Partial       Standing = "partial"
	NotConformant Standing = "not-conformant"
	Invalid       Standing = "invalid"
)

// A Statement is a report read as a conformance statement.
type Statement struct {
	Standing       Standing
	Contradictions []string // where the report is not consistent
	Broken         []string // the rules that failed
	Gaps           []string // why it is no more than partial
	Remarks        []string // what does not change the standing: broken shoulds
}

// Verify checks that a report is consistent, complete and unfiltered. The catalogue is the ids of all rules that hold at the
// report's api-version; nil leaves that comparison out.
func Verify(r *Report, catalogue []string) Statement {
	s := Statement{Contradictions: r.contradictions()}
	for _, res := range r.where(func(Result) bool { return true }) {
		s.weigh(res)
	}
	s.Gaps = append(s.Gaps, r.gaps(catalogue)...)
	switch {
	case len(s.Contradictions) > 0:
		s.Standing = Invalid
	case len(s.Broken) > 0:
		s.Standing = NotConformant
	case len(s.Gaps) > 0:
		s.Standing = Partial
	default:
		s.Standing = Conformant
	}
	return s
}

func (s *Statement) weigh(res Result) {
	id := visible(res.ID)
	switch res.Verdict {
	case Fail:
		s.Broken = append(s.Broken, id)
	case Stale:
		s.Gaps = append(s.Gaps, id+" is stale: "+res.summary())
	case CouldNotRun:
		s.Gaps = append(s.Gaps, id+" could not run: "+oneLine(res.Reason))
	case Warn:
		s.Remarks = append(s.Remarks, id+" is a should and broken")
	case NotReached:
		gap := id + " was not reached: " + oneLine(res.Reason)
		if res.Level == Must {
			s.Gaps = append(s.Gaps, gap)
		} else {
			s.Remarks = append(s.Remarks, gap)
		}
	case NotClaimed:
		s.Gaps = append(s.Gaps, id+" is not claimed")
	case KnownFail:
		s.Gaps = append(s.Gaps, id+" fails and is excused by the baseline")
	case Pass, Info:
	}
}

// gaps lists what keeps the report as a whole from being a full statement.
func (r *Report) gaps(catalogue []string) []string {
	var gaps []string
	add := func(gap bool, text string) {
		if gap {
			gaps = append(gaps, text)
		}
	}
	add(len(r.Selection.Scenarios)+len(r.Selection.Rules) > 0, "the run was limited to a selection of the rules")
	add(r.Interrupted, "the run was interrupted")
	add(r.count().judged() == 0, "no rule was judged")
	add(r.Target.Product == "", "the product is not named")
	add(r.Target.ProductVersion == "", "the product's version is not named")
	add(r.Target.Contact == "", "there is no contact")
	add(r.Target.Reproduce == "", "it is not said how to reproduce the report")
	add(r.APIVersion == "", "the api-version is not named")
	add(r.Tool.Version == "", "the version of kvconform is not named")
	for _, fault := range r.internalErrors() {
		gaps = append(gaps, "kvconform was at fault: "+oneLine(fault))
	}
	if catalogue == nil {
		return gaps
	}
	have := map[string]bool{}
	for _, res := range r.where(func(Result) bool { return true }) {
		have[res.ID] = true
		add(!slices.Contains(catalogue, res.ID), visible(res.ID)+" is no rule that this kvconform knows at that api-version")
	}
	for _, id := range catalogue {
		add(!have[id], visible(id)+" is not in the report")
	}
	return gaps
}

// contradictions lists where the report says two things at once.
func (r *Report) contradictions() []string {
	var found []string
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	add(r.Format != Format, "the format is %q, not %q", oneLine(r.Format), Format)
	add(r.Counts != r.count(), "the counts are not those of its verdicts")
	add(r.Outcome.ExitCode != ExitCode(r), "the exit code is %d, and the verdicts lead to %d", r.Outcome.ExitCode, ExitCode(r))
	add(r.Outcome.Line != r.line(), "the outcome is not that of its verdicts")
	add(!slices.Contains([]string{"documented", "observed", "either"}, r.Oracle), "the oracle %q is none", oneLine(r.Oracle))
	scenarios, rules := map[string]bool{}, map[string]bool{}
	for _, s := range r.Scenarios {
		add(scenarios[s.ID], "scenario %s stands there twice", visible(s.ID))
		scenarios[s.ID] = true
		for _, res := range s.Rules {
			add(rules[res.ID], "rule %s stands there twice", visible(res.ID))
			rules[res.ID] = true
			if wrong := r.contradiction(res); wrong != "" {
				found = append(found, visible(res.ID)+" "+wrong)
			}
		}
	}
	return found
}

// contradiction says what a result and the report around it say at once, or nothing.
func (r *Report) contradiction(res Result) string {
	if !slices.Contains(Verdicts(), res.Verdict) || !slices.Contains(Levels(), res.Level) {
		return "has an unknown verdict or level"
	}
	if _, found := r.Exchange(res); res.Step != "" && !found {
		return fmt.Sprintf("was judged on the exchange %s of %s, which is not there", oneLine(res.Step), oneLine(res.Play))
	}
	switch res.Verdict {
	case Fail, Warn:
		if want := map[Verdict]Level{Fail: Must, Warn: Should}[res.Verdict]; res.Level != want {
			return fmt.Sprintf("is a %s and its verdict is %s", res.Level, res.Verdict)
		}
	case NotReached, CouldNotRun:
		if res.Reason == "" {
			return fmt.Sprintf("is %s without a reason", res.Verdict)
		}
	case KnownFail, Stale:
		return r.excuse(res)
	case Pass:
		return r.passedOtherwise(res)
	case Info, NotClaimed:
	}
	return ""
}

// passedOtherwise says that a result passed by a status that the oracle of the run does not accept, or nothing.
func (r *Report) passedOtherwise(res Result) string {
	accepted := len(res.As) == 0 || slices.Contains(res.As, r.Oracle) || slices.Contains(res.As, "inferred")
	if r.Oracle != "either" && !accepted && len(res.Accepts.side(r.Oracle)) > 0 {
		return fmt.Sprintf("passed as %s, and the oracle is %s", oneLine(strings.Join(res.As, ", ")), oneLine(r.Oracle))
	}
	return ""
}

// excuse says what is wrong with the entry of the baseline that a result rests on, or nothing.
func (r *Report) excuse(res Result) string {
	switch {
	case res.Known == nil:
		return fmt.Sprintf("is %s without an entry of a baseline", res.Verdict)
	case res.Verdict == KnownFail && res.Known.Expires != "" && !r.Started.IsZero() && res.Known.Expires < r.Started.Format("2006-01-02"):
		return fmt.Sprintf("is excused by an entry that had expired on %s", oneLine(res.Known.Expires))
	}
	return ""
}

// Why is the standing in one line.
func (s Statement) Why() string {
	switch s.Standing {
	case Conformant:
		return "everything was asked and every must held"
	case NotConformant:
		return "broken: " + strings.Join(s.Broken, ", ")
	case Invalid:
		return "the report contradicts itself: " + strings.Join(s.Contradictions, "; ")
	}
	return strings.Join(s.Gaps, "; ")
}

// WriteStatement writes the standing and every reason for it, a line each.
func WriteStatement(w io.Writer, s Statement) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", s.Standing)
	for _, part := range []struct {
		what  string
		lines []string
	}{{"contradiction", s.Contradictions}, {"broken", s.Broken}, {"gap", s.Gaps}, {"remark", s.Remarks}} {
		for _, line := range part.lines {
			fmt.Fprintf(&b, "  %s: %s\n", part.what, line)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the statement: %w", err)
	}
	return nil
}
