package reports

import "testing"

func TestThePointerStandsBeforeTheCountOfResponses(t *testing.T) {
	for _, c := range []struct{ got, pointer, want string }{
		{"value is missing", "/value", "value is missing at /value"},
		{"value is missing (and 4 more responses of 5)", "/value", "value is missing at /value (and 4 more responses of 5)"},
		{"value is missing (and 4 more of 5 responses)", "/value", "value is missing at /value (and 4 more of 5 responses)"},
		{"status 404 (and 4 more responses of 5)", "", "status 404 (and 4 more responses of 5)"},
		{"", "/value", "at /value"},
	} {
		if got := located(c.got, c.pointer); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
