package ruleset_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// listHead opens the list. A set line has an api-version, the number of its rules and the digest that reports have; a rule
// line has an id, a level, a digest of all that the rule says, and the api-versions it holds from and to, "-" for no limit.
const listHead = `# The rule set of every api-version. Drawn: go test ./internal/ruleset -run Committed -update
# set API-VERSION RULES DIGEST
# rule ID LEVEL DIGEST SINCE UNTIL ("-" is no limit)
`

// line is a set or a rule of the list: its key, and the columns after it.
type line struct {
	key     string // as "rule s/a"
	columns []string
}

// listOf draws the sets of a catalogue. One line for each rule is enough for all sets: since and until say which have it.
func listOf(t *testing.T, catalogue *scenarios.Catalogue, versions []schemas.APIVersion) []line {
	t.Helper()
	var lines []line
	for _, version := range versions {
		set, err := ruleset.At(catalogue, string(version))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line{"set " + string(version), []string{fmt.Sprint(len(set.Rules)), set.Digest}})
	}
	all, err := ruleset.At(catalogue, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range all.Rules {
		text, err := json.Marshal(rule)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		lines = append(lines, line{"rule " + rule.ID, []string{
			rule.Level, hex.EncodeToString(sum[:6]), limit(rule.Since), limit(rule.Until),
		}})
	}
	return lines
}

func limit(version string) string {
	if version == "" {
		return "-"
	}
	return version
}

func readList(t *testing.T, text []byte) []line {
	t.Helper()
	var lines []line
	for scanner := bufio.NewScanner(bytes.NewReader(text)); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		switch {
		case len(fields) == 0 || fields[0] == "#":
		case fields[0] == "set" && len(fields) == 4, fields[0] == "rule" && len(fields) == 6:
			lines = append(lines, line{fields[0] + " " + fields[1], fields[2:]})
		default:
			t.Fatalf("the line %q is neither a set nor a rule", scanner.Text())
		}
	}
	return lines
}

func drawList(lines []line) []byte {
	text := bytes.NewBufferString(listHead)
	for _, l := range lines {
		fmt.Fprintln(text, l.key, strings.Join(l.columns, " "))
	}
	return text.Bytes()
}

// differences says in a line each which rules came, changed and went, and in a last one which sets are others for it.
func differences(committed, now []line) []string {
	var told, others []string
	before := map[string][]string{}
	for _, l := range committed {
		before[l.key] = l.columns
	}
	for _, l := range now {
		was, known := before[l.key]
		delete(before, l.key)
		version, isSet := strings.CutPrefix(l.key, "set ")
		switch {
		case isSet && !slices.Equal(was, l.columns):
			others = append(others, version)
		case !known:
			told = append(told, l.key+" came: "+strings.Join(l.columns, " "))
		case !slices.Equal(was, l.columns):
			told = append(told, l.key+" changed: "+changed(was, l.columns))
		}
	}
	for _, l := range committed {
		if _, left := before[l.key]; left {
			told = append(told, l.key+" went")
		}
	}
	if len(others) > 0 {
		told = append(told, "other sets than committed: "+strings.Join(others, ", "))
	}
	return told
}

// changed names the columns that differ. The digest of a rule is over its other columns too, so it is told where they agree.
func changed(was, is []string) string {
	var parts []string
	for i, name := range []string{"level", "", "since", "until"} {
		if name != "" && was[i] != is[i] {
			parts = append(parts, fmt.Sprintf("%s %s is now %s", name, was[i], is[i]))
		}
	}
	if len(parts) == 0 {
		return "its statement or what it accepts, " + was[1] + " is now " + is[1]
	}
	return strings.Join(parts, ", ")
}

func TestTheRuleSetsAreTheCommittedOnes(t *testing.T) {
	catalogue, err := scenarios.Load()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "sets.txt")
	now := listOf(t, catalogue, schemas.Versions())
	if golden.Update() {
		if err := os.WriteFile(path, drawList(now), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: draw it with go test ./internal/ruleset -run Committed -update", err)
	}
	told := differences(readList(t, text), now)
	for _, difference := range told {
		t.Error(difference)
	}
	switch {
	case len(told) > 0:
		t.Error("if it is meant, redraw the list: go test ./internal/ruleset -run Committed -update; " +
			"docs/api-versions.md says what a change to a released set needs")
	case !bytes.Equal(text, drawList(now)):
		t.Error("the list has the lines in another order or a line twice: go test ./internal/ruleset -run Committed -update")
	}
}

func TestTheListTellsWhichRuleCameWentOrChanged(t *testing.T) {
	rule := scenarios.Rule{ID: "s/a", Level: scenarios.Must, Statement: "A.", Accepts: scenarios.Accepts{Documented: []string{"200"}}}
	kept := scenarios.Rule{ID: "s/kept", Level: scenarios.Must, Statement: "Kept."}
	other := func(change func(r *scenarios.Rule)) []scenarios.Rule {
		changed := rule
		change(&changed)
		return []scenarios.Rule{changed, kept}
	}
	for name, test := range map[string]struct {
		rules []scenarios.Rule
		want  []string // beginnings of the lines
	}{
		"same": {[]scenarios.Rule{kept, rule}, nil},
		"came": {
			[]scenarios.Rule{rule, kept, {ID: "s/new", Level: scenarios.May, Statement: "New.", Since: "7.4"}},
			[]string{"rule s/new came: may ", "other sets than committed: 7.4"},
		},
		"went": {[]scenarios.Rule{kept}, []string{"rule s/a went", "other sets than committed: 7.3, 7.4"}},
		"level": {
			other(func(r *scenarios.Rule) { r.Level = scenarios.Should }),
			[]string{"rule s/a changed: level must is now should", "other sets than committed: 7.3, 7.4"},
		},
		"since": {
			other(func(r *scenarios.Rule) { r.Since = "7.4" }),
			[]string{"rule s/a changed: since - is now 7.4", "other sets than committed: 7.3, 7.4"},
		},
		"statement": {
			other(func(r *scenarios.Rule) { r.Statement = "B." }),
			[]string{"rule s/a changed: its statement or what it accepts, ", "other sets than committed: 7.3, 7.4"},
		},
		"accepted": {
			other(func(r *scenarios.Rule) { r.Accepts.Observed = []string{"201"} }),
			[]string{"rule s/a changed: its statement or what it accepts, ", "other sets than committed: 7.3, 7.4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			versions := []schemas.APIVersion{"7.3", "7.4"}
			committed := readList(t, drawList(listOf(t, catalogueOf(t, rule, kept), versions)))
			got := differences(committed, listOf(t, catalogueOf(t, test.rules...), versions))
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
