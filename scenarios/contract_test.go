package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/refvault/variant"
)

// statement is one row of a table in docs/contract.md.
type statement struct{ id, level, text, source string }

// contract reads docs/contract.md: each row whose first cell is an id is a statement.
func contract(t *testing.T) []statement {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "contract.md"))
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^[A-Z]{1,2}(-[0-9]+)+$`)
	var statements []statement
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !id.MatchString(cells[0]) {
			continue
		}
		if len(cells) != 4 {
			t.Fatalf("a statement has four cells: %s", line)
		}
		statements = append(statements, statement{cells[0], cells[1], cells[2], cells[3]})
	}
	return statements
}

// coverage says for each statement of the contract which rules and exclusions name it.
type coverage struct {
	rules    map[string][]string
	excluded map[string]string // the reason
	open     []string
}

func coverageOf(t *testing.T) coverage {
	t.Helper()
	c := coverage{rules: map[string][]string{}, excluded: map[string]string{}}
	for _, scenario := range catalogueOf(t).Scenarios {
		for _, rule := range scenario.Rules {
			for _, id := range rule.Covers {
				c.rules[id] = append(c.rules[id], rule.ID)
			}
		}
		for _, exclusion := range scenario.Excluded {
			c.excluded[exclusion.Covers] = exclusion.Reason
		}
	}
	text, err := os.ReadFile(filepath.Join("testdata", "open.txt"))
	if err != nil {
		t.Fatal(err)
	}
	c.open = strings.Fields(string(text))
	return c
}

func TestEveryStatementOfTheContractIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range contract(t) {
		if seen[s.id] {
			t.Errorf("%s stands twice", s.id)
		}
		seen[s.id] = true
		if !slices.Contains([]string{"must", "should", "may", "suite", "note"}, s.level) {
			t.Errorf("%s has the level %q", s.id, s.level)
		}
		if s.text == "" || s.source == "" {
			t.Errorf("%s lacks its text or its source", s.id)
		}
	}
}

// Every must and should, and every statement of the scenarios, is tested by a rule, excluded with a reason, or in the
// list of those that are open; and nothing else is named.
func TestEveryStatementIsCoveredExcludedOrOpen(t *testing.T) {
	c, known := coverageOf(t), map[string]bool{}
	for _, s := range contract(t) {
		known[s.id] = true
		_, excluded := c.excluded[s.id]
		named := 0
		for _, is := range []bool{len(c.rules[s.id]) > 0, excluded, slices.Contains(c.open, s.id)} {
			if is {
				named++
			}
		}
		due := s.level == "must" || s.level == "should" || strings.HasPrefix(s.id, "SC-")
		if named > 1 || due && named == 0 {
			t.Errorf("%s is to be covered by a rule, excluded or open, and is %d of these", s.id, named)
		}
		if strings.HasPrefix(s.id, "SC-") && slices.Contains(c.open, s.id) {
			t.Errorf("%s is open; no statement of a scenario may be", s.id)
		}
	}
	for id, rules := range c.rules {
		if !known[id] {
			t.Errorf("%s covers %s, which is no statement", strings.Join(rules, ", "), id)
		}
	}
	for id := range c.excluded {
		if !known[id] {
			t.Errorf("%s is excluded and no statement", id)
		}
	}
	for _, id := range c.open {
		if !known[id] {
			t.Errorf("%s is open and no statement", id)
		}
	}
}

// A rule is at most as strict as the strictest statement that it covers. The exceptions are known to be too strict, and
// each that is no longer one has to leave the list.
func TestNoRuleIsStricterThanItsStatements(t *testing.T) {
	exceptions := map[string]bool{
		"every-answer/retry-after": true,
	}
	weight := map[string]int{"may": 1, "should": 2, "must": 3}
	strictness := map[string]int{}
	for _, s := range contract(t) {
		strictness[s.id] = weight[s.level]
	}
	for _, scenario := range catalogueOf(t).Scenarios {
		for _, rule := range scenario.Rules {
			most := 0
			for _, id := range rule.Covers {
				most = max(most, strictness[id])
			}
			if stricter := weight[string(rule.Level)] > most; stricter != exceptions[rule.ID] {
				t.Errorf("%s is a %s and stricter than each of %s: %t, and is an exception: %t", rule.ID, rule.Level,
					strings.Join(rule.Covers, ", "), stricter, exceptions[rule.ID])
			}
		}
	}
}

func TestEveryVariantNamesAnAmbiguityOfTheContract(t *testing.T) {
	known := map[string]bool{}
	for _, s := range contract(t) {
		known[s.id] = true
	}
	for _, v := range variant.All() {
		for _, id := range v.Ambiguities {
			if !known[id] {
				t.Errorf("the variant %s stands for %s, which is no statement", v.ID, id)
			}
		}
	}
}

func TestCoverageIsUpToDate(t *testing.T) {
	path := filepath.Join("..", "docs", "coverage.md")
	drawn := drawCoverage(contract(t), coverageOf(t))
	if golden.Update() {
		if err := os.WriteFile(path, []byte(drawn), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != drawn {
		t.Error("docs/coverage.md is out of date: go test ./scenarios -update")
	}
}

func drawCoverage(statements []statement, c coverage) string {
	var rows strings.Builder
	counts := map[string]map[string]int{}
	for _, s := range statements {
		how, state := c.row(s)
		if counts[s.level] == nil {
			counts[s.level] = map[string]int{}
		}
		counts[s.level][state]++
		fmt.Fprintf(&rows, "| %s | %s | %s |\n", s.id, s.level, how)
	}
	var page strings.Builder
	page.WriteString("# Coverage of the contract\n\nThis page is generated from [contract.md](contract.md) and the catalogue by " +
		"`go test ./scenarios -update`.\nFor each statement it lists the [rules](rules.md) that cover it, or the reason why no rule " +
		"can. A statement that is\n*open* can be tested, and no rule tests it yet.\n\n" +
		"| level | covered | excluded | open | not demanded |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, level := range []string{"must", "should", "may", "suite", "note"} {
		n := counts[level]
		fmt.Fprintf(&page, "| %s | %d | %d | %d | %d |\n", level, n["covered"], n["excluded"], n["open"], n[""])
	}
	page.WriteString("\n| statement | level | rules |\n| --- | --- | --- |\n")
	return page.String() + rows.String()
}

// row says how a statement is covered, and in which column of the summary it counts.
func (c coverage) row(s statement) (how, state string) {
	if rules := c.rules[s.id]; len(rules) > 0 {
		links := make([]string, len(rules))
		for i, rule := range rules {
			links[i] = fmt.Sprintf("[%s](rules.md#%s)", rule, strings.ReplaceAll(rule, "/", ""))
		}
		return strings.Join(links, ", "), "covered"
	}
	if reason, excluded := c.excluded[s.id]; excluded {
		return "excluded: " + reason, "excluded"
	}
	if slices.Contains(c.open, s.id) {
		return "open", "open"
	}
	if variants := variantsOf(s.id); len(variants) > 0 {
		return "valid variants: " + strings.Join(variants, ", "), ""
	}
	return "not demanded", ""
}

// variantsOf lists the variants of the reference vault that stand for an ambiguity.
func variantsOf(id string) []string {
	var ids []string
	for _, v := range variant.All() {
		if slices.Contains(v.Ambiguities, id) {
			ids = append(ids, "`"+v.ID+"`")
		}
	}
	return ids
}
