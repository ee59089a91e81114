package reports

import "testing"

// A stale entry is told by what to do, at its line in the baseline: its statement alone reads as if the deviation were still there.
func TestTheAnnotationOfAStaleEntrySaysWhatToDo(t *testing.T) {
	stale := Result{
		ID: "baseline/line-5", Level: Must, Verdict: Stale, Statement: "The target still deviates as the entry says.",
		Reason: "the cause is gone: delete the entry at line 5 of known.yaml", Known: &Known{File: "known.yaml", Line: 5},
	}
	got := (&Report{}).annotation(stale)
	if got.text != stale.Reason || got.file != "known.yaml" || got.line != 5 {
		t.Errorf("got %+v", got)
	}
}
