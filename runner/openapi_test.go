package runner_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

// A user's document judges every response, bodies included, and what it adds is listed with how often the run met it.
func TestResponsesAreComparedWithTheUsersDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "schemas", "testdata", "swagger2.json"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := schemas.ReadGiven(text)
	if err != nil {
		t.Fatal(err)
	}
	own, err := schemas.LoadVersion(string(schemas.Default()))
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := runner.Run(t.Context(), runner.Options{
		Target: reference(t, "", nil), NoLedger: true, OpenAPI: own.Given(),
		Rules: []string{"every-answer/declared", "read-completed/state", "create-manually/state"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := verdicts(outcome.Report)["every-answer/declared"]; got.Verdict != reports.Pass {
		t.Errorf("by our own document the rule is %s: %s", got.Verdict, got.Got)
	}
	if document := outcome.Report.Document; document == nil || len(document.Beyond) > 0 {
		t.Errorf("our own document has beyond itself %+v", document)
	}

	judged, err := runner.Judge(t.Context(), runner.JudgeOptions{Transcript: outcome.Transcript, OpenAPI: theirs})
	if err != nil {
		t.Fatal(err)
	}
	for id, result := range verdicts(judged.Report) {
		want := reports.Pass
		if id == "every-answer/declared" {
			want = reports.Fail
		}
		if result.Verdict != want {
			t.Errorf("%s is %s, want %s: %s", id, result.Verdict, want, result.Got)
		}
	}
	if got := verdicts(judged.Report)["every-answer/declared"].Got; !strings.Contains(got, "provenance is missing") && !strings.Contains(got, "is no operation") {
		t.Errorf("the rule fails with %q", got)
	}
	document := judged.Report.Document
	if document == nil || document.Title != "Certificates of tomorrow" {
		t.Fatalf("the report names the document %+v", document)
	}
	for name, beyond := range map[string]reports.Beyond{
		"RenewCertificate": {What: "operation"}, "provenance": {What: "member"}, "quantum": {What: "member"},
	} {
		at := slices.IndexFunc(document.Beyond, func(b reports.Beyond) bool { return b.What == beyond.What && b.Name == name })
		if at < 0 {
			t.Errorf("%s is not beyond ours: %+v", name, document.Beyond)
			continue
		}
		if got := document.Beyond[at]; got.Met != 0 || (got.Asked > 0) != (name != "RenewCertificate") {
			t.Errorf("%s was asked %d times and met %d times", name, got.Asked, got.Met)
		}
	}
	for _, note := range []string{`compared with the OpenAPI document "Certificates of tomorrow" 2099-01-01`, "operation RenewCertificate (kvconform does not send it)"} {
		if !strings.Contains(strings.Join(judged.Report.Notes, "\n"), note) {
			t.Errorf("no note has %q: %q", note, judged.Report.Notes)
		}
	}
}

func TestADocumentOfAnotherAPIIsWrongUsage(t *testing.T) {
	pets, err := schemas.ReadGiven([]byte(`{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	var wrong *runner.Usage
	_, err = runner.Run(t.Context(), runner.Options{Target: runner.Target{Endpoint: "https://127.0.0.1:1"}, OpenAPI: pets})
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "has no operation of the certificates API") {
		t.Errorf("got %v", err)
	}
}
