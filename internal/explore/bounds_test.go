package explore_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/explore"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/specs"
)

// slowTarget is the time of a target that takes a second for each request.
type slowTarget struct {
	refvault.DrivenClock
	next http.RoundTripper
	// sent, where not nil, is told of each request.
	sent func()
}

func (s *slowTarget) RoundTrip(r *http.Request) (*http.Response, error) {
	s.Advance(time.Second)
	if s.sent != nil {
		s.sent()
	}
	return s.next.RoundTrip(r)
}

// withoutConflicts serves a vault that accepts a create whatever is in progress.
func withoutConflicts(t *testing.T) *refserver.Reference {
	t.Helper()
	reference, err := refserver.Start(refserver.Options{Faults: []string{"conflict-ignored"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() })
	return reference
}

// exploredSlowly explores a vault by the clock of a slow target.
func exploredSlowly(ctx context.Context, t *testing.T, reference *refserver.Reference, slow *slowTarget, options explore.Options) *explore.Result {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(reference.CA)
	slow.DrivenClock = refvault.NewDrivenClock(time.Now().UTC())
	on, err := session.Connect(reference.Target(""), session.Options{
		Roots: roots, Clock: slow,
		Through: func(next http.RoundTripper) http.RoundTripper { slow.next = next; return slow },
	})
	if err != nil {
		t.Fatal(err)
	}
	suite, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	options.NoLedger, options.Lanes = true, 1
	outcome, err := explore.Run(ctx, on, suite, options)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// longPlan shows the lost conflict by its first and its last request, and has many between them that show nothing.
func longPlan() *explore.Plan {
	create := []explore.Step{{Operation: "CreateCertificate", Issuer: "Unknown", Value: 1}}
	groups := [][]explore.Step{create}
	for i := range 24 {
		groups = append(groups, []explore.Step{{Operation: "GetCertificateOperation", Name: i % 3}})
	}
	return &explore.Plan{Groups: append(groups, create)}
}

func TestShrinkingTakesNoLongerThanItsBound(t *testing.T) {
	// Beside the bound stand the request that it is reached in, and what removes the names of one sequence.
	const oneSequence = 45 * time.Second
	reference := withoutConflicts(t)
	for name, test := range map[string]struct {
		options explore.Options
		bound   time.Duration
		whole   bool
	}{
		"a bound of its own":         {explore.Options{Shrink: 20 * time.Second}, 20 * time.Second, false},
		"half of the time":           {explore.Options{For: time.Minute}, 30 * time.Second, false},
		"half a minute without time": {explore.Options{}, 30 * time.Second, false},
		"enough to finish":           {explore.Options{Shrink: time.Hour}, time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			slow := &slowTarget{}
			test.options.Replay = longPlan()
			outcome := exploredSlowly(t.Context(), t, reference, slow, test.options)
			if took := outcome.Shrinking; took > test.bound+oneSequence {
				t.Errorf("shrinking took %v, want %v at most and a sequence", took, test.bound)
			}
			if first := outcome.Deviations[0]; first.Shrunk != test.whole || first.Shrunk && first.Plan.Steps() != 2 {
				t.Errorf("shrunk is %v with %d steps, want %v", first.Shrunk, first.Plan.Steps(), test.whole)
			}
		})
	}
}

func TestAnInterruptedShrinkingKeepsTheShortestSequenceSoFar(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	requests := 0
	var mu sync.Mutex
	slow := &slowTarget{sent: func() {
		mu.Lock()
		defer mu.Unlock()
		if requests++; requests == 90 {
			stop()
		}
	}}
	outcome := exploredSlowly(ctx, t, withoutConflicts(t), slow, explore.Options{Replay: longPlan(), Shrink: time.Hour})
	first, before := outcome.Deviations[0], longPlan().Steps()
	if first.Shrunk || !first.Shortened || first.Plan.Steps() >= before {
		t.Errorf("after the interruption %d steps of %d are left, shrunk %v", first.Plan.Steps(), before, first.Shrunk)
	}
	if text := outcome.Sequence(first); !strings.Contains(text, "there was no time to shorten it further") {
		t.Errorf("the text does not say that it can be shorter:\n%s", text)
	}
	if len(outcome.Left) > 0 {
		t.Errorf("left behind: %v", outcome.Left)
	}
}
