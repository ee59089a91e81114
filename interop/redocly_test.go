//go:build interop

package interop_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/schemas"
)

// TestRedoclyLintsTheDocumentOfEveryVersion has a linter that others wrote judge what `kvconform openapi` prints.
func TestRedoclyLintsTheDocumentOfEveryVersion(t *testing.T) {
	kvconform := buildCommand(t)
	node := tool(t, "node", "install Node.js 20 or newer")
	redocly := fetched(t, filepath.Join("redocly", "node_modules", "@redocly", "cli", "bin", "cli.js"))
	folder := t.TempDir()
	arguments := []string{redocly, "lint", "--format", "json", "--max-problems", "1000"}
	for _, version := range schemas.Versions() {
		file := string(version) + ".json"
		if output, err := exec.Command(kvconform, "openapi", "--api-version", string(version), "--out", filepath.Join(folder, file)).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", version, err, output)
		}
		arguments = append(arguments, file)
	}
	command := exec.Command(node, arguments...)
	command.Dir = folder
	command.Env = append(command.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("redocly found an error: %v\n%s", err, tail(string(output), 40))
	}
	// The API's own paths are ambiguous, and a body in one state requires members that its base declares.
	expected := []string{"no-ambiguous-paths", "no-required-schema-properties-undefined"}
	linted := 0
	for decoder := json.NewDecoder(strings.NewReader(string(output))); decoder.More(); {
		var result struct {
			Totals   struct{ Errors int }
			Problems []struct{ RuleID, Severity, Message string }
		}
		if err := decoder.Decode(&result); err != nil {
			t.Fatalf("reading what redocly says: %v\n%s", err, tail(string(output), 40))
		}
		linted++
		for _, problem := range result.Problems {
			if problem.Severity != "warn" || !slices.Contains(expected, problem.RuleID) {
				t.Errorf("%s: %s: %s", problem.Severity, problem.RuleID, problem.Message)
			}
		}
	}
	t.Logf("%d results for %d documents", linted, len(schemas.Versions()))
	if linted == 0 {
		t.Error("redocly said nothing")
	}
}
