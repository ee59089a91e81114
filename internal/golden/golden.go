// Package golden compares what a test made with a committed file, and writes the file anew when the test is run with
// -update:
//
//	golden.Compare(t, "testdata/report.md", page)
//
// Only tests import it. A golden file is reviewed as a diff, so a change of it is seen by a person.
package golden

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Update reports whether the golden files are to be written rather than compared.
func Update() bool { return *update }

// Compare fails the test if got differs from the file, and shows the first place where it does. With -update it writes
// the file instead.
func Compare(t testing.TB, path string, got []byte) {
	t.Helper()
	if Update() {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: write it with -update", err)
	}
	if bytes.Equal(want, got) {
		return
	}
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	from := max(at-80, 0)
	t.Errorf("%s differs at byte %d (-update writes it anew):\ngot  …%q\nwant …%q",
		path, at, got[from:min(at+80, len(got))], want[from:min(at+80, len(want))])
}
