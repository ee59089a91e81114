package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
)

// broken runs one scenario with a fault and returns the folder of its reports.
func broken(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "out")
	code, _, stderr := typed(t, "run", "--embedded", "--quiet", "--scenario", "delete-pending",
		"--fault", "delete-pending-answers-202", "--out", folder)
	if code != 1 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	return folder
}

func TestEveryReportIsWrittenAndDrawnAgainTheSame(t *testing.T) {
	t.Parallel()
	folder := broken(t)
	again := filepath.Join(t.TempDir(), "again")
	if code, _, stderr := typed(t, "report", filepath.Join(folder, "report.json"), "--out", again); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, name := range []string{"junit.xml", "report.json", "report.html", "report.md", "badge.svg"} {
		first, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(filepath.Join(again, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(first) == 0 || string(first) != string(second) {
			t.Errorf("%s is drawn otherwise from the JSON", name)
		}
	}
}

func TestGitHubGetsASummaryAndAnnotations(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	if err := os.WriteFile(summary, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	code, stdout, _ := typed(t, "run", "--embedded", "--quiet", "--rule", "delete-pending/status", "--fault", "delete-pending-answers-202")
	if code != 1 || !strings.HasPrefix(stdout, "::error title=") || !strings.Contains(stdout, "delete-pending/status") {
		t.Errorf("exit %d, printed %q", code, stdout)
	}
	text, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "before\n") || !strings.Contains(string(text), "delete-pending/status") {
		t.Errorf("the summary is %q", text)
	}
}

func TestOnlyTheFailedScenariosAreRunAgain(t *testing.T) {
	t.Parallel()
	report := filepath.Join(broken(t), "report.json")
	code, stdout, stderr := typed(t, "run", "--embedded", "--failed-from", report)
	if code != 0 || !strings.Contains(stdout, "delete-pending") || strings.Contains(stdout, "create-manually") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestAComparisonOfRunsToldByItsExitCode(t *testing.T) {
	t.Parallel()
	worse := filepath.Join(broken(t), "report.json")
	better := filepath.Join(t.TempDir(), "better.json")
	if code, _, stderr := typed(t, "run", "--embedded", "--quiet", "--scenario", "delete-pending", "--json", better); code != 0 {
		t.Fatal(stderr)
	}
	if code, stdout, _ := typed(t, "diff", better, worse); code != 1 || !strings.Contains(stdout, "delete-pending/status") {
		t.Errorf("a regression: exit %d: %s", code, stdout)
	}
	if code, stdout, _ := typed(t, "diff", worse, better); code != 0 || !strings.Contains(stdout, "delete-pending/status") {
		t.Errorf("a repair: exit %d: %s", code, stdout)
	}
	if code, stdout, _ := typed(t, "verify-report", worse); code != 1 || !strings.HasPrefix(stdout, "not-conformant") {
		t.Errorf("verify-report: exit %d: %s", code, stdout)
	}
}

// A statement that was edited until it is consistent is found out by the transcript of its run.
func TestAStatementIsComparedWithItsTranscript(t *testing.T) {
	t.Parallel()
	folder := broken(t)
	statement, transcript := filepath.Join(folder, "report.json"), filepath.Join(folder, "transcript.jsonl")
	code, stdout, stderr := typed(t, "verify-report", statement, "--transcript", transcript)
	if code != 1 || !strings.HasPrefix(stdout, "not-conformant: ") || strings.Contains(stdout, "judged again") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	report, err := rerun.Load(statement)
	if err != nil {
		t.Fatal(err)
	}
	for i := range report.Scenarios {
		for j := range report.Scenarios[i].Rules {
			if result := &report.Scenarios[i].Rules[j]; result.Verdict == reports.Fail {
				result.Verdict = reports.Pass
			}
		}
	}
	report.Conclude()
	edited := filepath.Join(folder, "edited.json")
	file, err := os.Create(edited)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(reports.WriteJSON(file, report), file.Close()); err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := typed(t, "verify-report", edited); code != 3 || !strings.HasPrefix(stdout, "partial: ") {
		t.Errorf("on its own it is consistent: exit %d: %s", code, stdout)
	}
	code, stdout, _ = typed(t, "verify-report", edited, "--transcript", transcript)
	if code != 1 || !strings.HasPrefix(stdout, "invalid: ") || !strings.Contains(stdout, "delete-pending/status is pass, and the transcript judged again says fail") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

// Reports of two products become one table, on the standard output or as files.
func TestProductsAreDrawnAsATable(t *testing.T) {
	t.Parallel()
	worse := filepath.Join(broken(t), "report.json")
	code, stdout, stderr := typed(t, "matrix", worse, worse)
	if code != 0 || strings.Count(stdout, "| delete-pending | ✗ ") != 2 { // the scenario and the feature
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	page := filepath.Join(t.TempDir(), "products.html")
	if code, stdout, stderr := typed(t, "matrix", worse, "--html", page); code != 0 || stdout != "" {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "delete-pending") {
		t.Errorf("the page is %v\n%s", err, text)
	}
}

func TestSeveralAPIVersionsAreRunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	code, stdout, stderr := typed(t, "run", "--embedded", "--quiet", "--rule", "delete-pending/status",
		"--api-version", "7.3,7.4", "--json", filepath.Join(folder, "report.json"))
	if code != 0 || strings.Count(stdout, "passed: ") != 2 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	for _, name := range []string{"report-7.3.json", "report-7.4.json"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestBadInputToTheCommandsOfReportsIsOneLine(t *testing.T) {
	folder := t.TempDir()
	cut := filepath.Join(folder, "cut.json")
	if err := os.WriteFile(cut, []byte(`{"format":"kvconform.report/1",`), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(folder, "newer.json")
	if err := os.WriteFile(newer, []byte(`{"format":"kvconform.report/9"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{
		{"report", cut}, {"report", newer}, {"report", folder}, {"report"}, {"diff", cut, cut}, {"diff", cut},
		{"verify-report", newer}, {"matrix"}, {"matrix", newer}, {"run", "--embedded", "--failed-from", cut},
		{"run", "--embedded", "--out", filepath.Join(cut, "out")},
		{"run", "--embedded", "--compare", "9.9"}, {"run", "--embedded", "--api-version", "7.4", "--compare", "7.4"},
		{"run", "--endpoint", "https://127.0.0.1:1", "--fault", "x5t-in-hex"},
	} {
		code, stdout, stderr := typed(t, arguments...)
		if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, printed %q and %q", arguments, code, stdout, stderr)
		}
	}
}
