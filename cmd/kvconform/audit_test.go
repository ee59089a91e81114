package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recordingOf is a recording of the tests of package recorded.
func recordingOf(name string) string {
	return filepath.Join("..", "..", "internal", "recorded", "testdata", name)
}

func TestAuditEndsWithTheExitCodeThatItsHelpNames(t *testing.T) {
	folder := t.TempDir()
	file := filesIn(t, folder)
	cassette, err := os.ReadFile(recordingOf("go-vcr.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	binary := file("binary", "\x7fELF\x00")
	other := file("other.har", `{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/b"},"response":{"status":200}}]}}`)
	broken := file("broken.yaml", strings.ReplaceAll(string(cassette), `"status":"completed"`, `"status":7`))
	cut := file("cut.yaml", string(cassette[:len(cassette)-400]))
	for _, test := range []struct {
		name      string
		arguments []string
		code      int
		want      string
	}{
		{"cassettes that hold", []string{recordingOf("go-vcr.yaml"), recordingOf("vcrpy.yaml")}, 0, "passed: no must fails"},
		{"a state that is none", []string{broken}, 1, broken + ", entry 2"},
		{"no file", nil, 2, "requires at least 1 arg"},
		{"a file that is not there", []string{recordingOf("go-vcr.yaml"), filepath.Join(folder, "none")}, 2, "none cannot be read: no such file"},
		{"a binary file", []string{binary}, 2, "is binary, and no recording"},
		{"a rule of a run", []string{recordingOf("go-vcr.yaml"), "--rule", "create-manually/status"}, 2, "only a run sends"},
		{"an id base that is none", []string{recordingOf("go-vcr.yaml"), "--id-base", "vault"}, 2, "--id-base is no URL"},
		{"other traffic", []string{other}, 3, "no exchange of the certificates API was found among 1 of other traffic"},
		{"a binary file among others", []string{binary, recordingOf("go-vcr.yaml")}, 3, "1 part of the recordings could not be read"},
		{"a cassette that is cut short", []string{cut}, 3, "incomplete: 1 part of the recordings could not be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := typed(t, append([]string{"audit"}, test.arguments...)...)
			if code != test.code || !strings.Contains(stdout+stderr, test.want) {
				t.Errorf("exit %d, want %d and %q in:\n%s%s", code, test.code, test.want, stdout, stderr)
			}
		})
	}
}

func TestAuditWritesTheReportsOfARun(t *testing.T) {
	folder := t.TempDir()
	if code, stdout, stderr := typed(t, "audit", recordingOf("vcrpy.yaml"), "--out", folder); code != 0 {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	for _, name := range []string{"report.json", "report.html", "report.md", "junit.xml", "badge.svg"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || len(text) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A report of an audit is read again as that of a run is.
	if code, stdout, stderr := typed(t, "report", filepath.Join(folder, "report.json")); code != 0 || !strings.Contains(stdout, "9 exchanges of the certificates API were judged") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}
