package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/specs"
)

// sdkRecordings are the recordings of the real service in a release of the Go client library.
func sdkRecordings(t *testing.T) []string {
	t.Helper()
	const module = "github.com/Azure/azure-sdk-for-go/sdk/keyvault/azcertificates"
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("locating the recordings: %v", err)
	}
	paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), "testdata", "recordings", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	return paths
}

// sharedRecordings are those beside the clone, of the service at 7.3.
func sharedRecordings(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../../shared/recordings/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("there are no recordings beside the clone")
		}
		t.Skip("there are no recordings beside the clone: the responses of the service at 7.3 are not audited")
	}
	return paths
}

// suite is the rules, loaded once.
var suite = sync.OnceValues(specs.NewSuite)

// newAudit begins an audit with the rules that are loaded.
func newAudit(t *testing.T, options audit.Options) *audit.Audit {
	t.Helper()
	var err error
	if options.Suite, err = suite(); err != nil {
		t.Fatal(err)
	}
	auditor, err := audit.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return auditor
}

// audited audits files.
func audited(t *testing.T, options audit.Options, paths ...string) *reports.Report {
	t.Helper()
	auditor := newAudit(t, options)
	for _, path := range paths {
		if err := auditor.File(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	return auditor.Report(t.Context())
}

func TestRecordingsOfTheRealServicePass(t *testing.T) {
	for _, test := range []struct {
		name          string
		paths         func(*testing.T) []string
		note          string
		files, judged int
	}{
		{"the Go client library", sdkRecordings, "112 exchanges of the certificates API were judged", 11, 59},
		{"the C++ client library", sharedRecordings, "139 exchanges of the certificates API were judged; 2 of other traffic were left out", 23, 58},
	} {
		t.Run(test.name, func(t *testing.T) {
			paths := test.paths(t)
			if len(paths) != test.files {
				t.Errorf("%d recordings, want %d", len(paths), test.files)
			}
			report := audited(t, audit.Options{}, paths...)
			if report.Conclusion.ExitCode != reports.ExitHeld || report.Counts.Warn > 0 {
				t.Errorf("exit %d: %s %v", report.Conclusion.ExitCode, report.Conclusion.Line, report.Causes)
			}
			if judged := report.Counts.Pass + report.Counts.Info; judged < test.judged {
				t.Errorf("%d rules judged, want %d or more", judged, test.judged)
			}
			if len(report.Notes) != 1 || report.Notes[0] != test.note {
				t.Errorf("notes %q, want %q", report.Notes, test.note)
			}
		})
	}
}

// entry makes one entry of a session of the test proxy. Each has a request id of its own.
func entry(method, url string, status int, body string) string {
	text, err := json.Marshal(map[string]any{
		"RequestUri": url, "RequestMethod": method, "RequestHeaders": map[string]string{"Authorization": "Sanitized"}, "StatusCode": status,
		"ResponseHeaders": map[string]string{
			"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
			"Strict-Transport-Security": "max-age=1", "Date": "Mon, 02 Jan 2023 03:04:05 GMT",
			"x-ms-request-id": fmt.Sprintf("5b497d0b-70f5-4d88-87dc-%012x", rand.Uint64()>>16),
		},
		"ResponseBody": json.RawMessage(body),
	})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// session makes a session of the test proxy.
func session(entries ...string) string { return `{"Entries":[` + strings.Join(entries, ",") + `]}` }

// operation is a completed operation whose ids begin with a base.
func operation(base, name, status string) string {
	return `{"id":"` + base + `/certificates/` + name + `/pending","issuer":{"name":"Unknown"},"csr":"` + csr + `","cancellation_requested":false,` +
		`"status":"` + status + `","status_details":"x","request_id":"0123456789abcdef0123456789abcdef"}`
}

// failing lists the rules of a report that fail.
func failing(r *reports.Report) []string {
	var ids []string
	for _, scenario := range r.Scenarios {
		for _, rule := range scenario.Rules {
			if rule.Verdict == reports.Fail {
				ids = append(ids, rule.ID)
			}
		}
	}
	return ids
}

func TestBreachesAreToldApartFromWhatARecorderChanged(t *testing.T) {
	const vault, other = "https://vault.example", "https://other.example/prefix"
	pending := func(host, name string) string { return host + "/certificates/" + name + "/pending?api-version=7.4" }
	for _, test := range []struct {
		name    string
		text    string
		options audit.Options
		fails   []string
		note    string
	}{
		{"as it should be", session(
			entry("GET", pending(vault, "a"), 200, operation(vault, "a", "inProgress")),
		), audit.Options{}, nil, ""},
		{"a state that is none", session(
			entry("GET", pending(vault, "a"), 200, operation(vault, "a", "inProgress")),
			entry("GET", pending(vault, "a"), 200, strings.Replace(operation(vault, "a", "inProgress"), `"Unknown"`, "7", 1)),
		), audit.Options{}, []string{"every-answer/operation", "every-answer/operation-in-progress"}, ""},
		{"every id of another host", session(
			entry("GET", pending(vault, "a"), 200, operation(other, "a", "inProgress")),
			entry("GET", pending(vault, "a"), 200, operation(other, "a", "inProgress")),
		), audit.Options{}, nil, "the ids of https://vault.example begin with https://other.example/prefix"},
		{"every id of another host than the user says", session(
			entry("GET", pending(vault, "a"), 200, operation(other, "a", "inProgress")),
		), audit.Options{IDBase: vault}, []string{"every-answer/pending-id"}, ""},
		{"one id of another host", session(
			entry("GET", pending(vault, "a"), 200, operation(vault, "a", "inProgress")),
			entry("GET", pending(vault, "a"), 200, operation(other, "a", "inProgress")),
		), audit.Options{}, []string{"every-answer/pending-id"}, ""},
		{"a value that the recorder replaced", session(
			entry("GET", pending(vault, "a"), 200, strings.Replace(operation(vault, "a", "inProgress"), csr, "Sanitized", 1)),
		), audit.Options{}, nil, "has Sanitized in the place of values"},
		{"a value that the user names", session(
			entry("GET", pending(vault, "a"), 200, strings.Replace(operation(vault, "a", "inProgress"), csr, "FAKE_CSR", 1)),
		), audit.Options{Sanitized: []string{"FAKE_CSR"}}, nil, "has FAKE_CSR in the place of values"},
		{"the same value unnamed", session(
			entry("GET", pending(vault, "a"), 200, strings.Replace(operation(vault, "a", "inProgress"), csr, "FAKE_CSR", 1)),
		), audit.Options{}, []string{"every-answer/operation", "every-answer/operation-in-progress", "every-answer/csr"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			auditor := newAudit(t, test.options)
			if err := auditor.Read(t.Context(), "session.json", strings.NewReader(test.text)); err != nil {
				t.Fatal(err)
			}
			report := auditor.Report(t.Context())
			if got := strings.Join(failing(report), " "); got != strings.Join(test.fails, " ") {
				t.Errorf("%q fail, want %q", got, test.fails)
			}
			if notes := strings.Join(report.Notes, "\n"); !strings.Contains(notes, test.note) || test.note == "" && strings.Contains(notes, "begin with") {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

func TestCertificatesAreRecognisedOnAnyHostAndOtherTrafficIsNot(t *testing.T) {
	notFound := `{"error":{"code":"CertificateNotFound","message":"none"}}`
	for _, test := range []struct {
		url    string
		body   string
		judged bool
	}{
		{"https://vault.example/certificates/a?api-version=7.4", notFound, true},
		{"http://127.0.0.1:8080/certificates/a/?api-version=7.4", notFound, true},
		{"https://gateway.example/tenants/7/certificates/a/pending?api-version=7.4", notFound, true},
		{"https://gateway.example/certificates/certificates/a/pending?api-version=7.4", notFound, true},
		{"https://vault.example/deletedcertificates/a?api-version=2025-07-01", notFound, true},
		{"https://vault.example/certificates/a?api-version=7.9", notFound, true},
		{"https://vault.example/certificates/a", notFound, true},
		{"https://vault.example/certificates/a", `"a page"`, false},
		{"https://vault.example/keys/a?api-version=7.4", notFound, false},
		{"https://shop.example/certificates/gift.html", `"a page"`, false},
		{"https://management.azure.com/subscriptions/1/providers/Microsoft.Web/certificates/a?api-version=2022-03-01", notFound, false},
		{"https://batch.example/certificates?api-version=2019-08-01.10.0", `{"value":[{"thumbprint":"x"}]}`, false},
	} {
		t.Run(test.url, func(t *testing.T) {
			auditor := newAudit(t, audit.Options{})
			status := 404
			if test.body != notFound {
				status = 200
			}
			if err := auditor.Read(t.Context(), "session.json", strings.NewReader(session(entry("GET", test.url, status, test.body)))); err != nil {
				t.Fatal(err)
			}
			if got := auditor.Judged() == 1; got != test.judged {
				t.Errorf("judged is %t, want %t", got, test.judged)
			}
		})
	}
}

func TestAFindingNamesItsFileAndEntry(t *testing.T) {
	const vault = "https://vault.example"
	url := vault + "/certificates/a/pending?api-version=7.4"
	good := func() string { return entry("GET", url, 200, operation(vault, "a", "inProgress")) }
	bad := func() string {
		return entry("GET", url, 200, strings.Replace(operation(vault, "a", "inProgress"), `"Unknown"`, "7", 1))
	}
	path := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(path, []byte(session(good(), good(), bad(), bad())), 0o600); err != nil {
		t.Fatal(err)
	}
	report := audited(t, audit.Options{}, path)
	if len(report.Causes) != 1 {
		t.Fatalf("causes %+v", report.Causes)
	}
	cause := report.Causes[0]
	if cause.Play != path || cause.Step != "entry" || cause.Index != 3 || cause.Exchanges != 2 {
		t.Errorf("the cause is %+v, want entry 3 of %s and 2 exchanges", cause, path)
	}
	var text bytes.Buffer
	if err := reports.WriteText(&text, report, reports.TextOptions{Width: 400, Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if want := path + ", entry 3\n"; !strings.Contains(text.String(), want) {
		t.Errorf("%q is not in:\n%s", want, text.String())
	}
}

func TestWhatIsNotACertificateRecordingIsSaidAndCosts(t *testing.T) {
	auditor := newAudit(t, audit.Options{})
	var usage *input.Usage
	if err := auditor.Read(t.Context(), "x.bin", strings.NewReader("\x00\x01")); !errors.As(err, &usage) || !strings.Contains(err.Error(), "x.bin is binary") {
		t.Errorf("got %v", err)
	}
	if err := auditor.Read(t.Context(), "other.har", strings.NewReader(session(entry("GET", "https://a.example/b", 200, "{}")))); err != nil {
		t.Fatal(err)
	}
	report := auditor.Report(t.Context())
	if report.Conclusion.ExitCode != reports.ExitIncomplete || !strings.Contains(report.Conclusion.Line, "no exchange of the certificates API was found among 1 of other traffic") {
		t.Errorf("exit %d: %s", report.Conclusion.ExitCode, report.Conclusion.Line)
	}
	const vault = "https://vault.example"
	good := entry("GET", vault+"/certificates/a/pending?api-version=7.4", 200, operation(vault, "a", "inProgress"))
	if err := auditor.Read(t.Context(), "cut.json", strings.NewReader(`{"Entries":[`+good+`,{"Req`)); err != nil {
		t.Fatal(err)
	}
	report = auditor.Report(t.Context())
	if report.Conclusion.ExitCode != reports.ExitIncomplete || len(report.Unread) != 1 || report.Unread[0] != "cut.json is cut short after entry 1" || report.Counts.Pass == 0 {
		t.Errorf("exit %d: %s %q", report.Conclusion.ExitCode, report.Conclusion.Line, report.Unread)
	}
}

func TestWhyNothingWasJudgedIsSaid(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"log":{"entries":[]}}`, "no exchange could be judged: the recording has none"},
		{"interactions:\n- request: !!python/object:os.system\n    method: GET\n", "no exchange could be judged: 1 could not be read; x, entry 1: "},
		{session(entry("GET", "https://a.example/b", 200, "{}")), "no exchange of the certificates API was found among 1 of other traffic"},
	} {
		auditor := newAudit(t, audit.Options{})
		if err := auditor.Read(t.Context(), "x", strings.NewReader(test.text)); err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if report := auditor.Report(t.Context()); report.Conclusion.ExitCode != reports.ExitIncomplete || !strings.Contains(report.Conclusion.Line, test.want) {
			t.Errorf("exit %d: %s, want %s", report.Conclusion.ExitCode, report.Conclusion.Line, test.want)
		}
	}
}

func TestARuleThatNeedsARunIsRefused(t *testing.T) {
	for _, test := range []struct {
		options audit.Options
		want    string
	}{
		{audit.Options{Rules: []string{"create-manually/status"}}, "is about requests that only a run sends"},
		{audit.Options{Scenarios: []string{"create-manually"}}, "no rule of these scenarios is about every response"},
		{audit.Options{Rules: []string{"every-answer/nothing"}}, "there is no rule"},
		{audit.Options{Sanitized: []string{"x"}}, "too short"},
	} {
		var usage *input.Usage
		if _, err := audit.New(test.options); !errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.options, err, test.want)
		}
	}
}
