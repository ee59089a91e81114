package fault

import "testing"

func TestEveryFaultOfASequenceHasAnIDOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range append(All(), Sequences()...) {
		if seen[f.ID] {
			t.Errorf("there are two faults %s", f.ID)
		}
		seen[f.ID] = true
	}
	if len(Sequences()) < 20 {
		t.Errorf("there are %d faults of sequences, want 20 at least", len(Sequences()))
	}
}
