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
	inTable := tabledIDs(t)
	for _, rule := range catalogue.RuleIDs() {
		if found[rule]+inTable[rule] != 1 {
			t.Errorf("the id %s stands %d times in the checks and %d times in the table of members, want 1 in all",
				rule, found[rule], inTable[rule])
		}
	}
}

// tabledIDs counts the ids of the rules that the table of members has, whole, as a reader finds them.
func tabledIDs(t *testing.T) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "scenarios", "members", "table", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no table of members: %v", err)
	}
	found := map[string]int{}
	id := regexp.MustCompile(`rule: ([a-z0-9-]+/[a-z0-9-]+)(, elsewhere: true)?`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range id.FindAllStringSubmatch(string(text), -1) {
			if match[2] == "" {
				found[match[1]]++
			}
		}
	}
	return found
}

// explain points a reader to the file of a rule's check.
func TestEveryCheckIsInItsFile(t *testing.T) {
	suite, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range suite.Specs() {
		text, err := os.ReadFile(filepath.Join("..", spec.File))
		if err != nil || !strings.Contains(string(text), `"`+spec.Rule+`"`) && !strings.Contains(string(text), "rule: "+spec.Rule+",") {
			t.Errorf("%s is not in %s (%v)", spec.Rule, spec.File, err)
		}
	}
}
