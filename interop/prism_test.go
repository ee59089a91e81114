//go:build interop

package interop_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/schemas"
)

// TestPrismValidates puts Prism between the suite and the reference vault. A validator that others wrote then judges every
// request of the suite and every answer of the vault by our OpenAPI document.
func TestPrismValidates(t *testing.T) {
	kvconform := buildCommand(t)
	v := serve(t, kvconform)
	address := startPrism(t, v.ca, "proxy", v.url)
	transcript := filepath.Join(t.TempDir(), "transcript.jsonl")
	// Prism calls the vault by the vault's own name, which the ids then carry.
	judged := judge(t, kvconform, "--config", ofCertificatesAlone(t, appended(t, v.target, "idBase: "+v.url)),
		"--endpoint", address, "--transcript", transcript)
	if judged.exit != 0 {
		t.Errorf("exit %d\n%s", judged.exit, judged.problems())
	}

	deliberate, exchanges := 0, readExchanges(t, transcript)
	for _, e := range exchanges {
		for _, violation := range e.violations {
			where := strings.Join(violation.Location, ".")
			switch {
			case strings.HasPrefix(where, "response"):
				t.Errorf("%s answered %d with what the document forbids: %s: %s", e.step, e.status, where, violation.Message)
			case e.deliberate:
				deliberate++
			case strings.HasSuffix(e.path, "/"):
				// An empty version in the path is what client libraries send; OpenAPI has no words for it.
			default:
				t.Errorf("%s sent what the document forbids: %s: %s", e.step, where, violation.Message)
			}
		}
	}
	if len(exchanges) < 300 || deliberate == 0 {
		t.Errorf("Prism judged %d exchanges and found %d of the requests wrong that are meant to be", len(exchanges), deliberate)
	}
	t.Logf("%d exchanges, %d violations, all on purpose", len(exchanges), deliberate)
}

// ofCertificatesAlone takes the claim of keys and secrets out of a target file: our document has no words for them.
func ofCertificatesAlone(t *testing.T, target string) string {
	t.Helper()
	text, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	claim := []byte("companions: true\n")
	if !bytes.Contains(text, claim) {
		t.Fatalf("%s does not claim companions", target)
	}
	if err := os.WriteFile(target, bytes.Replace(text, claim, nil, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	return target
}

// TestPrismMockIsNoVault runs the suite against a mock that answers in the shapes of our document and keeps nothing.
func TestPrismMockIsNoVault(t *testing.T) {
	kvconform := buildCommand(t)
	address := startPrism(t, os.DevNull, "mock")
	judged := judge(t, kvconform, "--endpoint", address, "--token", "anything")
	if judged.exit != 1 {
		t.Errorf("exit %d, want 1\n%s", judged.exit, tail(judged.output, 20))
	}
	for _, rule := range []string{
		"request-from-issuer/location-path", "every-answer/csr", "import-certificate/cer",
		"every-answer/certificate-id", "authentication/challenge",
	} {
		if !judged.has("failed", rule) {
			t.Errorf("%s did not fail against a mock", rule)
		}
	}
	for _, rule := range []string{
		"read-in-progress/state", "read-completed/target-read", "read-deleted-or-overwritten/deleted-status",
		"conflict-while-in-progress/create-status", "merge-manual-request/status",
	} {
		if judged.has("passed", rule) {
			t.Errorf("%s passed against a mock, which has no state", rule)
		}
	}
	t.Logf("%d rules failed, %d were not reached, %d passed", len(judged.rules["failed"]), len(judged.rules["skipped"]), len(judged.rules["passed"]))
}

// startPrism starts Prism with our document on a free port and returns its base URL. The CA is for what it calls itself.
func startPrism(t *testing.T, ca, mode string, upstream ...string) string {
	t.Helper()
	node := tool(t, "node", "install Node.js 20 or newer")
	prism := fetched(t, filepath.Join("prism", "node_modules", "@stoplight", "prism-cli", "dist", "index.js"))
	document, err := schemas.LoadDocument()
	if err != nil {
		t.Fatal(err)
	}
	text, err := document.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	arguments := append([]string{prism, mode, "--host", "127.0.0.1", "--port", port, "--verboseLevel", "fatal", file}, upstream...)
	command := exec.Command(node, arguments...)
	command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+ca)
	start(t, command)
	waitUntilListening(t, "127.0.0.1:"+port, time.Minute)
	return "http://127.0.0.1:" + port
}

// exchange is what of an exchange of a transcript counts here.
type exchange struct {
	step, path string
	status     int
	deliberate bool
	violations []violation
}

// violation is one entry of the header in which Prism tells what is wrong.
type violation struct {
	Location []string `json:"location"`
	Message  string   `json:"message"`
}

func readExchanges(t *testing.T, transcript string) []exchange {
	t.Helper()
	file, err := os.Open(transcript)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it is only read
	var exchanges []exchange
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Play, Step string
			Exchange   *struct {
				Request struct {
					URL        string
					Deliberate bool
				}
				Response *struct {
					Status int
					Header map[string][]string
				}
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("reading the transcript: %v", err)
		}
		if line.Exchange == nil || line.Exchange.Response == nil {
			continue
		}
		path, _, _ := strings.Cut(line.Exchange.Request.URL, "?")
		e := exchange{
			step: fmt.Sprintf("%s.%s", line.Play, line.Step), path: path,
			status: line.Exchange.Response.Status, deliberate: line.Exchange.Request.Deliberate,
		}
		for name, values := range line.Exchange.Response.Header {
			if !strings.EqualFold(name, "sl-violations") {
				continue
			}
			if err := json.Unmarshal([]byte(values[0]), &e.violations); err != nil {
				t.Fatalf("reading what Prism says of %s: %v", e.step, err)
			}
		}
		exchanges = append(exchanges, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return exchanges
}
