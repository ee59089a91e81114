//go:build unix

package main

import (
	"errors"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kvconform/kvconform/runner"
)

func TestAnInterruptedRunCleansUpAndReports(t *testing.T) {
	// A child of a process that ignores a hang-up, as under nohup, ignores it too; one that is caught is not passed on.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	for _, sent := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sent.String(), func(t *testing.T) {
			p := newPlace(t)
			p.holding(importing)
			junit, transcript := filepath.Join(t.TempDir(), "junit.xml"), filepath.Join(t.TempDir(), "t.jsonl")
			run := started(t, nil, "run", "--config", p.target, "--ledger", p.ledger, "--rule", conflict, "--junit", junit, "--transcript", transcript)
			waitFor(t, p.held)
			if err := run.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			if code := run.ended(t); code != runner.ExitInterrupted {
				t.Errorf("exit %d:\n%s%s", code, run.stdout.String(), run.stderr.String())
			}
			if live, _ := p.names(t); live != 0 {
				t.Errorf("%d certificates are left", live)
			}
			if _, err := os.Stat(p.ledger); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the ledger is left: %v", err)
			}
			if text, err := os.ReadFile(junit); err != nil || !strings.Contains(string(text), "</testsuites>") {
				t.Errorf("%v, JUnit:\n%s", err, text)
			}
			judged := started(t, nil, "judge", transcript)
			if code := judged.ended(t); code != runner.ExitIncomplete || !strings.Contains(judged.stdout.String(), "the run of this transcript was interrupted") {
				t.Errorf("judging what was played: exit %d:\n%s%s", code, judged.stdout.String(), judged.stderr.String())
			}
		})
	}
}

func TestASecondInterruptEndsARunAtOnceAndALaterSweepCleansUp(t *testing.T) {
	p := newPlace(t)
	p.holding(importing)
	out := t.TempDir()
	run := started(t, nil, "run", "--config", p.target, "--ledger", p.ledger, "--rule", conflict, "--out", out)
	waitFor(t, p.held)
	p.holding(deleting)
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	waitFor(t, p.held) // it is cleaning up, and the vault holds that
	began := time.Now()
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := run.ended(t); code != runner.ExitInterrupted {
		t.Errorf("exit %d:\n%s%s", code, run.stdout.String(), run.stderr.String())
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	// The reports were written before the cleaning up that the second signal cut short.
	for _, name := range []string{"report.json", "transcript.jsonl"} {
		read := started(t, nil, map[string]string{"report.json": "report", "transcript.jsonl": "judge"}[name], filepath.Join(out, name))
		if code := read.ended(t); code != runner.ExitHeld && code != runner.ExitIncomplete {
			t.Errorf("%s: exit %d: %s", name, code, read.stderr.String())
		}
	}
	p.holding(nil)
	sweep := started(t, nil, "sweep", "--ledger", p.ledger, "--config", p.target, "--yes")
	if code := sweep.ended(t); code != 0 {
		t.Errorf("exit %d: %s%s", code, sweep.stdout.String(), sweep.stderr.String())
	}
	if live, _ := p.names(t); live != 0 {
		t.Errorf("%d certificates are left", live)
	}
}

// Whatever a run is doing at the second Ctrl-C, its reports are written: here it finds out which forms the vault takes, or
// waits for an issuer to be put back, which the first Ctrl-C does not end.
func TestASecondInterruptWritesTheReportsWhateverTheRunIsDoing(t *testing.T) {
	for doing, during := range map[string]struct {
		rule  string
		holds func(*http.Request) bool
	}{
		"finding out forms": {conflict, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "-importpem/import") || deleting(r) }},
		"removing an issuer": {"issuers/password-kept", func(r *http.Request) bool {
			return deleting(r) && strings.Contains(r.URL.Path, "/issuers/")
		}},
	} {
		t.Run(doing, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.holding(during.holds)
			out := t.TempDir()
			run := started(t, nil, "run", "--config", p.target, "--ledger", p.ledger, "--rule", during.rule, "--out", out)
			waitFor(t, p.held)
			began := time.Now()
			for _, sent := range []os.Signal{os.Interrupt, syscall.SIGTERM} { // two of one kind at once may arrive as one
				if err := run.Process.Signal(sent); err != nil {
					t.Fatal(err)
				}
			}
			if code := run.ended(t); code != runner.ExitInterrupted {
				t.Errorf("exit %d:\n%s%s", code, run.stdout.String(), run.stderr.String())
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			for _, name := range []string{"report.json", "junit.xml", "report.md", "report.html", "transcript.jsonl", "badge.svg"} {
				if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v", name, err)
				}
			}
			if !strings.Contains(run.stdout.String(), "interrupted") {
				t.Errorf("printed:\n%s", run.stdout.String())
			}
		})
	}
}
