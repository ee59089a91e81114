// Package rerun finds in the report of an earlier run what to play again.
package rerun

import (
	"fmt"
	"slices"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
)

// Load reads the JSON report in a file. Whatever is wrong with it is a *Usage of one line.
func Load(path string) (*reports.Report, error) {
	file, err := input.Open(path)
	if err != nil {
		return nil, input.Usagef("the report %s cannot be read: %v", path, err)
	}
	defer func() { _ = file.Close() }() // only read
	report, err := reports.ReadJSON(file)
	if err != nil {
		return nil, input.Usagef("%s: %v", path, err)
	}
	return report, nil
}

// Failed names the scenarios of the rules that did not pass in the report of an earlier run, to play them again. A
// rule that is known, was not reached or could not run did not pass; what is only recorded or not claimed is no matter.
// The error is a *Usage, or an *Incomplete where every rule passed.
func Failed(path string) ([]string, error) {
	report, err := Load(path)
	if err != nil {
		return nil, err
	}
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil, fmt.Errorf("loading the catalogue: %w", err)
	}
	settled := []reports.Verdict{reports.Pass, reports.Info, reports.NotClaimed}
	var failed []string
	for _, scenario := range report.Scenarios {
		if _, known := catalogue.Scenario(scenario.ID); !known {
			continue // of a baseline, or of another version's catalogue
		}
		if slices.ContainsFunc(scenario.Rules, func(r reports.Result) bool { return !slices.Contains(settled, r.Verdict) }) {
			failed = append(failed, scenario.ID)
		}
	}
	if len(failed) == 0 {
		return nil, &session.Incomplete{Message: "nothing is to be run again: in " + path + " every rule passed", Advice: "leave --failed-from out to run them all"}
	}
	return failed, nil
}
