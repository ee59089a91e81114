package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// playedOnce is the outcome of a run against the reference vault, and its transcript as text.
func playedOnce(t *testing.T, options runner.Options) (*runner.Result, []byte) {
	t.Helper()
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	options.Handler = vault
	if options.Target.Name == "" {
		options.Target = ownTarget()
	}
	outcome, err := runner.Run(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := outcome.Transcript.Write(&text); err != nil {
		t.Fatal(err)
	}
	return outcome, text.Bytes()
}

// asJSON is a report as it is written.
func asJSON(t *testing.T, report *reports.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := reports.WriteJSON(&text, report); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestJudgingATranscriptGivesTheReportOfTheRun(t *testing.T) {
	partly := ownTarget()
	partly.Without = []string{"import"}
	for _, c := range []struct {
		name    string
		options runner.Options
	}{
		{"a whole run", runner.Options{}},
		{"a strict run by the letter, of a vault that does not claim everything", runner.Options{Target: partly, Oracle: scenarios.Documented, Strict: true}},
		{"a selection", runner.Options{Scenarios: []string{"read-in-progress"}, Rules: []string{"conflict-while-in-progress/create-status"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			outcome, text := playedOnce(t, c.options)
			transcript, err := transcript.Read(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			again, err := runner.Judge(context.Background(), runner.JudgeOptions{
				Transcript: transcript, Oracle: c.options.Oracle, Strict: c.options.Strict,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := asJSON(t, again.Report), asJSON(t, outcome.Report); got != want {
				t.Errorf("the reports differ, first at:\n%s", firstDifference(got, want))
			}
			var second bytes.Buffer
			if err := again.Transcript.Write(&second); err != nil || !bytes.Equal(second.Bytes(), text) {
				t.Errorf("the transcript is written otherwise the second time (%v):\n%s", err, firstDifference(second.String(), string(text)))
			}
			if outcome.Report.Counts.Rules == 0 || strings.Contains(string(text), "a token for the examples") {
				t.Error("the run judged nothing, or its transcript gives the token away")
			}
		})
	}
}

func firstDifference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return left[i] + "\n" + right[i]
		}
	}
	return "the end of the shorter one"
}

func TestATranscriptCanBeJudgedOtherwise(t *testing.T) {
	_, text := playedOnce(t, runner.Options{})
	transcript, err := transcript.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := runner.Judge(context.Background(), runner.JudgeOptions{Transcript: transcript, Oracle: scenarios.Documented})
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Report.Conclusion.ExitCode != runner.ExitBroken {
		t.Errorf("the vault as observed, by the letter of the docs: %s", outcome.Report.Conclusion.Line)
	}
	one, err := runner.Judge(context.Background(), runner.JudgeOptions{Transcript: transcript, Rules: []string{"read-in-progress/status"}})
	if err == nil && one.Report.Counts.Rules != 1 {
		t.Errorf("one rule was asked for, %d were judged", one.Report.Counts.Rules)
	}
	if _, err := runner.Judge(context.Background(), runner.JudgeOptions{Transcript: transcript, Rules: []string{"nonsense"}}); err == nil {
		t.Error("a rule that does not exist is judged")
	}
}

func TestWhatIsNoTranscriptIsRefusedInOneLine(t *testing.T) {
	_, text := playedOnce(t, runner.Options{Rules: []string{"conflict-while-in-progress/create-status"}})
	lines := strings.SplitAfter(string(text), "\n")
	of := func(part string) string { // of the play alone, without those that find out the forms of a request
		return lines[slices.IndexFunc(lines, func(line string) bool {
			return strings.Contains(line, `"play":"ConflictWhileInProgress"`) && strings.Contains(line, part)
		})]
	}
	head, step, end := strings.Replace(lines[0], `"plays":3`, `"plays":1`, 1), of(`"step":"Created"`), of(`"ended"`)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", " \n", "the transcript is empty"},
		{"no JSON", "hello\n", "line 1: is no head of a transcript of kvconform: invalid character 'h' looking for beginning of value"},
		{"a report", `{"format":"kvconform.report/1"}` + "\n", `line 1: is no head of a transcript of kvconform: its format is "kvconform.report/1", "kvconform.transcript/1" is expected`},
		{"a newer version", `{"format":"kvconform.transcript/2","x":1}` + "\n", `line 1: the transcript is of format "kvconform.transcript/2" and this kvconform reads "kvconform.transcript/1": use the kvconform that wrote it or a newer one`},
		{"an unknown member of the head", `{"format":"kvconform.transcript/1","x":1}` + "\n", `line 1: cannot be read: unknown field "x"`},
		{"an unknown api-version", strings.Replace(head, `"apiVersion":"`, `"apiVersion":"1`, 1), `line 1: the api-version "12025-07-01" is unknown`},
		{"only the head", head, "the transcript is cut short after line 1"},
		{"cut within the head", head[:40], "line 1: the transcript is cut short"},
		{"cut within a line", head + step[:len(step)/2], "line 2: the transcript is cut short"},
		{"cut between lines", head + step, "the transcript is cut short after line 2"},
		{"a broken line", head + strings.TrimSuffix(step, "}\n") + "\n", "line 2: ends in the middle"},
		{"two values on a line", head + strings.TrimSuffix(step, "\n") + step, "line 2: something follows its end"},
		{"an unknown play", head + strings.Replace(step, `"play":"`, `"play":"X`, 1), `line 2: this kvconform has no play "XConflictWhileInProgress"`},
		{"an unknown step", head + strings.Replace(step, `"step":"Created"`, `"step":"Invented"`, 1) + end, `line 3: the play ConflictWhileInProgress has no step "Invented"`},
		{"a step of another type", head + strings.Replace(step, `"step":"Created"`, `"step":"play"`, 1) + end, `line 3: the play ConflictWhileInProgress has no step "play"`},
		{"a step twice", head + step + step + end, `line 4: the step ConflictWhileInProgress.Created[0] is out of place`},
		{"a step in a wrong place", head + strings.Replace(step, `"step":"Created"`, `"step":"Created","index":3`, 1) + end, `line 3: the step ConflictWhileInProgress.Created[3] is out of place`},
		{"a line of nothing", head + `{"play":"ConflictWhileInProgress"}` + "\n", "line 2: is neither an exchange nor the end of a play"},
		{"an empty exchange", head + `{"play":"ConflictWhileInProgress","step":"Created","exchange":{}}` + "\n", `line 2: step "Created": has neither a response nor a failure`},
		{"a status of another protocol", head + strings.Replace(step, `"status":202`, `"status":-1`, 1), `line 2: step "Created": the status -1 is none of HTTP`},
		{"a play twice", strings.Replace(head, `"plays":1`, `"plays":2`, 1) + end + end, "line 3: the play ConflictWhileInProgress has ended before"},
		{"a wrong type", head + `{"play":7}` + "\n", "line 2: cannot be read: play: got a number, want a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := transcript.Read(strings.NewReader(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestATranscriptIsBounded(t *testing.T) {
	endless := readerOf(func(p []byte) (int, error) {
		for i := range p {
			p[i] = ' '
		}
		return len(p), nil
	})
	_, err := transcript.Read(endless)
	if err == nil || err.Error() != "the transcript is longer than 64 MiB: no run makes one as long" {
		t.Errorf("got %v", err)
	}
}

type readerOf func([]byte) (int, error)

func (r readerOf) Read(p []byte) (int, error) { return r(p) }

func TestAFileThatIsNoTranscriptIsAMistakeInUsage(t *testing.T) {
	folder := t.TempDir()
	for path, want := range map[string]string{
		folder:                        "cannot be read: it is a directory",
		filepath.Join(folder, "none"): "cannot be read: no such file or directory",
	} {
		if _, err := runner.LoadTranscript(path); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// However early the plays end, no rule panics for want of an exchange.
func TestNoRulePanicsWhereAPlayEndedEarly(t *testing.T) {
	_, text := playedOnce(t, runner.Options{})
	for kept := range 12 {
		transcript, err := transcript.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, performance := range transcript.Performances {
			steps := scenarios.Steps(performance.Script)
			inTheirOrder(steps)
			performance.Script = performance.Play.New()
			if err := scenarios.Restore(performance.Script, steps[:min(kept, len(steps))]); err != nil {
				t.Fatal(err)
			}
			if kept < len(steps) {
				performance.Err = &scenarios.Unreached{Reason: "the test ended it"}
			}
		}
		noPanic(t, transcript)
	}
}

// inTheirOrder sorts steps by when they began. Those of one list keep their order, since requests at once begin in any.
func inTheirOrder(steps []scenarios.Step) {
	began := map[*vault.Exchange]time.Time{}
	last := map[string]time.Time{}
	for _, step := range steps {
		if step.Exchange.Started.After(last[step.Name]) {
			last[step.Name] = step.Exchange.Started
		}
		began[step.Exchange] = last[step.Name]
	}
	slices.SortStableFunc(steps, func(a, b scenarios.Step) int { return began[a.Exchange].Compare(began[b.Exchange]) })
}

// noPanic judges a transcript and fails where a rule panicked.
func noPanic(t *testing.T, transcript *runner.Transcript) {
	t.Helper()
	outcome, err := runner.Judge(context.Background(), runner.JudgeOptions{Transcript: transcript})
	if err != nil {
		return // a selection of rules that do not exist
	}
	for _, scenario := range outcome.Report.Scenarios {
		for _, result := range scenario.Rules {
			if result.Panic && !strings.Contains(result.Reason, "panicked in the play") {
				t.Errorf("%s: %s", result.ID, result.Reason)
			}
		}
	}
}

func TestATranscriptBecomesAnHTTPArchive(t *testing.T) {
	outcome, _ := playedOnce(t, runner.Options{Rules: []string{"conflict-while-in-progress/create-status"}})
	var text bytes.Buffer
	if err := outcome.Transcript.WriteHAR(&text); err != nil {
		t.Fatal(err)
	}
	required(t, text.Bytes())
}

// required looks for the members that HAR demands, which a Go type would not miss.
func required(t *testing.T, text []byte) {
	t.Helper()
	var raw struct {
		Log struct {
			Entries []map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	for _, entry := range raw.Log.Entries {
		for member, inner := range map[string][]string{
			"request":  {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
			"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"},
			"timings":  {"send", "wait", "receive"}, "cache": {},
		} {
			var object map[string]json.RawMessage
			if err := json.Unmarshal(entry[member], &object); err != nil {
				t.Fatalf("%s: %v", member, err)
			}
			for _, name := range inner {
				if value, ok := object[name]; !ok || string(value) == "null" {
					t.Errorf("%s.%s is missing", member, name)
				}
			}
		}
	}
}

func TestFailedFromNamesTheScenariosToPlayAgain(t *testing.T) {
	write := func(report *reports.Report) string {
		path := filepath.Join(t.TempDir(), "report.json")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		report.Conclude()
		if err := reports.WriteJSON(file, report); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	of := func(verdicts map[string]reports.Verdict) reports.Scenario {
		scenario := reports.Scenario{ID: "delete-pending"}
		for _, id := range slices.Sorted(maps.Keys(verdicts)) {
			scenario.Rules = append(scenario.Rules, reports.Result{ID: "delete-pending/" + id, Level: reports.Must, Verdict: verdicts[id]})
		}
		return scenario
	}
	path := write(&reports.Report{Scenarios: []reports.Scenario{of(map[string]reports.Verdict{
		"status": reports.Fail, "again-status": reports.CouldNotRun, "operation": reports.Pass, "csr": reports.NotReached,
		"request-id": reports.KnownFail, "of-another-version": reports.Fail, "stale": reports.Stale,
	})}})
	failed, err := rerun.Failed(path)
	if want := []string{"delete-pending/again-status", "delete-pending/status"}; err != nil || !slices.Equal(failed, want) {
		t.Errorf("got %v, %v, want %v", failed, err, want)
	}
	green := write(&reports.Report{Scenarios: []reports.Scenario{of(map[string]reports.Verdict{"status": reports.Pass})}})
	if _, err := rerun.Failed(green); err == nil || !strings.HasPrefix(err.Error(), "nothing is to be run again") {
		t.Errorf("got %v", err)
	}
	if _, err := rerun.Failed("none.json"); err == nil || err.Error() != "the report none.json cannot be read: no such file or directory" {
		t.Errorf("got %v", err)
	}
}
