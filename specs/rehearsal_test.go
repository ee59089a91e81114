package specs_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// token is what the reference vault of the tests takes.
const token = "a-token-to-throw-away"

// rehearsal is the plays of some scenarios, performed once against a handler over https.
type rehearsal struct {
	book         *specs.Suite
	facts        specs.Facts
	performances []*scenarios.Performance
}

// All rehearsals share the suite, which nothing changes, and the keys of the vaults.
var (
	suiteOnce = sync.OnceValues(specs.NewSuite)
	keysOnce  = sync.OnceValue(func() *refvault.KeyPool { return refvault.NewKeyPool(4) })
)

// newClock is a clock for one rehearsal and its vault: no wait costs time.
func newClock() refvault.DrivenClock { return refvault.NewDrivenClock(time.Now().UTC()) }

// observedOnce is the one rehearsal of observedEverywhere; the lock is for tests that run side by side.
var observedOnce struct {
	sync.Mutex
	of *rehearsal
}

// observedEverywhere is every play on the vault in the manner of the service. It is rehearsed once for all tests, which read it
// and change only copies.
func observedEverywhere(t *testing.T) *rehearsal {
	t.Helper()
	observedOnce.Lock()
	defer observedOnce.Unlock()
	if observedOnce.of == nil {
		clock := newClock()
		observedOnce.of = rehearse(t, clock, reference(t, clock, refvault.Observed), everywhere()...)
	}
	return observedOnce.of
}

// rehearse performs every play of the scenarios named.
func rehearse(t *testing.T, clock refvault.DrivenClock, handler http.Handler, scenarioIDs ...string) *rehearsal {
	t.Helper()
	var plays []scenarios.Play
	for _, play := range scenarios.Plays() {
		if slices.Contains(scenarioIDs, play.Scenario) {
			plays = append(plays, play)
		}
	}
	return rehearsePlays(t, clock, handler, plays)
}

// rehearsePlays performs some plays, one after another, since they move the clock.
func rehearsePlays(t *testing.T, clock refvault.DrivenClock, handler http.Handler, plays []scenarios.Play) *rehearsal {
	t.Helper()
	book, err := suiteOnce()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true // one connection, one handshake
	server.StartTLS()
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	issuers := scenarios.Issuers{StaysInProgress: "stays", Completes: "completes", Fails: "fails", Rejects: "rejects"}
	apiVersion := string(schemas.Default())
	pool := &scenarios.Pool{Limit: 1, Now: clock.Now, NewEnv: func(scenarios.Play) (*scenarios.Env, error) {
		return &scenarios.Env{
			Vault: vault.NewClient(vault.Options{
				Endpoint: endpoint, Transport: server.Client().Transport, APIVersion: apiVersion,
				Credential: vault.StaticToken(token), Clock: clock,
			}),
			Issuers: issuers,
			Knows:   specs.Knows(apiVersion),
			Polling: scenarios.Polling{Min: 10 * time.Millisecond, Max: 30 * time.Millisecond, Timeout: 400 * time.Millisecond},
			Clock:   clock,
			NewName: func(purpose string) (string, error) { return "rehearsal-" + purpose, nil },
		}, nil
	}}
	r := &rehearsal{book: book, facts: specs.Facts{
		Endpoint: server.URL, IDBase: server.URL, APIVersion: apiVersion, Issuers: issuers,
	}}
	pool.Start(t.Context(), plays...)
	for _, play := range plays {
		r.performances = append(r.performances, pool.Performance(t.Context(), play))
	}
	return r
}

// reference is the reference vault in a manner, on a clock.
func reference(t *testing.T, clock refvault.DrivenClock, manner refvault.Manner) http.Handler {
	t.Helper()
	handler, err := refvault.New(refvault.Options{
		Manner: manner, Token: token, Keys: keysOnce(), Clock: clock, IssueAfter: 60 * time.Millisecond, CancelAfter: 30 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// Performance gives a judge the performance of a piece.
func (r *rehearsal) Performance(_ context.Context, piece scenarios.Play) *scenarios.Performance {
	for _, performance := range r.performances {
		if performance.Play.Name == piece.Name {
			return performance
		}
	}
	return &scenarios.Performance{Play: piece, Script: piece.New(), Err: &scenarios.Unreached{Reason: "not played"}}
}

// All gives a judge every performance.
func (r *rehearsal) All(context.Context) []*scenarios.Performance { return r.performances }

// judge judges one rule on what was rehearsed.
func (r *rehearsal) judge(t *testing.T, rule string, oracle scenarios.Oracle) specs.Finding {
	t.Helper()
	spec, ok := r.book.Spec(rule)
	if !ok {
		t.Fatalf("the rule %s has no spec", rule)
	}
	return r.book.Judge(t.Context(), spec, oracle, r.facts, r)
}

// rules lists the rules of some scenarios.
func (r *rehearsal) rules(scenarioIDs ...string) []string {
	var ids []string
	for _, id := range r.book.Catalogue.RuleIDs() {
		scenario, _, _ := strings.Cut(id, "/")
		if slices.Contains(scenarioIDs, scenario) {
			ids = append(ids, id)
		}
	}
	return ids
}

// edited is the rehearsal with one answer of a play changed: the last where the step has several.
func (r *rehearsal) edited(play, step string, edit func(*vault.Response)) (*rehearsal, error) {
	changed := *r
	changed.performances = slices.Clone(r.performances)
	for i, performance := range r.performances {
		if performance.Play.Name != play {
			continue
		}
		steps := scenarios.Steps(performance.Script)
		at := -1
		for j := range steps {
			if steps[j].Name == step {
				at = j
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("the play %s has no exchange at its step %s", play, step)
		}
		before := steps[at].Exchange
		after := *before
		after.Response = &vault.Response{
			Status: before.Response.Status, Header: before.Response.Header.Clone(), Body: slices.Clone(before.Response.Body),
			Content: before.Response.Content,
		}
		edit(after.Response)
		steps[at].Exchange = &after
		copied := scenarios.Performance{Play: performance.Play, Err: performance.Err, Started: performance.Started, Took: performance.Took}
		copied.Script = performance.Play.New()
		if err := scenarios.Restore(copied.Script, steps); err != nil {
			return nil, err
		}
		changed.performances[i] = &copied
		return &changed, nil
	}
	return nil, fmt.Errorf("the play %s was not performed", play)
}

// exchange is the last exchange of a step.
func (r *rehearsal) exchange(t *testing.T, play, step string) *vault.Exchange {
	t.Helper()
	var found *vault.Exchange
	for _, performance := range r.performances {
		for _, s := range scenarios.Steps(performance.Script) {
			if performance.Play.Name == play && s.Name == step {
				found = s.Exchange
			}
		}
	}
	if found == nil {
		t.Fatalf("there is no exchange at %s.%s", play, step)
	}
	return found
}

// nameOf is the name of a play's type.
func nameOf(play scenarios.Script) string { return reflect.TypeOf(play).Elem().Name() }
