package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// A transcript names the step of each exchange, so the steps are a wire format: a transcript of an older kvconform is
// judged by a newer one only while they keep their names. A new step may be added; a step that is renamed or removed
// makes the transcripts that have it unreadable.
func TestStepsKeepTheirNames(t *testing.T) {
	var steps strings.Builder
	for _, play := range Plays() {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(play.New()).Elem()) {
			switch field.Type {
			case reflect.TypeFor[*vault.Exchange]():
				fmt.Fprintf(&steps, "%s.%s\n", play.Name, field.Name)
			case reflect.TypeFor[[]*vault.Exchange]():
				fmt.Fprintf(&steps, "%s.%s[]\n", play.Name, field.Name)
			}
		}
	}
	path := filepath.Join("testdata", "steps.golden")
	if golden.Update() {
		if err := os.WriteFile(path, []byte(steps.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(golden), "\n")
	got := strings.Split(steps.String(), "\n")
	for _, step := range missing(want, got) {
		t.Errorf("the step %s is gone: transcripts that have it can no longer be read", step)
	}
	for _, step := range missing(got, want) {
		t.Errorf("the step %s is not in %s: redraw it with go test ./scenarios -run Steps -update", step, path)
	}
	if !t.Failed() && steps.String() != string(golden) {
		t.Errorf("%s has the steps in another order: redraw it with go test ./scenarios -run Steps -update", path)
	}
}

// missing lists the elements of a that b lacks.
func missing(a, b []string) []string {
	has := map[string]bool{}
	for _, element := range b {
		has[element] = true
	}
	var lacking []string
	for _, element := range a {
		if !has[element] {
			lacking = append(lacking, element)
		}
	}
	return lacking
}
