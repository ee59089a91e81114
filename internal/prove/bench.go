package prove

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// benchHeader tells the bench which of its vaults a request is for. All of them have one address, so that the
// exchanges with one and with another can be judged together.
const benchHeader = "X-Kvconform-Bench"

// benchKeys is how many RSA keys the bench makes ahead.
const benchKeys = 4

// benchToken is the token of every vault on the bench.
const benchToken = "the-token-of-the-bench"

// bench serves any number of vaults at one address. Their time is driven: it stands still
// but for the waiting of the plays, which costs no time.
type bench struct {
	wire       *wire
	endpoint   *url.URL
	keys       *refvault.KeyPool
	apiVersion string

	mu       sync.RWMutex
	count    int
	handlers map[string]http.Handler
}

// trial is what a play is performed on: the reference vault with options of its own, behind a wrapper.
type trial struct {
	options func(*refvault.Options)
	wrap    func(http.Handler) http.Handler
	found   map[string]scenarios.Script // the forms of requests that plays before found out, by the name of the play
}

func newBench(apiVersion string) *bench {
	if apiVersion == "" {
		apiVersion = string(schemas.Default())
	}
	b := &bench{
		handlers: map[string]http.Handler{}, keys: refvault.NewKeyPool(benchKeys), apiVersion: apiVersion,
		// The name has letters, which an address has not: some vaults write theirs in capitals.
		endpoint: &url.URL{Scheme: "https", Host: wireAddress},
	}
	b.wire = newWire(http.HandlerFunc(b.dispatch))
	return b
}

func (b *bench) close() {
	b.wire.close()
}

func (b *bench) dispatch(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get(benchHeader)
	r.Header.Del(benchHeader)
	b.mu.RLock()
	handler := b.handlers[id]
	b.mu.RUnlock()
	if handler == nil {
		http.Error(w, "no vault of this number is on the bench", http.StatusBadGateway)
		return
	}
	handler.ServeHTTP(w, r)
}

// mount puts a handler on the bench; unmount takes it away.
func (b *bench) mount(handler http.Handler) (id string, unmount func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	id = strconv.Itoa(b.count)
	b.handlers[id] = handler
	return id, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.handlers, id)
	}
}

func (b *bench) facts() specs.Facts {
	base := strings.TrimSuffix(b.endpoint.String(), "/")
	return specs.Facts{Endpoint: base, IDBase: base, APIVersion: b.apiVersion, Issuers: benchIssuers()}
}

func (b *bench) selection(book *specs.Suite) (*selection.Selection, error) {
	return selection.Choose(book, selection.Options{APIVersion: b.apiVersion})
}

// performAll performs the plays one after another, each on a vault of its own.
func (b *bench) performAll(ctx context.Context, plays []scenarios.Play, on trial, seen func(scenarios.Play, *tamper.Response)) ([]*scenarios.Performance, error) {
	performances := make([]*scenarios.Performance, 0, len(plays))
	on.found = map[string]scenarios.Script{}
	for _, play := range plays {
		var tell func(*tamper.Response)
		if seen != nil {
			tell = func(a *tamper.Response) { seen(play, a) }
		}
		performance, err := b.perform(ctx, play, on, tell)
		if err != nil {
			return nil, err
		}
		performances = append(performances, performance)
		on.found[play.Name] = performance.Script
	}
	return performances, ctx.Err()
}

func benchIssuers() scenarios.Issuers {
	return scenarios.Issuers{StaysInProgress: "stays", Completes: "completes", Fails: "fails", Rejects: "rejects"}
}

// perform performs a play on a vault of its own. Every response of the vault is given to seen, if that is not nil.
func (b *bench) perform(ctx context.Context, play scenarios.Play, on trial, seen func(*tamper.Response)) (*scenarios.Performance, error) {
	clock := refvault.NewDrivenClock(time.Now().UTC())
	options := refvault.Options{Clock: clock, Token: benchToken, Keys: b.keys}
	if on.options != nil {
		on.options(&options)
	}
	reference, err := refvault.New(options)
	if err != nil {
		return nil, fmt.Errorf("making a vault for the bench: %w", err)
	}
	var handler http.Handler = reference
	if on.wrap != nil {
		handler = on.wrap(handler)
	}
	if seen != nil {
		inner := handler
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			response := tamper.Pass(inner, r)
			seen(response)
			response.Write(w)
		})
	}
	id, unmount := b.mount(handler)
	defer unmount()
	company := &scenarios.Pool{
		NewEnv: func(play scenarios.Play) (*scenarios.Env, error) {
			env := b.stage(play, id, clock)
			env.Found = func(_ context.Context, play string) scenarios.Script { return on.found[play] }
			return env, nil
		},
		Limit: 1,
		Now:   clock.Now,
	}
	return company.Performance(ctx, play), nil
}

func (b *bench) stage(play scenarios.Play, id string, clock refvault.DrivenClock) *scenarios.Env {
	return &scenarios.Env{
		Vault: vault.NewClient(vault.Options{
			Endpoint: b.endpoint, Transport: b.wire.transport, APIVersion: b.apiVersion,
			Credential: vault.StaticToken(benchToken), Header: http.Header{benchHeader: {id}},
			RequestTimeout: 20 * time.Second, Clock: clock,
		}),
		Issuers: benchIssuers(),
		Knows:   specs.Knows(b.apiVersion),
		Polling: scenarios.Polling{Min: 50 * time.Millisecond, Max: 500 * time.Millisecond, Timeout: 10 * time.Second},
		Clock:   clock,
		NewName: func(purpose string) (string, error) {
			return fmt.Sprintf("prove-%s-%s", strings.ToLower(play.Name), purpose), nil
		},
	}
}
