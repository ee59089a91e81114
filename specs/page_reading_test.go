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

// readingScenarios are the first six of the page.
func readingScenarios() []string {
	return []string{
		"request-from-issuer", "read-in-progress", "read-completed", "read-cancelled-or-failed",
		"read-deleted-or-overwritten", "conflict-while-in-progress",
	}
}

// mayBeBroken are the mays that a manner of the reference vault does not follow: they are recorded, not demanded.
func mayBeBroken(manner refvault.Manner, rule string) bool {
	return manner == refvault.Documented && strings.HasSuffix(rule, "/retry-after")
}

func TestTheReferenceVaultHoldsEveryRuleInItsOwnMannerAndInEither(t *testing.T) {
	for manner, oracle := range map[refvault.Manner]scenarios.Oracle{
		refvault.Observed: scenarios.Observed, refvault.Documented: scenarios.Documented,
	} {
		t.Run(string(manner), func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			r := rehearse(t, clock, reference(t, clock, manner), readingScenarios()...)
			for _, performance := range r.performances {
				if performance.Err != nil {
					t.Errorf("the play %s ended early: %v", performance.Play.Name, performance.Err)
				}
			}
			for _, rule := range r.rules(readingScenarios()...) {
				for _, oracle := range []scenarios.Oracle{oracle, scenarios.Either} {
					finding := r.judge(t, rule, oracle)
					if mayBeBroken(manner, rule) {
						if finding.Kind != specs.Broken {
							t.Errorf("%s: %s, though the vault sends no Retry-After", rule, finding.Kind)
						}
						continue
					}
					if finding.Kind != specs.Held {
						t.Errorf("%s (oracle %s): %s\n%s", rule, oracle, finding.Kind, finding.Text())
					}
				}
			}
		})
	}
}

func TestWhereDocsAndServiceDifferEachOracleTakesItsOwnAlone(t *testing.T) {
	differing := []string{
		"conflict-while-in-progress/create-code",
		"read-cancelled-or-failed/cancelled-state", "read-cancelled-or-failed/cancelled-state-spelling",
		"read-cancelled-or-failed/failed-status-details", "read-cancelled-or-failed/failed-not-cancellable-status",
		"read-cancelled-or-failed/patch-after-cancelled-status", "read-completed/target-query",
	}
	clock := newClock()
	r := rehearse(t, clock, reference(t, clock, refvault.Observed), readingScenarios()...)
	for _, rule := range r.rules(readingScenarios()...) {
		finding := r.judge(t, rule, scenarios.Documented)
		if want := slices.Contains(differing, rule); want != (finding.Kind == specs.Broken) {
			t.Errorf("%s, the service's answer judged by the docs alone: %s\n%s", rule, finding.Kind, finding.Text())
		}
	}
}

// TestAnEndpointThatAlwaysSaysTheSameHoldsNothing holds for every rule: a refusal counts only where something was
// there, and a yes only where the endpoint could also have said something else.
func TestAnEndpointThatAlwaysSaysTheSameHoldsNothing(t *testing.T) {
	operation := func(host string) map[string]any {
		return map[string]any{
			"id": "https://" + host + "/certificates/any/pending", "issuer": map[string]any{"name": "Self"}, "csr": "MIIB",
			"cancellation_requested": false, "status": "completed", "request_id": strings.Repeat("a", 32),
			"target": "https://" + host + "/certificates/any",
		}
	}
	for name, status := range map[string]int{"404": http.StatusNotFound, "200 and a completed operation": http.StatusOK} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, newClock(), http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				body := operation(q.Host)
				if status != http.StatusOK {
					body = map[string]any{"error": map[string]any{"code": "PendingCertificateNotFound", "message": "not found"}}
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				if err := json.NewEncoder(w).Encode(body); err != nil {
					panic(fmt.Errorf("writing an answer: %w", err))
				}
			}), readingScenarios()...)
			for _, rule := range r.rules(readingScenarios()...) {
				if finding := r.judge(t, rule, scenarios.Either); finding.Kind == specs.Held {
					t.Errorf("%s holds: %s", rule, finding.Text())
				}
			}
		})
	}
}
