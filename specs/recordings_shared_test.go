package specs_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// sharedRecordings is where recordings of the real service in the format of the C++ client library stand, beside the clone.
const sharedRecordings = "../../shared/recordings"

// networkCalls reads a recording in the format of the C++ client library.
func networkCalls(t *testing.T, path string) []*vault.Exchange {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var recording struct {
		Calls []struct {
			Method, URL string
			Response    map[string]string
		} `json:"networkCallRecords"`
	}
	if err := json.Unmarshal(text, &recording); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var exchanges []*vault.Exchange
	for _, call := range recording.Calls {
		if strings.Contains(call.URL, "/secrets/") { // the secrets API
			continue
		}
		response := &vault.Response{Header: http.Header{}}
		for name, value := range call.Response {
			switch strings.ToUpper(name) {
			case "BODY":
				response.Body = vault.Body(value)
			case "STATUS_CODE":
				if response.Status, err = strconv.Atoi(value); err != nil {
					t.Fatalf("%s: the status %q", path, value)
				}
			default:
				response.Header.Set(name, value)
			}
		}
		exchanges = append(exchanges, &vault.Exchange{
			Request:  vault.Request{Method: call.Method, URL: call.URL},
			Response: response,
		})
	}
	return exchanges
}

// The recordings beside the clone show what the service returned at 7.3; no rule of every response may fail by it.
func TestNoSharedRecordingBreaksARuleOfEveryAnswer(t *testing.T) {
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
