package reports_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

func TestVerify(t *testing.T) {
	first := func(r *reports.Report) *reports.Result { return &r.Scenarios[0].Rules[0] }
	tests := []struct {
		name   string
		change func(*reports.Report)
		keep   bool // do not conclude again
		want   reports.Standing
		why    string
	}{
		{"all held", func(*reports.Report) {}, false, reports.Conformant, "every must held"},
		{"a must failed", func(r *reports.Report) { first(r).Verdict = reports.Fail }, false, reports.NotConformant, "broken: create-issuer/create-status"},
		{"filtered", func(r *reports.Report) { r.Selection.Scenarios = []string{"x"} }, false, reports.Partial, "a selection"},
		{"interrupted", func(r *reports.Report) { r.Interrupted = true }, false, reports.Partial, "interrupted"},
		{"no product", func(r *reports.Report) { r.Target.Product = "" }, false, reports.Partial, "the product is not named"},
		{"not claimed", func(r *reports.Report) { first(r).Verdict = reports.NotClaimed }, false, reports.Partial, "is not claimed"},
		{"not reached", func(r *reports.Report) { first(r).Verdict, first(r).Reason = reports.NotReached, "a pending request" }, false, reports.Partial, "was not reached: a pending request"},
		{"not reached without a reason", func(r *reports.Report) { first(r).Verdict = reports.NotReached }, false, reports.Invalid, "without a reason"},
		{"could not run", func(r *reports.Report) { first(r).Verdict, first(r).Reason = reports.CouldNotRun, "no answer" }, false, reports.Partial, "could not run"},
		{"a should broken", func(r *reports.Report) { first(r).Verdict, first(r).Level = reports.Warn, reports.Should }, false, reports.Conformant, ""},
		{"known", func(r *reports.Report) {
			first(r).Verdict, first(r).Known = reports.KnownFail, &reports.Known{Reason: "later", Was: reports.Fail}
		}, false, reports.Partial, "excused by the baseline"},
		{"known, expired", func(r *reports.Report) {
			first(r).Verdict, first(r).Known = reports.KnownFail, &reports.Known{Reason: "later", Expires: "2025-01-01"}
		}, false, reports.Invalid, "had expired on 2025-01-01"},
		{"a verdict changed by hand", func(r *reports.Report) { first(r).Verdict = reports.Fail }, true, reports.Invalid, "the counts are not those"},
		{"an exit code changed by hand", func(r *reports.Report) { r.Outcome.ExitCode = 1 }, true, reports.Invalid, "the exit code is 1"},
		{"an outcome changed by hand", func(r *reports.Report) { r.Outcome.Line = "wonderful" }, true, reports.Invalid, "the outcome is not"},
		{"a rule twice", func(r *reports.Report) {
			r.Scenarios[0].Rules = append(r.Scenarios[0].Rules, r.Scenarios[0].Rules[0])
		}, false, reports.Invalid, "stands there twice"},
		{"an exchange that is not there", func(r *reports.Report) { r.Plays = nil }, false, reports.Invalid, "which is not there"},
		{"the other oracle", func(r *reports.Report) {
			r.Oracle = "documented"
			for i := range r.Scenarios[0].Rules {
				r.Scenarios[0].Rules[i].Accepts.Documented = []string{"absent"}
			}
		}, false, reports.Invalid, "create-issuer/location passed as observed, and the oracle is documented"},
		{"a failed should", func(r *reports.Report) { first(r).Verdict, first(r).Level = reports.Fail, reports.Should }, false, reports.Invalid, "is a should and its verdict is fail"},
		{"a fault of ours", func(r *reports.Report) { r.Faults = []string{"a bad request"} }, false, reports.Partial, "kvconform was at fault"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := green()
			tt.change(r)
			if !tt.keep {
				r.Conclude()
			}
			s := reports.Verify(r, nil)
			if s.Standing != tt.want || !strings.Contains(s.Why(), tt.why) {
				t.Errorf("%s: %s\nwant %s: …%s…", s.Standing, s.Why(), tt.want, tt.why)
			}
		})
	}
}

func TestVerifyComparesWithTheCatalogue(t *testing.T) {
	all := []string{"create-issuer/create-status", "create-issuer/location"}
	if s := reports.Verify(green(), all); s.Standing != reports.Conformant {
		t.Errorf("%s: %s", s.Standing, s.Why())
	}
	if s := reports.Verify(green(), append(all, "cancel/status")); s.Standing != reports.Partial || s.Why() != "cancel/status is not in the report" {
		t.Errorf("%s: %s", s.Standing, s.Why())
	}
	if s := reports.Verify(green(), all[:1]); s.Standing != reports.Partial || !strings.Contains(s.Why(), "no rule that this kvconform knows") {
		t.Errorf("%s: %s", s.Standing, s.Why())
	}
}

func TestStatementGivesEveryReason(t *testing.T) {
	var b bytes.Buffer
	if err := reports.WriteStatement(&b, reports.Verify(sample(), nil)); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.statement", b.Bytes())
}
