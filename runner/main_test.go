package runner_test

import (
	"fmt"
	"os"
	"testing"
)

// The ledgers of the runs of these tests go to a folder of their own.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		state, err := os.MkdirTemp("", "kvconform-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(state) }()
		_ = os.Setenv("XDG_STATE_HOME", state)
		return m.Run()
	}())
}
