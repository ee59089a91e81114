package runner_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kvconform/kvconform"

// Imports run one way, so that judge and answer key share nothing and every package can be read by itself.
func TestImportsRunOneWay(t *testing.T) {
	// The table of members is data: whoever may import the scenarios may read it, and the faults are made of it too.
	const table = "scenarios/members"
	readers := []string{"scenarios", "refvault/fault"}
	allowed := map[string][]string{
		"internal/recorded": {"internal/input", "scenarios/vault", "schemas"},
		"internal/audit": {
			"internal/account", "internal/baseline", "internal/input", "internal/recorded", "internal/ruleset", "internal/selection",
			"reports", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/passthrough": {
			"internal/account", "internal/audit", "internal/baseline", "internal/input", "internal/recorded", "internal/ruleset",
			"internal/selection", "reports", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		table:                 {},
		"scenarios/vault":     {},
		"schemas":             {},
		"reports":             {},
		"refvault":            {},
		"refvault/tamper":     {},
		"refvault/fault":      {"refvault/tamper"},
		"refvault/variant":    {"refvault", "refvault/tamper"},
		"refvault/profile":    {"refvault", "refvault/tamper"},
		"scenarios":           {"scenarios/vault"},
		"specs/match":         {"scenarios", "scenarios/vault"},
		"specs/model":         {"scenarios/vault"},
		"specs":               {"specs/match", "specs/model", "scenarios", "scenarios/vault", "schemas"},
		"internal/input":      {"schemas"},
		"internal/credential": {"internal/input", "scenarios/vault", "schemas"},
		"runner/target":       {"internal/credential", "internal/input", "scenarios", "scenarios/vault", "schemas"},
		"internal/transcript": {
			"internal/input", "reports", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/baseline": {"internal/input", "reports", "schemas"},
		"internal/golden":   {},
		"internal/long":     {},
		"internal/outfile":  {},
		"internal/refserver": {
			"internal/credential", "internal/input", "internal/outfile", "runner/target", "scenarios", "scenarios/vault", "schemas",
			"refvault", "refvault/fault", "refvault/profile", "refvault/tamper",
		},
		"internal/rerun": {
			"internal/cleanup", "internal/credential", "internal/input", "internal/outfile", "internal/session", "reports", "runner/target",
			"scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/bump":      {"internal/ruleset", "scenarios", "scenarios/vault", "schemas"},
		"internal/ruleset":   {"scenarios", "scenarios/vault", "schemas"},
		"internal/selection": {"internal/input", "internal/ruleset", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model"},
		"internal/session": {
			"internal/credential", "internal/input", "runner/target", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/cleanup": {
			"internal/credential", "internal/input", "internal/session", "runner/target",
			"scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/drive": {
			"internal/cleanup", "internal/credential", "internal/input", "internal/session", "runner/target",
			"scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/frame": {"specs", "specs/match", "specs/model", "scenarios", "scenarios/vault", "schemas"},
		"internal/explore": {
			"internal/account", "internal/cleanup", "internal/credential", "internal/input", "internal/session", "reports",
			"runner/target", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"internal/account": {"reports", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model"},
		"internal/prove": {
			"internal/account", "internal/cleanup", "internal/credential", "internal/drive", "internal/explore", "internal/input", "internal/outfile", "internal/refserver", "internal/ruleset",
			"internal/selection", "internal/session", "internal/transcript", "reports", "runner/target", "refvault", "refvault/fault",
			"refvault/profile", "refvault/tamper", "refvault/variant", "scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"runner": {
			"internal/account", "internal/baseline", "internal/cleanup", "internal/credential", "internal/drive", "internal/input", "internal/outfile", "internal/refserver",
			"internal/ruleset", "internal/selection", "internal/session", "internal/transcript", "refvault", "refvault/fault",
			"refvault/profile", "refvault/tamper", "reports", "runner/target",
			"scenarios", "scenarios/vault", "schemas", "specs", "specs/match", "specs/model",
		},
		"cmd/kvconform": nil,
	}
	for name, may := range allowed {
		dependencies := dependenciesOf(t, name)
		for _, dependency := range dependencies {
			own, ours := strings.CutPrefix(dependency, module+"/")
			if own == table && (name == table || slices.Contains(may, "scenarios") || slices.Contains(readers, name)) {
				continue
			}
			if ours && may != nil && own != name && !slices.Contains(may, own) {
				t.Errorf("%s imports %s", name, own)
			}
			if strings.HasPrefix(dependency, "github.com/onsi/") && may != nil && !strings.HasPrefix(name, "specs") && !slices.Contains(may, "specs") {
				t.Errorf("%s imports %s, which belongs to specs and what stands on them", name, dependency)
			}
		}
		if len(dependencies) == 0 {
			t.Errorf("%s has no dependencies at all: was it listed?", name)
		}
	}
}

func dependenciesOf(t *testing.T, name string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", module+"/"+name).Output()
	if err != nil {
		t.Fatalf("listing the dependencies of %s: %v", name, err)
	}
	return strings.Fields(string(out))
}
