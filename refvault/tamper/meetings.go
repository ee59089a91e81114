package tamper

import (
	"sync"
	"time"
)

// meetingWindow is for how long a request waits for another one that may be under way at once. It only has to be longer than
// the time between two requests that a client sends at once.
const meetingWindow = 25 * time.Millisecond

// Meetings notices the requests that are under way at once, so that a handler can act on those that met and on no other. The
// zero value is ready to use, by many goroutines.
type Meetings struct {
	mu     sync.Mutex
	crowds map[string]*crowd
}

// crowd is the requests of one key that are under way.
type crowd struct {
	under int
	kinds map[string]int
	// met is closed once two requests that may meet are under way.
	met    chan struct{}
	closed bool
}

// Meet waits until a request that this one may meet is under way, or for a short while, and reports whether there was one.
// Requests of one key meet if their kinds differ, such as "create" and "delete"; two of a kind meet only if alike is true.
// Call leave when the request is over.
func (m *Meetings) Meet(key, kind string, alike bool) (met bool, leave func()) {
	c := m.join(key, kind, alike)
	timer := time.NewTimer(meetingWindow)
	defer timer.Stop()
	select {
	case <-c.met:
		met = true
	case <-timer.C:
	}
	return met, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if c.under--; c.under == 0 {
			delete(m.crowds, key)
		}
	}
}

func (m *Meetings) join(key, kind string, alike bool) *crowd {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.crowds[key]
	if c == nil {
		c = &crowd{kinds: map[string]int{}, met: make(chan struct{})}
		if m.crowds == nil {
			m.crowds = map[string]*crowd{}
		}
		m.crowds[key] = c
	}
	c.under++
	c.kinds[kind]++
	if !c.closed && (alike && c.kinds[kind] > 1 || len(c.kinds) > 1) {
		c.closed = true
		close(c.met)
	}
	return c
}
