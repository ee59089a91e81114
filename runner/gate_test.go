package runner_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

// refusing lets a vault return one response to the requests that are chosen.
func refusing(chosen func(*http.Request) bool, status int, body string) func(http.Handler) http.Handler {
	return func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !chosen(r) {
				vault.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
}

func TestAnIssuerThatDoesNotDoWhatTheTargetFileSaysIsAnUnmetClaim(t *testing.T) {
	for name, c := range map[string]struct {
		outcome target.Outcome
		issuer  string
		want    string
	}{
		"stays in progress":  {target.Completes, "stays", "still in progress"},
		"completes":          {target.StaysInProgress, "completes", "a request of it is completed"},
		"fails":              {target.Completes, "fails", "a request of it is failed"},
		"completes, rejects": {target.Rejects, "completes", "a request of it is completed"},
	} {
		t.Run(name, func(t *testing.T) {
			described := reference(t, "", nil)
			names := described.Issuers.Names()
			issuer := map[string]string{"stays": names.StaysInProgress, "completes": names.Completes, "fails": names.Fails}[c.issuer]
			described.Issuers[c.outcome] = target.Issuer{Name: issuer}
			described.Polling.Timeout /= 4
			report := run(t, runner.Options{Target: described, Scenarios: []string{
				"read-completed", "read-cancelled-or-failed", "cancel-in-progress", "delete-pending",
			}})
			if len(report.Unmet) != 1 || !strings.Contains(report.Unmet[0], "issuers."+string(c.outcome)) || !strings.Contains(report.Unmet[0], c.want) {
				t.Errorf("the unmet claims are %q, want one of issuers.%s that says %q", report.Unmet, c.outcome, c.want)
			}
			if code := report.Conclusion.ExitCode; code != runner.ExitIncomplete && code != runner.ExitBroken {
				t.Errorf("exit %d: %s", code, report.Conclusion.Line)
			}
		})
	}
	if report := run(t, runner.Options{Target: reference(t, "", nil)}); len(report.Unmet) > 0 || report.Conclusion.ExitCode != runner.ExitHeld {
		t.Errorf("the reference vault: %q, %s", report.Unmet, report.Conclusion.Line)
	}
}

func TestAMissingPermissionIsTheCallersAffair(t *testing.T) {
	const forbidden = `{"error":{"code":"Forbidden","message":"(the caller does not have certificates import permission)","innererror":{"code":"ForbiddenByPolicy"}}}`
	imports := func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/import") && r.Header.Get("Authorization") != ""
	}
	report := run(t, runner.Options{Target: reference(t, "", refusing(imports, http.StatusForbidden, forbidden))})
	for id, result := range verdicts(report) {
		if result.Verdict == reports.Fail || result.Verdict == reports.Warn {
			t.Errorf("%s is %s: %s, %s", id, result.Verdict, result.Got, result.Reason)
		}
	}
	notes := strings.Join(report.Notes, "\n")
	for _, want := range []string{"ImportCertificate", "ForbiddenByPolicy", "does not have certificates import permission"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes %q do not say %q", notes, want)
		}
	}
	if report.Conclusion.ExitCode != runner.ExitIncomplete {
		t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
}

