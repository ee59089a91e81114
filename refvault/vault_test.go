package refvault_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/refvault"
)

const (
	token      = "a-token-for-tests"
	apiVersion = "7.4"
)

// sharedKeys is one pool for all tests of the package: making keys costs more than the tests do.
var sharedKeys *refvault.KeyPool

func TestMain(m *testing.M) {
	sharedKeys = refvault.NewKeyPool(4)
	os.Exit(m.Run())
}

// A bench is a vault behind a real TLS server, with a client and the clock.
type bench struct {
	t      *testing.T
	clock  *refvault.ManualClock
	server *httptest.Server
	token  string
	api    string
}

func newBench(t *testing.T, change func(*refvault.Options)) *bench {
	t.Helper()
	clock := refvault.NewManualClock(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
	options := refvault.Options{Clock: clock, Token: token, Keys: sharedKeys}
	if change != nil {
		change(&options)
	}
	vault, err := refvault.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(vault)
	t.Cleanup(server.Close)
	return &bench{t: t, clock: clock, server: server, token: token, api: apiVersion}
}

// A reply is an answer, read to its end.
type reply struct {
	t      *testing.T
	Status int
	Header http.Header
	Text   string
	Body   map[string]any
}

// send asks for path (with or without a query); body is JSON text, a value to encode, or nil.
func (b *bench) send(method, path string, body any) *reply {
	b.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	if b.api != "" && !strings.Contains(path, "api-version=") {
		path += separator + "api-version=" + b.api
	}
	return b.sendRaw(method, b.server.URL+path, body, nil)
}

func (b *bench) sendRaw(method, url string, body any, header http.Header) *reply {
	b.t.Helper()
	var reader io.Reader
	switch content := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(content)
	default:
		encoded, err := json.Marshal(content)
		if err != nil {
			b.t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, url, reader)
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if b.token != "" && request.Header.Get("Authorization") == "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	response, err := b.server.Client().Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	r := &reply{t: b.t, Status: response.StatusCode, Header: response.Header, Text: string(text)}
	if method != http.MethodHead && strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &r.Body); err != nil {
			b.t.Fatalf("%s %s: %v in %q", method, url, err, text)
		}
	}
	return r
}

// must fails the test unless the status is the one wanted.
func (r *reply) must(status int) *reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("status %d, want %d: %s", r.Status, status, r.Text)
	}
	return r
}

// refused fails the test unless the answer is an error with this status and code.
func (r *reply) refused(status int, code string) *reply {
	r.t.Helper()
	r.must(status)
	if got := r.text("error", "code"); got != code {
		r.t.Fatalf("error code %q, want %q: %s", got, code, r.Text)
	}
	if r.text("error", "message") == "" {
		r.t.Fatalf("no error message: %s", r.Text)
	}
	return r
}

// at returns the member under a path of names, nil if it is absent.
func (r *reply) at(path ...string) any {
	var found any = r.Body
	for _, name := range path {
		object, isObject := found.(map[string]any)
		if !isObject {
			return nil
		}
		found = object[name]
	}
	return found
}

func (r *reply) text(path ...string) string {
	text, _ := r.at(path...).(string)
	return text
}

func (r *reply) number(path ...string) int64 {
	r.t.Helper()
	number, isNumber := r.at(path...).(float64)
	if !isNumber {
		r.t.Fatalf("%v is no number: %s", path, r.Text)
	}
	return int64(number)
}

// hasExactly fails the test unless the body's members are the ones named.
func (r *reply) hasExactly(names ...string) *reply {
	r.t.Helper()
	for _, name := range names {
		if _, has := r.Body[name]; !has {
			r.t.Errorf("no member %q: %s", name, r.Text)
		}
	}
	if len(r.Body) != len(names) {
		r.t.Errorf("members beyond %v: %s", names, r.Text)
	}
	return r
}

func decodeObject(t *testing.T, from io.Reader) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.NewDecoder(from).Decode(&object); err != nil {
		t.Fatal(err)
	}
	return object
}

func createBody(issuer string) map[string]any {
	return map[string]any{"policy": map[string]any{
		"x509_props": map[string]any{"subject": "CN=example.com"},
		"key_props":  map[string]any{"kty": "EC", "crv": "P-256"},
		"issuer":     map[string]any{"name": issuer},
	}}
}

func (b *bench) create(name, issuer string) *reply {
	b.t.Helper()
	return b.send(http.MethodPost, "/certificates/"+name+"/create", createBody(issuer)).must(http.StatusAccepted)
}

func (b *bench) pending(name string) *reply {
	b.t.Helper()
	return b.send(http.MethodGet, "/certificates/"+name+"/pending", nil)
}

// completed creates a certificate and lets it be issued.
func (b *bench) completed(name string) *reply {
	b.t.Helper()
	b.create(name, "Self")
	b.clock.Advance(time.Second)
	return b.send(http.MethodGet, "/certificates/"+name, nil).must(http.StatusOK)
}
