package reports_test

import (
	"fmt"

	"github.com/kvconform/kvconform/reports"
)

// A report is filled, concluded and drawn. The conclusion counts what was judged and gives the exit code.
func Example() {
	report := &reports.Report{
		Scenarios: []reports.Scenario{{ID: "cancel-in-progress", Rules: []reports.Result{
			{ID: "cancel-in-progress/status", Level: reports.Must, Verdict: reports.Pass},
			{ID: "cancel-in-progress/requested", Level: reports.Must, Verdict: reports.Fail, Expected: "true", Got: "false"},
		}}},
	}
	report.Conclude()
	fmt.Println(report.Conclusion.Line)
	fmt.Println("exit code", report.Conclusion.ExitCode)
	// Output:
	// failed: 1 broken must; 1 of 2 rules pass; 1 cause; 2 judged (1 pass, 1 fail)
	// exit code 1
}
