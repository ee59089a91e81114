package runner_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/variant"
	"github.com/kvconform/kvconform/scenarios"
)

func TestFaultsNameRulesThatThereAre(t *testing.T) {
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	ids := catalogue.RuleIDs()
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, f := range fault.All() {
		if seen[f.ID] {
			t.Errorf("two faults have the id %s", f.ID)
		}
		seen[f.ID] = true
		if !form.MatchString(f.ID) || f.Title == "" || f.On == nil || f.Wrap == nil || len(f.Breaks) == 0 {
			t.Errorf("the fault %q lacks something: an id in lower case, a title, requests, a breach, rules to break", f.ID)
		}
		for _, id := range f.Breaks {
			if !slices.Contains(ids, id) {
				t.Errorf("the fault %s breaks %s, which is no rule", f.ID, id)
			}
		}
		for _, id := range f.AlsoFails {
			if !slices.Contains(ids, id) {
				t.Errorf("beside the fault %s fails %s, which is no rule: run kvconform prove --update", f.ID, id)
			}
		}
	}
}

func TestEveryMustAndShouldHasAFault(t *testing.T) {
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{}
	for _, f := range fault.All() {
		for _, id := range f.Breaks {
			broken[id] = true
		}
	}
	for _, id := range catalogue.RuleIDs() {
		if rule, _ := catalogue.Rule(id); rule.Level != scenarios.May && !broken[id] {
			t.Errorf("no fault has to break %s", id)
		}
	}
}

func TestEveryAmbiguityIsAVariantOrHasAReason(t *testing.T) {
	contract, err := os.ReadFile(filepath.Join("..", "docs", "contract.md"))
	if err != nil {
		t.Fatal(err)
	}
	ambiguities := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (F-[0-9]+) \|`).FindAllStringSubmatch(string(contract), -1) {
		ambiguities[row[1]] = true
	}
	if len(ambiguities) == 0 {
		t.Fatal("docs/contract.md has no ambiguities in its part F")
	}
	stands := map[string][]string{}
	seen := map[string]bool{}
	for _, v := range variant.All() {
		if seen[v.ID] {
			t.Errorf("two variants have the id %s", v.ID)
		}
		seen[v.ID] = true
		for _, f := range v.Ambiguities {
			stands[f] = append(stands[f], v.ID)
			if !ambiguities[f] {
				t.Errorf("the variant %s stands for %s, which is not in docs/contract.md", v.ID, f)
			}
		}
	}
	reasons := variant.Reasons()
	for f := range ambiguities {
		if (len(stands[f]) > 0) == (reasons[f] != "") {
			t.Errorf("%s has the variants %v and the reason %q: want one or the other", f, stands[f], reasons[f])
		}
	}
}
