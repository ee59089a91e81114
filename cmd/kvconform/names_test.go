package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
)

func TestRulesAndScenariosAreNamedByPatternsAndUniqueEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments []string
		want      []string
		not       []string
	}{
		"a scenario":            {[]string{"list", "cancel-in-progress"}, []string{"cancel-in-progress/late-status"}, []string{"delete-pending/status"}},
		"a pattern":             {[]string{"list", "*/late-*"}, []string{"cancel-in-progress/late-status"}, []string{"cancel-in-progress/csr"}},
		"a pattern and a level": {[]string{"list", "cancel-*", "--level", "may"}, []string{" must", "0 should"}, []string{"    must"}},
		"a unique end":          {[]string{"list", "late-status"}, []string{"1 rule in 1 scenario: 1 must, 0 should, 0 may"}, nil},
		"features":              {[]string{"list", "--features"}, []string{"request-id-filter", fmt.Sprintf("%d features", len(scenarios.Features()))}, nil},
		"faults":                {[]string{"list", "--faults", "late-cancel*"}, []string{"late-cancellation-accepted", "fails cancel-in-progress/"}, []string{"conflict-ignored"}},
		"explain of a scenario": {[]string{"explain", "cancel-in-progress"}, []string{"cancel-in-progress/late-status", "https://"}, []string{"delete-pending/"}},
		"explain of an end":     {[]string{"explain", "late-status", "--no-examples"}, []string{"cancel-in-progress/late-status (must)"}, []string{"right response"}},
		"judged by a pattern":   {[]string{"run", "--embedded", "--scenario", "delete-p*", "--rule", "late-status"}, []string{"delete-pending ", "cancel-in-progress ", "passed: "}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := typed(t, c.arguments...)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			for _, want := range c.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in\n%.800s", want, stdout)
				}
			}
			for _, not := range c.not {
				if strings.Contains(stdout, not) {
					t.Errorf("%q is in\n%.800s", not, stdout)
				}
			}
		})
	}
}

func TestANameThatMeansNothingOrTooMuchIsWrongUsage(t *testing.T) {
	t.Parallel()
	for want, arguments := range map[string][]string{
		`no rule matches "nothing-*"`:                           {"list", "nothing-*"},
		`"status" is the end of `:                               {"run", "--embedded", "--rule", "status"},
		`no scenario matches "x*"`:                              {"run", "--embedded", "--scenario", "x*"},
		"rules; `kvconform list 'cancel-in-progress/*'` lists ": {"explain", "cancel-in-progress/*"},
		`no level "shall": it is one of must, should, may`:      {"list", "--level", "shall"},
		"no profile matches zz*":                                {"list", "--profiles", "zz*"},
		`no profile "x": it is one of random-request-ids, `:     {"run", "--embedded", "--profile", "x"},
		`no profile "y": it is one of random-request-ids, `:     {"serve", "--profile", "y"},
		"give it with --embedded":                               {"run", "--profile", "born-completed", "--endpoint", "https://127.0.0.1:1"},
		"no fault matches zz*":                                  {"list", "--faults", "zz*"},
		"with --faults the faults":                              {"run", "--embedded", "--fault", "zzzzzzzzzzzzzzzzz"},
	} {
		if code, stdout, stderr := typed(t, arguments...); code != 2 || !strings.Contains(stderr, want) || stdout != "" {
			t.Errorf("%v: exit %d: %s%s\nwant %s", arguments, code, stdout, stderr, want)
		}
	}
}

func TestExplainShowsARightResponseAndWrongOnes(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := typed(t, "explain", "--json", "cancel-in-progress/late-status")
	var shown explanation
	if err := json.Unmarshal([]byte(stdout), &shown); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	if shown.Play != "CancelTooLate" || shown.Check != "specs/cancel_in_progress.go" || len(shown.Faults) < shownFaults {
		t.Errorf("got play %q, check %q and %d faults", shown.Play, shown.Check, len(shown.Faults))
	}
	if shown.Right == nil || shown.Right.Exchange == nil || shown.Right.Exchange.Status != 403 {
		t.Errorf("the right response is %+v", shown.Right)
	}
	if len(shown.Wrong) != shownFaults || shown.Wrong[0].Exchange == nil || shown.Wrong[0].Exchange.Status != 404 {
		t.Errorf("the wrong responses are %+v", shown.Wrong)
	}
}

func TestIDsCompleteInTheShell(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"--scenario": "cancel-in-progress\t", "--rule": "cancel-in-progress/late-status\t", "--fault": "conflict-ignored\t",
		"--api-version": "7.4\n", "--oracle": "documented\n", "--manner": "observed\n", "--profile": "open-door\t",
	} {
		if _, stdout, _ := typed(t, "__complete", "run", flag, ""); !strings.Contains(stdout, want) {
			t.Errorf("%s is not completed by %q: %.200s", flag, want, stdout)
		}
	}
	for _, command := range []string{"list", "explain"} {
		if _, stdout, _ := typed(t, "__complete", command, ""); !strings.Contains(stdout, "cancel-in-progress") {
			t.Errorf("%s completes no id: %.200s", command, stdout)
		}
	}
	if _, stdout, _ := typed(t, "--help"); !strings.Contains(stdout, "completion ") {
		t.Error("the help does not name completion")
	}
}
