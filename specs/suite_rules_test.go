package specs

import (
	"slices"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
)

func bookOf(t *testing.T) *Suite {
	t.Helper()
	book, err := NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestEveryRuleHasASpecAndEverySpecARule(t *testing.T) {
	book := bookOf(t)
	for _, id := range book.Catalogue.RuleIDs() {
		if _, ok := book.Spec(id); !ok {
			t.Errorf("the rule %s has no spec", id)
		}
	}
	for _, spec := range book.specs {
		if _, ok := book.Catalogue.Rule(spec.Rule); !ok {
			t.Errorf("the spec of %s has no rule", spec.Rule)
		}
	}
}

func TestEveryPlayIsJudgedAndBelongsToAScenario(t *testing.T) {
	book := bookOf(t)
	for _, piece := range scenarios.Plays() {
		if _, ok := book.Catalogue.Scenario(piece.Scenario); !ok {
			t.Errorf("the play %s belongs to %q, which is no scenario", piece.Name, piece.Scenario)
		}
		if !slices.ContainsFunc(book.specs, func(s Spec) bool { return s.Play == piece.Name }) {
			t.Errorf("no spec judges the play %s", piece.Name)
		}
	}
}
