package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The elements and attributes are those that the schemas of both Jenkins (junit-10) and Maven Surefire allow, in Surefire's order: no timestamp
// on a suite, no type on skipped, failure before skipped before error before system-out.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Time     string       `xml:"time,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Time       string          `xml:"time,attr"`
	Tests      int             `xml:"tests,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Failures   int             `xml:"failures,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitProblem `xml:"failure"`
	Skipped   *junitSkipped `xml:"skipped"`
	Error     *junitProblem `xml:"error"`
	SystemOut string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes JUnit XML: a testsuite a scenario, a testcase a rule. A rule that failed is a failure, one that could not run an error;
// rules that warn, were not reached, are not claimed or are known to fail are skipped, each with its verdict and the reason: a
// CI system shows a skipped test and hides a passed one. In a strict run warnings and rules that were not reached are
// failures. An exit code that no rule explains has an error of its own.
func WriteJUnit(w io.Writer, r *Report) error {
	suites := junitSuites{Name: "kvconform", Time: seconds(r.Took)}
	shares := r.shares()
	for _, s := range r.Scenarios {
		suites.add(r.junitSuite(s, shares))
	}
	if problems := r.junitProblems(); len(problems) > 0 {
		suites.add(problems.suite(r))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(suites); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	return nil
}

func (s *junitSuites) add(suite junitSuite) {
	s.Tests += suite.Tests
	s.Failures += suite.Failures
	s.Errors += suite.Errors
	s.Suites = append(s.Suites, suite)
}

// junitRun are the errors of a run that belong to no rule.
type junitRun []junitCase

// junitProblems lists the reasons for the exit code that no test case of a rule shows, so that a CI system that reads the
// file shows why the job failed.
func (r *Report) junitProblems() junitRun {
	var run junitRun
	add := func(name, kind, text string) {
		run = append(run, junitCase{
			Name: name, ClassName: "run", Time: seconds(0),
			Error: &junitProblem{Message: oneLine(text), Type: kind, Text: visible(text)},
		})
	}
	for _, fault := range r.internalErrors() {
		add("kvconform: it makes no mistake of its own", "internal-error", fault)
	}
	if r.Interrupted {
		add("run: it is not interrupted", "interrupted", "the run was interrupted; the report has what was played so far")
	}
	if r.Unusable != "" {
		add("endpoint: it can be used", "unusable", r.Unusable)
		return run
	}
	for _, reason := range r.missing() {
		add("run: it is complete", "incomplete", reason)
	}
	return run
}

// missing lists the shortfalls of a run but for rules that could not run, which reports show one by one.
func (r *Report) missing() []string {
	c := r.count()
	c.CouldNotRun = 0
	return r.shortfalls(c)
}

func (run junitRun) suite(r *Report) junitSuite {
	name := "run"
	if r.Unusable != "" {
		name = "endpoint"
	}
	for i := range run {
		run[i].ClassName = name
	}
	return junitSuite{
		Name: name, Time: seconds(0), Tests: len(run), Errors: len(run), Properties: r.junitProperties(Scenario{}), Cases: run,
	}
}

func (r *Report) junitSuite(s Scenario, shares map[string]Duration) junitSuite {
	suite := junitSuite{Name: visible(s.ID), Properties: r.junitProperties(s)}
	var took Duration
	for _, res := range s.Rules {
		c := r.junitCase(s, res)
		c.Time = seconds(shares[res.ID])
		took += shares[res.ID]
		suite.Tests++
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Time = seconds(took)
	return suite
}

func (r *Report) junitProperties(s Scenario) []junitProperty {
	var props []junitProperty
	for _, p := range []junitProperty{
		{"title", s.Title},
		{"url", s.URL},
		{"target", r.Target.Name},
		{"endpoint", r.Target.Endpoint},
		{"api-version", r.APIVersion},
		{"like", r.Like},
		{"rule-set", r.RuleSet.String()},
		{"openapi", r.Document.String()},
		{"oracle", r.Oracle},
		{"strict", strconv.FormatBool(r.Strict)},
		{"kvconform", strings.TrimSpace(r.Tool.Version + " " + r.Tool.Commit)},
		{"started", formatTime(r.Started)},
		{"outcome", r.Conclusion.Line},
	} {
		if p.Value != "" {
			p.Value = oneLine(p.Value)
			props = append(props, p)
		}
	}
	return props
}

func (r *Report) junitCase(s Scenario, res Result) junitCase {
	c := junitCase{
		Name:      oneLine(res.ID + ": " + res.Statement),
		ClassName: visible(s.ID),
	}
	text := r.junitText(res)
	switch {
	case r.Failing(res):
		c.Failure = &junitProblem{Message: r.underCause(res), Type: string(res.Verdict), Text: text}
	case res.Verdict == CouldNotRun:
		c.Error = &junitProblem{Message: res.summary(), Type: string(res.Verdict), Text: text}
	case res.Verdict == Warn, res.Verdict == NotReached, res.Verdict == NotClaimed, res.Verdict == KnownFail:
		c.Skipped = &junitSkipped{Message: string(res.Verdict) + ": " + r.underCause(res)}
		c.SystemOut = text
	case res.Verdict == Info:
		c.SystemOut = string(res.Verdict) + ": " + res.summary() + "\n" + text
	}
	return c
}

// summary is the result in one line, the most telling part first.
func (res Result) summary() string {
	switch {
	case res.Verdict == Stale && res.Reason != "":
		return oneLine(res.Reason)
	case res.Verdict == Stale:
		return "the baseline says that this fails, and it passes: remove the entry"
	case res.Verdict == KnownFail && res.Known != nil && res.Known.Reason != "":
		return oneLine(res.Known.Reason)
	case res.Got != "":
		want := res.Accepts.String()
		if want == "" {
			want = res.Expected
		}
		if want != "" {
			count := moreResponses.FindString(res.Got)
			return oneLine("got " + strings.TrimSuffix(res.Got, count) + ", want " + want + count)
		}
		return oneLine(res.Got)
	case res.Reason != "":
		return oneLine(res.Reason)
	}
	return oneLine(res.Statement)
}

// underCause is the summary of a result with the cause that it stands under with others.
func (r *Report) underCause(res Result) string {
	cause := r.causeOf(res.ID)
	if cause == nil || len(cause.Breaks)+len(cause.HoldsBack) < 2 {
		return res.summary()
	}
	return oneLine(res.summary() + "; cause: " + cause.Title)
}

func (r *Report) junitText(res Result) string {
	var b strings.Builder
	for _, row := range r.inFull(res) {
		fmt.Fprintf(&b, "%s: %s\n", row.label, row.text)
	}
	return b.String()
}

// seconds has three digits after the point: Surefire's schema allows no more.
func seconds(d Duration) string {
	return strconv.FormatFloat(time.Duration(d).Seconds(), 'f', 3, 64)
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
