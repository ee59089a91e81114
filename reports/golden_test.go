package reports_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "draw the golden files again")

// golden compares got with the file name of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: draw it with -update", err)
	}
	if !bytes.Equal(want, got) {
		at := 0
		for at < min(len(want), len(got)) && want[at] == got[at] {
			at++
		}
		from := max(at-80, 0)
		t.Errorf("%s differs at byte %d (-update draws it again):\ngot  …%q\nwant …%q", path, at, got[from:min(at+80, len(got))], want[from:min(at+80, len(want))])
	}
}
