package runner_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// keys are RSA keys for all the vaults of these tests.
var keys = refvault.NewKeyPool(4)

// reference serves the reference vault with something before it, and returns a target that reaches it.
func reference(t *testing.T, manner string, wrap func(http.Handler) http.Handler) runner.Target {
	t.Helper()
	return targetOf(t, refserver.Options{Manner: manner, Wrap: wrap, Keys: keys})
}

// targetOf serves a reference vault, and returns a target that reaches it.
func targetOf(t *testing.T, options refserver.Options) runner.Target {
	t.Helper()
	served, err := refserver.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = served.Close() })
	ca := filepath.Join(t.TempDir(), "ca of the vault ü.pem")
	if err := served.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	return served.Target(ca)
}

// stub serves a handler over plain http on the loopback, and returns a target that reaches it.
func stub(t *testing.T, handler http.Handler) runner.Target {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return runner.Target{
		Endpoint: server.URL,
		Auth:     runner.Auth{Token: runner.Secret{Value: "a-token-of-the-test"}},
		Issuers:  runner.Issuers{runner.StaysInProgress: {Name: "stays"}, runner.Completes: {Name: "completes"}, runner.Fails: {Name: "fails"}, runner.Rejects: {Name: "rejects"}},
		Polling:  runner.Polling{Min: time.Millisecond, Max: time.Millisecond, Timeout: 50 * time.Millisecond},
	}
}

func run(t *testing.T, options runner.Options) *reports.Report {
	t.Helper()
	outcome, err := runner.Run(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	return outcome.Report
}

// verdicts gives every rule with a verdict.
func verdicts(report *reports.Report) map[string]reports.Result {
	all := map[string]reports.Result{}
	for _, scenario := range report.Scenarios {
		for _, result := range scenario.Rules {
			all[result.ID] = result
		}
	}
	return all
}

func TestTheReferenceVaultHoldsInBothManners(t *testing.T) {
	for _, test := range []struct {
		manner string
		oracle scenarios.Oracle
	}{
		{"observed", scenarios.Observed}, {"observed", scenarios.Either},
		{"documented", scenarios.Documented}, {"documented", scenarios.Either},
	} {
		t.Run(test.manner+" by "+string(test.oracle), func(t *testing.T) {
			report := run(t, runner.Options{Target: reference(t, test.manner, nil), Oracle: test.oracle})
			for id, result := range verdicts(report) {
				switch {
				case result.Verdict == reports.Pass, result.Verdict == reports.Info:
				case test.manner == "documented" && id == "every-answer/retry-after":
					// The documentation knows no Retry-After, so there is none to look at.
				default:
					t.Errorf("%s is %s: expected %s, got %s (%s)", id, result.Verdict, result.Expected, result.Got, result.Reason)
				}
			}
			if report.Conclusion.ExitCode != runner.ExitHeld {
				t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
			}
			if len(report.Left) > 0 {
				t.Errorf("left behind: %v", report.Left)
			}
		})
	}
}

// Where docs and service differ, the answers of the one break the other's letter: an oracle decides something.
func TestTheOraclesTellTheMannersApart(t *testing.T) {
	for _, test := range []struct {
		manner string
		oracle scenarios.Oracle
	}{{"observed", scenarios.Documented}, {"documented", scenarios.Observed}} {
		report := run(t, runner.Options{Target: reference(t, test.manner, nil), Oracle: test.oracle})
		if report.Conclusion.ExitCode != runner.ExitBroken {
			t.Errorf("%s by %s: exit %d", test.manner, test.oracle, report.Conclusion.ExitCode)
		}
	}
}

func TestAServerThatAnswers404ToEverythingPassesNoRule(t *testing.T) {
	report := run(t, runner.Options{Target: stub(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":{"code":"PendingCertificateNotFound","message":"no"}}`)
	}))})
	for id, result := range verdicts(report) {
		if result.Verdict == reports.Pass {
			t.Errorf("%s passes", id)
		}
	}
	if report.Conclusion.ExitCode != runner.ExitBroken {
		t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
	if len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "every response is a 404") {
		t.Errorf("the notes are %q", report.Notes)
	}
}

func TestAServerThatAnswersOneCompletedOperationToEverythingPassesNoRuleOfStates(t *testing.T) {
	report := run(t, runner.Options{Target: stub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, `{"id":"http://`+r.Host+`/certificates/n/pending","issuer":{"name":"Unknown"},"csr":"MIIC",`+
			`"cancellation_requested":false,"status":"completed","request_id":"a76827a18b63421c917da80f28e9913d",`+
			`"target":"http://`+r.Host+`/certificates/n"}`)
	}))})
	about := []string{
		"read-in-progress/", "read-cancelled-or-failed/", "read-deleted-or-overwritten/", "conflict-while-in-progress/",
		"merge-on-issuer-request/", "cancel-in-progress/", "delete-pending/",
	}
	for id, result := range verdicts(report) {
		for _, prefix := range about {
			if strings.HasPrefix(id, prefix) && result.Verdict == reports.Pass {
				t.Errorf("%s passes: %s", id, result.Got)
			}
		}
	}
	if report.Conclusion.ExitCode != runner.ExitBroken {
		t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
}

