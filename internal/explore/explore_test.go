package explore_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/explore"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/specs"
)

// explored explores the reference vault, broken by faults if any are named.
func explored(t *testing.T, manner string, options explore.Options, faults ...string) (*explore.Result, *reports.Report) {
	t.Helper()
	reference, err := refserver.Start(refserver.Options{Manner: manner, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(reference.CA)
	on, err := session.Connect(reference.Target(""), session.Options{Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	suite, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	options.NoLedger = true
	outcome, err := explore.Run(t.Context(), on, suite, options)
	if err != nil {
		t.Fatal(err)
	}
	return outcome, outcome.Report(&reports.Report{Format: reports.Format, APIVersion: on.Facts.APIVersion}, suite, on.Facts)
}

func TestTheReferenceVaultIsExploredInSilence(t *testing.T) {
	for _, manner := range []string{"observed", "documented"} {
		outcome, report := explored(t, manner, explore.Options{Seed: 3, Steps: 300, Lanes: 4})
		for _, d := range outcome.Deviations {
			if d.History != nil || d.Finding.Kind == specs.Broken && !strings.HasPrefix(d.Finding.Rule, "every-answer/") {
				t.Errorf("%s: %s", manner, d.Finding.Text())
			}
		}
		if report.Conclusion.ExitCode != reports.ExitHeld {
			t.Errorf("%s: exit %d: %v", manner, report.Conclusion.ExitCode, report.Causes)
		}
		if len(outcome.Left) > 0 {
			t.Errorf("%s: left behind: %v", manner, outcome.Left)
		}
	}
}

func TestABrokenSequenceIsShrunkAndPlayedAgain(t *testing.T) {
	outcome, report := explored(t, "", explore.Options{Seed: 1, Steps: 400, Lanes: 2}, "conflict-ignored")
	if report.Conclusion.ExitCode != reports.ExitFailed || len(report.Causes) == 0 {
		t.Fatalf("exit %d with %d causes, want a failure with a cause", report.Conclusion.ExitCode, len(report.Causes))
	}
	at := slices.IndexFunc(outcome.Deviations, func(d *explore.Deviation) bool { return d.History != nil && d.History.Statement.ID == "SC-06-01" })
	if at < 0 {
		for _, d := range outcome.Deviations {
			t.Errorf("got %s: %s", d.Key, d.Finding.Text())
		}
		t.Fatal("want SC-06-01")
	}
	first := outcome.Deviations[at]
	if !first.Shrunk || first.Plan.Steps() != 2 {
		t.Fatalf("got %s in %d steps, want SC-06-01 shown by two creates", first.Key, first.Plan.Steps())
	}
	var text, file bytes.Buffer
	if err := outcome.WriteText(&text); err != nil || !strings.Contains(text.String(), "the shortest sequence that shows it") {
		t.Errorf("%v: %s", err, text.String())
	}
	if err := outcome.WriteFile(&file); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sequence.json")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	plan, err := explore.ReadPlan(path)
	if err != nil || !reflect.DeepEqual(*plan, first.Plan) {
		t.Fatalf("%v: read %v, wrote %v", err, plan, first.Plan)
	}
	again, _ := explored(t, "", explore.Options{Replay: plan, Keep: true}, "conflict-ignored")
	if again.Requests != 2 || len(again.Deviations) == 0 || again.Deviations[0].Key != first.Key {
		t.Errorf("the sequence was played again with %d requests and %d deviations", again.Requests, len(again.Deviations))
	}
}

func TestAFileThatHoldsNoSequenceIsRejected(t *testing.T) {
	for name, content := range map[string]string{
		"not JSON": "no", "another format": `{"format":"other"}`, "no steps": `{"format":"kvconform.exploration/1"}`,
		"an unknown request": `{"format":"kvconform.exploration/1","plan":{"groups":[[{"operation":"SetCertificateContacts"}]]}}`,
		"an unknown name":    `{"format":"kvconform.exploration/1","plan":{"groups":[[{"operation":"Await","name":9}]]}}`,
		"an empty group":     `{"format":"kvconform.exploration/1","plan":{"groups":[[]]}}`,
	} {
		path := filepath.Join(t.TempDir(), "sequence.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := explore.ReadPlan(path); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want an error of one line", name, err)
		}
	}
}

func TestARuleOfHistoriesThatMetNoRequestOfItsTopicIsNotReached(t *testing.T) {
	_, report := explored(t, "", explore.Options{Seed: 1, Steps: 40, Lanes: 1, Operations: []string{"CreateCertificate", "GetCertificateOperation"}})
	want := map[string]reports.Verdict{
		"history/states": reports.Pass, "history/conflict": reports.Pass, "history/policy": reports.NotReached,
		"history/versions": reports.NotReached, "history/deletion": reports.NotReached, "history/issuers": reports.NotReached,
	}
	for _, scenario := range report.Scenarios {
		for _, rule := range scenario.Rules {
			if verdict, listed := want[rule.ID]; listed && rule.Verdict != verdict {
				t.Errorf("%s is %s, want %s: %s", rule.ID, rule.Verdict, verdict, rule.Reason)
			}
			delete(want, rule.ID)
		}
	}
	if len(want) > 0 {
		t.Errorf("the report lacks %v", want)
	}
}
