package passthrough

import (
	"errors"
	"io"
	"log"
	"sync"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// copied is a body of which a copy is kept while it is read.
type copied struct {
	io.ReadCloser
	ended func() // at the end of the body; nil if nobody asks

	mu     sync.Mutex
	copy   []byte
	larger bool
}

// Read keeps what was read.
func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	room := mostCaptured - len(c.copy)
	c.copy = append(c.copy, p[:min(n, room)]...)
	c.larger = c.larger || n > room
	c.mu.Unlock()
	if errors.Is(err, io.EOF) && c.ended != nil {
		c.ended()
	}
	return n, err
}

func (c *copied) bytes() vault.Body {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copy
}

func (c *copied) cut() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.larger
}

// discardLog takes what a reverse proxy logs of connections that break: the report says it.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// record is one exchange under way.
type record struct {
	exchange          *vault.Exchange
	request, response *copied
	once              sync.Once
	complete          bool
}

// mostWaiting bounds how many exchanges wait: for an earlier one that is still under way, or for the judge.
const mostWaiting = 1000

// queue gives exchanges on in the order in which they began, one at a time and beside the traffic. An exchange that takes so
// long that too many later ones wait for it is given up. Where the judge does not keep up, the traffic waits for it.
type queue struct {
	take  func(*vault.Exchange)
	ended chan struct{}

	mu      sync.Mutex
	change  *sync.Cond
	waiting []*record
	closed  bool
}

func newQueue(take func(*vault.Exchange)) *queue {
	q := &queue{take: take, ended: make(chan struct{})}
	q.change = sync.NewCond(&q.mu)
	go q.give()
	return q
}

func (q *queue) begin(e *vault.Exchange) *record {
	r := &record{exchange: e}
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > mostWaiting && q.waiting[0].complete && !q.closed {
		q.change.Wait()
	}
	if !q.closed {
		q.waiting = append(q.waiting, r)
	}
	return r
}

func (q *queue) done(r *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r.complete = true
	q.change.Broadcast()
}

// next is the exchange at the head of the queue once it is complete, nil at the end.
func (q *queue) next() *record {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case len(q.waiting) > 0 && q.waiting[0].complete:
			next := q.waiting[0]
			q.waiting = q.waiting[1:]
			q.change.Broadcast()
			return next
		case len(q.waiting) > 0 && (q.closed || len(q.waiting) > mostWaiting):
			q.waiting = q.waiting[1:] // it is given up
		case q.closed:
			return nil
		default:
			q.change.Wait()
		}
	}
}

func (q *queue) give() {
	defer close(q.ended)
	for next := q.next(); next != nil; next = q.next() {
		q.take(next.exchange)
	}
}

// close takes no more, and returns when every complete exchange is given on.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.change.Broadcast()
	q.mu.Unlock()
	<-q.ended
}
