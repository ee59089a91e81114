package ruleset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

func catalogueOf(t *testing.T, rules ...scenarios.Rule) *scenarios.Catalogue {
	t.Helper()
	catalogue := &scenarios.Catalogue{Scenarios: []scenarios.Scenario{{ID: "s", Rules: rules}}}
	if err := catalogue.Index(); err != nil {
		t.Fatal(err)
	}
	return catalogue
}

func digest(t *testing.T, apiVersion string, rules ...scenarios.Rule) string {
	t.Helper()
	text, err := ruleset.Digest(catalogueOf(t, rules...), apiVersion)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestADigestChangesWithWhateverAVerdictDependsOn(t *testing.T) {
	rule := scenarios.Rule{ID: "s/a", Level: scenarios.Must, Statement: "It is so.", Accepts: scenarios.Accepts{Documented: []string{"200"}}}
	before := digest(t, "7.4", rule)
	if !strings.HasPrefix(before, "sha256:") || len(before) != len("sha256:")+64 {
		t.Errorf("the digest is %q", before)
	}
	for name, change := range map[string]func(r *scenarios.Rule){
		"id":         func(r *scenarios.Rule) { r.ID = "s/b" },
		"level":      func(r *scenarios.Rule) { r.Level = scenarios.Should },
		"statement":  func(r *scenarios.Rule) { r.Statement = "It is otherwise." },
		"documented": func(r *scenarios.Rule) { r.Accepts.Documented = []string{"201"} },
		"observed":   func(r *scenarios.Rule) { r.Accepts.Observed = []string{"200"} },
		"inferred":   func(r *scenarios.Rule) { r.Accepts.Inferred = []string{"200"} },
		"since":      func(r *scenarios.Rule) { r.Since = "7.3" },
		"until":      func(r *scenarios.Rule) { r.Until = "7.5" },
	} {
		changed := rule
		change(&changed)
		if digest(t, "7.4", changed) == before {
			t.Errorf("another %s has the same digest", name)
		}
	}
}

func TestADigestIsOfTheRulesThatHoldWhateverTheirOrder(t *testing.T) {
	a := scenarios.Rule{ID: "s/a", Level: scenarios.Must, Statement: "A."}
	b := scenarios.Rule{ID: "s/b", Level: scenarios.Must, Statement: "B."}
	later := scenarios.Rule{ID: "s/c", Level: scenarios.Must, Statement: "C.", Since: "7.5"}
	if digest(t, "7.4", a, b) != digest(t, "7.4", b, a) {
		t.Error("the order of the rules changes the digest")
	}
	if digest(t, "7.4", a, b) != digest(t, "7.4", a, b, later) {
		t.Error("a rule of a later api-version changes the digest of 7.4")
	}
	if digest(t, "7.5", a, b) == digest(t, "7.5", a, b, later) {
		t.Error("a rule of 7.5 does not change the digest of 7.5")
	}
	if digest(t, "", a, b) == digest(t, "", a, b, later) {
		t.Error("a rule does not change the digest of the whole catalogue")
	}
}

func TestARuleHoldsFromSinceToUntil(t *testing.T) {
	for _, test := range []struct {
		since, until, version string
		want                  bool
	}{
		{"", "", "2015-06-01", true},
		{"7.4", "", "7.3", false}, {"7.4", "", "7.4", true}, {"7.4", "", "2025-07-01", true},
		{"", "7.4", "7.4", true}, {"", "7.4", "7.5-preview.1", false}, {"", "7.4", "2015-06-01", true},
		{"7.0", "7.4", "2016-10-01", false}, {"7.0", "7.4", "7.2", true}, {"7.0", "7.4", "2025-07-01", false},
		{"", "", "8.0", false}, // a version that nobody knows
	} {
		rule := &scenarios.Rule{ID: "s/a", Since: test.since, Until: test.until}
		if got := ruleset.HoldsAt(rule, test.version); got != test.want {
			t.Errorf("since %q until %q at %s: got %v, want %v", test.since, test.until, test.version, got, test.want)
		}
	}
}

func TestEverySinceAndUntilOfTheCatalogueIsAnAPIVersion(t *testing.T) {
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range catalogue.RuleIDs() {
		rule, _ := catalogue.Rule(id)
		for _, version := range []string{rule.Since, rule.Until} {
			if version != "" && !schemas.Known(version) {
				t.Errorf("%s: %q is no api-version", id, version)
			}
		}
		if !slices.ContainsFunc(schemas.Versions(), func(v schemas.APIVersion) bool { return ruleset.HoldsAt(rule, string(v)) }) {
			t.Errorf("%s holds at no api-version: since %q until %q", id, rule.Since, rule.Until)
		}
	}
}
