package prove

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/explore"
	"github.com/kvconform/kvconform/refvault/variant"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// exploring is the suite with a bench to explore vaults on.
func exploring(t *testing.T) (*specs.Suite, *bench) {
	t.Helper()
	suite, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	on := newBench("")
	t.Cleanup(on.close)
	return suite, on
}

// All of them are what `kvconform prove --sequences` looks for; here some of different kinds show that the parts fit.
func TestFaultsOfSequencesAreFoundWithTheShortestSequence(t *testing.T) {
	most := map[string]int{
		"third-create-repeats-a-request-id": 5, "creates-at-once-accepted": 2,
		"second-import-overwrites-the-first": 4, // two imports, or a purge between them, whichever is seen first
		"recovery-drops-tags":                5, "policy-patch-enables": 5,
	}
	options := HuntOptions{Seeds: 3, Steps: 600}
	for id := range most {
		options.Faults = append(options.Faults, id)
	}
	sightings, err := Hunt(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sightings {
		if !s.Explored || !s.Shrunk || s.Steps > most[s.ID] || !strings.Contains(s.Shortest, "expected:") {
			t.Errorf("%s: explored %v with %d steps, want %d at most:\n%s", s.ID, s.Explored, s.Steps, most[s.ID], s.Shortest)
		}
	}
	var text bytes.Buffer
	if err := WriteSightings(&text, sightings); err != nil || !strings.Contains(text.String(), "5 of 5 faults of sequences are found") {
		t.Errorf("%v: %s", err, text.String())
	}
}

func TestASequenceThatWasFoundIsPlayedAgain(t *testing.T) {
	suite, on := exploring(t)
	faults, err := sequencesNamed([]string{"second-import-overwrites-the-first"})
	if err != nil {
		t.Fatal(err)
	}
	h := &hunter{options: HuntOptions{Seeds: 3, Steps: 600}, suite: suite, bench: on}
	s, err := h.hunt(t.Context(), faults[0])
	if err != nil || s.plan == nil {
		t.Fatalf("%v: %+v", err, s)
	}
	again, err := on.explore(t.Context(), suite, trial{wrap: faults[0].Wrap}, explore.Options{Lanes: 1, Replay: s.plan, Keep: true})
	if err != nil || heaviest(suite, again) == nil {
		t.Errorf("%v: the sequence shows nothing when it is played again", err)
	}
}

func TestVariantsAreExploredInSilence(t *testing.T) {
	share := 12
	if testing.Short() {
		share = 60
	}
	suite, on := exploring(t)
	for i, v := range variant.All() {
		if i%share > 0 {
			continue
		}
		outcome, err := on.explore(t.Context(), suite, trial{options: v.Options, wrap: v.Wrap}, explore.Options{Seed: uint64(i), Steps: 120, Lanes: 1})
		if err != nil {
			t.Fatalf("%s: %v", v.ID, err)
		}
		for _, d := range outcome.Deviations {
			rule, _ := suite.Catalogue.Rule(d.Finding.Rule)
			if rule.Level == scenarios.Must || rule.Level == scenarios.Should && !slices.Contains(v.MayWarn, d.Finding.Rule) {
				t.Errorf("%s: %s", v.ID, outcome.Sequence(d))
			}
		}
	}
}

func TestLookingForAFaultThatIsNotThereIsAMistakeInUsage(t *testing.T) {
	_, err := Hunt(t.Context(), HuntOptions{Faults: []string{"purge-by-prefx"}})
	if err == nil || !strings.Contains(err.Error(), "did you mean purge-by-prefix?") {
		t.Errorf("the error is %v", err)
	}
}
