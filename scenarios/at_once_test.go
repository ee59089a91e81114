package scenarios

import (
	"sync"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Each request waits for all the others, so this test only ends if they are sent at once.
func TestRequestsAtOnceAreUnderWayTogether(t *testing.T) {
	var together sync.WaitGroup
	together.Add(atOnceMany)
	requests := make([]func() *vault.Exchange, atOnceMany)
	sent := make([]*vault.Exchange, atOnceMany)
	for i := range requests {
		sent[i] = &vault.Exchange{}
		requests[i] = func() *vault.Exchange {
			together.Done()
			together.Wait()
			return sent[i]
		}
	}
	for i, e := range atOnce(requests...) {
		if e != sent[i] {
			t.Errorf("exchange %d is not that of request %d", i, i)
		}
	}
}

func TestAPanicOfARequestAtOnceIsOneOfThePlay(t *testing.T) {
	defer func() {
		if recovered := recover(); recovered != "broken" {
			t.Errorf("the play recovers %v, want the panic of its request", recovered)
		}
	}()
	atOnce(func() *vault.Exchange { return nil }, func() *vault.Exchange { panic("broken") })
	t.Error("the play goes on after a panic of its request")
}
