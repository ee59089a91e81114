//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// patience is how long these tests wait for a process before they give up.
const patience = 60 * time.Second

// gate stands before the reference vault and holds requests of one kind until they are given up.
type gate struct {
	vault http.Handler

	mu   sync.Mutex
	hold func(*http.Request) bool
	held chan struct{} // told of every request that is held
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	hold := g.hold
	g.mu.Unlock()
	if hold != nil && hold(r) {
		g.held <- struct{}{}
		<-r.Context().Done()
		return
	}
	g.vault.ServeHTTP(w, r)
}

func (g *gate) holding(which func(*http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = which
}

// importing is the import of the play, not one that finds out which forms the vault takes.
func importing(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "-conflict/import") }

func creatingFromOwnIssuer(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "-issuer/create")
}

func deleting(r *http.Request) bool { return r.Method == http.MethodDelete }

// place is a reference vault behind a gate, with what a process needs to run against it.
type place struct {
	*gate
	reference      *refserver.Reference
	target, ledger string
	client         *vault.Client
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{gate: &gate{held: make(chan struct{}, 100)}}
	reference, err := refserver.Start(refserver.Options{
		Keys: refvault.NewKeyPool(2),
		Wrap: func(vault http.Handler) http.Handler { p.vault = vault; return p.gate },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() })
	folder := t.TempDir()
	p.reference, p.target, p.ledger = reference, filepath.Join(folder, "target.yaml"), filepath.Join(folder, "run.jsonl")
	ca := filepath.Join(folder, "ca.pem")
	if err := errors.Join(reference.WriteCA(ca), reference.WriteTarget(p.target, ca)); err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(reference.URL)
	if err != nil {
		t.Fatal(err)
	}
	p.client = vault.NewClient(vault.Options{
		Endpoint: endpoint, APIVersion: "7.4", Credential: vault.StaticToken(reference.Token), Transport: handlerTransport{p},
	})
	return p
}

// handlerTransport asks the vault behind the gate, whatever the gate holds.
type handlerTransport struct{ place *place }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &memoryResponse{header: http.Header{}, status: http.StatusOK}
	h.place.vault.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
}

type memoryResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (m *memoryResponse) Header() http.Header         { return m.header }
func (m *memoryResponse) WriteHeader(status int)      { m.status = status }
func (m *memoryResponse) Write(p []byte) (int, error) { return m.body.Write(p) }

// names counts what the vault's own lists show: certificates, pending ones among them, and issuers of runs, then the bin.
func (p *place) names(t *testing.T) (live, binned int) {
	t.Helper()
	certificates := p.client.GetCertificates(context.Background(), vault.Parameter("includePending", "true"))
	deleted := p.client.GetDeletedCertificates(context.Background())
	if !certificates.Succeeded() || !deleted.Succeeded() {
		t.Fatalf("%s, %s", certificates.Line(), deleted.Line())
	}
	one, _ := certificates.Member("value").([]any)
	other, _ := deleted.Member("value").([]any)
	issuers := p.client.GetIssuers(context.Background())
	if !issuers.Succeeded() {
		t.Fatal(issuers.Line())
	}
	return len(one) + strings.Count(string(issuers.Response.Body), "/issuers/kvconform-"), len(other)
}

