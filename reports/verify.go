package reports

import (
	"fmt"
	"slices"
	"strings"
)

// A Standing is what a report says as a conformance statement.
type Standing string

// The standings. A conformant target was asked everything that its conformance profile demands and every must held; a partial
// one broke no must, but something was not asked, not claimed, not reached or is excused by a baseline, or the statement
// lacks who made it; an invalid report contradicts itself.
const (
	Conformant    Standing = "conformant"
	Partial       Standing = "partial"
	NotConformant Standing = "not-conformant"
	Invalid       Standing = "invalid"
)

// VerifyOptions are what a report is compared with, each left out if it is zero.
type VerifyOptions struct {
	// Rules are the ids of all rules that hold at the report's api-version.
	Rules []string
	// RuleSet is the digest of the rules that hold at the report's api-version, as this kvconform has them.
	RuleSet string
	// Requires are the features that the report's conformance profile demands, as this kvconform knows it.
	Requires []string
	// Again is the transcript of the run, judged again.
	Again *Report
}

// A Statement is a report read as a conformance statement.
type Statement struct {
	Standing Standing
	Profile  string  // the conformance profile: core or full
	Groups   []Group // what stands in the way, the worst first, and then what only remains to be said
	Judged   string  // whose judgement it is: the kvconform, the api-version, the oracle, and the counts
}

// A GroupKind says what a group means for the standing.
type GroupKind string

// The kinds, the worst first. Only a remark leaves the standing as it is.
const (
	Contradiction GroupKind = "contradiction"
	BrokenMust    GroupKind = "broken"
	Gap           GroupKind = "gap"
	Remark        GroupKind = "remark"
)

// Group is one reason with the rules that share it, and what would remove it.
type Group struct {
	Kind  GroupKind
	Title string
	Cure  string
	Rules []string
	Lines []string // each rule with its own reason, for a reader who wants them all
}

// Verify checks that a report is consistent, complete and unfiltered.
func Verify(r *Report, o VerifyOptions) Statement {
	s := Statement{Profile: r.Target.Profile, Judged: r.judgedBy()}
	if s.Profile == "" {
		s.Profile = "full"
	}
	for _, text := range append(r.contradictions(), r.otherwise(o)...) {
		s.Groups = append(s.Groups, Group{Kind: Contradiction, Title: text})
	}
	s.Groups = append(s.Groups, r.groups(o)...)
	slices.SortStableFunc(s.Groups, func(a, b Group) int {
		if a.Kind == Gap && b.Kind == Gap && len(a.Rules) > 0 && len(b.Rules) > 0 { // the largest first, after those of the whole report
			return len(b.Rules) - len(a.Rules)
		}
		if a.Kind == Gap && b.Kind == Gap {
			return min(len(a.Rules), 1) - min(len(b.Rules), 1)
		}
		return rank(a.Kind) - rank(b.Kind)
	})
	s.Standing = s.standing()
	return s
}

func rank(kind GroupKind) int {
	return slices.Index([]GroupKind{Contradiction, BrokenMust, Gap, Remark}, kind)
}

func (s *Statement) standing() Standing {
	if len(s.Groups) == 0 {
		return Conformant
	}
	switch s.Groups[0].Kind {
	case Contradiction:
		return Invalid
	case BrokenMust:
		return NotConformant
	case Gap:
		return Partial
	}
	return Conformant
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
	add(r.Conclusion.ExitCode != ExitCode(r), "the exit code is %d, and the verdicts lead to %d", r.Conclusion.ExitCode, ExitCode(r))
	add(r.Conclusion.Line != r.line(), "the outcome is not that of its verdicts")
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
	case NotClaimed:
		if len(r.Target.Claims.Without) == 0 {
			return "is not claimed, and the target file claims every feature"
		}
	case Info:
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

// otherwise lists where a report differs from what it is compared with: the profile as this kvconform knows it, and the
// transcript judged again.
func (r *Report) otherwise(o VerifyOptions) []string {
	var found []string
	if o.Requires != nil && r.Target.Profile != "" && !slices.Equal(r.Target.Claims.Requires, o.Requires) {
		found = append(found, fmt.Sprintf("the profile %s demands %s, and the report says %s", oneLine(r.Target.Profile),
			strings.Join(o.Requires, ", "), oneLine(strings.Join(r.Target.Claims.Requires, ", "))))
	}
	if o.Again == nil {
		return found
	}
	for _, pair := range [][3]string{
		{"endpoint", r.Target.Endpoint, o.Again.Target.Endpoint}, {"api-version", r.APIVersion, o.Again.APIVersion},
	} {
		if pair[1] != pair[2] {
			found = append(found, fmt.Sprintf("the %s is %s, and that of the transcript %s", pair[0], oneLine(pair[1]), oneLine(pair[2])))
		}
	}
	if !r.Started.Equal(o.Again.Started) {
		found = append(found, fmt.Sprintf("the run started at %s, and that of the transcript at %s: they are two runs", formatTime(r.Started), formatTime(o.Again.Started)))
	}
	return append(found, r.judgedOtherwise(o.Again)...)
}

// judgedOtherwise lists the rules of which the transcript says something else, whatever a baseline makes of them.
func (r *Report) judgedOtherwise(again *Report) []string {
	was := map[string]Verdict{}
	for _, res := range again.where(func(Result) bool { return true }) {
		was[res.ID] = res.Was()
	}
	var found []string
	for _, res := range r.where(func(res Result) bool { return !strings.HasPrefix(res.ID, "baseline/") }) {
		verdict, judged := was[res.ID]
		switch {
		case !judged:
			found = append(found, visible(res.ID)+" is not judged in the transcript")
		case verdict != res.Was():
			found = append(found, fmt.Sprintf("%s is %s, and the transcript judged again says %s", visible(res.ID), res.Was(), verdict))
		}
		delete(was, res.ID)
	}
	for _, id := range sortedKeys(was) {
		found = append(found, visible(id)+" is judged in the transcript and is not in the report")
	}
	return found
}
