package reports_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
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
		{"all held", func(*reports.Report) {}, false, reports.Conformant, "every must holds"},
		{"a must failed", func(r *reports.Report) { first(r).Verdict = reports.Fail }, false, reports.NotConformant, "create-issuer/create-status"},
		{"filtered", func(r *reports.Report) { r.Selection.Scenarios = []string{"x"} }, false, reports.Partial, "a selection"},
		{"interrupted", func(r *reports.Report) { r.Interrupted = true }, false, reports.Partial, "interrupted"},
		{"no product", func(r *reports.Report) { r.Target.Product = "" }, false, reports.Partial, "does not say product.name"},
		{"not claimed", func(r *reports.Report) {
			first(r).Verdict, first(r).Feature, r.Target.Claims.Without = reports.NotClaimed, "create", []string{"create"}
		}, false, reports.Partial, "not claimed, and the profile core demands it: create"},
		{"not claimed though every feature is", func(r *reports.Report) { first(r).Verdict = reports.NotClaimed }, false, reports.Invalid, "the target file claims every feature"},
		{"not reached", func(r *reports.Report) { first(r).Verdict, first(r).Reason = reports.NotReached, "a pending request" }, false, reports.Partial, "not reached: a pending request"},
		{"not reached without a reason", func(r *reports.Report) { first(r).Verdict = reports.NotReached }, false, reports.Invalid, "without a reason"},
		{"could not run", func(r *reports.Report) { first(r).Verdict, first(r).Reason = reports.CouldNotRun, "no answer" }, false, reports.Partial, "could not run"},
		{"a should broken", func(r *reports.Report) { first(r).Verdict, first(r).Level = reports.Warn, reports.Should }, false, reports.Conformant, ""},
		{"known", func(r *reports.Report) {
			first(r).Verdict, first(r).Known = reports.KnownFail, &reports.Known{Reason: "later", Was: reports.Fail}
		}, false, reports.Partial, "failures that the baseline excuses"},
		{"known, expired", func(r *reports.Report) {
			first(r).Verdict, first(r).Known = reports.KnownFail, &reports.Known{Reason: "later", Expires: "2025-01-01"}
		}, false, reports.Invalid, "had expired on 2025-01-01"},
		{"a verdict changed by hand", func(r *reports.Report) { first(r).Verdict = reports.Fail }, true, reports.Invalid, "the counts are not those"},
		{"an exit code changed by hand", func(r *reports.Report) { r.Conclusion.ExitCode = 1 }, true, reports.Invalid, "the exit code is 1"},
		{"an outcome changed by hand", func(r *reports.Report) { r.Conclusion.Line = "wonderful" }, true, reports.Invalid, "the outcome is not"},
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
		{"like another api-version", func(r *reports.Report) { r.Like = "7.4" }, false, reports.Partial, "the rules of 7.4 were applied"},
		{"another set of rules", func(r *reports.Report) { r.RuleSet.Digest = "sha256:old" }, false, reports.Partial, "sha256:old in the report, sha256:new here"},
		{"the same set of rules", func(r *reports.Report) { r.RuleSet.Digest = "sha256:new" }, false, reports.Conformant, ""},
		{"a fault of ours", func(r *reports.Report) { r.Faults = []string{"a bad request"} }, false, reports.Partial, "kvconform was at fault"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := green()
			tt.change(r)
			if !tt.keep {
				r.Conclude()
			}
			s := reports.Verify(r, reports.VerifyOptions{RuleSet: "sha256:new"})
			if why := whole(t, s); s.Standing != tt.want || !strings.Contains(why, tt.why) {
				t.Errorf("%s: %s\nwant %s: …%s…", s.Standing, why, tt.want, tt.why)
			}
		})
	}
}

