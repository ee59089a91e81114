package runner

import (
	"testing"

	"github.com/kvconform/kvconform/scenarios"
)

// TestPreparingEndsWithThePlays: what ends while they go on is prepared, and nothing keeps the judging waiting.
func TestPreparingEndsWithThePlays(t *testing.T) {
	p := newPreparing()
	began, goOn := make(chan *scenarios.Performance), make(chan struct{})
	prepared := 0
	first := &scenarios.Performance{}
	p.during(func(performance *scenarios.Performance) {
		prepared++
		began <- performance
		<-goOn
	}, func() {
		p.take(first)
		if got := <-began; got != first {
			t.Errorf("got %p, want the play that ended", got)
		}
		for range 2 * mostPrepared { // more than the queue holds: the plays are not kept waiting
			p.take(&scenarios.Performance{})
		}
		p.over.Store(true)
		close(goOn)
	})
	if prepared != 1 {
		t.Errorf("prepared %d performances, want the rest left to the judging", prepared)
	}
}
