package refserver

import (
	"testing"
	"time"
)

func TestASlowVaultIsAskedLessOftenAndWaitedForLonger(t *testing.T) {
	for _, test := range []struct {
		issueAfter, most, timeout time.Duration
	}{
		{0, 60 * time.Millisecond, 20 * time.Second},
		{time.Second, 60 * time.Millisecond, 21 * time.Second},
		{3 * time.Second, 120 * time.Millisecond, 23 * time.Second},
		{time.Minute, 2400 * time.Millisecond, 80 * time.Second},
	} {
		got := (&Reference{issueAfter: test.issueAfter}).Target("").Polling
		if got.Max != test.most || got.Timeout != test.timeout {
			t.Errorf("issued after %v: polls every %v for %v, want every %v for %v", test.issueAfter, got.Max, got.Timeout, test.most, test.timeout)
		}
	}
}
