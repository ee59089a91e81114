package reports_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// atVersion is a report of an api-version with the verdicts of some rules, by id.
func atVersion(version string, rules ...string) *reports.Report {
	r := &reports.Report{APIVersion: version, Oracle: "either", Scenarios: []reports.Scenario{{ID: "s"}}}
	for _, rule := range rules {
		id, verdict, _ := strings.Cut(rule, " ")
		r.Scenarios[0].Rules = append(r.Scenarios[0].Rules, reports.Result{ID: id, Level: reports.Must, Verdict: reports.Verdict(verdict), Reason: "r"})
	}
	r.Conclude()
	return r
}

func table() *reports.VersionTable {
	return reports.Tabulate([]*reports.Report{
		atVersion("7.0", "s/same pass", "s/worse pass", "s/ended pass"),
		atVersion("7.4", "s/same pass", "s/worse fail", "s/later pass", "s/also-later pass", "s/ended pass"),
		atVersion("2025-07-01", "s/same pass", "s/worse fail", "s/later pass", "s/also-later pass"),
	})
}

func TestATableOfAPIVersionsHasOnlyWhatDiffers(t *testing.T) {
	got := table()
	if got.Alike != 1 || len(got.Differ) != 1 || got.Differ[0].ID != "s/worse" ||
		!slices.Equal(got.Differ[0].Verdicts, []reports.Verdict{reports.Pass, reports.Fail, reports.Fail}) {
		t.Errorf("alike %d, differ %+v", got.Alike, got.Differ)
	}
	if len(got.Partial) != 2 || !slices.Equal(got.Partial[0].Rules, []string{"s/ended"}) || !slices.Equal(got.Partial[1].Rules, []string{"s/later", "s/also-later"}) {
		t.Errorf("partial %+v", got.Partial)
	}
	if line := got.Line(); line != "3 api-versions: 1 rule alike at all of them, 1 with different verdicts, 3 that hold at some only" {
		t.Error(line)
	}
}

func TestATableOfAPIVersionsIsDrawn(t *testing.T) {
	var text, markdown, asJSON bytes.Buffer
	for _, err := range []error{
		reports.WriteVersionsText(&text, table(), reports.TextOptions{}),
		reports.WriteVersionsMarkdown(&markdown, table(), reports.MarkdownOptions{}),
		reports.WriteVersionsJSON(&asJSON, table()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"  7.0              3     3     0     0     0\n", "  2025-07-01       4     3     1     0     1\n",
		"  s/worse (must)\n    pass at 7.0; fail at 7.4 to 2025-07-01\n",
		"1 rule up to 7.4\n  s/ended\n", "2 rules from 7.4 on\n  s/later, s/also-later\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "s/same") || strings.Contains(markdown.String(), "s/same") {
		t.Error("a rule that is alike everywhere is shown")
	}
	if !strings.Contains(markdown.String(), "| s/worse | must | pass | fail | fail |") {
		t.Errorf("the Markdown lacks the row\n%s", &markdown)
	}
	var again reports.VersionTable
	if err := json.Unmarshal(asJSON.Bytes(), &again); err != nil || again.Format != reports.VersionsFormat || len(again.Versions) != 3 {
		t.Errorf("%v: %+v", err, again)
	}
}
