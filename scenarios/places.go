package scenarios

import (
	"slices"
	"sync"
)

// places bounds how many plays run at once. Of those that wait for a place the one with the lowest rank is next, so that a
// long play that has slept does not queue behind short ones, and none of them is alone at the end.
type places struct {
	mu      sync.Mutex
	free    int
	waiting []waiter // by rank
}

type waiter struct {
	rank int
	turn chan struct{}
}

// take waits for a place.
func (p *places) take(rank int) { <-p.ask(rank) }

// ask asks for a place, which is taken when the channel is closed.
func (p *places) ask(rank int) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := waiter{rank, make(chan struct{})}
	if p.free > 0 {
		p.free--
		close(w.turn)
		return w.turn
	}
	at, _ := slices.BinarySearchFunc(p.waiting, rank+1, func(w waiter, rank int) int { return w.rank - rank })
	p.waiting = slices.Insert(p.waiting, at, w)
	return w.turn
}

// give gives a place back, to the next who waits for one.
func (p *places) give() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.free++
		return
	}
	close(p.waiting[0].turn)
	p.waiting = slices.Delete(p.waiting, 0, 1)
}
