package baseline

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// came is a report in which rules of the scenario "s" came out as the verdicts say.
func came(strict bool, verdicts map[string]reports.Verdict) *reports.Report {
	report := &reports.Report{Strict: strict, Scenarios: []reports.Scenario{{ID: "s"}}}
	rules := &report.Scenarios[0].Rules
	for id, verdict := range verdicts {
		level := reports.Must
		if verdict == reports.Warn {
			level = reports.Should
		}
		*rules = append(*rules, reports.Result{ID: id, Level: level, Verdict: verdict, Feature: "merge"})
	}
	slices.SortFunc(*rules, func(a, b reports.Result) int { return strings.Compare(a.ID, b.ID) })
	return report
}

func baselineOf(t *testing.T, text string) *Baseline {
	t.Helper()
	b, err := Parse("known.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBaselineWeighsARun(t *testing.T) {
	catalogue := []string{"s/a", "s/b", "s/c", "other/d"}
	type expectation struct {
		verdicts map[string]reports.Verdict
		exit     int
		says     string // somewhere in the reasons or notes
	}
	const always = "    reason: the emulator lacks it\n"
	cases := []struct {
		name, baseline string
		came           map[string]reports.Verdict
		strict         bool
		want           expectation
	}{
		{
			"a known failure does not break the gate", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail, "s/b": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.KnownFail, "s/b": reports.Pass}, 0, ""},
		},
		{
			"a new failure beside it does", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail, "s/b": reports.Fail}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.KnownFail, "s/b": reports.Fail}, 1, ""},
		},
		{
			"an entry whose rule holds is stale and names its line", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Stale}, 1, "passes now: delete the entry at line 2 of known.yaml"},
		},
		{
			"a failure where a warning is expected is a failure", "deviations:\n  - rule: s/a\n    verdict: warn\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Fail}, 1, "known.yaml:2 expects only warn: it got worse"},
		},
		{
			"a warning where a failure is expected is stale", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Warn}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Stale}, 1, "it came out as warn: correct that line"},
		},
		{
			"what was not reached leaves an entry open", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.NotReached, "s/b": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.NotReached}, 0, "could not be checked on line 2"},
		},
		{
			"what could not run leaves an entry open", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.CouldNotRun}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.CouldNotRun}, 3, "could not be checked on line 2"},
		},
		{
			"an unreached rule may be expected, so that a strict gate holds", "deviations:\n  - rule: s/a\n    verdict: not-reached\n" + always,
			map[string]reports.Verdict{"s/a": reports.NotReached, "s/b": reports.Pass}, true,
			expectation{map[string]reports.Verdict{"s/a": reports.KnownFail}, 0, ""},
		},
		{
			"an unreached rule that was expected and holds is remarked upon", "deviations:\n  - rule: s/a\n    verdict: not-reached\n" + always,
			map[string]reports.Verdict{"s/a": reports.Pass, "s/b": reports.Pass}, true,
			expectation{map[string]reports.Verdict{"s/a": reports.Pass}, 0, "expects on line 2 that a rule is not reached, and it passes"},
		},
		{
			"one that fails instead is a failure", "deviations:\n  - rule: s/a\n    verdict: not-reached\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail}, true,
			expectation{map[string]reports.Verdict{"s/a": reports.Fail}, 1, "expects only not-reached: it got worse"},
		},
		{
			"an entry of a feature that is not claimed is stale", "deviations:\n  - rule: s/a\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.NotClaimed, "s/b": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Stale}, 1, "known.yaml:2 expects fail of it all the same"},
		},
		{
			"an entry that names no rule is stale", "deviations:\n  - rule: s/aa\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Pass, "baseline/line-2": reports.Stale}, 1, "there is no rule s/aa; did you mean s/a?"},
		},
		{
			"an entry of a rule that was not selected is not looked at", "deviations:\n  - rule: other/d\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Pass}, 0, ""},
		},
		{
			"a pattern covers what deviates and lets the rest hold", "deviations:\n  - rule: s/*\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail, "s/b": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.KnownFail, "s/b": reports.Pass}, 0, ""},
		},
		{
			"a pattern under which nothing deviates is stale, once", "deviations:\n  - rule: s/*\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Pass, "s/b": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Pass, "s/b": reports.Pass, "baseline/line-2": reports.Stale}, 1, "no rule that the pattern s/* names came out as fail"},
		},
		{
			"a pattern that names no rule is stale", "deviations:\n  - rule: t/*\n    verdict: fail\n" + always,
			map[string]reports.Verdict{"s/a": reports.Pass}, false,
			expectation{map[string]reports.Verdict{"baseline/line-2": reports.Stale}, 1, "the pattern t/* names no rule"},
		},
		{
			"an entry counts on its last day", "deviations:\n  - rule: s/a\n    verdict: fail\n    expires: 2026-06-01\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.KnownFail}, 0, ""},
		},
		{
			"and fails again on the day after", "deviations:\n  - rule: s/a\n    verdict: fail\n    expires: 2026-05-31\n" + always,
			map[string]reports.Verdict{"s/a": reports.Fail}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Fail}, 1, "known.yaml:2 excused this until 2026-05-31"},
		},
		{
			"an expired warning breaks the gate too", "deviations:\n  - rule: s/a\n    verdict: warn\n    expires: 2026-05-31\n" + always,
			map[string]reports.Verdict{"s/a": reports.Warn}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.Stale}, 1, "known.yaml:2 excused this until 2026-05-31"},
		},
		{
			"an entry without a reason is remarked upon", "deviations:\n  - rule: s/a\n    verdict: fail\n",
			map[string]reports.Verdict{"s/a": reports.Fail}, false,
			expectation{map[string]reports.Verdict{"s/a": reports.KnownFail}, 0, "gives no reason on line 2"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			report := came(c.strict, c.came)
			baselineOf(t, c.baseline).Apply(report, catalogue, day("2026-06-01"))
			report.Conclude()
			got, said := map[string]reports.Verdict{}, strings.Join(report.Notes, "\n")
			for _, scenario := range report.Scenarios {
				for _, result := range scenario.Rules {
					got[result.ID] = result.Verdict
					said += "\n" + result.Reason
				}
			}
			want := maps.Clone(c.came)
			maps.Copy(want, c.want.verdicts)
			if !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if report.Conclusion.ExitCode != c.want.exit {
				t.Errorf("exit %d, want %d", report.Conclusion.ExitCode, c.want.exit)
			}
			if !strings.Contains(said, c.want.says) {
				t.Errorf("%q is not in:\n%s", c.want.says, said)
			}
		})
	}
}

func TestTheFirstEntryThatMatchesGivesTheReason(t *testing.T) {
	report := came(false, map[string]reports.Verdict{"s/a": reports.Fail})
	baselineOf(t, "deviations:\n- {rule: s/a, verdict: warn, reason: another}\n- {rule: s/*, verdict: fail, reason: first, link: https://example.org/1}\n- {rule: '*', verdict: fail, reason: second}\n").
		Apply(report, []string{"s/a"}, day("2026-06-01"))
	known := report.Scenarios[0].Rules[0].Known
	want := reports.Known{Reason: "first", Link: "https://example.org/1", File: "known.yaml", Line: 3, Was: reports.Fail}
	if known == nil || *known != want {
		t.Errorf("known is %+v, want %+v", known, want)
	}
}

func TestABaselineIsReadStrictly(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"an unknown key", "deviations:\n  - rule: a\n    verdict: fail\n    raeson: x\n", "b.yaml:4: deviations[0].raeson: unknown key; did you mean reason?"},
		{"an unknown key at the top", "deviations: []\nversion: 1\n", "b.yaml:2: version: unknown key; the keys here are deviations"},
		{"a key twice", "deviations:\n  - rule: a\n    rule: b\n    verdict: fail\n", `b.yaml:3: not YAML: the key "rule" is there twice, on line 2 too; keep one of the two`},
		{"no rule", "deviations:\n  - verdict: fail\n", `b.yaml:2: deviations[0].rule: missing; add it as rule: "merge-manual-request/*"`},
		{"no verdict", "deviations:\n  - rule: a\n", `b.yaml:2: deviations[0].verdict: missing; add it as verdict: "fail"`},
		{"another verdict", "deviations:\n  - rule: a\n    verdict: pass\n", `b.yaml:3: deviations[0].verdict: none of "fail", "warn", "not-reached"; write it as verdict: "fail"`},
		{"a number for a text", "deviations:\n  - rule: a\n    verdict: fail\n    reason: 7\n", `b.yaml:4: deviations[0].reason: an integer, must be a string; write it as reason: "known since 1.2"`},
		{"no date", "deviations:\n  - rule: a\n    verdict: fail\n    expires: next summer\n", `b.yaml:4: deviations[0].expires: not a date of the form 2006-01-02; write it as expires: "2027-06-30"`},
		{"an entry twice", "deviations:\n  - {rule: a, verdict: fail}\n  - {rule: a, verdict: fail}\n", "b.yaml:3: deviations[1].rule: a is on line 2 already; delete one of them"},
		{"a list alone", "- rule: a\n", "b.yaml:1: no baseline: it holds no keys with values; a baseline is `deviations:` with a list of entries, `deviations: []` where there is none"},
		{"an entry that is a text", "deviations:\n  - a\n", `b.yaml:2: deviations[0]: a string, must be a mapping; write it as {"reason":"known since 1.2","rule":"api-version/invalid-refused","verdict":"fail"}`},
		{"a map for the list", "deviations:\n  rule: a\n", `b.yaml:1: deviations: a mapping, must be a list or nothing; write it as deviations: [{"reason":"known since 1.2","rule":"api-version/invalid-refused","verdict":"fail"}]`},
		{"brackets without end", "deviations: " + strings.Repeat("[", 100_000), "b.yaml:1: not YAML that a baseline needs: too many brackets or dashes in a line; write one value a line"},
		{"a date that is none", "deviations:\n  - rule: a\n    verdict: fail\n    expires: 2026-02-30\n", `b.yaml:4: deviations[0].expires: "2026-02-30" is no date; write it as 2006-01-02`},
		{"nothing", "", "b.yaml: the file is empty; a baseline is `deviations:` with a list of entries, `deviations: []` where there is none"},
		{"another encoding", "deviations: \xff\xfe", "b.yaml: not a text in UTF-8; save it as UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("b.yaml", []byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	t.Run("broken YAML", func(t *testing.T) {
		_, err := Parse("b.yaml", []byte("deviations: [\n  - {"))
		if err == nil || !strings.HasPrefix(err.Error(), "b.yaml:") || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no file", func(t *testing.T) {
		_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
		if err == nil || !strings.HasSuffix(err.Error(), "none.yaml cannot be read: no such file or directory") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a folder", func(t *testing.T) {
		if _, err := Load(t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), "it is a directory") {
			t.Errorf("got %v", err)
		}
	})
}

func TestUpdatingABaselineKeepsWhatStays(t *testing.T) {
	text, err := os.ReadFile("testdata/before.yaml")
	if err != nil {
		t.Fatal(err)
	}
	report := came(true, map[string]reports.Verdict{
		"s/stays": reports.Fail, "s/mended": reports.Pass, "s/softer": reports.Warn, "s/new": reports.Fail,
		"s/unreached": reports.NotReached, "s/broken-off": reports.CouldNotRun, "s/open": reports.NotReached,
		"p/one": reports.Fail, "p/two": reports.Pass, "q/one": reports.Pass, "s/last": reports.Pass,
	})
	b := baselineOf(t, string(text))
	updated, changes, err := b.Update(report)
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/after.yaml", updated)
	for _, c := range []struct {
		name      string
		got, want []string
	}{
		{"added", changes.Added, []string{"s/new (fail)", "s/open (not-reached)", "s/unreached (not-reached)"}},
		{"removed", changes.Removed, []string{"s/mended (fail)", "q/* (fail)", "s/last (fail)"}},
		{"kept", changes.Kept, []string{"s/stays (fail)", "p/* (fail)", "s/open (fail)", "elsewhere/rule (warn)"}},
		{"changed", changes.Changed, []string{"s/softer (warn), was fail"}},
		{"open", changes.Open, []string{"s/broken-off"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestABaselineMadeFromARunMakesItPass(t *testing.T) {
	fresh := &Baseline{Path: "new.yaml"}
	verdicts := map[string]reports.Verdict{"s/a": reports.Fail, "s/b": reports.Warn, "s/c": reports.NotReached, "s/d": reports.Pass}
	text, _, err := fresh.Update(came(true, verdicts))
	if err != nil {
		t.Fatal(err)
	}
	again := came(true, verdicts)
	b := baselineOf(t, string(text))
	b.Apply(again, []string{"s/a", "s/b", "s/c", "s/d"}, day("2026-06-01"))
	again.Conclude()
	if again.Conclusion.ExitCode != 0 || again.Counts.Known != 3 {
		t.Errorf("%s\n%s", again.Conclusion.Line, text)
	}
	// From a report that the baseline has weighed already, the same file comes again.
	same, changes, err := b.Update(again)
	if err != nil || string(same) != string(text) || len(changes.Added)+len(changes.Removed) > 0 {
		t.Errorf("%v %+v\n%s", err, changes, same)
	}
	mended := came(true, map[string]reports.Verdict{"s/a": reports.Pass, "s/b": reports.Pass, "s/c": reports.Pass})
	empty, _, err := b.Update(mended)
	if err != nil {
		t.Fatal(err)
	}
	if left := baselineOf(t, string(empty)); len(left.Deviations) != 0 {
		t.Errorf("left: %s", empty)
	}
	refilled, _, err := baselineOf(t, "deviations: []\n").Update(came(false, verdicts))
	if err != nil || string(refilled) != "deviations:\n  - rule: s/a\n    verdict: fail\n    reason: \"\"\n" {
		t.Errorf("%v\n%s", err, refilled)
	}
}

func TestABaselineOnOneLineIsNotUpdated(t *testing.T) {
	_, _, err := baselineOf(t, "deviations: [{rule: a, verdict: fail}, {rule: b, verdict: fail}]\n").Update(came(false, nil))
	if err == nil || err.Error() != "known.yaml: cannot be updated, as entries share a line; write each as a list item of its own, `- rule: …`" {
		t.Errorf("got %v", err)
	}
}

func TestAByteOrderMarkBeforeABaselineIsSkipped(t *testing.T) {
	b, err := Parse("b.yaml", []byte("\uFEFFdeviations: []\n"))
	if err != nil || len(b.Deviations) != 0 {
		t.Errorf("got %v, %v", b, err)
	}
}
