package prove

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/explore"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// HuntOptions say which faults of sequences to look for, and for how long.
type HuntOptions struct {
	// Faults are the ids of those to look for; empty means all of fault.Sequences.
	Faults []string
	// Seeds is how many explorations are tried of each at most, Steps is how many requests each sends.
	Seeds, Steps int
	// Scripts says that the plays of a run are tried, too.
	Scripts bool
	// Tried, where not nil, is told of every fault that is done.
	Tried func(sighting Sighting, done, of int)
}

// huntShrinks bounds the shrinking by the time of the vault, which is driven and passes quickly: the number of tries bounds it.
const huntShrinks = 24 * time.Hour

// DefaultHunt is how long `kvconform prove --sequences` looks for each.
func DefaultHunt() HuntOptions { return HuntOptions{Seeds: 5, Steps: 3000, Scripts: true} }

// Sighting says how a fault of a sequence was found.
type Sighting struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Rules are those that the plays of a run fail.
	Rules []string `json:"rules,omitempty"`
	// Explored says that an exploration found it; Seed and Requests say with which and after how many, over all seeds.
	Explored bool   `json:"explored"`
	Seed     uint64 `json:"seed,omitempty"`
	Requests int    `json:"requests"`
	// Breaks is what the exploration found broken, Shortest the sequence that shows it, Steps its length.
	Breaks   string `json:"breaks,omitempty"`
	Shortest string `json:"shortest,omitempty"`
	Steps    int    `json:"steps,omitempty"`
	Shrunk   bool   `json:"shrunk,omitempty"`

	plan *explore.Plan
}

// Found reports whether scripts or an exploration found it.
func (s Sighting) Found() bool { return s.Explored || len(s.Rules) > 0 }

// Hunt looks for faults that only a sequence of requests shows: first with the plays of a run, then with explorations from one
// seed after another until one finds it. The time of the vaults is driven, so nothing waits.
func Hunt(ctx context.Context, options HuntOptions) ([]Sighting, error) {
	faults, err := sequencesNamed(options.Faults)
	if err != nil {
		return nil, err
	}
	suite, err := specs.NewSuite()
	if err != nil {
		return nil, err
	}
	on := newBench("")
	defer on.close()
	h := &hunter{options: options, suite: suite, bench: on}
	if options.Scripts {
		chosen, err := on.selection(suite)
		if err != nil {
			return nil, err
		}
		h.scripts = &prover{book: suite, chosen: chosen, stand: on, clean: map[string]specs.Finding{}, options: Options{Oracle: scenarios.Either}}
		if err := h.scripts.playClean(ctx); err != nil {
			return nil, err
		}
	}
	sightings := make([]Sighting, len(faults))
	for i, f := range faults {
		if sightings[i], err = h.hunt(ctx, f); err != nil {
			return nil, fmt.Errorf("looking for %s: %w", f.ID, err)
		}
		if options.Tried != nil {
			options.Tried(sightings[i], i+1, len(faults))
		}
	}
	return sightings, nil
}

// sequencesNamed picks faults of sequences.
func sequencesNamed(ids []string) ([]fault.Fault, error) {
	all := fault.Sequences()
	if len(ids) == 0 {
		return all, nil
	}
	var known []string
	at := map[string]fault.Fault{}
	for _, f := range all {
		known = append(known, f.ID)
		at[f.ID] = f
	}
	var chosen []fault.Fault
	for _, id := range ids {
		f, ok := at[id]
		if !ok {
			return nil, input.Usagef("there is no fault of a sequence %q%s", id, input.Suggest(id, known))
		}
		chosen = append(chosen, f)
	}
	return chosen, nil
}

// hunter looks for one fault after another.
type hunter struct {
	options HuntOptions
	suite   *specs.Suite
	bench   *bench
	scripts *prover // nil leaves the plays out
}

