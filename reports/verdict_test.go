package reports_test

import (
	"testing"

	"github.com/kvconform/kvconform/reports"
)

func withVerdicts(verdicts ...reports.Verdict) *reports.Report {
	r := &reports.Report{}
	s := reports.Scenario{ID: "s"}
	for _, v := range verdicts {
		s.Rules = append(s.Rules, reports.Result{ID: "s/" + string(v), Level: reports.Must, Verdict: v})
	}
	r.Scenarios = []reports.Scenario{s}
	return r
}

func TestExitCodeFollowsTheVerdicts(t *testing.T) {
	panicked := func(r *reports.Report) { r.Scenarios[0].Rules[0].Panic = true }
	faulty := func(r *reports.Report) { r.Faults = []string{"our create breaks our schema"} }
	interrupted := func(r *reports.Report) { r.Interrupted = true }
	strict := func(r *reports.Report) { r.Strict = true }
	unmet := func(r *reports.Report) { r.Unmet = []string{"the issuer x did not complete"} }
	unusable := func(r *reports.Report) { r.Unusable = "nothing listens there" }
	floor := func(n int) func(*reports.Report) { return func(r *reports.Report) { r.MinJudged = n } }
	beside := func(v reports.Verdict) func(*reports.Report) {
		return func(r *reports.Report) {
			r.Scenarios = append(r.Scenarios, reports.Scenario{ID: "beside", Rules: []reports.Result{{ID: "beside/a", Verdict: v}}})
		}
	}
	tests := []struct {
		name     string
		verdicts []reports.Verdict
		change   []func(*reports.Report)
		want     int
		line     string
	}{
		{"nothing selected", nil, nil, 3, "incomplete: no rule was selected"},
		{"all pass", []reports.Verdict{reports.Pass, reports.Pass}, nil, 0, "passed: no must fails; 2 of 2 rules pass; 2 judged (2 pass)"},
		{"a must failed", []reports.Verdict{reports.Pass, reports.Fail}, nil, 1, "failed: 1 broken must; 1 of 2 rules pass; 1 cause; 2 judged (1 pass, 1 fail)"},
		{"a known deviation", []reports.Verdict{reports.Pass, reports.KnownFail}, nil, 0, "passed: no must fails beyond the known deviations; 1 of 2 rules pass; 2 judged (1 pass, 1 known)"},
		{"a stale entry", []reports.Verdict{reports.Pass, reports.Stale}, nil, 1, "failed: 1 stale baseline entry; 1 of 2 rules pass; 2 judged (1 pass, 1 stale)"},
		{"a warning", []reports.Verdict{reports.Pass, reports.Warn}, nil, 0, ""},
		{"a warning, strict", []reports.Verdict{reports.Pass, reports.Warn}, []func(*reports.Report){strict}, 1, "failed: 1 broken should; 1 of 2 rules pass; 1 cause; 2 judged (1 pass, 1 warn)"},
		{"not reached", []reports.Verdict{reports.Pass, reports.NotReached}, nil, 0, ""},
		{"not reached, strict", []reports.Verdict{reports.Pass, reports.NotReached, reports.NotReached}, []func(*reports.Report){strict}, 1, "failed: 2 unreached rules; 1 of 3 rules pass; 1 judged (1 pass); 2 not-reached"},
		{"not claimed, strict", []reports.Verdict{reports.Pass, reports.NotClaimed}, []func(*reports.Report){strict}, 0, ""},
		{"could not run", []reports.Verdict{reports.Pass, reports.CouldNotRun}, nil, 3, "incomplete: 1 rule could not run; 1 of 2 rules pass; 1 judged (1 pass); 1 could-not-run"},
		{"a failure outranks could not run", []reports.Verdict{reports.Fail, reports.CouldNotRun}, nil, 1, ""},
		{"nothing reached", []reports.Verdict{reports.NotReached, reports.NotClaimed}, nil, 3, "incomplete: no rule was judged; 0 of 2 rules pass; 0 judged; 1 not-reached, 1 not-claimed"},
		{"one scenario of two is not reached", []reports.Verdict{reports.Pass}, []func(*reports.Report){beside(reports.NotReached)}, 3, "incomplete: no rule was judged of beside; 1 of 2 rules pass; 1 judged (1 pass); 1 not-reached"},
		{"one scenario of two is not claimed", []reports.Verdict{reports.Pass}, []func(*reports.Report){beside(reports.NotClaimed)}, 0, ""},
		{"a claim is not kept", []reports.Verdict{reports.Pass}, []func(*reports.Report){unmet}, 3, "incomplete: the issuer x did not complete; 1 of 1 rule passes; 1 judged (1 pass)"},
		{"a failure outranks an unmet claim", []reports.Verdict{reports.Fail}, []func(*reports.Report){unmet}, 1, ""},
		{"enough is judged", []reports.Verdict{reports.Pass, reports.NotReached}, []func(*reports.Report){floor(1)}, 0, ""},
		{"too little is judged", []reports.Verdict{reports.Pass, reports.NotReached}, []func(*reports.Report){floor(2)}, 3, "incomplete: at least 2 rules are to be judged (minJudged); 1 of 2 rules pass; 1 judged (1 pass); 1 not-reached"},
		{"unusable", nil, []func(*reports.Report){unusable}, 3, "incomplete: nothing listens there"},
		{"interrupted", []reports.Verdict{reports.Fail}, []func(*reports.Report){interrupted}, 130, ""},
		{"a panic outranks all", []reports.Verdict{reports.CouldNotRun, reports.Fail}, []func(*reports.Report){interrupted, panicked}, 4, ""},
		{"a fault of ours", []reports.Verdict{reports.Pass}, []func(*reports.Report){faulty}, 4, "internal error of kvconform: our create breaks our schema; 1 of 1 rule passes; 1 judged (1 pass)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := withVerdicts(tt.verdicts...)
			for _, change := range tt.change {
				change(r)
			}
			if got := reports.ExitCode(r); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
			r.Conclude()
			if r.Conclusion.ExitCode != tt.want {
				t.Errorf("the outcome's exit code is %d, want %d", r.Conclusion.ExitCode, tt.want)
			}
			if tt.line != "" && r.Conclusion.Line != tt.line {
				t.Errorf("line %q\nwant %q", r.Conclusion.Line, tt.line)
			}
		})
	}
}

func TestCountTalliesEveryVerdict(t *testing.T) {
	r := withVerdicts(reports.Verdicts()...)
	r.Count()
	if r.Counts.Rules != len(reports.Verdicts()) {
		t.Errorf("%d rules counted, want %d", r.Counts.Rules, len(reports.Verdicts()))
	}
	for _, v := range reports.Verdicts() {
		if got := r.Counts.Of(v); got != 1 {
			t.Errorf("%s counted %d times, want 1", v, got)
		}
	}
	c := sample().Counts
	if c.AsBoth != 1 || c.AsObserved != 1 || c.AsDocumented != 0 {
		t.Errorf("passes split as both %d, documented %d, observed %d; want 1, 0, 1", c.AsBoth, c.AsDocumented, c.AsObserved)
	}
}
