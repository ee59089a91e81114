package runner_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// lacking lets a vault lack the routes of a feature.
func lacking(method, path string, status int) func(http.Handler) http.Handler {
	route := regexp.MustCompile(path)
	return func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if (method == "" || method == r.Method) && route.MatchString(r.URL.Path+"?"+r.URL.RawQuery) {
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, http.StatusText(status))
				return
			}
			vault.ServeHTTP(w, r)
		})
	}
}

// A vault that lacks a feature and says so is neither broken nor unreached anywhere.
func TestAFeatureThatIsNotClaimedIsNeitherSentNorJudged(t *testing.T) {
	long.Test(t, "a run for each feature")
	for feature, route := range map[string]struct{ method, path string }{
		"import":         {"POST", `/import\?`},
		"merge":          {"POST", `/pending/merge\?`},
		"cancel":         {"PATCH", `/pending\?`},
		"delete-pending": {"DELETE", `/pending\?`},
		"policy":         {"", `/policy\?`},
		"versions":       {"", `/versions\?`},
		"issuers":        {"", `/certificates/issuers`},
		"list":           {"GET", `/(deleted)?certificates\?`},
	} {
		for _, status := range []int{http.StatusNotFound, http.StatusNotImplemented} {
			t.Run(feature+" "+http.StatusText(status), func(t *testing.T) {
				described := reference(t, "", lacking(route.method, route.path, status))
				described.Without = []string{feature}
				report := run(t, runner.Options{Target: described, NoLedger: true})
				for id, result := range verdicts(report) {
					switch result.Verdict {
					case reports.Pass, reports.Info, reports.NotClaimed:
					default:
						t.Errorf("%s is %s: %s %s", id, result.Verdict, result.Got, result.Reason)
					}
				}
				for _, play := range report.Plays {
					for _, step := range play.Steps {
						if step.Status == status && strings.HasPrefix(step.ResponseBody, http.StatusText(status)) {
							t.Errorf("%s.%s was sent: %s", play.Name, step.Name, step.Line())
						}
					}
				}
			})
		}
	}
}

// A certificate with a key and a secret is made by a merge, deleted and recovered. The rules about its key and secret that
// need one of these are not claimed with it, and a request that was not sent is no fault of kvconform.
func TestWithoutWhatTheRulesOfCompanionsNeedTheyAreNotClaimed(t *testing.T) {
	for _, feature := range []string{"merge", "delete", "soft-delete"} {
		t.Run(feature, func(t *testing.T) {
			t.Parallel()
			described := reference(t, "", nil)
			described.Companions, described.Without = true, []string{feature}
			report := run(t, runner.Options{Target: described, Scenarios: []string{"companions"}, Strict: true, NoLedger: true})
			if report.Conclusion.ExitCode != 0 {
				t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
			}
			unclaimed := 0
			for id, result := range verdicts(report) {
				switch result.Verdict {
				case reports.NotClaimed:
					unclaimed++
				case reports.Pass, reports.Info:
				default:
					t.Errorf("%s is %s: %s %s", id, result.Verdict, result.Got, result.Reason)
				}
			}
			if unclaimed == 0 {
				t.Error("every rule was judged, so the feature changes nothing")
			}
		})
	}
}
