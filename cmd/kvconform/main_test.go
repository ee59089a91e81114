package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/reports"
)

// typed runs a command line as a user types it.
func typed(t *testing.T, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(context.Background(), arguments, &out, &errs)
	return code, out.String(), errs.String()
}

func TestWrongUsageIsOneLineAndExit2AndSendsNothing(t *testing.T) {
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent++ }))
	defer server.Close()
	folder := t.TempDir()
	wrong := filepath.Join(folder, "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("endpoint: "+server.URL+"\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"runn"}, `unknown command "runn" for "kvconform"; did you mean run?`},
		{[]string{"rnu"}, `did you mean run?`},
		{[]string{"run"}, "no endpoint: give --endpoint URL"},
		{[]string{"run", "--endpoint"}, "flag needs an argument"},
		{[]string{"run", "--colour"}, "unknown flag: --colour"},
		{[]string{"run", "extra"}, `unknown command "extra"`},
		{[]string{"run", "--endpoint", server.URL, "--oracle", "delphi"}, `no oracle "delphi": it is one of either, documented, observed`},
		{[]string{"run", "--endpoint", server.URL, "--scenario", "cancel-in-progres"}, "did you mean cancel-in-progress?"},
		{[]string{"run", "--endpoint", server.URL, "--rule", "create-manually/x"}, `no rule "create-manually/x"`},
		{[]string{"run", "--endpoint", server.URL, "--api-version", "7"}, `api-version "7" is unknown`},
		{[]string{"run", "--endpoint", server.URL, "--ca", filepath.Join(folder, "no.pem")}, "the CA cannot be read"},
		{[]string{"run", "--endpoint", server.URL, "--ca", wrong}, "holds no PEM certificate"},
		{[]string{"run", "--endpoint", "http://vault.example"}, "--allow-http"},
		{[]string{"run", "--embedded", "--endpoint", server.URL}, "leave --endpoint and --config out"},
		{[]string{"run", "--embedded", "--manner", "rude"}, `no manner "rude"`},
		{[]string{"run", "--config", filepath.Join(folder, "no.yaml")}, "cannot be read"},
		{[]string{"run", "--config", wrong}, "colour"},
		{[]string{"run", "--endpoint", server.URL, "--junit", filepath.Join(wrong, "junit.xml")}, "cannot be written"},
		{[]string{"explain"}, "accepts 1 arg(s)"},
		{[]string{"explain", "nonsense"}, `no rule "nonsense"`},
		{[]string{"serve", "--listen", "nowhere"}, "listening on nowhere"},
	} {
		t.Run(strings.Join(test.arguments, " "), func(t *testing.T) {
			code, stdout, stderr := typed(t, test.arguments...)
			if code != 2 || !strings.Contains(stderr, test.want) || stdout != "" {
				t.Errorf("exit %d, printed %q and %q; want exit 2 and %q", code, stdout, stderr, test.want)
			}
		})
	}
	if sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

func TestAnEndpointThatIsNotThereIsExit3(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	code, _, stderr := typed(t, "run", "--endpoint", gone.URL)
	if code != 3 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "nothing listens there") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestARunOnTheEmbeddedVaultIsGreenAndWritesItsFiles(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a folder ü")
	junit, transcript := filepath.Join(folder, "junit.xml"), filepath.Join(folder, "transcript.jsonl")
	code, stdout, stderr := typed(t, "run", "--embedded", "--scenario", "create-manually", "--junit", junit, "--transcript", transcript)
	if code != 0 {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if !strings.Contains(stdout, "create-manually") || !strings.Contains(stdout, "passed") || strings.Contains(stdout, "\x1b") {
		t.Errorf("printed %q", stdout)
	}
	text, err := os.ReadFile(junit)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suites []struct {
			Cases []struct {
				Name string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &suites); err != nil || len(suites.Suites) != 1 || len(suites.Suites[0].Cases) == 0 {
		t.Errorf("the JUnit file has %+v (%v)", suites, err)
	}
	lines, err := os.ReadFile(transcript)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(lines)), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("line %d of the transcript is no JSON", i+1)
		}
	}
	if strings.Contains(string(lines), "Bearer ") && !strings.Contains(string(lines), "Bearer [redacted]") {
		t.Error("the transcript holds a token")
	}
}

