// Package long marks the tests that take seconds rather than milliseconds: whole runs, again and again. `make test` leaves
// them out, so that it can be run while one writes; `make long` and the continuous integration run every test.
package long

import "testing"

// Test skips a test under -short and says why it takes long: "four runs of the whole suite".
func Test(t testing.TB, why string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("left out by -short (%s); `make long` runs it", why)
	}
}
