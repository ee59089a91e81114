package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// watched is a test of another project, watched: what happened to each subtest is kept by its name.
type watched struct {
	context context.Context
	name    string
	happens map[string]string
}

func (w *watched) Helper()                  {}
func (w *watched) Name() string             { return "TestOurVault/" + w.name }
func (w *watched) Context() context.Context { return w.context }
func (w *watched) Log(values ...any)        { w.note("log", values) }
func (w *watched) Error(values ...any)      { w.note("error", values) }
func (w *watched) Skip(values ...any)       { w.note("skip", values); runtime.Goexit() }
func (w *watched) Fatal(values ...any)      { w.note("fatal", values); runtime.Goexit() }

func (w *watched) note(what string, values []any) {
	w.happens[w.name] += what + ": " + fmt.Sprintln(values...)
}

func (w *watched) Run(name string, test func(*watched)) bool {
	sub := &watched{w.context, strings.TrimPrefix(w.name+"/"+name, "/"), w.happens}
	w.happens[sub.name] += ""
	over := make(chan struct{})
	go func() {
		defer close(over)
		test(sub)
	}()
	<-over
	return !strings.Contains(w.happens[sub.name], "error: ")
}

// happening runs RunT in a watched test.
func happening(t *testing.T, options runner.Options) map[string]string {
	t.Helper()
	w := &watched{t.Context(), "", map[string]string{}}
	w.Run("", func(w *watched) { runner.RunT(w, options) })
	return w.happens
}

func TestRunTMakesATestOfEveryRule(t *testing.T) {
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	// A conflict is answered with another status than 409.
	broken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		vault.ServeHTTP(&turning{w, http.StatusConflict, http.StatusGone}, r)
	})
	target := ownTarget()
	target.Issuers = runner.Issuers{runner.StaysInProgress: {Name: "stays"}}
	target.Without = []string{"import"}
	happens := happening(t, runner.Options{
		Handler: broken, Target: target, Scenarios: []string{"conflict-while-in-progress", "read-in-progress", "read-completed"},
	})
	for _, c := range []struct{ test, want string }{
		{"conflict-while-in-progress/create-status", "error: fail (must): "},
		{"conflict-while-in-progress/create-status", "\nwant      409 (documented, observed)\ngot       status 410"},
		{"conflict-while-in-progress/create-status", "\nsource "},
		{"conflict-while-in-progress/create-status", "\nagain     go test -count 1 -run '^TestOurVault$/^conflict-while-in-progress$/^create-status$'"},
	} {
		if !strings.Contains(happens[c.test], c.want) {
			t.Errorf("%s: %q is not in:\n%s", c.test, c.want, happens[c.test])
		}
	}
	kinds := map[string]int{}
	for _, what := range happens {
		kind, _, _ := strings.Cut(what, " (")
		kinds[kind]++
	}
	for _, kind := range []string{"", "error: fail", "skip: not-claimed"} {
		if kinds[kind] == 0 {
			t.Errorf("no test is %q: %v", kind, kinds)
		}
	}
	if !strings.Contains(happens[""], "log: failed: ") {
		t.Errorf("the test itself says %q", happens[""])
	}
}

func TestRunTTellsTheVerdictsApart(t *testing.T) {
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	target := ownTarget()
	target.Issuers = runner.Issuers{}
	options := runner.Options{Handler: vault, Target: target, Scenarios: []string{"read-cancelled-or-failed"}}
	skipped, failed := 0, 0
	for _, what := range happening(t, options) {
		if strings.HasPrefix(what, "skip: not-reached") {
			skipped++
		}
	}
	options.Strict = true
	for _, what := range happening(t, options) {
		if strings.HasPrefix(what, "error: not-reached") {
			failed++
		}
	}
	if skipped == 0 || failed != skipped {
		t.Errorf("%d rules that were not reached are skipped, and %d fail in a strict run", skipped, failed)
	}
}

func TestRunTFailsWhereThereIsNothingToJudge(t *testing.T) {
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		options runner.Options
		want    string
	}{
		{"wrong options", runner.Options{}, "fatal: the options are wrong: no endpoint"},
		{"a handler and an endpoint", runner.Options{Handler: vault, Target: runner.Target{Endpoint: "https://127.0.0.1:1"}}, "fatal: the options are wrong: the options name both a handler and an endpoint"},
		{"a wrong token", runner.Options{Handler: vault, Target: runner.Target{Auth: runner.Auth{Token: runner.Secret{Value: "another token"}}}}, "does not accept the token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if happens := happening(t, c.options); !strings.Contains(happens[""], c.want) {
				t.Errorf("got %q, want %q", happens, c.want)
			}
		})
	}
}

// turning answers with another status where the handler behind it gives a certain one.
type turning struct {
	http.ResponseWriter
	from, to int
}

func (t *turning) WriteHeader(status int) {
	if status == t.from {
		status = t.to
	}
	t.ResponseWriter.WriteHeader(status)
}

func TestAHandlerIsRunAgainstAsIfItWereServed(t *testing.T) {
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	report := run(t, runner.Options{Handler: vault, Target: ownTarget(), Scenarios: []string{"read-in-progress"}, Version: "v1", Commit: "0123abc"})
	if report.Tool.Version != "v1" || report.Tool.Commit != "0123abc" {
		t.Errorf("the report names its judge %+v", report.Tool)
	}
	if report.Counts.Of(reports.Pass) == 0 || report.Conclusion.ExitCode != runner.ExitHeld {
		t.Error(report.Conclusion.Line)
	}
}
