package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvconform/kvconform/internal/golden"
)

func catalogueOf(t *testing.T) *Catalogue {
	t.Helper()
	catalogue, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// A rule's id is never reused and its meaning does not change unseen: who changes one changes the committed list too.
func TestRulesMatchTheCommittedList(t *testing.T) {
	var list strings.Builder
	for _, scenario := range catalogueOf(t).Scenarios {
		for _, rule := range scenario.Rules {
			fmt.Fprintf(&list, "%s\t%s\t%s\n", rule.ID, rule.Level, rule.Statement)
		}
	}
	path := filepath.Join("testdata", "rules.txt")
	if golden.Update() {
		if err := os.WriteFile(path, []byte(list.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(committed), "\n"), strings.Split(list.String(), "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			t.Errorf("gone or changed: %s", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			t.Errorf("new or changed: %s", line)
		}
	}
	if t.Failed() {
		t.Log("if it is meant, redraw the list: go test ./scenarios -run CommittedList -update")
	}
}

func TestEverySourceThatNamesAPageHasAnAddress(t *testing.T) {
	for _, scenario := range catalogueOf(t).Scenarios {
		for _, rule := range scenario.Rules {
			for _, source := range rule.Sources {
				if (source.Document != "" || source.Issue != "") && source.URL() == "" {
					t.Errorf("%s: no address for %q", rule.ID, source.Text())
				}
			}
		}
	}
}

func TestAcceptsForAnOracle(t *testing.T) {
	both := Accepts{Documented: []string{"400"}, Observed: []string{"403"}}
	one := Accepts{Documented: []string{"404"}}
	inferred := Accepts{Documented: []string{"404"}, Observed: []string{"400"}, Inferred: []string{"4xx"}}
	for _, test := range []struct {
		name    string
		accepts Accepts
		oracle  Oracle
		want    []string
	}{
		{"the documentation's", both, Documented, []string{"400"}},
		{"the service's", both, Observed, []string{"403"}},
		{"either is the union", both, Either, []string{"400", "403"}},
		{"a side left out is the other", one, Observed, []string{"404"}},
		{"an inferred value under every oracle", inferred, Observed, []string{"400", "4xx"}},
		{"an inferred value alone", Accepts{Inferred: []string{"404"}}, Documented, []string{"404"}},
		{"nothing twice", one, Either, []string{"404"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.accepts.For(test.oracle); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// An answer is documented only with a document or the specification, observed only with a recording or an issue, and
// inferred only with a reasoning.
func TestEachSideHasASourceOfItsKind(t *testing.T) {
	for _, scenario := range catalogueOf(t).Scenarios {
		for _, rule := range scenario.Rules {
			for _, side := range []Oracle{Documented, Observed, Inferred} {
				sourced := slices.ContainsFunc(rule.Sources, func(s Source) bool { return s.Side() == side })
				if len(rule.Accepts.Listed(side)) > 0 && !sourced {
					t.Errorf("%s lists an answer as %s and has no source of that kind", rule.ID, side)
				}
			}
		}
	}
}

// A value of the catalogue is compared with the text that a reader returns, so a number there is text too.
func TestAcceptedNumbersAreText(t *testing.T) {
	rule, ok := catalogueOf(t).Rule("conflict-while-in-progress/import-status")
	if !ok {
		t.Fatal("the rule is not in the catalogue")
	}
	if want := []string{"409"}; !slices.Equal(rule.Accepts.Documented, want) {
		t.Errorf("got %q, want %q", rule.Accepts.Documented, want)
	}
}

func TestACatalogueThatCannotBeTrustedIsRefused(t *testing.T) {
	rule := `
  - id: delete-pending/status
    level: must
    statement: A sentence.
    covers: [SC-09-01]
    feature: delete-pending
    sources: [page]`
	sources := "documents: {page: {path: certificates/page}}\nsources: {page: {document: page}}"
	head := "scenario: delete-pending\ntitle: A title\nsection: A section\nsummary: A summary\nrules:"
	for _, test := range []struct{ name, text, want string }{
		{"an unknown key", head + rule + "\n    colour: red", "colour"},
		{"a level that is none", head + strings.Replace(rule, "must", "maybe", 1), "none of must, should, may"},
		{"a rule of another scenario", head + strings.Replace(rule, "delete-pending/status", "cancel/status", 1), "does not begin with"},
		{"a rule without a source", head + strings.Replace(rule, "[page]", "[]", 1), "no source"},
		{"a source that names nothing", head + strings.Replace(rule, "[page]", "[{section: x}]", 1), "names nothing"},
		{"a source of no such key", head + strings.Replace(rule, "[page]", "[pages]", 1), "not in sources.yaml"},
		{"a source written out", head + strings.Replace(rule, "[page]", "[{document: page}]", 1), "belongs in sources.yaml"},
		{"an unknown member of a source", head + strings.Replace(rule, "[page]", "[{reason: x}]", 1), "reason"},
		{"a feature that is none", head + strings.Replace(rule, "feature: delete-pending", "feature: teleport", 1), "teleport"},
		{"a rule that refines none", head + rule + "\n    after: delete-pending/gone", "not in the catalogue"},
		{"a rule that refines itself", head + rule + "\n    after: delete-pending/status", "refines itself"},
		{"a must that refines a should", head + rule + "\n    after: delete-pending/code" +
			strings.NewReplacer("pending/status", "pending/code", "must", "should").Replace(rule), "weighs less"},
		{"a rule that refines one of another feature", head + rule + "\n    after: delete-pending/code" +
			strings.NewReplacer("pending/status", "pending/code", "feature: delete-pending", "feature: cancel").Replace(rule), "another feature"},
		{"a rule twice", head + rule + rule, "twice"},
		{"no rule", strings.TrimSuffix(head, "\nrules:"), "all needed"},
		{"another name than its file", strings.Replace(head, "delete-pending", "cancel-in-progress", 1) + rule, "another name"},
		{"not YAML", "\t: [", "delete-pending.yaml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := fstest.MapFS{
				"catalogue/delete-pending.yaml": {Data: []byte(test.text)},
				sourcesFile:                     {Data: []byte(sources)},
			}
			_, err := load(files, "catalogue")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestSourcesThatCannotBeCitedAreRefused(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a source that names nothing", "sources: {a: {section: x}}", "names nothing"},
		{"a reasoning", "sources: {a: {reasoning: x}}", "belongs to its rule"},
		{"a document without a path", "sources: {a: {document: x}}", "has no path"},
		{"an unknown member", "sources: {a: {document: x, colour: red}}", "colour"},
		{"a key twice", "sources: {a: {issue: x}, a: {issue: y}}", "already defined"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readSources(fstest.MapFS{sourcesFile: {Data: []byte(test.text)}}, sourcesFile)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestEverySourceIsCited(t *testing.T) {
	table, err := readSources(catalogueFiles, sourcesFile)
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	for _, scenario := range catalogueOf(t).Scenarios {
		for _, rule := range scenario.Rules {
			for _, source := range rule.Sources {
				cited[source.Key] = true
			}
		}
	}
	for key := range table.Sources {
		if !cited[key] {
			t.Errorf("no rule cites the source %s", key)
		}
	}
}
