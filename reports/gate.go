package reports

import (
	"fmt"
	"slices"
	"strings"
)

// Conclusion is the end of a run in two forms: for machines and for people.
type Conclusion struct {
	ExitCode int    `json:"exitCode"`
	Line     string `json:"line"`
}

// ExitCode is the exit code that the verdicts lead to. Where several apply, WorstExit says which counts: a run in which
// kvconform itself was at fault proves nothing about the target; an interrupted one was ended by its user, who asked for no judgement; a rule that
// failed has failed whatever else could not run, and running again will not help it; only then is a run merely incomplete.
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
	case len(r.shortfalls(c)) > 0:
		return ExitIncomplete
	}
	return ExitHeld
}

func (c Counts) judged() int {
	return c.Pass + c.Fail + c.Warn + c.Info + c.Known - c.KnownUnreached + c.Stale
}

// shortfalls are the reasons why a run shows less than it was to show, although nothing failed: an endpoint that could not
// be used, rules that could not run, claims that were not kept, and scenarios of which no rule was judged. A scenario that
// the target does not claim is none, and neither is one whose rules the baseline knows, each by its name, as not reached.
func (r *Report) shortfalls(c Counts) []string {
	switch {
	case r.Unusable != "":
		return []string{r.Unusable}
	case c.Rules == 0:
		return []string{"no rule was selected"}
	}
	reasons := slices.Clone(r.Unmet)
	if n := len(r.Unread); n > 0 {
		reasons = append(reasons, plural(n, "part")+" of the recordings could not be read")
	}
	if c.CouldNotRun > 0 {
		reasons = append(reasons, plural(c.CouldNotRun, "rule")+" could not run")
	}
	if c.judged() == 0 {
		return append(reasons, "no rule was judged")
	}
	var bare []string
	for _, s := range r.Scenarios {
		if s.Bare() {
			bare = append(bare, s.ID)
		}
	}
	if len(bare) > 0 {
		reasons = append(reasons, "no rule was judged of "+strings.Join(bare, ", "))
	}
	if c.judged() < r.MinJudged {
		reasons = append(reasons, fmt.Sprintf("at least %d rules are to be judged (minJudged)", r.MinJudged))
	}
	return reasons
}

// Bare reports whether no rule of the scenario was judged, and one that was not reached is neither known nor waits for an issuer
// that the target file does not name.
func (s Scenario) Bare() bool {
	of := s.Count()
	return of.judged() == 0 && of.NotReached > 0 && !s.waitsForIssuer()
}

// unnamed ends the reason of a rule that waits for an issuer which the target file does not name.
const unnamed = "the target file names none"

// waitsForIssuer tells of a scenario in which every rule that was not reached waits for an issuer that the target file
// does not name: the file claims none, a note says so, and naming one is all that can be done.
func (s Scenario) waitsForIssuer() bool {
	return !slices.ContainsFunc(s.Rules, func(res Result) bool {
		return res.Was() == NotReached && !strings.Contains(res.Reason, unnamed)
	})
}

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

// line is the verdict in one line: the reason for the exit code, how many rules pass, how many causes the failures have, how
// many rules were judged, and the counts.
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
		lead = "incomplete: " + strings.Join(r.shortfalls(c), "; ")
	default:
		lead = r.held(c)
	}
	if c.Rules == 0 {
		return lead
	}
	verb := "pass"
	if c.Rules == 1 {
		verb = "passes"
	}
	line := fmt.Sprintf("%s; %d of %s %s", lead, c.Pass, plural(c.Rules, "rule"), verb)
	if causes := len(r.open()); causes > 0 {
		line += "; " + plural(causes, "cause")
	}
	return fmt.Sprintf("%s; %d judged%s", line, c.judged(), c.tally())
}

// held says how a run passed. A strict one says of the rules that it did not reach that the baseline names them.
func (r *Report) held(c Counts) string {
	lead, reached := "passed: no must fails", ""
	if r.Strict {
		lead, reached = "passed, strictly: no must or should fails", ", every rule was reached"
	}
	if c.Known > c.KnownUnreached {
		lead += " beyond the known deviations"
	}
	if c.KnownUnreached > 0 && r.Strict {
		reached = ", every rule was reached but " + fmt.Sprint(c.KnownUnreached) + " that the baseline names"
	}
	return lead + reached
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

// notRead says of each part of a recording that was not read that it was not.
func (r *Report) notRead() []string {
	lines := make([]string, len(r.Unread))
	for i, unread := range r.Unread {
		lines[i] = "not read: " + unread
	}
	return lines
}
