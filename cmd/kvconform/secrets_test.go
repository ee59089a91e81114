//go:build linux

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/runner"
)

// spelled are the ways in which a vault may echo a secret.
func spelled(secret string) []string {
	inJSON, _ := json.Marshal(secret)
	text := strings.Trim(string(inJSON), `"`)
	return []string{
		secret, text, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte("user:" + secret)),
	}
}

// echoing has a vault deviate, and repeat every secret in all spellings in its bodies and headers.
func echoing(secrets []string) func(http.Handler) http.Handler {
	var all []string
	for _, secret := range secrets {
		all = append(all, spelled(secret)...)
	}
	echo, _ := json.Marshal(strings.Join(all, " "))
	return func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorded := httptest.NewRecorder()
			vault.ServeHTTP(recorded, r)
			for name, values := range recorded.Header() {
				w.Header()[name] = values
			}
			w.Header().Set("X-Echo", url.QueryEscape(strings.Join(secrets, " "))+" "+all[0])
			w.Header().Del("Content-Length")
			w.WriteHeader(recorded.Code)
			body := strings.ReplaceAll(recorded.Body.String(), `"cancellation_requested":false`, `"cancellation_requested":`+string(echo))
			body = strings.ReplaceAll(body, `"message":"`, `"message":"`+strings.Trim(string(echo), `"`))
			_, _ = fmt.Fprint(w, strings.Replace(body, "{", `{"echo":`+string(echo)+`,`, 1))
		})
	}
}

// TestNoOutputShowsASecret searches everything that a failing run writes and prints.
func TestNoOutputShowsASecret(t *testing.T) {
	const header, password = `header&value<of>the"file`, `issuer+pass/word=&1`
	var secrets []string
	var inner http.Handler
	reference, config := serving(t, func(vault http.Handler) http.Handler {
		inner = vault
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { echoing(secrets)(inner).ServeHTTP(w, r) })
	})
	secrets = []string{reference.Token, header, password}
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	more := fmt.Sprintf("headers:\n  X-Api-Key: {value: '%s'}\n", header)
	changed := strings.Replace(string(text), "  completes: completes\n", fmt.Sprintf("  completes: {setUp: {provider: completes, accountID: me, password: {value: '%s'}}}\n", password), 1)
	if changed == string(text) {
		t.Fatalf("the target file names no issuer that completes:\n%s", text)
	}
	if err := os.WriteFile(config, []byte(changed+more), 0o600); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	run := started(t, nil, "run", "--config", config, "--out", out)
	if code := run.ended(t); code != runner.ExitBroken {
		t.Errorf("exit %d:\n%s", code, run.stderr.String())
	}
	texts := map[string]string{"stdout": run.stdout.String(), "stderr": run.stderr.String()}
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	for _, path := range append(files, summary) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	har := started(t, nil, "har", filepath.Join(out, "transcript.jsonl"))
	if code := har.ended(t); code != runner.ExitHeld {
		t.Errorf("har: exit %d: %s", code, har.stderr.String())
	}
	texts["har"] = har.stdout.String()
	redacted := 0
	for name, text := range texts {
		redacted += strings.Count(text, "[redacted]")
		for _, secret := range secrets {
			for _, spelling := range append(spelled(secret), strings.ReplaceAll(spelled(secret)[1], `\`, `\\`)) {
				if spelling = strings.TrimRight(spelling, "="); strings.Contains(text, spelling) {
					at := strings.Index(text, spelling)
					t.Errorf("%s shows %q: …%s…", name, spelling, text[max(at-80, 0):min(at+80, len(text))])
				}
			}
		}
	}
	if redacted < 100 {
		t.Errorf("only %d places are redacted: did the vault echo anything?", redacted)
	}
}
