package runner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/reports"
)

// T is what RunT needs of a *testing.T, which is a T[*testing.T]. (An interface keeps package testing, and its flags, out
// of programs.)
type T[Sub any] interface {
	// Run runs a subtest.
	Run(name string, test func(Sub)) bool
	Helper()
	// Name is the test's name, with those of the tests around it.
	Name() string
	Context() context.Context
	Log(values ...any)
	Error(values ...any)
	Fatal(values ...any)
	Skip(values ...any)
}

// RunT runs the suite within a test: each scenario is a subtest, each rule a subtest of it. A rule that is broken, stale
// in the baseline or could not run fails its test; one that was not reached, is not claimed or is known is skipped, with
// the reason; a broken should is logged, and fails where the options are strict. A run that could not begin, is
// incomplete or shows a fault of kvconform fails the test itself. It returns the outcome, nil where there is none.
func RunT[Test T[Test]](t Test, options Options) *Result {
	t.Helper()
	outcome, err := Run(t.Context(), options)
	var wrong *Usage
	switch {
	case errors.As(err, &wrong):
		t.Fatal("the options are wrong:", err)
		return nil
	case err != nil:
		t.Fatal(err)
		return nil
	}
	report := outcome.Report
	for _, note := range report.Notes {
		t.Log("note:", note)
	}
	for _, name := range report.Left {
		t.Log("left in the vault:", name)
	}
	for _, fault := range report.Faults {
		t.Error("a fault of kvconform:", fault)
	}
	for _, scenario := range report.Scenarios {
		t.Run(scenario.ID, func(t Test) {
			t.Helper()
			for _, result := range scenario.Rules {
				t.Run(strings.TrimPrefix(result.ID, scenario.ID+"/"), func(t Test) {
					t.Helper()
					tellRule(t, report, result)
				})
			}
		})
	}
	if code := report.Conclusion.ExitCode; code == ExitIncomplete || code == ExitInterrupted || code == ExitFault {
		t.Error(report.Conclusion.Line)
	} else {
		t.Log(report.Conclusion.Line)
	}
	return outcome
}

// tellRule makes a test of a rule's verdict.
func tellRule[Test T[Test]](t Test, report *reports.Report, result reports.Result) {
	t.Helper()
	text := inLines(report, result)
	switch {
	case report.Failing(result), result.Verdict == reports.CouldNotRun:
		t.Error(text + "\nagain     " + goTest(t.Name()))
	case result.Verdict == reports.NotReached, result.Verdict == reports.NotClaimed, result.Verdict == reports.KnownFail:
		t.Skip(text)
	case result.Verdict != reports.Pass:
		t.Log(text)
	}
}

// goTest is the command that runs a test alone, for a shell.
func goTest(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return "go test -count 1 -run " + reports.Quote(strings.Join(parts, "/"))
}

// inLines is a result with what a reader needs to act on it.
func inLines(report *reports.Report, result reports.Result) string {
	head := fmt.Sprintf("%s (%s): %s", result.Verdict, result.Level, result.Statement)
	return strings.Join(append([]string{head}, report.Explain(result)...), "\n")
}