func (h *hunter) hunt(ctx context.Context, f fault.Fault) (Sighting, error) {
	sighting := Sighting{ID: f.ID, Title: f.Title}
	if h.scripts != nil {
		proof, err := h.scripts.tryFault(ctx, f)
		if err != nil {
			return sighting, err
		}
		for _, failed := range proof.Failed {
			sighting.Rules = append(sighting.Rules, failed.Rule)
		}
	}
	for seed := uint64(1); seed <= uint64(max(h.options.Seeds, 0)); seed++ {
		outcome, err := h.bench.explore(ctx, h.suite, trial{wrap: f.Wrap}, explore.Options{
			Seed: seed, Steps: h.options.Steps, Lanes: 1, First: true, Shrink: huntShrinks,
		})
		if err != nil {
			return sighting, err
		}
		sighting.Requests += outcome.Requests
		if d := heaviest(h.suite, outcome); d != nil {
			sighting.see(seed, outcome, d)
			break
		}
	}
	return sighting, ctx.Err()
}

// heaviest is the deviation that shows a fault best: one of a history if there is one; nil if only a may is broken.
func heaviest(suite *specs.Suite, outcome *explore.Result) *explore.Deviation {
	for _, d := range outcome.Deviations {
		if rule, known := suite.Catalogue.Rule(d.Finding.Rule); known && rule.Level != scenarios.May {
			return d
		}
	}
	return nil
}

func (s *Sighting) see(seed uint64, outcome *explore.Result, d *explore.Deviation) {
	s.Explored, s.Seed, s.Steps, s.Shrunk = true, seed, d.Plan.Steps(), d.Shrunk
	s.Breaks = d.Finding.Rule
	if d.History != nil {
		s.Breaks = d.History.Statement.ID + ": " + d.History.Statement.Text
	}
	s.plan = &d.Plan
	s.Shortest = strings.TrimRight(outcome.Sequence(d), "\n")
}

// explore explores a vault of its own, whose time is driven.
func (b *bench) explore(ctx context.Context, suite *specs.Suite, on trial, options explore.Options) (*explore.Result, error) {
	clock := refvault.NewDrivenClock(time.Now().UTC())
	made := refvault.Options{Clock: clock, Token: benchToken, Keys: b.keys}
	if on.options != nil {
		on.options(&made)
	}
	reference, err := refvault.New(made)
	if err != nil {
		return nil, fmt.Errorf("making a vault for the bench: %w", err)
	}
	var handler http.Handler = reference
	if on.wrap != nil {
		handler = on.wrap(handler)
	}
	connection, err := session.Connect(target.Target{
		Name: "the bench", Endpoint: b.endpoint.String(), APIVersion: target.Versions{b.apiVersion},
		Auth: target.Auth{Token: target.Secret{Value: benchToken}}, Issuers: target.Named(benchIssuers()),
		Cleanup: target.Purge, // a list of the deleted shows whether one is missing only as long as it is one page
		Polling: target.Polling{Min: 50 * time.Millisecond, Max: 500 * time.Millisecond, Timeout: 10 * time.Second},
	}, session.Options{Clock: clock, Through: func(http.RoundTripper) http.RoundTripper { return within{handler} }})
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	options.NoLedger = true
	outcome, err := explore.Run(ctx, connection, suite, options)
	if err != nil {
		return nil, err
	}
	if outcome.Stopped != "" {
		return nil, errors.New(outcome.Stopped)
	}
	return outcome, nil
}

// within hands requests to a handler in this process. Nothing is sent, which is several times as fast.
type within struct{ handler http.Handler }

func (w within) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("sending the request: %w", err)
	}
	asked := r.Clone(r.Context())
	asked.RequestURI = r.URL.RequestURI()
	asked.Host = r.URL.Host
	asked.TLS = &tls.ConnectionState{}
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, asked)
	response := recorder.Result()
	response.Request = r
	if response.ContentLength < 0 {
		response.ContentLength = int64(recorder.Body.Len())
	}
	return response, nil
}