// whole is all that a statement says, on one line.
func whole(t *testing.T, s reports.Statement) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteStatement(&b, s, reports.StatementOptions{Width: 10000, Verbose: true}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestVerifyComparesWithTheCatalogue(t *testing.T) {
	all := []string{"create-issuer/create-status", "create-issuer/location"}
	for _, c := range []struct {
		name  string
		rules []string
		want  reports.Standing
		says  string
	}{
		{"the same rules", all, reports.Conformant, "every must holds"},
		{"a rule that the report lacks", append(all, "cancel/status"), reports.Partial, "the report lacks rules of that api-version (1 rule) cancel/status"},
		{"a rule that there is not", all[:1], reports.Partial, "does not know the rules at that api-version (1 rule) create-issuer/location"},
	} {
		s := reports.Verify(green(), reports.VerifyOptions{Rules: c.rules})
		if says := whole(t, s); s.Standing != c.want || !strings.Contains(says, c.says) {
			t.Errorf("%s: %s\nwant %s: %s", c.name, says, c.want, c.says)
		}
	}
}

// An extended feature may be left out, one that the profile demands may not.
func TestVerifyWeighsTheProfile(t *testing.T) {
	for _, c := range []struct {
		name              string
		profile           string
		requires, without []string
		want              reports.Standing
		says              string
	}{
		{"no profile", "", nil, []string{"import"}, reports.Partial, "name the profile that the product has"},
		{"extended", "core", []string{"create"}, []string{"import"}, reports.Conformant, "not offered, and extended: import (1 rule)"},
		{"demanded", "core", []string{"create", "import"}, []string{"import"}, reports.Partial, "the profile core demands it: import (1 rule)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := green()
			r.Target.Profile, r.Target.Claims = c.profile, reports.Claims{Without: c.without, Requires: c.requires}
			r.Scenarios[0].Rules[1].Verdict, r.Scenarios[0].Rules[1].Feature = reports.NotClaimed, "import"
			r.Conclude()
			s := reports.Verify(r, reports.VerifyOptions{})
			if says := whole(t, s); s.Standing != c.want || !strings.Contains(says, c.says) {
				t.Errorf("%s\nwant %s: %s", says, c.want, c.says)
			}
		})
	}
}

func TestAProfileOfOnesOwnIsAContradiction(t *testing.T) {
	r := green()
	r.Target.Profile, r.Target.Claims.Requires = "core", []string{"create"}
	r.Conclude()
	s := reports.Verify(r, reports.VerifyOptions{Requires: []string{"create", "merge"}})
	if s.Standing != reports.Invalid || !strings.Contains(whole(t, s), "the profile core demands create, merge, and the report says create") {
		t.Errorf("a report that asks less of itself than its profile: %s", whole(t, s))
	}
}

// A report that was edited until it was consistent is found out by the transcript of its run.
func TestVerifyComparesWithTheTranscript(t *testing.T) {
	truth := func() *reports.Report {
		r := green()
		r.Scenarios[0].Rules[0].Verdict = reports.Fail
		r.Conclude()
		return r
	}
	other := truth()
	other.Started = at(30)
	for _, c := range []struct {
		name   string
		report *reports.Report
		again  *reports.Report
		want   reports.Standing
		says   string
	}{
		{"as it was", truth(), truth(), reports.NotConformant, "1 broken must"},
		{"edited", green(), truth(), reports.Invalid, "create-issuer/create-status is pass, and the transcript judged again says fail"},
		{"of another run", truth(), other, reports.Invalid, "they are two runs"},
	} {
		s := reports.Verify(c.report, reports.VerifyOptions{Again: c.again})
		if says := whole(t, s); s.Standing != c.want || !strings.Contains(says, c.says) {
			t.Errorf("%s: %s\nwant %s: %s", c.name, says, c.want, c.says)
		}
	}
}

func TestStatementGivesEveryReason(t *testing.T) {
	for name, verbose := range map[string]bool{"sample.statement": false, "sample-verbose.statement": true} {
		var b bytes.Buffer
		if err := reports.WriteStatement(&b, reports.Verify(sample(), reports.VerifyOptions{}), reports.StatementOptions{Verbose: verbose}); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/"+name, b.Bytes())
	}
}
