package runner_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
)

// played runs a target and returns the report with the verdict of every rule.
func played(t *testing.T, described runner.Target, selected ...string) (*reports.Report, map[string]reports.Result) {
	t.Helper()
	report := run(t, runner.Options{Target: described, Scenarios: selected, NoLedger: true})
	return report, verdicts(report)
}

// TestIdsThatNobodyCanDialAreFollowed has a vault behind a path prefix that writes another host into its ids.
func TestIdsThatNobodyCanDialAreFollowed(t *testing.T) {
	t.Parallel()
	described := reference(t, "observed", func(vault http.Handler) http.Handler {
		return http.StripPrefix("/emulated/vault", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = "myvault.vault.azure.net"
			vault.ServeHTTP(w, r)
		}))
	})
	described.Endpoint += "/emulated/vault"
	described.IDBase = "https://myvault.vault.azure.net"
	report, _ := played(t, described)
	if report.Conclusion.ExitCode != runner.ExitHeld {
		t.Errorf("exit %d: %+v", report.Conclusion.ExitCode, report.Conclusion)
		for _, result := range verdicts(report) {
			if result.Verdict == reports.Fail || result.Verdict == reports.CouldNotRun {
				t.Errorf("%s: %s, expected %s, got %s (%s)", result.ID, result.Verdict, result.Expected, result.Got, result.Reason)
			}
		}
	}
	described.IDBase = ""
	if report, _ := played(t, described, "read-completed"); report.Conclusion.ExitCode != runner.ExitBroken {
		t.Errorf("without idBase: exit %d, want a must that fails", report.Conclusion.ExitCode)
	}
}

// TestIssuersAreSetUpAndRemoved gives a vault no issuer but those that the run makes.
func TestIssuersAreSetUpAndRemoved(t *testing.T) {
	var mu sync.Mutex
	calls := map[string][]string{}
	described := reference(t, "observed", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/certificates/issuers/") {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				mu.Lock()
				name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
				calls[name] = append(calls[name], r.Method+" "+string(body))
				mu.Unlock()
			}
			vault.ServeHTTP(w, r)
		})
	})
	t.Setenv("KVCONFORM_TEST_PASSWORD", "a-password-of-an-account")
	described.Issuers = runner.Issuers{
		runner.Completes: {SetUp: &target.IssuerSetUp{
			Provider: "completes", AccountID: "account", Password: runner.Secret{Env: "KVCONFORM_TEST_PASSWORD"}, Organization: "org",
		}},
		runner.Fails: {SetUp: &target.IssuerSetUp{Provider: "fails"}},
	}
	_, all := played(t, described, "read-cancelled-or-failed", "read-completed")
	failed := 0
	for _, result := range all {
		if result.Play == "FailedRequest" && result.Verdict == reports.Pass {
			failed++
		}
	}
	if failed == 0 {
		t.Errorf("nothing failed at the issuer that was set up: %v", all)
	}
	name := regexp.MustCompile(`^kvconform-[0-9a-f]{12}-(completes|fails)$`)
	own := 0
	for issuer, sent := range calls {
		if !name.MatchString(issuer) {
			continue
		}
		own++
		if first, last := sent[0], sent[len(sent)-1]; !strings.HasPrefix(first, "PUT ") || !strings.HasPrefix(last, "DELETE") {
			t.Errorf("%s: %v", issuer, sent)
		}
		if strings.HasSuffix(issuer, "completes") && (!strings.Contains(sent[0], `"pwd":"a-password-of-an-account"`) || !strings.Contains(sent[0], `"id":"org"`)) {
			t.Errorf("%s was set up with %s", issuer, sent[0])
		}
	}
	if own != 2 {
		t.Errorf("%d issuers of the run's own were set up: %v", own, calls)
	}
}

