package reports

import (
	"slices"
	"testing"
)

func TestCodeInASentenceIsAPieceOfItsOwn(t *testing.T) {
	for sentence, want := range map[string][]piece{
		"":                        nil,
		"plain":                   {{"plain", false}},
		"set `idBase: X`, or not": {{"set ", false}, {"idBase: X", true}, {", or not", false}},
		"`a` and `b`":             {{"a", true}, {" and ", false}, {"b", true}},
		"a lone ` stays":          {{"a lone ` stays", false}},
		"`a` and a lone `":        {{"a", true}, {" and a lone `", false}},
	} {
		if got := pieces(sentence); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", sentence, got, want)
		}
	}
}

// A cause with a hundred rules does not push the next one screens down: its first rules are seen, the others folded.
func TestTheRulesOfACauseAreFoldedBeyondTheFirst(t *testing.T) {
	for _, c := range []struct{ breaks, shown, folded int }{{0, 0, 0}, {10, 10, 0}, {11, 11, 0}, {12, 10, 2}, {100, 10, 90}} {
		var drawn pageCause
		drawn.fold(make([]pageTouched, c.breaks))
		if len(drawn.Breaks) != c.shown || len(drawn.More) != c.folded {
			t.Errorf("of %d rules %d are shown and %d folded, want %d and %d", c.breaks, len(drawn.Breaks), len(drawn.More), c.shown, c.folded)
		}
	}
}
