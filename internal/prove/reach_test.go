package prove

import (
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/refvault/fault"
)

func TestEachFaultIsDealtOnceBeforeAnyIsDealtTwice(t *testing.T) {
	faults := fault.All()[:25]
	groups := grouped(faults, 10, 5, 7)
	var dealt []string
	for _, group := range groups {
		ids := map[string]bool{}
		for _, f := range group {
			ids[f.ID] = true
			dealt = append(dealt, f.ID)
		}
		if len(ids) != 10 {
			t.Errorf("a group of 10 has %d faults", len(ids))
		}
	}
	for _, f := range faults {
		if count := strings.Count(strings.Join(dealt, " ")+" ", f.ID+" "); count < 2 {
			t.Errorf("%s is dealt %d times in 50 places for 25 faults", f.ID, count)
		}
	}
	for i, group := range grouped(faults, 10, 5, 7) {
		for j, f := range group {
			if groups[i][j].ID != f.ID {
				t.Fatal("the same seed deals otherwise")
			}
		}
	}
	if alone := grouped(faults, 1, 0, 7); len(alone) != 25 || alone[24][0].ID != faults[24].ID {
		t.Errorf("one at a time are %d groups", len(alone))
	}
}

func TestReachTellsHowAFaultIsMasked(t *testing.T) {
	long.Test(t, "plays on several vaults")
	// The fault that stands outermost comes last; a seed decides which.
	reach := func(inner, outer string) *Reach {
		t.Helper()
		faults, _, err := chooseTrials(Options{Faults: []string{inner, outer}})
		if err != nil {
			t.Fatal(err)
		}
		seed := uint64(0)
		for grouped(faults, 2, 1, seed)[0][0].ID != inner {
			seed++
		}
		reach, err := MeasureReach(t.Context(), ReachOptions{Faults: []string{inner, outer}, Together: 2, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return reach
	}
	if beside := reach("x5t-in-hex", "challenge-authorization-uri"); beside.Found != 2 || beside.FoundShare() != 1 {
		t.Errorf("two faults that do not meet: %+v", beside)
	}
	for _, test := range []struct {
		inner, outer string
		want         MaskKind
	}{
		{"charset-missing", "content-type-problem", Apart},
		{"csr-dropped-at-the-end", "body-cut-short", Unreadable},
		{"x5t-in-hex", "body-is-null", Hidden},
	} {
		got := reach(test.inner, test.outer)
		masked := got.Groups[0].Masked
		if len(masked) != 1 || masked[0].ID != test.inner || masked[0].Kind != test.want || masked[0].By[0] != test.outer || got.FoundShare() != 1 {
			t.Errorf("%s behind %s is %+v, want %s", test.inner, test.outer, masked, test.want)
		}
	}
}

func TestAFaultThatRemembersOtherRequestsIsFoundInAGroup(t *testing.T) {
	long.Test(t, "plays on several vaults")
	reach, err := MeasureReach(t.Context(), ReachOptions{Faults: []string{"policy-changes-the-secret", "create-reuse-key-shown"}, Together: 2})
	if err != nil {
		t.Fatal(err)
	}
	if reach.Found != 2 {
		t.Errorf("%d of 2 faults are found, masked: %+v", reach.Found, reach.Groups[0].Masked)
	}
}