func TestAnIssuerThatCannotBeSetUpEndsTheRunAndLeavesNothing(t *testing.T) {
	t.Parallel()
	deleted := 0
	described := reference(t, "observed", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "-fails") {
				http.Error(w, `{"error":{"code":"BadParameter","message":"no such provider"}}`, http.StatusBadRequest)
				return
			}
			if r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "-completes") {
				deleted++
			}
			vault.ServeHTTP(w, r)
		})
	})
	described.Issuers[runner.Completes] = runner.Issuer{SetUp: &target.IssuerSetUp{Provider: "completes"}}
	described.Issuers[runner.Fails] = runner.Issuer{SetUp: &target.IssuerSetUp{Provider: "nobody"}}
	_, err := runner.Run(context.Background(), runner.Options{Target: described, NoLedger: true})
	var incomplete *runner.Incomplete
	if !errors.As(err, &incomplete) || !strings.Contains(err.Error(), "the issuer for issuers.fails cannot be set up") || !strings.Contains(err.Error(), "400 BadParameter; check the provider nobody") {
		t.Errorf("got %v", err)
	}
	if deleted != 1 {
		t.Errorf("the issuer that was made was deleted %d times", deleted)
	}
}

// TestAHookMakesAPendingRequestFail has a vault whose requests fail when someone touches a file of their name.
func TestAHookMakesAPendingRequestFail(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	described := reference(t, "observed", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/certificates/"), "/")
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil || rest != "pending" || r.Method != http.MethodGet {
				vault.ServeHTTP(w, r)
				return
			}
			recorded := httptest.NewRecorder()
			vault.ServeHTTP(recorded, r)
			for header, values := range recorded.Header() {
				w.Header()[header] = values
			}
			w.Header().Del("Content-Length")
			w.WriteHeader(recorded.Code)
			_, _ = io.WriteString(w, strings.Replace(recorded.Body.String(), `"status":"inProgress"`, `"status":"failed","error":{"code":"Failed","message":"by hand"}`, 1))
		})
	})
	delete(described.Issuers, runner.Fails)
	described.Hooks.FailPending = []string{"sh", "-c", `[ "$KVCONFORM_HOOK" = failPending ] && [ -n "$KVCONFORM_ENDPOINT" ] && [ -n "$KVCONFORM_API_VERSION" ] && touch "` + folder + `/$KVCONFORM_NAME"`}
	_, all := played(t, described, "read-cancelled-or-failed")
	reached := 0
	for _, result := range all {
		if result.Play == "FailedRequest" && result.Step == "Polls" && result.Verdict == reports.Pass {
			reached++
		}
	}
	if reached == 0 {
		t.Errorf("no rule saw a request that failed: %v", all)
	}

	described.Hooks.FailPending = []string{"sh", "-c", "echo no permission >&2; exit 7"}
	_, all = played(t, described, "read-cancelled-or-failed")
	said := 0
	for _, result := range all {
		if result.Verdict == reports.NotReached && strings.Contains(result.Reason, "hooks.failPending: the command sh failed (exit status 7): no permission") {
			said++
		}
	}
	if said == 0 {
		t.Errorf("no rule says that the hook failed: %v", all)
	}
}

// TestANameThatIsTaken gives every certificate that a run asks about, the first time, an elder namesake.
func TestANameThatIsTaken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		onClash target.OnClash
		exit    int
	}{{target.ClashFails, runner.ExitIncomplete}, {target.ClashDeletes, runner.ExitHeld}} {
		t.Run(string(test.onClash), func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			taken := map[string]bool{}
			described := reference(t, "observed", func(vault http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/certificates/"), "/")
					mu.Lock()
					elder := !taken[name] && rest == "pending" && r.Method == http.MethodGet
					taken[name] = taken[name] || elder
					mu.Unlock()
					if elder {
						create := httptest.NewRequest(http.MethodPost, "https://"+r.Host+"/certificates/"+name+"/create?"+r.URL.RawQuery,
							strings.NewReader(`{"policy":{"x509_props":{"subject":"CN=elder"},"issuer":{"name":"Unknown"}}}`))
						create.Header = r.Header.Clone()
						create.Header.Set("Content-Type", "application/json")
						recorded := httptest.NewRecorder()
						vault.ServeHTTP(recorded, create)
						if recorded.Code != http.StatusAccepted {
							t.Errorf("no elder: %d %s", recorded.Code, recorded.Body)
						}
					}
					vault.ServeHTTP(w, r)
				})
			})
			described.Names.OnClash = test.onClash
			report, all := played(t, described, "read-in-progress")
			if report.Conclusion.ExitCode != test.exit {
				t.Errorf("exit %d, want %d: %+v", report.Conclusion.ExitCode, test.exit, report.Conclusion)
			}
			for _, result := range all {
				if test.onClash == target.ClashFails && result.Play != "" && !strings.Contains(result.Reason, "exists already (names.onClash is fail)") {
					t.Errorf("%s: %s (%s)", result.ID, result.Verdict, result.Reason)
				}
			}
		})
	}
}

