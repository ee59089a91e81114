package specs

import (
	"testing"

	"github.com/kvconform/kvconform/schemas"
)

func TestABodyHoldsAMemberAtAPlace(t *testing.T) {
	body, err := schemas.Decode([]byte(`{"a":{"b":[{"c":1},{"d":{"e":null,"f":false}}]},"g":"x","h":[[{"i":1}]]}`))
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]bool{
		"": true, "g": true, "a.b": true, "a.b[].c": true, "a.b[].d.f": true, "h[][].i": true,
		"x": false, "g.x": false, "a.b.c": false, "a.b[].d.e": false, "a.b[].x": false, "g[]": false, "h[].i": false,
	} {
		if got := holds(body, place); got != want {
			t.Errorf("%q: got %v, want %v", place, got, want)
		}
	}
	if holds(nil, "a") || holds(nil, "") {
		t.Error("no body holds something")
	}
}
