package specs

import (
	"context"
	"slices"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
)

// A finer rule is not judged where the coarser one failed, as long as the run judges that one too.
func TestAFinerRuleIsNotJudgedWhereTheCoarserFailed(t *testing.T) {
	sources := []scenarios.Source{{Document: "page"}}
	catalogue := &scenarios.Catalogue{Scenarios: []scenarios.Scenario{{ID: "a", Rules: []scenarios.Rule{
		{ID: "a/coarse", Sources: sources}, {ID: "a/fine", After: "a/coarse", Sources: sources},
	}}}}
	catalogue.Index()
	spec := func(rule string, holds bool) Spec {
		return Spec{Rule: rule, judge: func(c *Check, _ Performances) {
			if !holds {
				c.finding.Got = "something else"
				c.end(Broken, "")
			}
		}}
	}
	for _, test := range []struct {
		name         string
		coarse, fine bool
		selected     bool
		want         Kind
		after        string
	}{
		{"both fail", false, false, true, NotReached, "a/coarse"},
		{"only the finer fails", true, false, true, Broken, ""},
		{"only the coarser fails", false, true, true, Held, ""},
		{"the coarser is not selected", false, false, false, Broken, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			round := Round{Suite: &Suite{Catalogue: catalogue}, Performances: NewPerformed(nil), Chosen: func(rule string) (Spec, bool) {
				return spec(rule, test.coarse), test.selected
			}}
			got := round.Judge(context.Background(), spec("a/fine", test.fine))
			if got.Kind != test.want || got.After != test.after {
				t.Errorf("got %s after %q, want %s after %q", got.Kind, got.After, test.want, test.after)
			}
		})
	}
}

func TestARuleSaysWhoseItsResponseIs(t *testing.T) {
	document, recording := scenarios.Source{Document: "page"}, scenarios.Source{Recording: "r"}
	for _, test := range []struct {
		name    string
		sources []scenarios.Source
		accepts scenarios.Accepts
		oracle  scenarios.Oracle
		got     string
		held    bool
		as      []scenarios.Oracle
	}{
		{"documented", []scenarios.Source{document}, scenarios.Accepts{Documented: []string{"1"}}, scenarios.Either, "1", true, []scenarios.Oracle{scenarios.Documented}},
		{"inferred", []scenarios.Source{document, {Reasoning: "x"}}, scenarios.Accepts{Documented: []string{"1"}, Inferred: []string{"2"}}, scenarios.Documented, "2", true, []scenarios.Oracle{scenarios.Inferred}},
		{"the other side", []scenarios.Source{document, recording}, scenarios.Accepts{Documented: []string{"1"}, Observed: []string{"2"}}, scenarios.Documented, "2", false, nil},
		{"a side that lists nothing", []scenarios.Source{recording}, scenarios.Accepts{Observed: []string{"2"}}, scenarios.Documented, "2", true, []scenarios.Oracle{scenarios.Observed}},
	} {
		t.Run(test.name, func(t *testing.T) {
			catalogue := &scenarios.Catalogue{Scenarios: []scenarios.Scenario{{ID: "a", Rules: []scenarios.Rule{
				{ID: "a/b", Sources: test.sources, Accepts: test.accepts},
			}}}}
			catalogue.Index()
			spec := Spec{Rule: "a/b", judge: func(c *Check, _ Performances) { c.weigh("value", test.got) }}
			got := (&Suite{Catalogue: catalogue}).Judge(context.Background(), spec, test.oracle, Facts{}, nil)
			if (got.Kind == Held) != test.held || !slices.Equal(got.As, test.as) {
				t.Errorf("got %s as %v, want held %t as %v", got.Kind, got.As, test.held, test.as)
			}
		})
	}
}
