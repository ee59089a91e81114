package baseline

import (
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/reports"
)

// FuzzParseBaseline reads any text: it is rejected, or weighed with a report without a panic.
func FuzzParseBaseline(f *testing.F) {
	for _, text := range []string{
		"", "deviations: []\n", "deviations:\n  - rule: conflict-while-in-progress/import-status\n    reason: known\n    expires: 2030-01-01\n",
		"deviations:\n  - cause: CreateCertificate/status/500\n    reason: known\n", "- rule: [\n", strings.Repeat("[", 2000), "a: &a [*a]\n", "\ufeffdeviations: []\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		known, err := Parse("baseline.yaml", text)
		if err != nil {
			if strings.Count(err.Error(), "\n") > 200 {
				t.Errorf("an error of %d lines", strings.Count(err.Error(), "\n"))
			}
			return
		}
		report := &reports.Report{Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{{ID: "s/r", Level: "must", Verdict: reports.Fail}}}}}
		known.Apply(report, []string{"s/r"}, time.Unix(0, 0))
		report.Conclude()
	})
}
