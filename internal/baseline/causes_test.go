package baseline

import (
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// deviant is a report of a vault that returns 201 to a create and leaves members out of the body.
func deviant(members ...string) *reports.Report {
	const url = "https://vault.example/certificates/x"
	report := &reports.Report{
		Strict: true,
		Plays: []reports.Play{{Name: "Create", Steps: []reports.Step{
			{Name: "Created", Operation: "CreateCertificate", Method: "POST", URL: url + "/create", Status: 201, ResponseBody: "{}"},
			{Name: "Read", Operation: "GetCertificateOperation", Method: "GET", URL: url + "/pending", Status: 200, ResponseBody: "{}"},
		}}},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{
			{
				ID: "s/status", Level: reports.Must, Verdict: reports.Fail, Aspect: "status", Got: "status 201", Play: "Create", Step: "Created",
				Accepts: reports.Accepts{Documented: []string{"202"}},
			},
			{
				ID: "s/waits", Level: reports.Must, Verdict: reports.NotReached, Play: "Create", Step: "Created",
				Blocker: &reports.Blocker{Play: "Create", Step: "Created", Want: "202"},
			},
		}}},
	}
	shape := reports.Result{ID: "s/shape", Level: reports.Must, Verdict: reports.Pass, Play: "Create", Step: "Read"}
	for _, member := range members {
		shape.Verdict = reports.Fail
		shape.Breaches = append(shape.Breaches, reports.Breach{
			Play: "Create", Step: "Read", Aspect: "body", Member: "/" + member, Got: member + " is missing", Count: 1,
		})
	}
	report.Scenarios[0].Rules = append(report.Scenarios[0].Rules, shape)
	return report
}

func deviantIDs() []string { return []string{"s/status", "s/waits", "s/shape"} }

