package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

func ofCompanion(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/keys") || strings.HasPrefix(r.URL.Path, "/secrets")
}

func TestNothingIsSentToKeysAndSecretsWithoutTheClaim(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	described := reference(t, "", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if ofCompanion(r) {
				mu.Lock()
				sent = append(sent, r.Method+" "+r.URL.Path)
				mu.Unlock()
			}
			vault.ServeHTTP(w, r)
		})
	})
	described.Companions = false
	report := run(t, runner.Options{Target: described, Scenarios: []string{"companions", "read-completed"}, NoLedger: true})
	if len(sent) > 0 {
		t.Errorf("sent without the claim: %v", sent)
	}
	judged := 0
	for id, result := range verdicts(report) {
		if !strings.HasPrefix(id, "companions/") {
			continue
		}
		if judged++; result.Verdict != reports.NotClaimed {
			t.Errorf("%s is %s: %s", id, result.Verdict, result.Reason)
		}
	}
	if judged < 50 {
		t.Errorf("the report has %d rules about companions", judged)
	}
}

// TestNoReportHasTheValueOfASecret notes every value that the vault returns and looks for pieces of it in what is written.
func TestNoReportHasTheValueOfASecret(t *testing.T) {
	var mu sync.Mutex
	var values []string
	described := reference(t, "", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !ofCompanion(r) {
				vault.ServeHTTP(w, r)
				return
			}
			recorder := httptest.NewRecorder()
			vault.ServeHTTP(recorder, r)
			var body struct{ Value string }
			if json.Unmarshal(recorder.Body.Bytes(), &body) == nil && body.Value != "" {
				mu.Lock()
				values = append(values, body.Value)
				mu.Unlock()
			}
			for name, list := range recorder.Header() {
				w.Header()[name] = list
			}
			w.WriteHeader(recorder.Code)
			_, _ = w.Write(recorder.Body.Bytes())
		})
	})
	outcome, err := runner.Run(context.Background(), runner.Options{Target: described, Scenarios: []string{"companions"}, NoLedger: true})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := outcome.Transcript.Write(&text); err != nil {
		t.Fatal(err)
	}
	written := asJSON(t, outcome.Report)
	if len(values) < 5 {
		t.Fatalf("the run read %d secrets", len(values))
	}
	for _, value := range values {
		private, isPEM := strings.CutPrefix(value, "-----BEGIN PRIVATE KEY-----\n")
		if strings.HasPrefix(value, "-----") && !isPEM {
			continue // there is no private key in it
		}
		if len(private) < 100 {
			continue // the text that the run itself sent: its request shows it
		}
		piece := private[len(private)/2:][:40] // the beginning is the same in every file of its kind
		if isPEM {
			piece = strings.Split(private, "\n")[1]
		}
		for what, text := range map[string]string{"the transcript": text.String(), "the report": written} {
			if strings.Contains(text, piece) {
				t.Errorf("%s has the value of a secret: %s…", what, piece)
			}
		}
	}
	read, err := transcript.Read(&text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := runner.Judge(context.Background(), runner.JudgeOptions{Transcript: read})
	if err != nil {
		t.Fatal(err)
	}
	if got := asJSON(t, again.Report); got != written {
		t.Errorf("the transcript is judged otherwise, first at:\n%s", firstDifference(got, written))
	}
}

func TestKeysAndSecretsAreReadWithTheirOwnToken(t *testing.T) {
	const own = "Bearer the token of keys and secrets"
	for _, test := range []struct {
		name string
		auth target.Auth
		want reports.Verdict
	}{
		{"its own token", target.Auth{Token: target.Secret{Value: strings.TrimPrefix(own, "Bearer ")}}, reports.Pass},
		{"the token of certificates", target.Auth{}, reports.Fail},
	} {
		t.Run(test.name, func(t *testing.T) {
			var token string
			described := reference(t, "", func(vault http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if ofCompanion(r) {
						given := r.Header.Get("Authorization")
						r.Header.Del("Authorization")
						if given == own {
							r.Header.Set("Authorization", "Bearer "+token)
						}
					}
					vault.ServeHTTP(w, r)
				})
			})
			token = described.Auth.Token.Value
			described.CompanionsAuth = test.auth
			report := run(t, runner.Options{Target: described, Rules: []string{"companions/key-status", "companions/secret-status"}, NoLedger: true})
			for id, result := range verdicts(report) {
				if result.Verdict != test.want {
					t.Errorf("%s is %s, want %s: %s %s", id, result.Verdict, test.want, result.Got, result.Reason)
				}
			}
		})
	}
}
