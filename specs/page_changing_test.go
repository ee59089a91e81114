package specs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// changingScenarios are the rest of the page, and what stands beside it.
func changingScenarios() []string {
	return []string{
		"merge-on-issuer-request", "cancel-in-progress", "delete-pending", "create-manually", "merge-manual-request",
		"issue-next-version", "import-certificate", "at-once",
		"read-certificate", "list-certificates", "update-certificate", "delete-certificate", "backup-certificate",
		"authentication", "api-version",
	}
}

// everywhere are all scenarios with plays, and the one that is judged on all of them.
func everywhere() []string {
	return slices.Concat(readingScenarios(), changingScenarios(), tabledScenarios(), []string{"companions", "every-answer"})
}

// passedOver tells the rules that the reference vault cannot hold: the mays that need a host of its own, or a header
// that one manner does not send, or a policy that it does.
func passedOver(manner refvault.Manner, rule string) bool {
	return rule == "authentication/challenge-host" ||
		manner == refvault.Documented && (strings.HasSuffix(rule, "/retry-after") || rule == "read-certificate/version-lean")
}

func TestTheReferenceVaultHoldsTheRestAndEveryAnswer(t *testing.T) {
	for manner, oracle := range map[refvault.Manner]scenarios.Oracle{
		refvault.Observed: scenarios.Observed, refvault.Documented: scenarios.Documented,
	} {
		t.Run(string(manner), func(t *testing.T) {
			t.Parallel()
			r := observedEverywhere(t)
			if manner != refvault.Observed {
				clock := newClock()
				r = rehearse(t, clock, reference(t, clock, manner), everywhere()...)
			}
			for _, performance := range r.performances {
				if performance.Err != nil {
					t.Errorf("the play %s ended early: %v", performance.Play.Name, performance.Err)
				}
				for _, step := range scenarios.Steps(performance.Script) {
					for _, fault := range r.book.OwnFaults(step.Exchange, r.facts) {
						t.Errorf("%s.%s: %s", performance.Play.Name, step.Name, fault)
					}
				}
			}
			for _, rule := range r.rules(append(changingScenarios(), "every-answer")...) {
				for _, oracle := range []scenarios.Oracle{oracle, scenarios.Either} {
					finding := r.judge(t, rule, oracle)
					if finding.Kind != specs.Held && !passedOver(manner, rule) {
						t.Errorf("%s (oracle %s): %s\n%s", rule, oracle, finding.Kind, finding.Text())
					}
				}
			}
		})
	}
}

func TestWhereDocsAndServiceDifferInTheRestEachOracleTakesItsOwnAlone(t *testing.T) {
	differing := []string{"cancel-in-progress/late-status", "cancel-in-progress/outcome"}
	r := observedEverywhere(t)
	for _, rule := range r.rules(changingScenarios()...) {
		if passedOver(refvault.Observed, rule) {
			continue
		}
		finding := r.judge(t, rule, scenarios.Documented)
		if want := slices.Contains(differing, rule); want != (finding.Kind == specs.Broken) {
			t.Errorf("%s, the service's answer judged by the docs alone: %s\n%s", rule, finding.Kind, finding.Text())
		}
	}
}

// trueOfTheSame tells the rules that one answer to everything does keep: what they say is true of it.
func trueOfTheSame(status int, rule string) bool {
	switch status {
	case http.StatusOK:
		return rule == "import-certificate/pfx-status" || rule == "import-certificate/pem-status"
	case http.StatusAccepted:
		return strings.HasPrefix(rule, "create-manually/")
	default:
		return false
	}
}

// TestAnEndpointThatAlwaysSaysTheSameHoldsNoneOfTheRest leaves out the form of answers, which such an endpoint may well
// have: that it speaks JSON is true of it.
func TestAnEndpointThatAlwaysSaysTheSameHoldsNoneOfTheRest(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 400, 401, 403, 404, 409, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, newClock(), http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				id := "https://" + q.Host + "/certificates/any"
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Location", id+"/pending?api-version=7.4&request_id="+strings.Repeat("a", 32))
				w.WriteHeader(status)
				body := map[string]any{
					"id": id + "/pending", "issuer": map[string]any{"name": "Unknown"}, "csr": "MIIB", "target": id,
					"cancellation_requested": true, "status": "completed", "request_id": strings.Repeat("a", 32), "cer": "MIIB",
					"error": map[string]any{"code": "PendingCertificateNotFound", "message": "the same"},
				}
				if status != http.StatusNoContent {
					if err := json.NewEncoder(w).Encode(body); err != nil {
						panic(fmt.Errorf("writing an answer: %w", err))
					}
				}
			}), changingScenarios()...)
			for _, rule := range r.rules(changingScenarios()...) {
				finding := r.judge(t, rule, scenarios.Either)
				if finding.Kind == specs.Held && !trueOfTheSame(status, rule) {
					t.Errorf("%s holds: %s", rule, finding.Text())
				}
			}
		})
	}
}