func TestABaselineHasOneEntryForEachCause(t *testing.T) {
	text, changes, err := (&Baseline{Path: "new.yaml"}).Update(deviant("csr"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"cause CreateCertificate/status/201", "s/waits (not-reached)", "cause operation/body/csr/missing on GetCertificateOperation"}
	if !slices.Equal(changes.Added, want) {
		t.Errorf("added %q, want %q", changes.Added, want)
	}
	if !strings.Contains(string(text), "  # CreateCertificate returns 201, want 202; breaks 1 rule, keeps 1 from being judged\n  - cause: CreateCertificate/status/201\n") {
		t.Errorf("got\n%s", text)
	}
	again, changes, err := baselineOf(t, string(text)).Update(deviant("csr"))
	if err != nil || string(again) != string(text) || len(changes.Kept) != 3 {
		t.Errorf("%v %+v\n%s", err, changes, again)
	}
}

func TestAnEntryForACausePinsWhatItKnows(t *testing.T) {
	text, _, err := (&Baseline{Path: "new.yaml"}).Update(deviant("csr"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		report *reports.Report
		want   map[string]reports.Verdict
		exit   int
	}{
		{"the same deviations", deviant("csr"), map[string]reports.Verdict{
			"s/status": reports.KnownFail, "s/waits": reports.KnownFail, "s/shape": reports.KnownFail,
		}, 0},
		{"another breach of a rule that is known", deviant("csr", "issuer"), map[string]reports.Verdict{
			"s/status": reports.KnownFail, "s/waits": reports.KnownFail, "s/shape": reports.Fail,
		}, 1},
		{"a cause that is gone", deviant(), map[string]reports.Verdict{
			"s/status": reports.KnownFail, "s/waits": reports.KnownFail, "s/shape": reports.Pass, "baseline/line-12": reports.Stale,
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			baselineOf(t, string(text)).Apply(c.report, deviantIDs(), day("2026-06-01"))
			c.report.Conclude()
			got := map[string]reports.Verdict{}
			for _, scenario := range c.report.Scenarios {
				for _, result := range scenario.Rules {
					got[result.ID] = result.Verdict
				}
			}
			for id, verdict := range c.want {
				if got[id] != verdict {
					t.Errorf("%s is %s, want %s (of %v)", id, got[id], verdict, got)
				}
			}
			if c.report.Conclusion.ExitCode != c.exit {
				t.Errorf("exit %d, want %d: %s", c.report.Conclusion.ExitCode, c.exit, c.report.Conclusion.Line)
			}
		})
	}
}

func TestAKnownCauseExcusesNoRuleThatItKeepsFromBeingJudged(t *testing.T) {
	const cause = "deviations:\n  - cause: CreateCertificate/status/201\n    reason: known\n"
	const named = cause + "  - rule: s/waits\n    verdict: not-reached\n    reason: known\n"
	for _, c := range []struct {
		name, text string
		strict     bool
		want       reports.Verdict
		exit       int
		line, note string
	}{
		{"strictly", cause, true, reports.NotReached, 1, "failed: 1 unreached rule; 1 of 3 rules pass; 2 judged", "--strict fails on 1 of the rules"},
		{"not strictly", cause, false, reports.NotReached, 0, "passed: no must fails beyond the known deviations; 1 of 3 rules pass; 2 judged", ""},
		{
			"named, which is not judged either", named, true, reports.KnownFail, 0,
			"passed, strictly: no must or should fails beyond the known deviations, every rule was reached but 1 that the baseline names; 1 of 3 rules pass; 2 judged", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := deviant()
			report.Strict = c.strict
			baselineOf(t, c.text).Apply(report, deviantIDs(), day("2026-06-01"))
			report.Conclude()
			if got := report.Scenarios[0].Rules[1].Verdict; got != c.want {
				t.Errorf("the rule that waits is %s, want %s", got, c.want)
			}
			if report.Conclusion.ExitCode != c.exit || !strings.HasPrefix(report.Conclusion.Line, c.line) {
				t.Errorf("exit %d, want %d: %s", report.Conclusion.ExitCode, c.exit, report.Conclusion.Line)
			}
			if notes := strings.Join(report.Notes, "\n"); !strings.Contains(notes, c.note) || c.note == "" && strings.Contains(notes, "--strict") {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

func TestARuleThatTheBaselineNamesAsUnreachedIsNotJudged(t *testing.T) {
	const text = "deviations:\n  - rule: s/*\n    verdict: not-reached\n    reason: known\n"
	report := came(true, map[string]reports.Verdict{"s/a": reports.NotReached, "s/b": reports.NotReached})
	report.MinJudged = 1
	baselineOf(t, text).Apply(report, []string{"s/a", "s/b"}, day("2026-06-01"))
	report.Conclude()
	if report.Conclusion.ExitCode != reports.ExitIncomplete || !strings.Contains(report.Conclusion.Line, "no rule was judged") {
		t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
}

func TestARuleIsKnownForItsCauseOnly(t *testing.T) {
	const text = "deviations:\n  - rule: s/shape\n    verdict: fail\n    cause: operation/body/csr/missing\n"
	report := deviant("issuer")
	baselineOf(t, text).Apply(report, deviantIDs(), day("2026-06-01"))
	shape := report.Scenarios[0].Rules[2]
	if shape.Verdict != reports.Fail || !strings.Contains(shape.Reason, "it has another: it is new") {
		t.Errorf("got %s: %s", shape.Verdict, shape.Reason)
	}
}

func TestAnEntryWithoutACauseIsRemarkedUpon(t *testing.T) {
	report := deviant("csr")
	baselineOf(t, "deviations:\n  - rule: s/shape\n    verdict: fail\n    reason: old\n").Apply(report, deviantIDs(), day("2026-06-01"))
	if report.Scenarios[0].Rules[2].Verdict != reports.KnownFail {
		t.Error("the entry of a file of before causes does not count")
	}
	if !strings.Contains(strings.Join(report.Notes, "\n"), "1 of 1 entries of the baseline known.yaml name a rule without a cause") {
		t.Errorf("got %q", report.Notes)
	}
}

// onAnother is a report in which a second operation shows the cause of the first: the rule of the one fails as before, a rule of
// the other is new.
func onAnother() *reports.Report {
	report := deviant("csr")
	report.Plays = append(report.Plays, reports.Play{Name: "Cancel", Steps: []reports.Step{{
		Name: "Cancelled", Operation: "UpdateCertificateOperation", Method: "PATCH",
		URL: "https://vault.example/certificates/y/pending", Status: 200, ResponseBody: "{}",
	}}})
	report.Scenarios[0].Rules = append(report.Scenarios[0].Rules, reports.Result{
		ID: "s/cancelled", Level: reports.Must, Verdict: reports.Fail, Play: "Cancel", Step: "Cancelled",
		Breaches: []reports.Breach{{Play: "Cancel", Step: "Cancelled", Aspect: "body", Member: "/csr", Got: "csr is missing", Count: 1}},
	})
	return report
}

func TestACauseIsNewOnAnOperationThatTheBaselineDoesNotName(t *testing.T) {
	ids := append(deviantIDs(), "s/cancelled")
	text, _, err := (&Baseline{Path: "known.yaml"}).Update(deviant("csr"))
	if err != nil {
		t.Fatal(err)
	}
	report := onAnother()
	baselineOf(t, string(text)).Apply(report, ids, day("2026-06-01"))
	rules := report.Scenarios[0].Rules
	if shape := rules[2]; shape.Verdict != reports.KnownFail {
		t.Errorf("%s is %s, want known", shape.ID, shape.Verdict)
	}
	if got := rules[3]; got.Verdict != reports.Fail ||
		!strings.Contains(got.Reason, "knows the cause operation/body/csr/missing on GetCertificateOperation: that UpdateCertificateOperation shows it is new") {
		t.Errorf("%s is %s: %s", got.ID, got.Verdict, got.Reason)
	}

	grown, changes, err := baselineOf(t, string(text)).Update(onAnother())
	if err != nil || !slices.Equal(changes.Added, []string{"cause operation/body/csr/missing on UpdateCertificateOperation"}) || len(changes.Removed) > 0 {
		t.Fatalf("%v %+v", err, changes)
	}
	report = onAnother()
	if baselineOf(t, string(grown)).Apply(report, ids, day("2026-06-01")); report.Scenarios[0].Rules[3].Verdict != reports.KnownFail {
		t.Errorf("after an update the rule is %s\n%s", report.Scenarios[0].Rules[3].Verdict, grown)
	}

	report = deviant("csr") // the second operation is mended: its entry is stale
	report.Strict = false
	baselineOf(t, string(grown)).Apply(report, ids, day("2026-06-01"))
	last := report.Scenarios[len(report.Scenarios)-1]
	if last.ID != scenarioID || len(last.Rules) != 1 || !strings.HasPrefix(last.Rules[0].Reason, "UpdateCertificateOperation shows the cause no longer") {
		t.Errorf("got %+v", last)
	}
}

func TestAnEntryWithoutOperationsKnowsItsCauseOnAll(t *testing.T) {
	for _, on := range []string{"", "    operations: ['*']\n"} {
		report := onAnother()
		baselineOf(t, "deviations:\n  - cause: operation/body/csr/missing\n"+on+"    reason: old\n").Apply(report, append(deviantIDs(), "s/cancelled"), day("2026-06-01"))
		if got := report.Scenarios[0].Rules[3]; got.Verdict != reports.KnownFail {
			t.Errorf("%q: %s", on, got.Verdict)
		}
		told := slices.ContainsFunc(report.Notes, func(note string) bool { return strings.Contains(note, "name a cause without operations") })
		if told != (on == "") {
			t.Errorf("%q: notes %q", on, report.Notes)
		}
	}
}
