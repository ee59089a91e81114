package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/runner/target"
)

func TestARunWaitsUntilTheTargetIsReady(t *testing.T) {
	t.Parallel()
	looks := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		looks++
		if r.URL.Path != "/ping" || r.Header.Get("Authorization") != "" {
			t.Errorf("asked for %s with a token %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		if looks < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	endpoint, _ := url.Parse(server.URL + "/prefix")
	clock := &leaping{now: time.Now()}
	ready := target.Ready{Path: "/ping", Status: 204, Timeout: time.Second}
	described := target.Target{Endpoint: endpoint.String(), Ready: ready}.WithDefaults()
	if err := awaitReady(context.Background(), described, endpoint, http.DefaultTransport, clock); err != nil || looks != 3 {
		t.Errorf("after %d looks: %v", looks, err)
	}
	described.Ready.Status = 200
	err := awaitReady(context.Background(), described, endpoint, http.DefaultTransport, clock)
	if want := server.URL + "/ping was not ready within 1s: wanted 200, and last it returned 204; check that the target is started, or give ready.timeout more"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	server.Close()
	if err = awaitReady(context.Background(), described, endpoint, http.DefaultTransport, clock); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("where nothing listens: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err = awaitReady(ended, described, endpoint, http.DefaultTransport, clock); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("interrupted: %v", err)
	}
}

// leaping is a clock on which sleeping takes no time but makes it later.
type leaping struct{ now time.Time }

func (l *leaping) Now() time.Time { return l.now }

func (l *leaping) Sleep(ctx context.Context, d time.Duration) error {
	l.now = l.now.Add(d)
	return ctx.Err()
}
