package specs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
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
