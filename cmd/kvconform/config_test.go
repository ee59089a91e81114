package main

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestInitWritesAFileThatCheckConfigTakes(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := typed(t, "init")
	if code != 0 || !strings.HasPrefix(stdout, "kvconform.yaml is written; fill it in, then `kvconform check-config kvconform.yaml`\n") || stderr != "" {
		t.Fatalf("exit %d, printed %q and %q", code, stdout, stderr)
	}
	code, stdout, stderr = typed(t, "check-config")
	if code != 0 || !strings.HasPrefix(stdout, "kvconform.yaml is valid (no request was sent)\n") || stderr != "" {
		t.Errorf("exit %d, printed %q and %q", code, stdout, stderr)
	}
	if err := os.WriteFile("kvconform.yaml", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr = typed(t, "init")
	if code != 2 || stderr != "kvconform: kvconform.yaml is there already; name another with --out, or give --force to replace it\n" {
		t.Errorf("exit %d, printed %q", code, stderr)
	}
	if text, _ := os.ReadFile("kvconform.yaml"); string(text) != "mine" {
		t.Errorf("the file was changed to %q", text)
	}
	if code, _, stderr = typed(t, "init", "--force"); code != 0 {
		t.Errorf("exit %d, printed %q", code, stderr)
	}
	code, stdout, stderr = typed(t, "init", "--out", "-")
	if _, err := os.Stat("-"); code != 0 || !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(stdout, "# yaml-language-server") {
		t.Errorf("to the standard output: exit %d, %v: %s%.200s", code, err, stderr, stdout)
	}
	if code, _, stderr = typed(t, "init", "--out", filepath.Join("new folder", "target.yaml")); code != 0 {
		t.Errorf("exit %d, printed %q", code, stderr)
	}
	if code, _, stderr = typed(t, "init", "--out", filepath.Join("kvconform.yaml", "x")); code != 2 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d, printed %q", code, stderr)
	}
}

func TestCheckConfigTellsWhatWouldRunAndNoSecret(t *testing.T) {
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent++ }))
	defer server.Close()
	t.Chdir(t.TempDir())
	t.Setenv("KVCONFORM_TEST_TOKEN", "token-that-nobody-may-see")
	text := `name: emulator
endpoint: ` + server.URL + `/vault
auth: {token: {env: KVCONFORM_TEST_TOKEN}}
headers: {X-Api-Key: header-that-nobody-may-see}
apiVersion: [7.0, 7.4]
issuers: {completes: test, fails: {setUp: {provider: Test}}}
hooks: {failPending: [sh, -c, "true"]}
without: [import, merge]
ready: {path: /ping}
cleanup: purge
`
	if err := os.WriteFile("kvconform.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := typed(t, "check-config")
	if code != 0 || stderr != "" || sent != 0 {
		t.Fatalf("exit %d, %d requests, printed %q", code, sent, stderr)
	}
	if strings.Contains(stdout, "nobody-may-see") {
		t.Errorf("a secret is shown:\n%s", stdout)
	}
	for _, want := range []string{
		`(?m)^target +emulator http://127.0.0.1:\d+/vault$`,
		`(?m)^token +from the environment variable KVCONFORM_TEST_TOKEN$`,
		`(?m)^headers +X-Api-Key \(from a value\)$`,
		`(?m)^issuer +completes: test$`, `(?m)^issuer +fails: set up with the provider Test$`, `(?m)^issuer +rejects: none$`,
		`(?m)^hook +failPending: sh$`, `(?m)^waits for +200 from GET /ping, for up to 1m0s$`,
		`(?m)^at api-version 7.0$`, `(?m)^at api-version 7.4$`,
		`(?m)^  would run +\d+ plays, \d+ rules \(\d+ must, \d+ should, \d+ may\)$`,
		`(?m)^  not claimed +\d+ rules: merge$`, `(?m)^  not reached +\d+ rules: needs an issuer that rejects its requests`,
		`the run's certificates are purged at the end`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("%s is not in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "needs an issuer that fails") {
		t.Errorf("an issuer that is set up is missed:\n%s", stdout)
	}
	if err := os.Unsetenv("KVCONFORM_TEST_TOKEN"); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = typed(t, "check-config", "kvconform.yaml")
	if want := "kvconform: kvconform.yaml:3: auth.token.env: the environment variable KVCONFORM_TEST_TOKEN is not set; set it, or name another\n"; code != 2 || stderr != want || stdout != "" {
		t.Errorf("exit %d, printed %q and %q, want %q", code, stdout, stderr, want)
	}
	if code, _, stderr = typed(t, "check-config", "none.yaml"); code != 2 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d, printed %q", code, stderr)
	}
}

func TestRunTakesTheUsualFileAndSaysSo(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	t.Chdir(t.TempDir())
	if code, _, stderr := typed(t, "run"); code != 2 || !strings.Contains(stderr, "no endpoint") {
		t.Errorf("without a file: exit %d, printed %q", code, stderr)
	}
	if err := os.WriteFile("kvconform.yaml", []byte("endpoint: "+gone.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := typed(t, "run")
	if !strings.HasPrefix(stderr, "kvconform: the target file is ./kvconform.yaml, as none is named\n") || code != 3 || !strings.Contains(stderr, gone.URL) {
		t.Errorf("exit %d, printed %q", code, stderr)
	}
	if code, _, stderr = typed(t, "run", "--endpoint", gone.URL+"/other"); code != 3 || strings.Contains(stderr, "kvconform.yaml") {
		t.Errorf("with an endpoint: exit %d, printed %q", code, stderr)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	other.Close()
	code, _, stderr = typed(t, "run", "--config", "kvconform.yaml", "--endpoint", other.URL)
	if code != 3 || !strings.Contains(stderr, other.URL) || strings.Contains(stderr, gone.URL) {
		t.Errorf("a flag over the file: exit %d, printed %q", code, stderr)
	}
}

func TestCheckConfigSaysWhatIsLeftOutCosts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kvconform.yaml")
	for name, c := range map[string]struct {
		text      string
		want, not []string
	}{
		"nothing named": {
			"", []string{"the run sets up an issuer that keeps its requests in progress", "name the issuers above", "more rules"}, []string{"`without`"},
		},
		"an issuer that stays in progress": {"issuers: {staysInProgress: slow}\n", []string{"name the issuers above"}, []string{"sets up an issuer"}},
		"no issuers":                       {"without: [issuers]\n", []string{"`without` leaves out "}, []string{"sets up an issuer"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte("endpoint: https://localhost:1\n"+c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := typed(t, "check-config", path)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			for _, want := range c.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in\n%s", want, stdout)
				}
			}
			for _, not := range c.not {
				if strings.Contains(stdout, not) {
					t.Errorf("%q is in\n%s", not, stdout)
				}
			}
		})
	}
}