func TestWhatWasRefusedIsNotLeftBehind(t *testing.T) {
	issuers := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/certificates/issuers") }
	everything := func(r *http.Request) bool { return r.URL.Path != "/certificates" }
	for name, wrap := range map[string]func(http.Handler) http.Handler{
		"issuers are refused":   refusing(issuers, http.StatusMethodNotAllowed, `{"error":{"code":"BadParameter","message":"no"}}`),
		"everything is refused": refusing(everything, http.StatusForbidden, `{"error":{"code":"Forbidden","message":"no"}}`),
		"everything is a 500":   refusing(everything, http.StatusInternalServerError, `{"error":{"code":"Oops","message":"no"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := run(t, runner.Options{Target: reference(t, "", wrap), NoLedger: true})
			if len(report.Left) > 0 {
				t.Errorf("left behind: %q", report.Left)
			}
		})
	}
}

// A scenario of which nothing is judged makes a run incomplete, until a baseline names each of its rules as not reached.
func TestAScenarioThatNothingIsJudgedOfIsKnownIfTheBaselineNamesItsRules(t *testing.T) {
	contacts := func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/certificates/contacts") }
	described := reference(t, "", refusing(contacts, http.StatusMethodNotAllowed, `{"error":{"code":"BadParameter","message":"no"}}`))
	described.Contacts = true
	options := runner.Options{Target: described, Scenarios: []string{"contacts", "delete-pending"}, NoLedger: true}
	report := run(t, options)
	if report.Conclusion.ExitCode != runner.ExitIncomplete || !strings.Contains(report.Conclusion.Line, "no rule was judged of contacts") {
		t.Fatalf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
	text, _, err := (&runner.Baseline{Path: "known.yaml"}).Update(report)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "known.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if options.Baseline, err = runner.LoadBaseline(path); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scenarios []string
		exit      int
	}{{options.Scenarios, runner.ExitHeld}, {[]string{"contacts"}, runner.ExitIncomplete}} {
		options.Scenarios = c.scenarios
		if report := run(t, options); report.Conclusion.ExitCode != c.exit {
			t.Errorf("%v: exit %d, want %d: %s\n%s", c.scenarios, report.Conclusion.ExitCode, c.exit, report.Conclusion.Line, text)
		}
	}
}

func TestIDsOfAnotherBaseAreOneNote(t *testing.T) {
	described := reference(t, "", nil)
	described.IDBase = "https://myvault.vault.example"
	report := run(t, runner.Options{Target: described, Scenarios: []string{"read-in-progress"}})
	if len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "set `idBase: "+described.Endpoint+"`") {
		t.Errorf("the notes are %q", report.Notes)
	}
}

func TestAnEndpointThatIsNoVaultIsOneLine(t *testing.T) {
	page := stub(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>sign in</html>")
	}))
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	for name, c := range map[string]struct {
		target runner.Target
		want   string
	}{
		"a sign-in page":        {page, "HTML page"},
		"https, asked for http": {runner.Target{Endpoint: strings.Replace(tls.URL, "https", "http", 1)}, "give the endpoint as " + tls.URL},
		"a proxy that refuses":  {runner.Target{Endpoint: "https://vault.example.test", Proxy: proxy.URL}, "through the proxy " + proxy.URL},
		"http through a proxy":  {runner.Target{Endpoint: "http://vault.example.test", AllowHTTP: true, Proxy: proxy.URL}, "through the proxy " + proxy.URL},
	} {
		t.Run(name, func(t *testing.T) {
			outcome, err := runner.Run(context.Background(), runner.Options{Target: c.target, NoLedger: true})
			var incomplete *runner.Incomplete
			if !errors.As(err, &incomplete) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if outcome == nil || outcome.Report.Conclusion.ExitCode != runner.ExitIncomplete || outcome.Report.Unusable != err.Error() {
				t.Errorf("the outcome is %+v", outcome)
			}
		})
	}
}

func TestAnIssuerThatTheTargetFileDoesNotNameIsSetUp(t *testing.T) {
	described := reference(t, "", nil)
	described.Issuers = target.Issuers{target.Rejects: {SetUp: &target.IssuerSetUp{Provider: "stays"}}}
	report := run(t, runner.Options{Target: described, NoLedger: true, Scenarios: []string{"cancel-in-progress"}})
	if report.Conclusion.ExitCode != runner.ExitHeld || report.Counts.NotReached > 0 || len(report.Unmet)+len(report.Left) > 0 {
		t.Errorf("%s: unmet %q, left %q", report.Conclusion.Line, report.Unmet, report.Left)
	}
	described.Issuers = nil // the provider that is then taken completes its requests here
	report = run(t, runner.Options{Target: described, NoLedger: true, Scenarios: []string{"cancel-in-progress"}})
	if len(report.Unmet)+len(report.Left) > 0 || report.Counts.Fail > 0 {
		t.Errorf("%s: unmet %q, left %q", report.Conclusion.Line, report.Unmet, report.Left)
	}
}
