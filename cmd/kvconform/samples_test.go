package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// samples are the folders under docs/samples, each with the command line that made its reports.
func samples() map[string][]string {
	selected := []string{
		"run", "--embedded", "--quiet", "--scenario", "conflict-while-in-progress", "--scenario", "cancel-in-progress",
		"--scenario", "delete-pending",
	}
	faults := []string{"--fault", "conflict-ignored", "--fault", "late-cancellation-accepted", "--fault", "deletion-deletes-nothing"}
	return map[string][]string{
		"green":        selected,
		"three-faults": append(append([]string{}, selected...), faults...),
	}
}

// The samples are what their report draws today, in every format.
func TestTheSamplesAreDrawnFromTheirReports(t *testing.T) {
	for name := range samples() {
		folder := filepath.Join(root(t), "docs", "samples", name)
		report, err := rerun.Load(filepath.Join(folder, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range (&reportFlags{}).formats() {
			var drawn bytes.Buffer
			if err := format.write(&drawn, &runner.Result{Report: report}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, format.name)
			if golden.Update() {
				if err := os.WriteFile(path, drawn.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			committed, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(committed, drawn.Bytes()) {
				t.Errorf("docs/samples/%s/%s is not what its report draws: make docs", name, format.name)
			}
		}
	}
}

// The samples say what a run says today: the same rules with the same verdicts.
func TestTheSamplesSayWhatARunSays(t *testing.T) {
	long.Test(t, "a run for each sample")
	t.Parallel()
	for name, line := range samples() {
		folder := filepath.Join(root(t), "docs", "samples", name)
		fresh := t.TempDir()
		code, _, stderr := typed(t, append(line, "--out", fresh)...)
		if code != runner.ExitHeld && code != runner.ExitBroken {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		old, err := rerun.Load(filepath.Join(folder, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		now, err := rerun.Load(filepath.Join(fresh, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		if difference := reports.Diff(old, now); len(difference.Rules) > 0 {
			t.Errorf("docs/samples/%s is old: %s; make samples", name, difference.Line())
		}
	}
}
