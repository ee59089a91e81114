//go:build interop

package interop_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestJUnitReportsAreReadByOthers has the reports of a green run, of one with failures and of every verdict there is
// checked against Jenkins' own schema, and read by a parser that is not ours.
func TestJUnitReportsAreReadByOthers(t *testing.T) {
	samples := filepath.Join("..", "docs", "samples")
	reports := []string{
		filepath.Join(samples, "green", "junit.xml"), filepath.Join(samples, "three-faults", "junit.xml"),
		filepath.Join("..", "reports", "testdata", "sample.xml"),
	}
	python := fetched(t, filepath.Join("junit", "bin", "python"))
	arguments := append([]string{"-B", filepath.Join("junit", "check.py"), fetched(t, "junit-10.xsd")}, reports...)
	output, err := exec.Command(python, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if read := strings.Count(string(output), "Read "); read != len(reports) {
		t.Errorf("%d reports were read, want %d:\n%s", read, len(reports), output)
	}
	readInJavaScript(t, reports)
}

// readInJavaScript has the reports read by junit2json, which also adds up their times.
func readInJavaScript(t *testing.T, reports []string) {
	t.Helper()
	// The script imports the package that stands beside it.
	script := filepath.Join(fetched(t, "junit-javascript"), "check.mjs")
	copyFile(t, filepath.Join("junit-javascript", "check.mjs"), script)
	output, err := exec.Command("node", append([]string{script}, reports...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if read := strings.Count(string(output), "Read "); read != len(reports) {
		t.Errorf("JavaScript read %d reports, want %d:\n%s", read, len(reports), output)
	}
}
