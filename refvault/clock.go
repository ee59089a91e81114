package refvault

import (
	"context"
	"sync"
	"time"
)

// Clock tells the vault the time.
type Clock interface {
	Now() time.Time
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now returns the current time.
func (SystemClock) Now() time.Time { return time.Now() }

// ManualClock stands still until it is advanced. It is safe for concurrent use.
type ManualClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewManualClock returns a clock that stands at start.
func NewManualClock(start time.Time) *ManualClock {
	return &ManualClock{now: start}
}

// Now returns the time at which the clock stands.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// DrivenClock is a ManualClock that its users move: whoever waits on it moves the time instead of waiting, so that a
// client and a vault that share one never wait for each other. It is safe for concurrent use, but sleeps at once add up.
type DrivenClock struct{ *ManualClock }

// NewDrivenClock returns a clock that stands at start.
func NewDrivenClock(start time.Time) DrivenClock { return DrivenClock{NewManualClock(start)} }

// Now moves the time by as little as tells one request from the next: exchanges are put in order by their times.
func (c DrivenClock) Now() time.Time {
	c.Advance(time.Microsecond)
	return c.ManualClock.Now()
}

// Sleep moves the time by d.
func (c DrivenClock) Sleep(ctx context.Context, d time.Duration) error {
	c.Advance(max(d, 0))
	return ctx.Err()
}
