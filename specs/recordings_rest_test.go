package specs_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// recordings are those whose exchanges are all of operations that plays use, or of their neighbours.
func recordings() []string {
	return []string{
		"TestBackupRestore", "TestCRUD", "TestContactsCRUD", "TestDeleteRecover", "TestImportCertificate", "TestIssuerCRUD",
		"TestListCertificateVersions", "TestListCertificates", "TestMergeCertificate", "TestOperationCRUD",
		"TestUpdateCertificatePolicy",
	}
}

// Recording stands in for a play whose exchanges a recording has.
type Recording struct{ Exchanges []*vault.Exchange }

// Play plays nothing: the exchanges are there.
func (*Recording) Play(context.Context, *scenarios.Env) error { return nil }

// onRecordings is a rehearsal without performances, with the facts of the recordings.
func onRecordings(t *testing.T) *rehearsal {
	t.Helper()
	book, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	const host = "https://fakevault.local"
	return &rehearsal{book: book, facts: specs.Facts{Endpoint: host, IDBase: host, APIVersion: "7.4"}}
}

// named gives every exchange the operation that the OpenAPI document knows it as.
func (r *rehearsal) named(exchanges []*vault.Exchange) []*vault.Exchange {
	for _, e := range exchanges {
		e.Operation, _, _ = r.book.Document.Operation(e.Request.Method, e.Request.URL, "")
	}
	return exchanges
}

func TestNoAnswerOfTheRealServiceBreaksARuleOfEveryAnswer(t *testing.T) {
	t.Parallel()
	r := onRecordings(t)
	answers := 0
	for _, name := range recordings() {
		exchanges := r.named(recordedWhole(t, name))
		answers += len(exchanges)
		r.performances = append(r.performances, &scenarios.Performance{
			Play: scenarios.Play{Name: name}, Script: &Recording{Exchanges: exchanges},
		})
	}
	const least = 100
	if answers < least {
		t.Fatalf("%d answers are too few", answers)
	}
	// Nothing in the recordings was cancelled, failed, refused with an innererror or sent by an older version.
	unseen := map[string]bool{
		"every-answer/operation-cancelled": true, "every-answer/operation-failed": true, "every-answer/error-inner": true,
	}
	for _, rule := range r.rules("every-answer") {
		if spec, _ := r.book.Spec(rule); spec.Play != "" {
			continue // the scenario's own script, which no recording holds
		}
		finding := r.judge(t, rule, scenarios.Observed)
		want := specs.Held
		if unseen[rule] {
			want = specs.NotReached
		}
		if finding.Kind != want {
			t.Errorf("%s: %s %s\n%s", rule, finding.Kind, finding.Play, finding.Text())
		}
	}
}

func TestWhatTheRealServiceAnsweredBreaksNoRuleOfTheRest(t *testing.T) {
	t.Parallel()
	r := onRecordings(t)
	merge, versions := r.named(recorded(t, "TestMergeCertificate")), r.named(recorded(t, "TestListCertificateVersions"))
	operation := r.named(recorded(t, "TestOperationCRUD"))
	imported, crud := r.named(recorded(t, "TestImportCertificate")), r.named(recorded(t, "TestCRUD"))
	bare := r.named(recordedWhole(t, "TestCRUD"))[0]
	for _, play := range []scenarios.Script{
		&scenarios.CancelInProgress{Created: operation[0], Before: operation[0], Asked: operation[1:2], After: operation[2], Polls: operation[2:3]},
		&scenarios.DeletePending{Created: operation[0], Before: operation[2], Deleted: operation[3]},
		&scenarios.DeleteAfterAsking{Created: operation[0], Asked: operation[1:2], Deleted: operation[3]},
		&scenarios.CreateManually{Created: merge[0], Read: merge[1], Later: merge[1]},
		&scenarios.CreateWithoutIssuer{Created: merge[0], Unnamed: merge[0]},
		&scenarios.MergeManualRequest{Created: merge[0], Before: merge[1], Merged: merge[2]},
		&scenarios.MergeFuture{Created: merge[0], Merged: merge[2]},
		&scenarios.FirstVersion{Created: crud[0], Polls: crud[1:3], Current: crud[3], WithSlash: crud[3]},
		&scenarios.NextVersion{
			Created: versions[0], Polls: versions[1:3], First: versions[2], CreatedNext: versions[3], NextPolls: versions[4:6],
		},
		&scenarios.DeletedName{Created: crud[0], Polls: crud[1:3], Current: crud[3], Deleted: crud[5], DeletedPolls: crud[6:8]},
		&scenarios.ImportPFX{Imported: carryingItsLeaf(t, imported[0], "TestImportCertificate"), Disabled: imported[0]},
		&scenarios.Authentication{Created: crud[0], Read: crud[1], ReadWithout: bare, CreatedWithout: bare, BodylessWithout: bare},
		&scenarios.APIVersions{Created: crud[0], Read: crud[1], Followed: crud[1]},
	} {
		for _, piece := range scenarios.Plays() {
			if piece.Name == nameOf(play) {
				r.performances = append(r.performances, &scenarios.Performance{Play: piece, Script: play})
			}
		}
	}
	held := 0
	for _, rule := range r.rules(changingScenarios()...) {
		switch finding := r.judge(t, rule, scenarios.Observed); finding.Kind {
		case specs.Held:
			held++
		case specs.NotReached:
		default:
			t.Errorf("%s: %s\n%s", rule, finding.Kind, finding.Text())
		}
	}
	t.Logf("%d rules held", held)
	const least = 100
	if held < least {
		t.Errorf("%d rules were judged on recordings, which should show at least %d", held, least)
	}
}

// carryingItsLeaf gives an import the leaf of the PFX that it sent, which a reader of recordings does not keep.
func carryingItsLeaf(t *testing.T, e *vault.Exchange, recording string) *vault.Exchange {
	t.Helper()
	text, err := os.ReadFile(recordingNamed(t, recording))
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Entries []struct {
			RequestBody struct {
				Value string `json:"value"`
			}
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	var sent struct{ Value string }
	for _, entry := range recorded.Entries {
		if sent.Value == "" {
			sent.Value = entry.RequestBody.Value
		}
	}
	file, err := base64.StdEncoding.DecodeString(sent.Value)
	if err != nil {
		t.Fatal(err)
	}
	_, leaf, err := pkcs12.Decode(file, "")
	if err != nil {
		t.Fatal(err)
	}
	e.Request.Certificates = [][]byte{leaf.Raw}
	return e
}
