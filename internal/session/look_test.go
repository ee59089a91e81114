package session

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/kvconform/kvconform/runner/target"
)

func TestReadyTakesTheResultOfALookAndAsksNoSecondTime(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	on, err := Connect(target.Target{Endpoint: server.URL}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer on.Close()
	on.Look(t.Context())
	var incomplete *Incomplete
	if err := on.Ready(t.Context()); !errors.As(err, &incomplete) {
		t.Errorf("ready without a token: %v, want an *Incomplete", err)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestCloseWaitsForALookThatNobodyWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var ended atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	on, err := Connect(target.Target{Endpoint: server.URL}, Options{Through: func(before http.RoundTripper) http.RoundTripper {
		return ending{before, &ended}
	}})
	if err != nil {
		t.Fatal(err)
	}
	on.Look(ctx)
	on.Close()
	if !ended.Load() {
		t.Error("the session is closed, and its look goes on")
	}
}

// ending notes that a request has ended.
type ending struct {
	http.RoundTripper
	ended *atomic.Bool
}

// RoundTrip sends the request.
func (e ending) RoundTrip(r *http.Request) (*http.Response, error) {
	defer e.ended.Store(true)
	return e.RoundTripper.RoundTrip(r)
}
