package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kvconform/kvconform/internal/rerun"
)

// twenty plays everything twenty times in a row and counts the different sets of verdicts: there must be one.
func twenty(ctx context.Context, command, folder string, page *strings.Builder) error {
	const times = 20
	sets := map[string]int{}
	path := filepath.Join(folder, "again.json")
	for range times {
		run := exec.CommandContext(ctx, command, "run", "--embedded", "--quiet", "--json", path)
		if out, err := run.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", run, err, out)
		}
		verdicts, err := verdictsOf(path)
		if err != nil {
			return err
		}
		sets[verdicts]++
	}
	rows(page, "The same run again", "figure", "measured", "goal")
	fmt.Fprintf(page, "| different sets of verdicts in %d full runs in a row | %d | 1 |\n\n", times, len(sets))
	return nil
}

// verdictsOf has a line for each rule of a report.
func verdictsOf(path string) (string, error) {
	report, err := rerun.Load(path)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for i := range report.Scenarios {
		for j := range report.Scenarios[i].Rules {
			rule := &report.Scenarios[i].Rules[j]
			fmt.Fprintf(&all, "%s %s\n", rule.ID, rule.Verdict)
		}
	}
	return all.String(), nil
}
