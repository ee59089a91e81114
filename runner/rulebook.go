package runner

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/variant"
	"github.com/kvconform/kvconform/scenarios"
)

// WriteRules writes the page of the rules: each with its sources, the answers that it accepts, and the faults that show
// that it can fall; and the variants that show that it does not fall for nothing. It is Markdown.
func WriteRules(w io.Writer) error {
	catalogue, err := scenarios.Load()
	if err != nil {
		return fmt.Errorf("loading the catalogue: %w", err)
	}
	var text strings.Builder
	text.WriteString("# The rules\n\nWritten by `make docs`; do not edit. Every rule has an id that never changes its meaning, " +
		"a level, the answers\nthat it accepts with their sources, and the faults that fell it in `kvconform prove`.\n")
	writeContents(&text, catalogue)
	faults := fault.All()
	for i := range catalogue.Scenarios {
		writeScenario(&text, &catalogue.Scenarios[i], faults)
	}
	writeVariantTable(&text)
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing the rules: %w", err)
	}
	return nil
}

func writeContents(text *strings.Builder, catalogue *scenarios.Catalogue) {
	text.WriteString("\n| scenario | rules | must | should | may |\n| --- | --- | --- | --- | --- |\n")
	for i := range catalogue.Scenarios {
		scenario := &catalogue.Scenarios[i]
		levels := map[scenarios.Level]int{}
		for j := range scenario.Rules {
			levels[scenario.Rules[j].Level]++
		}
		fmt.Fprintf(text, "| [%s](#%s) | %d | %d | %d | %d |\n", scenario.Title, scenario.ID, len(scenario.Rules),
			levels[scenarios.Must], levels[scenarios.Should], levels[scenarios.May])
	}
}

func writeScenario(text *strings.Builder, scenario *scenarios.Scenario, faults []fault.Fault) {
	fmt.Fprintf(text, "\n## %s\n\n%s\n\n%s", scenario.ID, scenario.Title, strings.TrimSpace(scenario.Summary))
	if scenario.Section != "" {
		fmt.Fprintf(text, " Source: %s.", linked(scenario.Section, scenario.PageURL()))
	}
	text.WriteString("\n")
	for i := range scenario.Rules {
		writeRule(text, &scenario.Rules[i], faults)
	}
	if len(scenario.Excluded) == 0 {
		return
	}
	text.WriteString("\nNot tested:\n\n")
	for _, excluded := range scenario.Excluded {
		fmt.Fprintf(text, "- %s (%s): %s\n", excluded.Covers, excluded.Statement, excluded.Reason)
	}
}

func writeRule(text *strings.Builder, rule *scenarios.Rule, faults []fault.Fault) {
	fmt.Fprintf(text, "\n### %s\n\n**%s.** %s\n\n", rule.ID, rule.Level, rule.Statement)
	if !rule.Accepts.Empty() {
		documented, observed := Alternatives(rule.Accepts.For(scenarios.Documented)), Alternatives(rule.Accepts.For(scenarios.Observed))
		if documented == observed {
			fmt.Fprintf(text, "- accepts: %s\n", documented)
		} else {
			fmt.Fprintf(text, "- accepts: %s (documented), %s (observed)\n", documented, observed)
		}
	}
	if rule.Needs != "" {
		fmt.Fprintf(text, "- needs: %s\n", rule.Needs)
	}
	fmt.Fprintf(text, "- feature: %s", rule.Feature)
	if rule.Since != "" {
		fmt.Fprintf(text, "; since api-version %s", rule.Since)
	}
	text.WriteString("\n- sources:\n")
	for _, source := range rule.Sources {
		fmt.Fprintf(text, "  - %s\n", linked(source.Text(), source.URL()))
	}
	if proof := provenBy(rule.ID, faults); len(proof) > 0 {
		fmt.Fprintf(text, "- proven by: %s\n", strings.Join(proof, ", "))
	}
}

// provenBy lists the faults that have to fell a rule; where there is none, those that may.
func provenBy(rule string, faults []fault.Fault) []string {
	const most = 8
	var must, may []string
	for _, f := range faults {
		switch {
		case slices.Contains(f.Breaks, rule):
			must = append(must, f.ID)
		case slices.Contains(f.AlsoFails, rule):
			may = append(may, f.ID)
		}
	}
	proof := must
	if len(proof) == 0 {
		proof = may
	}
	if len(proof) > most {
		return append(proof[:most:most], fmt.Sprintf("and %d more", len(proof)-most))
	}
	return proof
}

func linked(text, url string) string {
	if url == "" {
		return text
	}
	return "[" + strings.NewReplacer("[", `\[`, "]", `\]`).Replace(text) + "](" + url + ")"
}

func writeVariantTable(text *strings.Builder) {
	text.WriteString("\n## Legal differences\n\nWhat the rules accept: every one of these is played against them, and breaks nothing.\n\n" +
		"| variant | the vault | ambiguity |\n| --- | --- | --- |\n")
	for _, v := range variant.All() {
		fmt.Fprintf(text, "| %s | %s | %s |\n", v.ID, v.Title, strings.Join(v.Ambiguities, ", "))
	}
	text.WriteString("\nAmbiguities that no variant stands for:\n\n")
	reasons := variant.Reasons()
	ids := make([]string, 0, len(reasons))
	for id := range reasons {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	for _, id := range ids {
		fmt.Fprintf(text, "- %s: %s\n", id, reasons[id])
	}
}
