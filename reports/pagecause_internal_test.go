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
