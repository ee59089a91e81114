package schemas

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	// The module whose recordings of the real service are read from the module cache; the import keeps it in go.mod.
	_ "github.com/Azure/azure-sdk-for-go/sdk/keyvault/azcertificates"

	"github.com/kvconform/kvconform/internal/long"
)

var recordings = flag.String("recordings", "", "a further folder of recordings to check, such as those of another version of the module")

// exchange is one recorded request with its answer.
type exchange struct {
	RequestURI      string `json:"RequestUri"`
	RequestMethod   string
	RequestHeaders  map[string]string
	RequestBody     json.RawMessage
	StatusCode      int
	ResponseHeaders map[string]string
	ResponseBody    json.RawMessage

	file string
	line int
}

func (e *exchange) name() string {
	return fmt.Sprintf("%s, entry %d: %s %s -> %d", e.file, e.line, e.RequestMethod, e.RequestURI, e.StatusCode)
}

func (e *exchange) request(t *testing.T) Request {
	raw, body := recordedBody(t, e.RequestBody)
	return Request{Method: e.RequestMethod, URL: e.RequestURI, Header: headerOf(e.RequestHeaders), Raw: raw, Body: body}
}

func (e *exchange) response(t *testing.T) Response {
	raw, body := recordedBody(t, e.ResponseBody)
	return Response{Status: e.StatusCode, Header: headerOf(e.ResponseHeaders), Raw: raw, Body: body}
}

// recordedBody returns a body; the recorder writes null where there is none, and some bodies as text.
func recordedBody(t *testing.T, raw json.RawMessage) ([]byte, any) {
	t.Helper()
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	value, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	return raw, value
}

func headerOf(recorded map[string]string) http.Header {
	header := http.Header{}
	for name, value := range recorded {
		header.Set(name, value)
	}
	return header
}

const recordedModule = "github.com/Azure/azure-sdk-for-go/sdk/keyvault/azcertificates"

// readExchanges returns what the required version of the module recorded, and what -recordings adds.
func readExchanges(tb testing.TB) []exchange {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}", recordedModule).Output()
	if err != nil {
		tb.Fatalf("locate the module of the recordings: %v", err)
	}
	all := readFolder(tb, filepath.Join(strings.TrimSpace(string(out)), "testdata", "recordings"))
	if *recordings != "" {
		all = append(all, readFolder(tb, *recordings)...)
	}
	return all
}

func readFolder(tb testing.TB, folder string) []exchange {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no recordings in %s: %v", folder, err)
	}
	var all []exchange
	for _, path := range paths {
		all = append(all, readRecording(tb, path)...)
	}
	return all
}

func readRecording(tb testing.TB, path string) []exchange {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var recording struct{ Entries []exchange }
	if err := json.Unmarshal(text, &recording); err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	for i := range recording.Entries {
		recording.Entries[i].file, recording.Entries[i].line = filepath.Base(path), i
	}
	return recording.Entries
}

func TestRealServiceAnswersAreAccepted(t *testing.T) {
	// What the recordings are known to hold; a classification that lumps states together would miss some.
	checkAnswers(t, readExchanges(t), ErrorBody, OperationInProgress, OperationCompleted, Bundle, BundleMerged, DeletedBundle,
		Policy, List, DeletedList, Issuer, IssuerList, Contacts, BackupResult)
}

func TestRealClientsRequestsAreAccepted(t *testing.T) { checkRequests(t, readExchanges(t)) }

// The older versions were recorded at 7.3-preview and 7.3. One module has one version in go.mod, so these are fetched as
// tools are, through the Go proxy.
func TestOlderRecordingsAreAccepted(t *testing.T) {
	long.Test(t, "fetches modules that go.mod does not require")
	for _, version := range []string{"v0.8.0", "v0.5.0", "v0.2.0"} {
		t.Run(version, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", recordedModule+"@"+version)
			command.Dir = t.TempDir()
			out, err := command.Output()
			var module struct{ Dir string }
			if err != nil || json.Unmarshal(out, &module) != nil {
				t.Skipf("%s does not resolve here: %v", version, err)
			}
			exchanges := readFolder(t, filepath.Join(module.Dir, "testdata", "recordings"))
			progress := OperationCompleted
			if version == "v0.2.0" {
				progress = BundlePending // its clients never read an operation that had completed
			}
			checkAnswers(t, exchanges, ErrorBody, OperationInProgress, progress, Bundle, BundleMerged, DeletedBundle)
			checkRequests(t, exchanges)
		})
	}
}

// checkAnswers demands that every answer is classified and accepted, and that each of the expected kinds occurs.
func checkAnswers(t *testing.T, exchanges []exchange, expected ...Kind) {
	t.Helper()
	set, document := load(t)
	kinds := map[Kind]int{}
	bodies, classified := 0, 0
	for _, e := range exchanges {
		r, resp := e.request(t), e.response(t)
		for _, p := range document.CheckResponse(r, resp) {
			t.Errorf("%s: the OpenAPI document refuses: %s (%s)", e.name(), p, p.Got)
		}
		if resp.Raw == nil {
			if resp.Status != http.StatusNoContent {
				t.Errorf("%s: no body", e.name())
			}
			continue
		}
		bodies++
		kind, ok := document.ResponseKind(r, resp)
		if !ok {
			t.Errorf("%s: not classified", e.name())
			continue
		}
		classified++
		kinds[kind]++
		for _, p := range set.Check(kind, resp.Body) {
			t.Errorf("%s: schema %s refuses: %s (%s)", e.name(), kind, p, p.Got)
		}
		version := apiVersionOf(e.RequestURI)
		for _, p := range set.TooNew(kind, version, resp.Body) {
			t.Errorf("%s: %s", e.name(), p)
		}
	}
	if bodies == 0 || classified != bodies {
		t.Errorf("%d of %d answers were classified", classified, bodies)
	}
	for _, kind := range expected {
		if kinds[kind] == 0 {
			t.Errorf("no answer was classified as %s", kind)
		}
	}
	t.Logf("%d answers, of which %d have a body: %v", len(exchanges), bodies, kinds)
}

func checkRequests(t *testing.T, exchanges []exchange) {
	t.Helper()
	_, document := load(t)
	checked := 0
	for _, e := range exchanges {
		if e.StatusCode == http.StatusUnauthorized {
			continue // the clients ask for the challenge without a body
		}
		checked++
		for _, p := range document.CheckRequest(e.request(t)) {
			t.Errorf("%s: %s (%s)", e.name(), p, p.Got)
		}
	}
	if checked == 0 {
		t.Error("no request was checked")
	}
}

func load(tb testing.TB) (*Set, *Document) {
	tb.Helper()
	set, err := Compile()
	if err != nil {
		tb.Fatal(err)
	}
	document, err := LoadDocument()
	if err != nil {
		tb.Fatal(err)
	}
	return set, document
}