func TestBadInputSendsNothing(t *testing.T) {
	sent := 0
	target := stub(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent++ }))
	with := func(change func(*runner.Options)) runner.Options {
		options := runner.Options{Target: target}
		change(&options)
		return options
	}
	for _, test := range []struct {
		name    string
		options runner.Options
		want    string
	}{
		{"an unknown scenario", with(func(o *runner.Options) { o.Scenarios = []string{"cancel-in-progres"} }), `no scenario "cancel-in-progres"; did you mean cancel-in-progress?`},
		{"an unknown rule", with(func(o *runner.Options) { o.Rules = []string{"nonsense"} }), `no rule "nonsense"; ` + "`kvconform list` shows the rules"},
		{"an unknown api-version", with(func(o *runner.Options) { o.Target.APIVersion = []string{"9.9"} }), `the api-version "9.9" is unknown`},
		{"an unreadable CA", with(func(o *runner.Options) { o.Target.TLS.CA = "/nowhere/ca.pem" }), "/nowhere/ca.pem"},
		{"no endpoint", with(func(o *runner.Options) { o.Target.Endpoint = "" }), "no endpoint"},
		{"an endpoint that is no URL", with(func(o *runner.Options) { o.Target.Endpoint = "localhost:8443" }), "is no http(s) URL"},
		{"http to another machine", with(func(o *runner.Options) { o.Target.Endpoint = "http://vault.example" }), "plain http to another machine"},
		{"an unknown feature", with(func(o *runner.Options) { o.Target.Without = []string{"merging"} }), `no feature "merging"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := runner.Run(context.Background(), test.options)
			var wrong *runner.Usage
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a mistake in usage with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
	if sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

func TestAnEndpointThatCannotBeUsedSaysWhy(t *testing.T) {
	refusing := stub(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	tokenless := refusing
	tokenless.Auth = runner.Auth{}
	untrusted := reference(t, "", nil)
	untrusted.TLS = runner.TLS{}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, test := range []struct {
		name   string
		target runner.Target
		want   []string
	}{
		{"nothing listens", runner.Target{Endpoint: gone.URL}, []string{"nothing listens there", "check that it is started"}},
		{"not trusted", untrusted, []string{"certificate is not trusted", "--ca FILE"}},
		{"no token", tokenless, []string{"wants a token (401)", "--token"}},
		{"a token that is not accepted", refusing, []string{"does not accept the token", "expired"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := runner.Run(context.Background(), runner.Options{Target: test.target})
			var incomplete *runner.Incomplete
			if !errors.As(err, &incomplete) {
				t.Fatalf("got %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// The first api-versions have no soft-delete: a selection of what came later selects nothing, and is never green.
func TestASelectionOfNothingIsIncomplete(t *testing.T) {
	report := run(t, runner.Options{
		Target: func() runner.Target {
			target := reference(t, "", nil)
			target.Without = scenarios.Features()
			return target
		}(),
	})
	if report.Conclusion.ExitCode != runner.ExitIncomplete {
		t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
	for id, result := range verdicts(report) {
		if result.Verdict != reports.NotClaimed {
			t.Errorf("%s is %s", id, result.Verdict)
		}
	}
}

func TestARunThatIsInterruptedReportsAndCleansUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	deleted := make(chan string, 1000)
	target := reference(t, "", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			switch {
			case strings.HasSuffix(r.URL.Path, "/create"):
				cancel()
			case r.Method == http.MethodDelete && ctx.Err() != nil:
				deleted <- r.URL.Path
			}
		})
	})
	outcome, err := runner.Run(ctx, runner.Options{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Report.Conclusion.ExitCode != runner.ExitInterrupted {
		t.Errorf("exit %d: %s", outcome.Report.Conclusion.ExitCode, outcome.Report.Conclusion.Line)
	}
	if len(deleted) == 0 {
		t.Error("nothing was cleaned up")
	}
}

// A broken answer is told in a few lines: the rule, what would have been accepted, what came, the request, the source.
func TestAFailureSaysAllThatIsNeeded(t *testing.T) {
	target := reference(t, "", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorder := httptest.NewRecorder()
			next.ServeHTTP(recorder, r)
			if recorder.Code == http.StatusConflict {
				recorder.Code = http.StatusBadRequest
			}
			for name, values := range recorder.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(recorder.Code)
			_, _ = w.Write(recorder.Body.Bytes())
		})
	})
	const rule = "conflict-while-in-progress/create-status"
	report := run(t, runner.Options{Target: target, Rules: []string{rule}})
	if report.Conclusion.ExitCode != runner.ExitBroken {
		t.Fatalf("exit %d", report.Conclusion.ExitCode)
	}
	var text strings.Builder
	if err := reports.WriteText(&text, report, reports.TextOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{rule, "409", "400", "POST " + target.Endpoint, "create-certificate-scenarios"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, text.String())
		}
	}
	var page strings.Builder // a terminal leaves long commands out
	if err := reports.WriteMarkdown(&page, report, reports.MarkdownOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "curl ") {
		t.Errorf("the page does not have the request as a command:\n%s", page.String())
	}
	if strings.Contains(text.String()+page.String(), target.Auth.Token.Value) {
		t.Error("the report gives the token away")
	}
	var junit strings.Builder
	if err := reports.WriteJUnit(&junit, report); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(junit.String()), new(struct{})); err != nil {
		t.Errorf("the JUnit file is no XML: %v", err)
	}
}
