package specs

import (
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Requests that were both repeated after a wait overlap by their waits, however quick their last attempts were.
func TestExchangesThatWereRepeatedOverlapByTheirWaits(t *testing.T) {
	start := time.Unix(1000, 0)
	for name, test := range map[string]struct {
		first, second vault.Exchange
		want          bool
	}{
		"one after another": {
			vault.Exchange{Started: start, Attempts: 1, Took: time.Second}, vault.Exchange{Started: start.Add(time.Second), Attempts: 1, Took: time.Second}, false,
		},
		"at once": {
			vault.Exchange{Started: start, Attempts: 1, Took: 2 * time.Second}, vault.Exchange{Started: start.Add(time.Second), Attempts: 1, Took: time.Second}, true,
		},
		"throttled at once": {
			vault.Exchange{Started: start, Attempts: 2, Waited: time.Second}, vault.Exchange{Started: start, Attempts: 2, Waited: time.Second}, true,
		},
		"throttled one after another": {
			vault.Exchange{Started: start, Attempts: 2, Waited: time.Second}, vault.Exchange{Started: start.Add(time.Second), Attempts: 2, Waited: time.Second}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := overlapping([]*vault.Exchange{&test.first, &test.second}); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
