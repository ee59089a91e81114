package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// saved is a run of one scenario against the embedded vault, as files.
type saved struct{ transcript, report, folder string }

// savedRun runs the observed vault by the letter of the docs, so that a must is broken.
func savedRun(t *testing.T) saved {
	t.Helper()
	folder := t.TempDir()
	s := saved{filepath.Join(folder, "t.jsonl"), filepath.Join(folder, "r.json"), folder}
	code, stdout, stderr := typed(t, "run", "--embedded", "--oracle", "documented", "--rule", brokenByTheLetter,
		"--transcript", s.transcript, "--json", s.report)
	if code != 1 {
		t.Fatalf("exit %d:\n%s%s", code, stdout, stderr)
	}
	return s
}

func (s saved) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(s.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const brokenByTheLetter = "read-cancelled-or-failed/cancelled-state"

func TestTheExitCodesOfABaseline(t *testing.T) {
	t.Parallel()
	s := savedRun(t)
	entry := func(rule, verdict, more string) string {
		return "deviations:\n  - rule: " + rule + "\n    verdict: " + verdict + "\n    reason: as observed\n" + more
	}
	for _, c := range []struct {
		name, baseline string
		oracle         string
		code           int
		want           string
	}{
		{"a known deviation", entry(brokenByTheLetter, "fail", ""), "documented", 0, "passed: no must fails beyond the known deviations"},
		{"a new deviation", "deviations: []\n", "documented", 1, "failed: 1 broken must"},
		{"a stale entry", entry(brokenByTheLetter, "fail", ""), "observed", 1, "passes now: delete the entry at line 2 of"},
		{"an entry of no rule", entry("read-cancelled-or-failed/cancelled-stat", "fail", ""), "observed", 1, "did you mean " + brokenByTheLetter},
		{"an expired entry", entry(brokenByTheLetter, "fail", "    expires: 2020-01-01\n"), "documented", 1, "stale.yaml:2 excused this until 2020-01-01"},
		{"a file that is wrong", "deviations:\n  - rules: x\n", "documented", 2, "stale.yaml:2: deviations[0].rules: unknown key; did you mean rule?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := s.write(t, "stale.yaml", c.baseline)
			code, stdout, stderr := typed(t, "judge", s.transcript, "--oracle", c.oracle, "--baseline", path)
			said := strings.Join(strings.Fields(stdout+stderr), " ")
			if code != c.code || !strings.Contains(said, c.want) {
				t.Errorf("exit %d, want %d; %q is not in:\n%s%s", code, c.code, c.want, stdout, stderr)
			}
		})
	}
	t.Run("a run takes it too", func(t *testing.T) {
		path := s.write(t, "known.yaml", entry(brokenByTheLetter, "fail", ""))
		code, stdout, stderr := typed(t, "run", "--embedded", "--oracle", "documented", "--rule", brokenByTheLetter, "--baseline", path)
		if code != 0 {
			t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
		}
	})
}

// causeByTheLetter is the cause of which brokenByTheLetter fails.
const causeByTheLetter = "GetCertificateOperation/state/cancelled/after UpdateCertificateOperation"