// serve writes a target file with which run reaches the vault, also when another address is put before it.
func TestServeIsReachedByItsTargetFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	target := filepath.Join(folder, "target.yaml")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 2)
	serve := func(target string) *firstWrite {
		ready := &firstWrite{written: make(chan struct{})}
		go func() {
			ended <- execute(ctx, []string{"serve", "--target-out", target}, ready, &bytes.Buffer{})
		}()
		select {
		case <-ready.written:
		case <-time.After(20 * time.Second):
			t.Fatal("serve printed nothing")
		}
		return ready
	}
	ready := serve(target)
	serve(filepath.Join(folder, "another.yaml")) // from the same folder, with a certificate of its own
	code, stdout, stderr := typed(t, "run", "--config", target, "--scenario", "delete-pending")
	if code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	other := strings.Replace(strings.TrimSpace(ready.text()), "127.0.0.1", "localhost", 1)
	if code, stdout, stderr = typed(t, "run", "--config", target, "--endpoint", other, "--scenario", "delete-pending"); code != 0 {
		t.Errorf("by %s: exit %d: %s%s", other, code, stdout, stderr)
	}
	stop()
	for range 2 {
		if code := <-ended; code != 0 {
			t.Errorf("serve ended with %d", code)
		}
	}
}

// firstWrite tells when something was written to it.
type firstWrite struct {
	written chan struct{}
	buffer  []byte
}

func (f *firstWrite) Write(p []byte) (int, error) {
	if f.buffer == nil {
		f.buffer = append(f.buffer, p...)
		close(f.written)
	}
	return len(p), nil
}

func (f *firstWrite) text() string {
	<-f.written
	return string(f.buffer)
}

func TestListAndExplainShowTheCatalogue(t *testing.T) {
	t.Parallel()
	code, stdout, _ := typed(t, "list")
	if code != 0 || !strings.Contains(stdout, "conflict-while-in-progress/create-status") {
		t.Errorf("list: exit %d: %s", code, stdout)
	}
	code, stdout, _ = typed(t, "list", "--json")
	var scenarios []scenarioView
	if err := json.Unmarshal([]byte(stdout), &scenarios); code != 0 || err != nil || len(scenarios) == 0 || len(scenarios[0].Rules) == 0 {
		t.Errorf("list --json: exit %d, %v", code, err)
	}
	code, stdout, _ = typed(t, "explain", "--no-examples", "conflict-while-in-progress/create-status")
	for _, want := range []string{"must", "409", "create-certificate-scenarios", "https://learn.microsoft.com/"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("explain does not say %q: %s", want, stdout)
		}
	}
	code, stdout, _ = typed(t, "explain", "--json", "--no-examples", "conflict-while-in-progress/create-status")
	var rule ruleView
	if err := json.Unmarshal([]byte(stdout), &rule); code != 0 || err != nil || rule.Level != "must" {
		t.Errorf("explain --json: exit %d, %v: %s", code, err, stdout)
	}
}

func TestHelpAndPagesNameEveryCommandAndExitCode(t *testing.T) {
	code, help, _ := typed(t, "--help")
	for _, command := range newRoot().Commands() {
		if !command.Hidden && (code != 0 || !strings.Contains(help, command.Short)) {
			t.Errorf("the help does not describe %s", command.Name())
		}
	}
	for _, exit := range reports.Exits() {
		if !strings.Contains(help, fmt.Sprintf("  %3d  %s\n", exit.Code, exit.Meaning)) {
			t.Errorf("the help does not describe exit code %d", exit.Code)
		}
		for _, page := range []string{filepath.Join("docs", "verdicts.md"), filepath.Join("docs", "architecture.md")} {
			text, err := os.ReadFile(filepath.Join(root(t), page))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), fmt.Sprintf("| %d | %s |\n", exit.Code, exit.Meaning)) {
				t.Errorf("%s does not describe exit code %d as %q", page, exit.Code, exit.Meaning)
			}
		}
	}
}

// filesIn returns a function that writes a file of the folder and returns its path.
func filesIn(t *testing.T, folder string) func(name, text string) string {
	t.Helper()
	return func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
}
