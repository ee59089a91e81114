package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/refvault/profile"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
)

// mostCauses is how many causes a profile may have. A maintainer who gets a longer list mends nothing.
const mostCauses = 40

// A golden file signs the causes that a run of the suite reports on a profile: under each key and title stands, indented,
// a sentence that says why it is true, with the statements of the contract that the profile breaks there. To redraw the
// keys and titles and keep the sentences:
//
//	go test ./runner -run TestGoldenCausesOfProfiles -count 1 -update
func TestGoldenCausesOfProfiles(t *testing.T) {
	if !golden.Update() {
		long.Test(t, "four runs of the whole suite")
	}
	contract, err := os.ReadFile(filepath.Join("..", "docs", "contract.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range profile.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("..", "refvault", "profile", "testdata", p.ID+".causes.golden")
			signed, order := readCauses(t, file)
			causes := slices.DeleteFunc(slices.Clone(profiled(t, p).Causes), ofRequestsAtOnce)
			if len(causes) > mostCauses {
				t.Errorf("%d causes, want at most %d", len(causes), mostCauses)
			}
			if golden.Update() {
				writeCauses(t, file, p, causes, signed)
				return
			}
			found := map[string]bool{}
			for _, cause := range causes {
				found[cause.Key] = true
				entry, ok := signed[cause.Key]
				switch {
				case !ok:
					t.Errorf("a cause that nobody has signed: %s\n  %s\n  first in the play %s.%s", cause.Key, cause.Title, cause.Play, cause.Step)
				case !signs(contract, entry.because):
					t.Errorf("%s\n  has no sentence that names a statement of the contract: %q", cause.Key, entry.because)
				}
			}
			for _, key := range order {
				if !found[key] {
					t.Errorf("a cause that is signed is not reported: %s\n  %s", key, signed[key].title)
				}
			}
		})
	}
}

// ofRequestsAtOnce reports whether a cause was first seen where several requests were under way: their order is chance, and so is
// what a vault that is wrong in dozens of places makes of it.
func ofRequestsAtOnce(cause reports.Cause) bool { return scenarios.SendsAtOnce(cause.Play) }

// signedCause is an entry of a golden file.
type signedCause struct{ title, because string }

var statementID = regexp.MustCompile(`\b(?:SC-\d\d-\d\d|B-\d+-\d+|[CDEF](?:-\d+)?-\d+)\b`)

// signs reports whether a sentence names a statement that there is, and none that there is not.
func signs(contract []byte, because string) bool {
	ids := statementID.FindAllString(because, -1)
	for _, id := range ids {
		if !regexp.MustCompile(`(?m)^\| ` + id + ` \|`).Match(contract) {
			return false
		}
	}
	return len(ids) > 0
}

// ofNoRun leaves out of a title what is another in every run and stands in titles all the same: times and addresses.
func ofNoRun(title string) string {
	title = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT[\d:]+Z\b`).ReplaceAllString(title, "TIME")
	title = regexp.MustCompile(`\b\d{9,}\b`).ReplaceAllString(title, "TIME")
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(title, "HOST")
}

// readCauses reads a golden file: a key on a line, its title and the sentence on indented lines below.
func readCauses(t *testing.T, file string) (signed map[string]signedCause, order []string) {
	t.Helper()
	signed = map[string]signedCause{}
	text, err := os.ReadFile(file)
	if err != nil && (!golden.Update() || !os.IsNotExist(err)) {
		t.Fatal(err)
	}
	for _, entry := range strings.Split(string(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(entry), "\n")
		if lines[0] == "" || strings.HasPrefix(lines[0], "#") {
			continue
		}
		var cause signedCause
		if len(lines) > 1 {
			cause.title = strings.TrimSpace(lines[1])
		}
		if len(lines) > 2 {
			for _, line := range lines[2:] {
				cause.because = strings.TrimSpace(cause.because + " " + strings.TrimSpace(line))
			}
		}
		signed[lines[0]] = cause
		order = append(order, lines[0])
	}
	return signed, order
}

// writeCauses draws a golden file, with the sentences that are there already. A cause without one fails the test.
func writeCauses(t *testing.T, file string, p profile.Profile, causes []reports.Cause, signed map[string]signedCause) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "# The causes of %s: %s.\n# Each is signed by a sentence on why it is true.\n", p.ID, p.Title)
	for _, cause := range causes {
		fmt.Fprintf(&text, "\n%s\n  %s\n", cause.Key, ofNoRun(cause.Title))
		if because := signed[cause.Key].because; because != "" {
			fmt.Fprintf(&text, "  %s\n", because)
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
