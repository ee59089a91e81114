package specs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// sharedRecordings is where recordings of the real service in the format of the C++ client library stand, beside the clone.
const sharedRecordings = "../../shared/recordings"

// networkCalls reads a recording in the format of the C++ client library, without the requests to the secrets API.
func networkCalls(t *testing.T, path string) []*vault.Exchange {
	t.Helper()
	return slices.DeleteFunc(fromFile(t, path), func(e *vault.Exchange) bool { return strings.Contains(e.Request.URL, "/secrets/") })
}

// The recordings have two secrets of the service as well: a PKCS#12 and a PEM, each with its certificate and its key.
func TestTheSecretsOfTheServiceCanBeRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedRecordings, "*", "DownloadImport*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("there are no recordings in " + sharedRecordings + ": no secret of the service is read")
	}
	forms := map[string]int{}
	for _, file := range files {
		for _, e := range fromFile(t, file) {
			if !strings.Contains(e.Request.URL, "/secrets/") || !e.Succeeded() {
				continue
			}
			content := vault.ReadContent(e.Text("value"))
			if content.Problem != "" || len(content.Certificates) != 1 || len(content.Keys) != 1 {
				t.Errorf("%s: %d certificates, %d keys, %s", file, len(content.Certificates), len(content.Keys), content.Problem)
			}
			forms[content.Form]++
		}
	}
	if forms[vault.FormPKCS12] == 0 || forms[vault.FormPEM] == 0 {
		t.Errorf("the recordings have secrets in the forms %v", forms)
	}
}

// The recordings beside the clone show what the service returned at 7.3; no rule of every response may fail by it.
func TestNoSharedRecordingBreaksARuleOfEveryAnswer(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(sharedRecordings, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		const missing = "there are no recordings in " + sharedRecordings + ": the responses of the service at 7.3 are not judged"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	r := onRecordings(t)
	answers := 0
	for _, file := range files {
		exchanges := r.named(networkCalls(t, file))
		answers += len(exchanges)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		r.performances = append(r.performances, &scenarios.Performance{
			Play: scenarios.Play{Name: name}, Script: &Recording{Exchanges: exchanges},
		})
	}
	const host = "https://REDACTED.vault.azure.net"
	r.facts.Endpoint, r.facts.IDBase, r.facts.APIVersion = host, host, "7.3"
	held := 0
	for _, rule := range r.rules("every-answer") {
		switch finding := r.judge(t, rule, scenarios.Observed); finding.Kind {
		case specs.Held:
			held++
		case specs.NotReached:
		default:
			t.Errorf("%s: %s %s\n%s", rule, finding.Kind, finding.Play, finding.Text())
		}
	}
	const least = 40
	if answers < 130 || held < least {
		t.Errorf("%d rules held on %d responses, which should be at least %d", held, answers, least)
	}
	t.Logf("%d rules held on %d responses", held, answers)
}