// process is the command, running.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func started(t *testing.T, stdout *os.File, arguments ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	p := &process{Cmd: exec.CommandContext(ctx, path, arguments...)}
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if stdout != nil {
		p.Stdout = stdout
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// ended waits for the process and returns its exit code, -1 where a signal ended it.
func (p *process) ended(t *testing.T) int {
	t.Helper()
	var failed *exec.ExitError
	if err := p.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

func waitFor(t *testing.T, held <-chan struct{}) {
	t.Helper()
	select {
	case <-held:
	case <-time.After(patience):
		t.Fatal("nothing was held")
	}
}

const conflict = "conflict-while-in-progress/import-status"

// killed is a place in which a run was killed with a request under way and certificates made.
func killed(t *testing.T, rule string, hold func(*http.Request) bool) *place {
	t.Helper()
	p := newPlace(t)
	p.holding(hold)
	run := started(t, nil, "run", "--config", p.target, "--ledger", p.ledger, "--rule", rule)
	waitFor(t, p.held)
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if code := run.ended(t); code != -1 {
		t.Fatalf("the run ended by itself with %d:\n%s%s", code, run.stdout.String(), run.stderr.String())
	}
	p.holding(nil)
	if live, _ := p.names(t); live == 0 {
		t.Fatal("the run made nothing before it was killed")
	}
	return p
}

func TestASweepRemovesWhatAKilledRunLeft(t *testing.T) {
	t.Parallel()
	const ownIssuer = "request-from-issuer/issuer-referenced"
	byLedger := func(p *place) []string { return []string{"--ledger", p.ledger, "--config", p.target} }
	byPrefix := func(p *place) []string { return []string{"--prefix", "kvconform", "--recent", "--config", p.target} }
	for _, c := range []struct {
		name, rule string
		hold       func(*http.Request) bool
		how        func(p *place) []string
		left       string // the name of something that is left
	}{
		{"certificates by its ledger", conflict, importing, byLedger, "-conflict\n"},
		{"certificates by its prefix", conflict, importing, byPrefix, "-conflict\n"},
		{"an issuer by its ledger", ownIssuer, creatingFromOwnIssuer, byLedger, "  issuer kvconform-"},
		{"an issuer by its prefix", ownIssuer, creatingFromOwnIssuer, byPrefix, "  issuer kvconform-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := killed(t, c.rule, c.hold)
			before, _ := p.names(t)
			arguments := append([]string{"sweep", "--purge"}, c.how(p)...)

			// Without a yes it only shows.
			show := started(t, nil, arguments...)
			if code := show.ended(t); code != 0 || !strings.Contains(show.stdout.String(), c.left) ||
				!strings.HasSuffix(show.stdout.String(), "nothing was deleted; --yes deletes it\n") {
				t.Errorf("exit %d:\n%s%s", code, show.stdout.String(), show.stderr.String())
			}
			if after, _ := p.names(t); after != before {
				t.Errorf("showing changed %d names to %d", before, after)
			}

			remove := started(t, nil, append(arguments, "--yes")...)
			if code := remove.ended(t); code != 0 {
				t.Errorf("exit %d:\n%s%s", code, remove.stdout.String(), remove.stderr.String())
			}
			if live, binned := p.names(t); live+binned != 0 {
				t.Errorf("%d certificates and %d deleted ones are left:\n%s", live, binned, remove.stdout.String())
			}
			again := started(t, nil, "sweep", "--prefix", "kvconform", "--config", p.target, "--yes")
			if code := again.ended(t); code != 0 || again.stdout.String() != "nothing is left to remove\n" {
				t.Errorf("exit %d: %s%s", code, again.stdout.String(), again.stderr.String())
			}
		})
	}
}

func TestASweepFindsTheLedgersOfKilledRunsByItself(t *testing.T) {
	p := newPlace(t)
	p.holding(importing)
	run := started(t, nil, "run", "--config", p.target, "--rule", conflict)
	waitFor(t, p.held)

	// While the run is under way its ledger is left alone.
	during := started(t, nil, "sweep", "--config", p.target, "--yes")
	if code := during.ended(t); code != 0 || !strings.Contains(during.stdout.String(), "belongs to a run that is under way") {
		t.Errorf("exit %d: %s%s", code, during.stdout.String(), during.stderr.String())
	}
	byPrefix := started(t, nil, "sweep", "--prefix", "kvconform", "--recent", "--config", p.target, "--yes")
	if code := byPrefix.ended(t); code != 0 || !strings.Contains(byPrefix.stdout.String(), ", which is under way") {
		t.Errorf("exit %d: %s%s", code, byPrefix.stdout.String(), byPrefix.stderr.String())
	}
	if live, _ := p.names(t); live == 0 {
		t.Error("a sweep by prefix removed what a run under way uses")
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	run.ended(t)
	p.holding(nil)
	recent := started(t, nil, "sweep", "--prefix", "kvconform", "--config", p.target, "--yes")
	if code := recent.ended(t); code != 0 || !strings.Contains(recent.stdout.String(), "made something less than 10m0s ago") {
		t.Errorf("exit %d: %s%s", code, recent.stdout.String(), recent.stderr.String())
	}
	sweep := started(t, nil, "sweep", "--config", p.target, "--yes")
	if code := sweep.ended(t); code != 0 {
		t.Errorf("exit %d: %s%s", code, sweep.stdout.String(), sweep.stderr.String())
	}
	if live, _ := p.names(t); live != 0 {
		t.Errorf("%d certificates are left:\n%s", live, sweep.stdout.String())
	}
	left, err := filepath.Glob(filepath.Join(cleanup.StateFolder(), "*"))
	left = slices.DeleteFunc(left, func(path string) bool { return strings.HasPrefix(filepath.Base(path), "failed-") }) // for --last-failed
	if err != nil || len(left) > 0 {
		t.Errorf("%v, files left: %v", err, left)
	}
}

func TestAReaderThatGoesAwayCostsNeitherCleaningUpNorFilesNorTheExitCode(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	junit := filepath.Join(t.TempDir(), "junit.xml")
	run := started(t, write, "run", "--config", p.target, "--ledger", p.ledger, "--rule", conflict, "--junit", junit)
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if code := run.ended(t); code != runner.ExitHeld {
		t.Errorf("exit %d:\n%s", code, run.stderr.String())
	}
	if live, _ := p.names(t); live != 0 {
		t.Errorf("%d certificates are left", live)
	}
	if _, err := os.Stat(p.ledger); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the ledger is left: %v", err)
	}
	if text, err := os.ReadFile(junit); err != nil || !strings.Contains(string(text), conflict) {
		t.Errorf("%v, JUnit:\n%s", err, text)
	}
}

func TestAFinishedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	run := started(t, nil, "run", "--config", p.target, "--ledger", p.ledger)
	if code := run.ended(t); code != runner.ExitHeld {
		t.Errorf("exit %d:\n%s%s", code, run.stdout.String(), run.stderr.String())
	}
	if live, _ := p.names(t); live != 0 {
		t.Errorf("%d certificates are left", live)
	}
	if _, err := os.Stat(p.ledger); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the ledger is left: %v", err)
	}
}
