package runner_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// A version that kvconform does not know is judged by the rules of one that it knows, and the report says so, with whatever
// the version may have added.
func TestAnUnknownAPIVersionIsJudgedLikeAKnownOne(t *testing.T) {
	const novel = "2099-01-01"
	described := targetOf(t, refserver.Options{
		Keys: keys, OtherVersions: map[string]string{novel: "7.4"},
		Wrap: func(vault http.Handler) http.Handler {
			return tamper.Handler(vault, tamper.Anything(), tamper.OnSuccess(
				tamper.Where(func(a *tamper.Response) bool { return a.Object()["csr"] != nil }, tamper.Set("novelty", "yes")),
			))
		},
	})
	described.APIVersion, described.Like = []string{novel}, "7.4"
	outcome, err := runner.Run(t.Context(), runner.Options{Target: described, NoLedger: true, Scenarios: []string{"read-in-progress", "api-version"}})
	if err != nil {
		t.Fatal(err)
	}
	report := outcome.Report
	for id, result := range verdicts(report) {
		if result.Verdict != reports.Pass && result.Verdict != reports.Info && result.Verdict != reports.NotReached {
			t.Errorf("%s is %s: %s", id, result.Verdict, result.Got)
		}
	}
	if report.APIVersion != novel || report.Like != "7.4" || report.RuleSet.Name != "7.4" || !strings.HasPrefix(report.RuleSet.Digest, "sha256:") {
		t.Errorf("the report is of %q like %q by the rules %v", report.APIVersion, report.Like, report.RuleSet)
	}
	if len(report.Unknown) != 1 || report.Unknown[0].Member != "novelty" || !strings.Contains(report.Unknown[0].Operations, "CreateCertificate") {
		t.Errorf("the unknown members are %+v", report.Unknown)
	}
	if _, ok := report.Exchange(reports.Result{Play: report.Unknown[0].Play, Step: report.Unknown[0].Step, Index: report.Unknown[0].Index}); !ok {
		t.Errorf("the report has no exchange with the member: %+v", report.Unknown[0])
	}
	for _, play := range report.Plays {
		for _, step := range play.Steps {
			if strings.Contains(step.URL, "api-version=7.4") {
				t.Errorf("%s was sent to %s", step.Name, step.URL)
			}
		}
	}
	markedEverywhere(t, report, novel+" like 7.4", "novelty")

	again, err := runner.Judge(t.Context(), runner.JudgeOptions{Transcript: outcome.Transcript})
	if err != nil {
		t.Fatal(err)
	}
	if again.Report.Like != "7.4" || len(again.Report.Unknown) != 1 {
		t.Errorf("judged again, the report is like %q with %v", again.Report.Like, again.Report.Unknown)
	}
}

// markedEverywhere looks for texts in every form of a report that a person or a CI system reads.
func markedEverywhere(t *testing.T, report *reports.Report, texts ...string) {
	t.Helper()
	var terminal, markdown, page, junit bytes.Buffer
	for _, err := range []error{
		reports.WriteText(&terminal, report, reports.TextOptions{Width: 200}),
		reports.WriteMarkdown(&markdown, report, reports.MarkdownOptions{}),
		reports.WriteHTML(&page, report),
		reports.WriteJUnit(&junit, report),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, drawn := range map[string]string{"terminal": terminal.String(), "Markdown": markdown.String(), "HTML": page.String()} {
		for _, text := range texts {
			if !strings.Contains(drawn, text) {
				t.Errorf("the %s report lacks %q", name, text)
			}
		}
	}
	for _, property := range []string{`name="like" value="7.4"`, `name="rule-set" value="7.4 sha256:`} {
		if !strings.Contains(junit.String(), property) {
			t.Errorf("the JUnit report lacks %s", property)
		}
	}
}

func TestLikeIsRejectedWhereItSaysNothing(t *testing.T) {
	for _, test := range []struct {
		versions []string
		like     string
		want     string
	}{
		{[]string{"2099-01-01"}, "", `the api-version "2099-01-01" is unknown; give --like VERSION`},
		{[]string{"2099-01-01"}, "7", `the api-version "7" is unknown; it is one of`},
		{[]string{"7.4"}, "7.3", "7.4 is known; leave it out"},
		{[]string{"../2099"}, "7.4", `the api-version "../2099" is none`},
		{[]string{"2099-01-01", "2099-01-01"}, "7.4", "is given twice"},
	} {
		described := runner.Target{Endpoint: "https://127.0.0.1:1", APIVersion: test.versions, Like: test.like}
		_, err := described.APIVersions()
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v like %q: got %v, want %q", test.versions, test.like, err, test.want)
		}
	}
}