func TestBaselineWritesAFileThatTheNextRunPasses(t *testing.T) {
	t.Parallel()
	s := savedRun(t)
	out := filepath.Join(s.folder, "known.yaml")
	code, stdout, stderr := typed(t, "baseline", "--from", s.report, "--out", out)
	if code != 0 || !strings.Contains(stdout, "  cause "+causeByTheLetter+"\n") || !strings.Contains(stdout, "1 added, 0 changed, 0 removed, 0 kept") {
		t.Fatalf("exit %d:\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ := typed(t, "judge", s.transcript, "--oracle", "documented", "--baseline", out, "--verbose"); code != 0 || !strings.Contains(stdout, "baseline: line 5") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
	// The reason that its owner gives stays; by the other oracle the entry goes.
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	explained := strings.Replace(string(text), `reason: ""`, "reason: the docs say otherwise # see the wiki", 1)
	s.write(t, "known.yaml", explained)
	code, stdout, stderr = typed(t, "baseline", "--embedded", "--oracle", "documented", "--rule", brokenByTheLetter, "--out", out)
	if after, err := os.ReadFile(out); err != nil || code != 0 || string(after) != explained {
		t.Errorf("exit %d, %v:\n%s%s%s", code, err, after, stdout, stderr)
	}
	code, stdout, stderr = typed(t, "baseline", "--embedded", "--oracle", "observed", "--out", out)
	if after, err := os.ReadFile(out); err != nil || code != 0 || strings.Contains(string(after), causeByTheLetter) {
		t.Errorf("exit %d, %v:\n%s%s%s", code, err, after, stdout, stderr)
	}
}

func TestBadInputOfTheFilesIsOneLineAndExit2(t *testing.T) {
	t.Parallel()
	s := savedRun(t)
	report := s.write(t, "half.json", `{"format":"kvconform.report/1","tool":`)
	half := s.write(t, "half.jsonl", `{"format":"kvconform.transcript/1","ver`)
	wrong := s.write(t, "wrong.yaml", "deviations: 7\n")
	ledger := s.write(t, "ledger.jsonl", "hello\n")
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"judge"}, "accepts 1 arg(s)"},
		{[]string{"judge", half}, "half.jsonl: line 1: the transcript is cut short"},
		{[]string{"judge", s.report}, "is no head of a transcript of kvconform"},
		{[]string{"judge", s.transcript, "--rule", "nonsense"}, `no rule "nonsense"`},
		{[]string{"judge", s.transcript, "--oracle", "delphi"}, `no oracle "delphi"`},
		{[]string{"judge", s.transcript, "--baseline", wrong}, "wrong.yaml:1: deviations: an integer, must be a list"},
		{[]string{"judge", s.transcript, "--junit", filepath.Join(half, "junit.xml")}, "cannot be written"},
		{[]string{"har", filepath.Join(s.folder, "none")}, "cannot be read: no such file"},
		{[]string{"har", s.transcript, "--out", filepath.Join(half, "x.har")}, "cannot be written"},
		{[]string{"baseline", "--from", s.report}, "--out FILE is missing"},
		{[]string{"baseline", "--from", report, "--out", filepath.Join(s.folder, "new.yaml")}, "half.json: the report is cut short"},
		{[]string{"baseline", "--from", s.report, "--out", wrong}, "wrong.yaml:1: deviations: an integer, must be a list"},
		{[]string{"baseline", "--from", s.report, "--embedded", "--out", filepath.Join(s.folder, "new.yaml")}, "leave --config, --endpoint and --embedded out"},
		{[]string{"run", "--embedded", "--baseline", wrong}, "wrong.yaml:1: deviations: an integer, must be a list"},
		{[]string{"run", "--embedded", "--ledger", filepath.Join(half, "l.jsonl")}, "cannot be written: not a directory; give another file with --ledger"},
		{[]string{"sweep", "--ledger", ledger}, "ledger.jsonl:1: is no line of a ledger"},
		{[]string{"sweep", "--prefix", "kvconform"}, "no endpoint"},
	} {
		t.Run(strings.Join(c.arguments[:1], " ")+": "+c.want, func(t *testing.T) {
			code, stdout, stderr := typed(t, c.arguments...)
			if code != 2 || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
				t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
			}
		})
	}
}

func TestATranscriptIsConverted(t *testing.T) {
	t.Parallel()
	s := savedRun(t)
	out := filepath.Join(s.folder, "har", "run.har")
	if code, _, stderr := typed(t, "har", s.transcript, "--out", out); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	written, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var archive struct{ Log struct{ Entries []any } }
	if err := json.Unmarshal(written, &archive); err != nil || len(archive.Log.Entries) == 0 {
		t.Errorf("%v: %.300s", err, written)
	}
	if _, stdout, _ := typed(t, "har", s.transcript); stdout != string(written) {
		t.Error("the standard output gets another archive than the file")
	}
}
