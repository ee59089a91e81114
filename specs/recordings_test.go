package specs_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	// The module whose recordings of the real service are read from the module cache; the import keeps it in go.mod.
	_ "github.com/Azure/azure-sdk-for-go/sdk/keyvault/azcertificates"

	recordedfile "github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// recorded reads a recording of the real service as exchanges, without those that only asked for the challenge.
func recorded(t *testing.T, name string) []*vault.Exchange {
	t.Helper()
	return slices.DeleteFunc(recordedWhole(t, name), func(e *vault.Exchange) bool {
		return e.Status() == http.StatusUnauthorized
	})
}

// recordingNamed is the file of a recording of the real service, in the module cache.
func recordingNamed(t *testing.T, name string) string {
	t.Helper()
	const module = "github.com/Azure/azure-sdk-for-go/sdk/keyvault/azcertificates"
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("locating the recordings: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(folder)), "testdata", "recordings", name+".json")
}

// recordedWhole reads a recording of the real service as exchanges.
func recordedWhole(t *testing.T, name string) []*vault.Exchange {
	t.Helper()
	exchanges := fromFile(t, recordingNamed(t, name))
	for _, e := range exchanges {
		e.Operation = operationOf(e.Request.Method, e.Request.URL)
	}
	return exchanges
}

// fromFile reads a recording of any format whole.
func fromFile(t *testing.T, path string) []*vault.Exchange {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	var exchanges []*vault.Exchange
	_, err = recordedfile.Read(t.Context(), file, func(entry recordedfile.Entry) {
		if entry.Exchange == nil {
			t.Errorf("%s, entry %d: %s", path, entry.Number, entry.Problem)
			return
		}
		exchanges = append(exchanges, entry.Exchange)
	})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return exchanges
}

// operationOf names the operations on the pending object.
func operationOf(method, uri string) string {
	switch {
	case strings.Contains(uri, "/create?"):
		return "CreateCertificate"
	case strings.Contains(uri, "/pending?") && method == http.MethodGet:
		return "GetCertificateOperation"
	default:
		return ""
	}
}

// TestWhatTheRealServiceAnsweredBreaksNoRule judges plays that are put together from recordings. Each recording shows
// a part of a play; the rules of the rest are not reached.
func TestWhatTheRealServiceAnsweredBreaksNoRule(t *testing.T) {
	t.Parallel()
	crud, merge := recorded(t, "TestCRUD"), recorded(t, "TestMergeCertificate")
	versions, issuers := recorded(t, "TestListCertificateVersions"), recorded(t, "TestIssuerCRUD")
	plays := []scenarios.Script{
		&scenarios.RequestFromIssuer{Created: crud[0], Followed: crud[1]},
		&scenarios.RequestFromOwnIssuer{IssuerSet: issuers[0], IssuerRead: issuers[1]},
		&scenarios.ReadInProgress{Created: merge[0], Read: merge[1], OtherCreated: crud[0], OtherRead: crud[1]},
		&scenarios.ReadCompleted{
			Created: crud[0], Polls: crud[1:3], Later: crud[2], Target: crud[3], Current: crud[3],
		},
		&scenarios.OverwrittenRequest{
			Created: versions[0], Polls: versions[1:3], Overwriting: versions[3], NewRead: versions[4],
		},
		&scenarios.ConflictEndedByWaiting{Created: versions[0], Polls: versions[1:3], CreatedAfter: versions[3]},
	}
	r := &rehearsal{facts: specs.Facts{Endpoint: "https://fakevault.local", IDBase: "https://fakevault.local", APIVersion: "7.4"}}
	var err error
	if r.book, err = specs.NewSuite(); err != nil {
		t.Fatal(err)
	}
	for _, play := range plays {
		for _, piece := range scenarios.Plays() {
			if piece.Name == nameOf(play) {
				r.performances = append(r.performances, &scenarios.Performance{Play: piece, Script: play})
			}
		}
	}
	held := 0
	for _, rule := range r.rules(readingScenarios()...) {
		switch finding := r.judge(t, rule, scenarios.Observed); finding.Kind {
		case specs.Held:
			held++
		case specs.NotReached:
		default:
			t.Errorf("%s: %s\n%s", rule, finding.Kind, finding.Text())
		}
	}
	const least = 60
	if held < least {
		t.Errorf("%d rules were judged on recordings, which should show at least %d", held, least)
	}
	t.Logf("%d rules held", held)
}
