package specs_test

import (
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/members"
	"github.com/kvconform/kvconform/specs"
)

// tabledScenarios are the scenarios whose scripts send the members of the table.
func tabledScenarios() []string {
	return []string{"create-members", "certificate-policy", "issuers", "contacts"}
}

// ofTable reports whether a fault is one of a member of the table that behaves wrongly, rather than edits a response.
func ofTable(f fault.Fault) bool {
	table, err := members.Table()
	if err != nil {
		return false
	}
	for _, request := range table {
		for _, member := range request.Members {
			kind, ok := strings.CutPrefix(f.ID, request.Short()+"-"+member.Name+"-")
			if ok && f.Edit == nil && (kind == "lost" || kind == "other") {
				return true
			}
		}
	}
	return false
}

// A member that the vault forgets, or takes for another, is found wherever it has to show. Nothing can be edited after the
// fact to show that of a csr or a certificate, so the scripts play against the faults.
func TestTheRulesOfAMemberFailIfTheVaultForgetsIt(t *testing.T) {
	for _, f := range fault.All() {
		if !ofTable(f) {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			play := playOf(t, f.Breaks[0])
			clock := newClock()
			r := rehearsePlays(t, clock, f.Wrap(reference(t, clock, refvault.Observed)), []scenarios.Play{play})
			for _, rule := range f.Breaks {
				finding := r.judge(t, rule, scenarios.Either)
				if finding.Kind != specs.Broken || finding.Expected == "" || finding.Got == "" {
					t.Errorf("%s is %s: %s", rule, finding.Kind, finding.Text())
				}
			}
		})
	}
}

// playOf is the script that a rule is judged on.
func playOf(t *testing.T, rule string) scenarios.Play {
	t.Helper()
	suite, err := suiteOnce()
	if err != nil {
		t.Fatal(err)
	}
	spec, _ := suite.Spec(rule)
	for _, play := range scenarios.Plays() {
		if play.Name == spec.Play {
			return play
		}
	}
	t.Fatalf("the rule %s has no play", rule)
	return scenarios.Play{}
}
