package session

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kvconform/kvconform/runner/target"
)

func TestAWatchEndsWhenTheEndpointHasBeenAwayAndIsBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statuses []int // of one look after the other; the last one stays
		looks    int   // until the watch ends; 0: it does not
	}{
		"up, away, up":          {[]int{200, 502, 503, 200}, 4},
		"away at first":         {[]int{504, 401}, 2},
		"up all the time":       {[]int{200}, 0},
		"away, and stays so":    {[]int{200, 503}, 0},
		"refusing is not away":  {[]int{401, 403, 404, 500, 200}, 0},
		"back with a rejection": {[]int{200, 502, 401}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			looks := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.statuses[min(looks, len(c.statuses)-1)])
				looks++
			}))
			defer server.Close()
			ctx, cancel := context.WithCancel(context.Background())
			clock := &patient{leaping: leaping{now: time.Now()}, sleeps: 20, cancel: cancel}
			on, err := Connect(target.Target{Endpoint: server.URL}, Options{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			err = on.AwaitReturn(ctx)
			if c.looks == 0 && !errors.Is(err, context.Canceled) {
				t.Errorf("after %d looks: %v, want the end of the context", looks, err)
			}
			if c.looks > 0 && (err != nil || looks != c.looks) {
				t.Errorf("after %d looks: %v, want %d looks", looks, err, c.looks)
			}
		})
	}
}

// patient ends a context after some sleeps.
type patient struct {
	leaping
	sleeps int
	cancel context.CancelFunc
}

func (p *patient) Sleep(ctx context.Context, d time.Duration) error {
	if p.sleeps--; p.sleeps == 0 {
		p.cancel()
	}
	return p.leaping.Sleep(ctx, d)
}
