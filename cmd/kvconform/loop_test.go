//go:build unix

package main

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/kvconform/kvconform/internal/refserver"
)

// emulator is the reference vault over plain http, with the faults named, whose flags reach it.
func emulator(t *testing.T, wrap func(http.Handler) http.Handler, faults ...string) (url, token string) {
	t.Helper()
	reference, err := refserver.New(refserver.Options{Faults: faults, Wrap: wrap})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(reference.Handler)
	t.Cleanup(server.Close)
	return server.URL, reference.Token
}

func TestTheTokenComesFromAFlagAFileOrTheEnvironment(t *testing.T) {
	url, token := emulator(t, nil)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none.yaml")
	if err := os.WriteFile(none, []byte("endpoint: "+url+"\nauth: {none: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, variable string
		arguments      []string
		code           int
		want           string
	}{
		{"a flag", "", []string{"--endpoint", url, "--token", token}, 0, "passed"},
		{"a file", "", []string{"--endpoint", url, "--token-file", file}, 0, "passed"},
		{"the environment", token, []string{"--endpoint", url}, 0, "passed"},
		{"the flag before the environment", "wrong", []string{"--endpoint", url, "--token-file", file}, 0, "passed"},
		{"none, and the target file says so", token, []string{"--config", none}, 3, "wants a token (401)"},
		{"nowhere", "", []string{"--endpoint", url}, 3, "KVCONFORM_TOKEN"},
		{"two flags", "", []string{"--endpoint", url, "--token-file", file, "--token", token}, 2, "--token and --token-file both give a token"},
		{"no such file", "", []string{"--endpoint", url, "--token-file", file + "x"}, 2, "no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(tokenVariable, c.variable)
			code, stdout, stderr := typed(t, append([]string{"run", "--quiet", "--rule", "delete-pending/status"}, c.arguments...)...)
			if code != c.code || !strings.Contains(stdout+stderr, c.want) {
				t.Errorf("exit %d, want %d; %q is not in:\n%s%s", code, c.code, c.want, stdout, stderr)
			}
			if strings.Contains(stdout+stderr, token) {
				t.Errorf("the token is printed:\n%s%s", stdout, stderr)
			}
		})
	}
}

func TestARunThatKeepsNamesWhatItLeaves(t *testing.T) {
	url, token := emulator(t, nil)
	ledger := filepath.Join(t.TempDir(), "made.jsonl")
	arguments := []string{"--endpoint", url, "--token", token, "--ledger", ledger}
	code, stdout, stderr := typed(t, append([]string{"run", "--keep", "--rule", "delete-pending/status"}, arguments...)...)
	if said := strings.Join(strings.Fields(stdout), " "); code != 0 || !strings.Contains(said, "left in the vault, as asked: ") || !strings.Contains(said, "certificate kvconform-") ||
		!strings.Contains(said, "kvconform sweep --ledger "+ledger) {
		t.Fatalf("exit %d:\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = typed(t, append([]string{"sweep", "--yes"}, arguments...)...)
	if code != 0 || !strings.Contains(stdout, " removed, 0 left") {
		t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
	}
}

func TestOnlyTheRulesThatFailedLastArePlayedAgain(t *testing.T) {
	var mended atomic.Bool
	whole, err := refserver.New(refserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url, token := emulator(t, func(broken http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if mended.Load() {
				r.Header.Set("Authorization", "Bearer "+whole.Token)
				whole.Handler.ServeHTTP(w, r)
				return
			}
			broken.ServeHTTP(w, r)
		})
	}, "delete-pending-answers-202")
	run := func(more ...string) (int, string) {
		code, stdout, stderr := typed(t, append([]string{"run", "--endpoint", url, "--token", token}, more...)...)
		return code, stdout + stderr
	}
	if code, said := run("--last-failed"); code != 3 || !strings.Contains(said, "no run of "+url+" is remembered; run once without --last-failed") {
		t.Errorf("before any run: exit %d:\n%s", code, said)
	}
	if code, said := run("--scenario", "delete-pending"); code != 1 {
		t.Fatalf("exit %d:\n%s", code, said)
	}
	code, said := run("--last-failed")
	if code != 1 || !strings.Contains(said, "; 0 of 4 rules pass") || !strings.Contains(said, "delete-pending/status") {
		t.Errorf("exit %d:\n%s", code, said)
	}
	if code, said := run("--rule", "delete-pending/again-status"); code != 0 { // it did not judge the rule that failed
		t.Errorf("exit %d:\n%s", code, said)
	}
	if code, said := run("--last-failed"); code != 1 {
		t.Errorf("another rule in between: exit %d:\n%s", code, said)
	}
	mended.Store(true)
	if code, said := run("--last-failed"); code != 0 || !strings.Contains(said, "; 4 of 4 rules pass") {
		t.Errorf("mended: exit %d:\n%s", code, said)
	}
	if code, said := run("--last-failed"); code != 3 || !strings.Contains(said, "no rule of "+url+" failed; leave --last-failed out") {
		t.Errorf("nothing is left: exit %d:\n%s", code, said)
	}
	if code, said := run("--last-failed", "--rule", "delete-pending/status"); code != 2 {
		t.Errorf("two selections: exit %d:\n%s", code, said)
	}
}

func TestAWatchRunsAgainWhenTheEndpointIsBackAndEndsByAnInterrupt(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	url, token := emulator(t, func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if away.CompareAndSwap(true, false) { // for one look
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			vault.ServeHTTP(w, r)
		})
	})
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	watch := exec.CommandContext(t.Context(), path, "run", "--watch", "--endpoint", url, "--rule", "delete-pending/status", "--quiet")
	watch.Env = append(os.Environ(), tokenVariable+"="+token)
	told, err := watch.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	watch.Stdout = &printed
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	watched := 0
	for lines := bufio.NewScanner(told); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "watching "+url) {
			continue
		}
		if watched++; watched == 1 {
			away.Store(true)
			continue
		}
		if err := watch.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
	}
	if err := watch.Wait(); err != nil {
		t.Errorf("%v, want the exit code of the last run", err)
	}
	if runs := strings.Count(printed.String(), "passed: "); runs != 2 || watched != 2 {
		t.Errorf("%d runs, and watched %d times:\n%s", runs, watched, printed.String())
	}
}

func TestInitProposesAFileWithWhichARunReachesTheVault(t *testing.T) {
	url, token := emulator(t, nil)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("token", []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("targets", "mine.yaml")
	code, stdout, stderr := typed(t, "init", "--endpoint", url, "--token-file", "token", "--out", file)
	if code != 0 || !strings.Contains(stdout, "the vault accepts the one that was given") || !strings.Contains(stdout, "targets/mine.yaml is written; look at it") {
		t.Fatalf("exit %d:\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr = typed(t, "run", "--config", file, "--rule", "delete-pending/status"); code != 0 {
		t.Errorf("exit %d:\n%s%s\n%s", code, stdout, stderr, contents(t, file))
	}
	if code, _, stderr = typed(t, "init", "--endpoint", url, "--out", file); code != 2 || !strings.Contains(stderr, "is there already") {
		t.Errorf("over a file that is there: exit %d: %s", code, stderr)
	}
}
