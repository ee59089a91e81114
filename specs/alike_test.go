package specs_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// A mock that plays one right operation back to every create holds no rule, not even one that its statuses keep.
func TestAMockThatTellsNoNamesApartHoldsNothing(t *testing.T) {
	clock := newClock()
	vault := reference(t, clock, refvault.Observed)
	mock := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("Authorization") == "" {
			vault.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"id":"https://any/certificates/any/pending","status":"inProgress","request_id":"a","issuer":{"name":"Unknown"}}`)
	})
	r := rehearse(t, clock, mock, "create-manually")
	for _, rule := range r.rules("create-manually") {
		spec, _ := r.book.Spec(rule)
		round := specs.Round{
			Suite: r.book, Oracle: scenarios.Either, Facts: r.facts, Performances: specs.NewPerformed(r.performances),
			Chosen: r.book.Spec,
		}
		if finding := round.Judge(t.Context(), spec); finding.Kind == specs.Held {
			t.Errorf("%s holds: %s", rule, finding.Text())
		}
	}
}
