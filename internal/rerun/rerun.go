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

// Failed names the rules that failed in the report of an earlier run, to play them again. The error is a *Usage, or an
// *Incomplete if no rule failed.
func Failed(path string) ([]string, error) {
	report, err := Load(path)
	if err != nil {
		return nil, err
	}
	return known(failedOf(report), &session.Incomplete{
		Message: "nothing is to be run again: in " + path + " no rule failed", Advice: "leave --failed-from out to run all rules",
	})
}

// failedOf names the rules of a report that failed or could not run. A rule that is known is excused, and one that is stale
// passes.
func failedOf(report *reports.Report) []string {
	var failed []string
	for _, scenario := range report.Scenarios {
		for _, result := range scenario.Rules {
			if result.Verdict == reports.CouldNotRun || report.Failing(result) && result.Verdict != reports.Stale {
				failed = append(failed, result.ID)
			}
		}
	}
	return failed
}

// known keeps the rules of this version's catalogue, and returns the error if there is none.
func known(rules []string, none error) ([]string, error) {
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil, fmt.Errorf("loading the catalogue: %w", err)
	}
	rules = slices.DeleteFunc(rules, func(id string) bool {
		_, ok := catalogue.Rule(id)
		return !ok
	})
	if len(rules) == 0 {
		return nil, none
	}
	return rules, nil
}
