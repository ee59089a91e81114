package runner

import (
	"sync/atomic"

	"github.com/kvconform/kvconform/scenarios"
)

// mostPrepared is how many performances may queue to be prepared; one that finds the queue full is left to the judging.
const mostPrepared = 1024

// preparing prepares the judging of plays that have ended, beside those that go on. One goroutine does it, so that the plays
// keep the other processors.
type preparing struct {
	ended chan *scenarios.Performance
	over  atomic.Bool
	done  chan struct{}
}

func newPreparing() *preparing {
	return &preparing{ended: make(chan *scenarios.Performance, mostPrepared), done: make(chan struct{})}
}

// take queues a performance that has ended.
func (p *preparing) take(performance *scenarios.Performance) {
	select {
	case p.ended <- performance:
	default:
	}
}

// during prepares whatever is queued while plays are performed. What is not prepared when they are over is left to the judging,
// which uses all processors.
func (p *preparing) during(prepare func(*scenarios.Performance), perform func()) {
	go func() {
		defer close(p.done)
		for performance := range p.ended {
			if p.over.Load() {
				return
			}
			prepare(performance)
		}
	}()
	perform()
	p.over.Store(true)
	close(p.ended) // every play has ended, and nothing is taken any more
	<-p.done
}
