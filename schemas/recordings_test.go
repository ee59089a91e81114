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

// recordedBody returns a body; the recorder writes null where there is none.
func recordedBody(t *testing.T, raw json.RawMessage) ([]byte, any) {
	t.Helper()
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
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

func readExchanges(tb testing.TB) []exchange {
	tb.Helper()
	const module = "github.com/Azure/azure-sdk-for-go/sdk/keyvault/azcertificates"
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		tb.Fatalf("locate the module of the recordings: %v", err)
	}
	folders := []string{filepath.Join(strings.TrimSpace(string(out)), "testdata", "recordings")}
	if *recordings != "" {
		folders = append(folders, *recordings)
	}
	var all []exchange
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil || len(paths) == 0 {
			tb.Fatalf("no recordings in %s: %v", folder, err)
		}
		for _, path := range paths {
			all = append(all, readRecording(tb, path)...)
		}
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
	set, document := load(t)
	kinds := map[Kind]int{}
	bodies, empty := 0, 0
	for _, e := range readExchanges(t) {
		r, resp := e.request(t), e.response(t)
		for _, p := range document.CheckResponse(r, resp) {
			t.Errorf("%s: the OpenAPI document refuses: %s (%s)", e.name(), p, p.Got)
		}
		if resp.Raw == nil {
			if resp.Status != http.StatusNoContent {
				t.Errorf("%s: no body", e.name())
			}
			empty++
			continue
		}
		bodies++
		kind, ok := document.ResponseKind(r, resp)
		if !ok {
			t.Errorf("%s: not classified", e.name())
			continue
		}
		kinds[kind]++
		for _, p := range set.Check(kind, resp.Body) {
			t.Errorf("%s: schema %s refuses: %s (%s)", e.name(), kind, p, p.Got)
		}
		version := apiVersionOf(e.RequestURI)
		for _, p := range set.TooNew(kind, version, resp.Body) {
			t.Errorf("%s: the members of api-version %s do not include: %s", e.name(), version, p)
		}
	}
	if bodies == 0 || empty == 0 {
		t.Fatalf("%d answers with a body, %d without: there must be some of each", bodies, empty)
	}
	classified := 0
	for _, n := range kinds {
		classified += n
	}
	if classified != bodies {
		t.Errorf("%d of %d answers were classified", classified, bodies)
	}
	// What the recordings are known to hold; classification that lumps states together would miss some.
	for _, kind := range []Kind{
		ErrorBody, OperationInProgress, OperationCompleted, Bundle, BundleMerged, DeletedBundle,
		Policy, List, DeletedList, Issuer, IssuerList, Contacts, BackupResult,
	} {
		if kinds[kind] == 0 {
			t.Errorf("no answer was classified as %s", kind)
		}
	}
	t.Logf("%d answers: %d bodies %v, %d without", bodies+empty, bodies, kinds, empty)
}

func TestRealClientsRequestsAreAccepted(t *testing.T) {
	_, document := load(t)
	checked := 0
	for _, e := range readExchanges(t) {
		if e.StatusCode == http.StatusUnauthorized {
			continue // the clients ask for the challenge without a body
		}
		checked++
		for _, p := range document.CheckRequest(e.request(t)) {
			t.Errorf("%s: %s (%s)", e.name(), p, p.Got)
		}
	}
	if checked == 0 {
		t.Fatal("no request was checked")
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
