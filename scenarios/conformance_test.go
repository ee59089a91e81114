package scenarios_test

import (
	"slices"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
)

// Every feature but the contacts and the companions belongs to the full profile, and what core leaves out is what the documented scenarios do not need.
func TestConformanceProfiles(t *testing.T) {
	full, ok := scenarios.ConformanceProfileNamed("")
	every := slices.DeleteFunc(scenarios.Features(), func(feature string) bool { return feature == "contacts" || feature == "companions" })
	if !ok || full.ID != "full" || !slices.Equal(full.Features, every) {
		t.Errorf("the profile without a name is %+v, want full with every feature", full)
	}
	core, ok := scenarios.ConformanceProfileNamed("core")
	if !ok {
		t.Fatal("there is no profile core")
	}
	for _, feature := range []string{"create", "issuers", "merge", "cancel", "delete-pending"} {
		if !slices.Contains(core.Features, feature) {
			t.Errorf("core can be without %s, which a documented scenario needs", feature)
		}
	}
	for _, feature := range []string{"import", "versions", "list"} {
		if slices.Contains(core.Features, feature) {
			t.Errorf("core demands %s, which is extended", feature)
		}
	}
	if _, ok := scenarios.ConformanceProfileNamed("certificates"); ok {
		t.Error("a profile is found that there is not")
	}
}