// TestTheReportNamesTheProduct carries what a conformance statement needs from the file to the report.
func TestTheReportNamesTheProduct(t *testing.T) {
	t.Parallel()
	described := reference(t, "observed", nil)
	described.Product = target.Product{Name: "Vault of ours", Version: "2.1", Contact: "us", Reproduce: "make conformance", Profile: "full"}
	report, _ := played(t, described, "read-in-progress")
	got := report.Target
	if got.Product != "Vault of ours" || got.ProductVersion != "2.1" || got.Contact != "us" || got.Reproduce != "make conformance" || got.Profile != "full" {
		t.Errorf("the report has %+v", got)
	}
}

func TestARunOfSeveralAPIVersionsIsRefused(t *testing.T) {
	t.Parallel()
	_, err := runner.Run(context.Background(), runner.Options{Target: runner.Target{Endpoint: "https://127.0.0.1:1", APIVersion: []string{"7.3", "7.4"}}})
	if want := "the target names 2 api-versions and this run is of one; choose one with --api-version"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestAPlanSendsNothingAndTellsWhatARunWouldDo compares the plan with the run.
func TestAPlanSendsNothingAndTellsWhatARunWouldDo(t *testing.T) {
	t.Parallel()
	sent := 0
	counting := reference(t, "observed", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sent++; vault.ServeHTTP(w, r) })
	})
	counting.Issuers = runner.Issuers{runner.Completes: {Name: "completes"}}
	counting.Without = []string{"merge"}
	plan, err := runner.Inspect(runner.Options{Target: counting})
	if err != nil {
		t.Fatal(err)
	}
	if sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
	described := reference(t, "observed", nil)
	described.Issuers, described.Without = counting.Issuers, counting.Without
	report, all := played(t, described)
	planned := plan.Runs[0]
	if len(planned.Plays)+unreached(report) != len(report.Plays) {
		t.Errorf("%d plays were planned, %d were played and %d of them not reached", len(planned.Plays), len(report.Plays), unreached(report))
	}
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	notClaimed, notReached := 0, 0 // a rule of another feature that needs a merge is found unclaimed only by its play
	for _, result := range all {
		if rule, _ := catalogue.Rule(result.ID); result.Verdict == reports.NotClaimed && rule.Feature == "merge" {
			notClaimed++
		}
		if result.Verdict == reports.NotReached && strings.Contains(result.Reason, "the target file names none") {
			notReached++
		}
	}
	if got := sum(planned.NotClaimed); got != notClaimed || got == 0 {
		t.Errorf("%d rules were planned as not claimed, %d were", got, notClaimed)
	}
	if got := sum(planned.NotReached); got != notReached || got == 0 {
		t.Errorf("%d rules were planned as not reached, %d were", got, notReached)
	}
	if got := planned.Judged() + sum(planned.NotClaimed) + sum(planned.NotReached); got != len(all) {
		t.Errorf("%d rules were planned, %d judged", got, len(all))
	}
}

func sum(counts []runner.PlannedCount) int {
	total := 0
	for _, count := range counts {
		total += count.Rules
	}
	return total
}

func unreached(report *reports.Report) int {
	count := 0
	for _, play := range report.Plays {
		if strings.Contains(play.Error, "the target file names none") {
			count++
		}
	}
	return count
}
