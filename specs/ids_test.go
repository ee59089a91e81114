package specs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// A reader finds the check of a rule by one search for its id: every id stands once, whole, in the code of the checks.
func TestEveryRuleIDStandsOnceInTheChecks(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	id := regexp.MustCompile(`"([a-z0-9-]+/[a-z0-9-]+)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range id.FindAllStringSubmatch(string(text), -1) {
			found[match[1]]++
		}
	}
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range catalogue.RuleIDs() {
		if found[rule] != 1 {
			t.Errorf("the id %s stands %d times in the checks, want 1", rule, found[rule])
		}
	}
}

// explain points a reader to the file of a rule's check.
func TestEveryCheckIsInItsFile(t *testing.T) {
	suite, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range suite.Specs() {
		text, err := os.ReadFile(strings.TrimPrefix(spec.File, "specs/"))
		if err != nil || !strings.Contains(string(text), `"`+spec.Rule+`"`) {
			t.Errorf("%s is not in %s (%v)", spec.Rule, spec.File, err)
		}
	}
}
