package specs_test

import (
	"slices"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
	"github.com/kvconform/kvconform/specs/model"
)

func TestRulesOfHistoriesCoverTheStatementsOfTheModel(t *testing.T) {
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	scenario, _ := catalogue.Scenario("history")
	for _, rule := range scenario.Rules {
		for _, id := range rule.Covers { // a statement that no play of a run shows is not covered, but explored
			if !slices.Contains(specs.HistoryStatements(rule.ID), id) {
				t.Errorf("%s covers %s in the catalogue, and the model has it elsewhere", rule.ID, id)
			}
		}
	}
	for _, statement := range model.Statements() {
		if specs.HistoryRule(model.Finding{Statement: statement}) == "" {
			t.Errorf("no rule is about %s", statement.ID)
		}
	}
}
