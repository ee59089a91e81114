package specs_test

import (
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// Nearly no target claims contacts and companions. That they are not claimed explains no rule that waits for something else.
func TestARuleOfEveryResponseIsExcusedOnlyByAFeatureThatItCouldNeed(t *testing.T) {
	clock := newClock()
	r := rehearse(t, clock, reference(t, clock, refvault.Observed), "read-certificate")
	for _, test := range []struct {
		name    string
		without []string
		want    string
	}{
		{"nothing", nil, ""},
		{"contacts and companions", []string{"contacts", "companions"}, ""},
		{"deletions too", []string{"contacts", "companions", "delete"}, "the target does not claim delete"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.facts.Without = test.without
			finding := r.judge(t, "every-answer/deleted-list", scenarios.Either)
			if finding.Kind != specs.NotReached || finding.Unclaimed != test.want {
				t.Errorf("%s, excused by %q, want not-reached, excused by %q", finding.Kind, finding.Unclaimed, test.want)
			}
		})
	}
}
