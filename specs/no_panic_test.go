package specs_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
)

// TestNoAnswerMakesThePlaysOrTheJudgesPanic gives answers that are right but for their body, and some that break off:
// whatever comes is a finding about the target, never a fault of ours.
func TestNoAnswerMakesThePlaysOrTheJudgesPanic(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "null": "null", "a list": "[]", "a text": `"text"`, "a number": "1", "an empty object": "{}",
		"half an object": `{"id":`, "members of other types": `{"id":1,"status":[],"csr":{},"cer":7,"value":{},"error":"x",
			"attributes":[],"policy":"p","request_id":{},"target":1,"pending":"x","kid":null,"tags":[1],"nextLink":5}`,
		"broken off": "abort",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			vault := reference(t, clock, refvault.Observed)
			var requests atomic.Int64
			r := rehearsePlays(t, clock, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				recorder := httptest.NewRecorder()
				vault.ServeHTTP(recorder, q)
				const spared = 3 // so that plays get beyond their first step
				text := body
				if requests.Add(1)%spared != 0 && q.Method == http.MethodPost {
					text = recorder.Body.String()
				}
				if text == "abort" {
					panic(http.ErrAbortHandler)
				}
				for name, values := range recorder.Header() {
					w.Header()[name] = values
				}
				w.Header().Del("Content-Length")
				w.WriteHeader(recorder.Code)
				if _, err := w.Write([]byte(text)); err != nil && recorder.Code != http.StatusNoContent {
					panic(http.ErrAbortHandler)
				}
			}), scenarios.Plays())
			for _, performance := range r.performances {
				var thrown *scenarios.Panicked
				if errors.As(performance.Err, &thrown) {
					t.Errorf("the play %s: %v", performance.Play.Name, thrown)
				}
			}
			for _, rule := range r.rules(everywhere()...) {
				if finding := r.judge(t, rule, scenarios.Either); finding.Panicked {
					t.Errorf("%s: %s", rule, finding.Reason)
				}
			}
		})
	}
}
