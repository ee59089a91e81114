package vault

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// ticking is a clock by which every look at it takes a second.
type ticking struct{ seconds atomic.Int64 }

func (c *ticking) Now() time.Time { return time.Unix(c.seconds.Add(1), 0) }

func (c *ticking) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// Exchanges that overlap are put in order by these times: one that seems to end before its response arrived is put before
// another that was served first.
func TestTheTimesOfAnExchangeEncloseItsResponse(t *testing.T) {
	clock := &ticking{}
	var served atomic.Value
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		served.Store(clock.Now())
		answer(http.StatusOK, `{}`)(w, r)
	}, func(o *Options) { o.Clock = clock })
	e := client.GetCertificate(t.Context(), "name")
	at, _ := served.Load().(time.Time)
	if ended := e.Started.Add(e.Took); !e.Started.Before(at) || !ended.After(at) {
		t.Errorf("from %v to %v, and was served at %v", e.Started.Unix(), ended.Unix(), at.Unix())
	}
}
