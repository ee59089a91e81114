//go:build linux

package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/runner"
)

// serving is the reference vault behind a wrapper, with a target file that reaches it.
func serving(t *testing.T, wrap func(http.Handler) http.Handler) (reference *refserver.Reference, config string) {
	t.Helper()
	reference, err := refserver.Start(refserver.Options{Keys: refvault.NewKeyPool(2), Wrap: wrap})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() })
	folder := t.TempDir()
	config = filepath.Join(folder, "target.yaml")
	ca := filepath.Join(folder, "ca.pem")
	if err := errors.Join(reference.WriteCA(ca), reference.WriteTarget(config, ca)); err != nil {
		t.Fatal(err)
	}
	return reference, config
}

// rewriting changes the body of every response.
func rewriting(change func([]byte) []byte) func(http.Handler) http.Handler {
	return func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorded := httptest.NewRecorder()
			vault.ServeHTTP(recorded, r)
			for name, values := range recorded.Header() {
				w.Header()[name] = values
			}
			w.Header().Del("Content-Length")
			w.WriteHeader(recorded.Code)
			_, _ = w.Write(change(recorded.Body.Bytes()))
		})
	}
}

// megabytes is the most memory that a process had.
func (p *process) megabytes() int {
	usage, _ := p.ProcessState.SysUsage().(*syscall.Rusage)
	return int(usage.Maxrss >> 10)
}

// TestLongResponsesCostNeitherMemoryNorDisk runs against vaults whose responses are as long as a run can take, and reads
// everything again that the run wrote.
func TestLongResponsesCostNeitherMemoryNorDisk(t *testing.T) {
	long.Test(t, "sends a gigabyte")
	blanks := bytes.Repeat([]byte(" "), 2<<20)
	members := []byte(`,"x":[` + strings.TrimSuffix(strings.Repeat(`{},`, 100_000), ",") + `]}`)
	few := []string{"--scenario", "create-manually", "--scenario", "import-certificate", "--scenario", "read-completed", "--scenario", "delete-pending"}
	for name, test := range map[string]struct {
		change func([]byte) []byte
		limit  []string
	}{
		"padded to 2 MiB": {func(body []byte) []byte { return append(bytes.Clone(body), blanks...) }, nil},
		"100,000 objects": {func(body []byte) []byte {
			if !bytes.HasSuffix(bytes.TrimSpace(body), []byte("}")) || len(body) < 10 {
				return body
			}
			return append(bytes.TrimSuffix(bytes.TrimSpace(body), []byte("}")), members...)
		}, few},
		"60 KiB each": {func(body []byte) []byte { return append(bytes.Clone(body), blanks[:60<<10]...) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, config := serving(t, rewriting(test.change))
			out := t.TempDir()
			run := started(t, nil, append([]string{"run", "--config", config, "--out", out}, test.limit...)...)
			if code := run.ended(t); code != runner.ExitHeld && code != runner.ExitIncomplete && code != runner.ExitBroken {
				t.Errorf("exit %d:\n%s", code, run.stderr.String())
			}
			if got := run.megabytes(); got > 512 {
				t.Errorf("the run took %d MB of memory", got)
			}
			files, err := os.ReadDir(out)
			if err != nil || len(files) < 6 {
				t.Fatalf("%d files (%v)", len(files), err)
			}
			sum := int64(0)
			for _, file := range files {
				if info, err := file.Info(); err == nil {
					sum += info.Size()
				}
			}
			if sum > 64<<20 {
				t.Errorf("the reports take %d MB", sum>>20)
			}
			t.Logf("%d MB of memory, %d KB of reports", run.megabytes(), sum>>10)
			for _, again := range [][]string{{"judge", filepath.Join(out, "transcript.jsonl")}, {"report", filepath.Join(out, "report.json"), "--out", t.TempDir()}} {
				read := started(t, nil, again...)
				if code := read.ended(t); code == runner.ExitUsage || code == runner.ExitFault {
					t.Errorf("%s: exit %d: %s", again[0], code, read.stderr.String())
				}
			}
			if text := run.stdout.String(); !strings.Contains(text, "is not kept") && !strings.Contains(text, "longer than reports show") {
				t.Errorf("nothing says that responses were cut:\n%s", text)
			}
		})
	}
}
