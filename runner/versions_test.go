package runner_test

import (
	"testing"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

// Every api-version, the previews too, holds from end to end on the reference vault: none has a rule that the vault of that
// version breaks. In short mode a few scenarios with later members stand for the whole.
func TestEveryAPIVersionHoldsOnTheReferenceVault(t *testing.T) {
	var only []string
	if testing.Short() {
		only = []string{"read-in-progress", "create-members", "backup-certificate"}
	}
	for _, version := range schemas.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			described := targetOf(t, refserver.Options{Keys: keys})
			described.APIVersion = []string{string(version)}
			report := run(t, runner.Options{Target: described, NoLedger: true, Scenarios: only})
			for id, result := range verdicts(report) {
				if result.Verdict != reports.Pass && result.Verdict != reports.Info {
					t.Errorf("%s is %s: %s %s", id, result.Verdict, result.Got, result.Reason)
				}
			}
			if report.RuleSet.Name != string(version) || report.RuleSet.Rules < len(verdicts(report)) || len(report.Notes) > 0 {
				t.Errorf("the rule set is %+v, the notes are %q", report.RuleSet, report.Notes)
			}
		})
	}
}
