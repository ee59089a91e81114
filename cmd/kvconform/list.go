package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/profile"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// scenarioView is a scenario as `list --json` shows it.
type scenarioView struct {
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	Summary  string     `json:"summary"`
	URL      string     `json:"url"`
	Rules    []ruleView `json:"rules"`
	Excluded []excluded `json:"excluded,omitempty"`
}

// ruleView is a rule as `list --json` and `explain --json` show it.
type ruleView struct {
	ID        string       `json:"id"`
	Level     string       `json:"level"`
	Statement string       `json:"statement"`
	Accepts   *acceptsView `json:"accepts,omitempty"`
	Needs     string       `json:"needs,omitempty"`
	Feature   string       `json:"feature"`
	Since     string       `json:"since,omitempty"`
	Until     string       `json:"until,omitempty"`
	Covers    []string     `json:"covers"`
	Sources   []sourceView `json:"sources"`
}

type acceptsView struct {
	Documented []string `json:"documented,omitempty"`
	Observed   []string `json:"observed,omitempty"`
	Inferred   []string `json:"inferred,omitempty"`
}

type sourceView struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

type excluded struct {
	Covers    string `json:"covers"`
	Statement string `json:"statement"`
	Reason    string `json:"reason"`
}

func viewOf(rule *scenarios.Rule) ruleView {
	view := ruleView{
		ID: rule.ID, Level: string(rule.Level), Statement: rule.Statement, Needs: rule.Needs,
		Feature: rule.Feature, Since: rule.Since, Until: rule.Until, Covers: rule.Covers,
	}
	if !rule.Accepts.Empty() {
		view.Accepts = &acceptsView{rule.Accepts.Documented, rule.Accepts.Observed, rule.Accepts.Inferred}
	}
	for _, source := range rule.Sources {
		view.Sources = append(view.Sources, sourceView{source.Text(), source.URL()})
	}
	return view
}

// listFlags say what to list.
type listFlags struct {
	json, features, faults, profiles, digest, operations bool
	level, version                                       string
}

// listedScenario is a scenario with those of its rules that a list shows.
type listedScenario struct {
	*scenarios.Scenario
	rules []*scenarios.Rule
}

func newListCommand() *cobra.Command {
	f := &listFlags{}
	command := &cobra.Command{
		Use:   "list [SCENARIO|PATTERN]...",
		Short: "List the scenarios and their rules, the features, the faults or the profiles",
		Example: `  kvconform list
  kvconform list cancel-in-progress
  kvconform list '*/*-status' --level must
  kvconform list --api-version 7.4 --digest
  kvconform list --features
  kvconform list --operations
  kvconform list --faults '*cancel*'
  kvconform list --profiles`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completions(scenarioIDs),
		RunE: func(command *cobra.Command, arguments []string) error {
			catalogue, err := scenarios.Load()
			if err != nil {
				return err
			}
			if f.operations {
				if len(arguments) > 0 {
					return &runner.Usage{Message: "--operations counts all rules: leave " + strings.Join(arguments, " ") + " out"}
				}
				return listOperations(command.Context(), command.OutOrStdout(), f.json)
			}
			return f.list(command.OutOrStdout(), catalogue, arguments)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&f.json, "json", false, "for machines: everything, as JSON")
	flags.BoolVar(&f.features, "features", false, "list the features that a target file can be without")
	flags.BoolVar(&f.faults, "faults", false, "list the faults of the reference vault, with the rules that fail by each")
	flags.BoolVar(&f.profiles, "profiles", false, "list the profiles of the reference vault, with the deviations of each")
	flags.BoolVar(&f.operations, "operations", false, "count the rules that are judged on each operation, in a run against the reference vault")
	flags.StringVar(&f.level, "level", "", "list only the rules of this `level`: must, should or may")
	flags.StringVar(&f.version, "api-version", "", "list only the rules that hold at this api-`version`")
	flags.BoolVar(&f.digest, "digest", false, "print the digest of the rules, of the whole set or of --api-version; with --json the set itself")
	complete(command, "level", levels)
	complete(command, "api-version", knownVersions)
	command.MarkFlagsMutuallyExclusive("features", "faults", "profiles", "level", "operations")
	command.MarkFlagsMutuallyExclusive("features", "faults", "profiles", "level", "digest", "operations")
	command.MarkFlagsMutuallyExclusive("features", "faults", "profiles", "api-version", "operations")
	return command
}

func (f *listFlags) list(w io.Writer, catalogue *scenarios.Catalogue, patterns []string) error {
	switch {
	case f.features:
		return listFeatures(w, catalogue, f.json)
	case f.faults:
		return listFaults(w, patterns, f.json)
	case f.profiles:
		return listProfiles(w, patterns, f.json)
	}
	if f.version != "" && !schemas.Known(f.version) {
		return unknownVersion(f.version)
	}
	if f.digest {
		return listDigest(w, catalogue, f.version, patterns, f.json)
	}
	if f.level != "" && !slices.Contains(levels(), f.level) {
		return &runner.Usage{Message: fmt.Sprintf("there is no level %q: it is one of %s", f.level, strings.Join(levels(), ", "))}
	}
	listed, err := f.choose(catalogue, patterns)
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(w, listView(listed, f.level != "" || f.version != "" || len(patterns) > 0))
	}
	return listRules(w, listed)
}

// choose lists the rules that any of the patterns names, all where there is none.
func (f *listFlags) choose(catalogue *scenarios.Catalogue, patterns []string) ([]listedScenario, error) {
	named, err := rulesNamed(catalogue, patterns)
	if err != nil {
		return nil, err
	}
	var listed []listedScenario
	for i := range catalogue.Scenarios {
		scenario := listedScenario{Scenario: &catalogue.Scenarios[i]}
		for j := range scenario.Rules {
			rule := &scenario.Rules[j]
			if f.version != "" && !ruleset.HoldsAt(rule, f.version) {
				continue
			}
			if (len(patterns) == 0 || slices.Contains(named, rule.ID)) && (f.level == "" || f.level == string(rule.Level)) {
				scenario.rules = append(scenario.rules, rule)
			}
		}
		if len(scenario.rules) > 0 {
			listed = append(listed, scenario)
		}
	}
	return listed, nil
}

func listRules(w io.Writer, listed []listedScenario) error {
	var text strings.Builder
	rules := map[scenarios.Level]int{}
	total := 0
	for _, scenario := range listed {
		fmt.Fprintf(&text, "%s\n  %s\n", scenario.ID, scenario.Title)
		for _, rule := range scenario.rules {
			total++
			rules[rule.Level]++
			fmt.Fprintf(&text, "    %-6s  %s\n            %s\n", rule.Level, rule.ID, rule.Statement)
		}
		text.WriteByte('\n')
	}
	fmt.Fprintf(&text, "%s in %s: %d must, %d should, %d may; `kvconform explain RULE` shows one in full\n", plural(total, "rule"),
		plural(len(listed), "scenario"), rules[scenarios.Must], rules[scenarios.Should], rules[scenarios.May])
	_, err := io.WriteString(w, text.String())
	return err
}

// featureView is a feature as `list --features --json` shows it.
type featureView struct {
	Feature string `json:"feature"`
	Rules   int    `json:"rules"`
}

func listFeatures(w io.Writer, catalogue *scenarios.Catalogue, asJSON bool) error {
	var views []featureView
	for _, feature := range scenarios.Features() {
		view := featureView{Feature: feature}
		for _, id := range catalogue.RuleIDs() {
			if rule, _ := catalogue.Rule(id); rule.Feature == feature {
				view.Rules++
			}
		}
		views = append(views, view)
	}
	if asJSON {
		return writeJSON(w, views)
	}
	var text strings.Builder
	for _, view := range views {
		fmt.Fprintf(&text, "%-18s %s\n", view.Feature, plural(view.Rules, "rule"))
	}
	fmt.Fprintf(&text, "\n%s; `without: [FEATURE]` in the target file says that the target does not offer one\n", plural(len(views), "feature"))
	_, err := io.WriteString(w, text.String())
	return err
}

// faultView is a fault as `list --faults --json` and `explain --json` show it.
type faultView struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Fails []string `json:"fails"`
}

func listFaults(w io.Writer, patterns []string, asJSON bool) error {
	views := []faultView{}
	for _, f := range fault.All() {
		if len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, f.ID) }) {
			views = append(views, faultView{f.ID, f.Title, f.Breaks})
		}
	}
	if len(views) == 0 {
		return &runner.Usage{Message: fmt.Sprintf("no fault matches %s; `kvconform list --faults` lists them all", strings.Join(patterns, " "))}
	}
	if asJSON {
		return writeJSON(w, views)
	}
	var text strings.Builder
	for _, view := range views {
		fmt.Fprintf(&text, "%s\n  %s\n  fails %s\n", view.ID, view.Title, strings.Join(view.Fails, ", "))
	}
	fmt.Fprintf(&text, "\n%s; `kvconform run --embedded --fault FAULT` runs against a vault that has one\n", plural(len(views), "fault"))
	_, err := io.WriteString(w, text.String())
	return err
}

// profileView is a profile as `list --profiles --json` shows it.
type profileView struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Deviations []deviationView `json:"deviations"`
}

type deviationView struct {
	ID         string   `json:"id"`
	Text       string   `json:"text"`
	Statements []string `json:"statements"`
}

func listProfiles(w io.Writer, patterns []string, asJSON bool) error {
	views := []profileView{}
	for _, p := range profile.All() {
		if len(patterns) > 0 && !slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, p.ID) }) {
			continue
		}
		view := profileView{ID: p.ID, Title: p.Title}
		for _, d := range p.Deviations {
			view.Deviations = append(view.Deviations, deviationView{d.ID, d.Text, d.Statements})
		}
		views = append(views, view)
	}
	if len(views) == 0 {
		return &runner.Usage{Message: fmt.Sprintf("no profile matches %s; `kvconform list --profiles` lists them all", strings.Join(patterns, " "))}
	}
	if asJSON {
		return writeJSON(w, views)
	}
	var text strings.Builder
	for _, view := range views {
		fmt.Fprintf(&text, "%s\n  %s\n", view.ID, view.Title)
		for _, d := range view.Deviations {
			fmt.Fprintf(&text, "  - %s (%s)\n", d.Text, strings.Join(d.Statements, ", "))
		}
	}
	fmt.Fprintf(&text, "\n%s; `kvconform run --embedded --profile PROFILE` runs against a vault with all its deviations\n", plural(len(views), "profile"))
	_, err := io.WriteString(w, text.String())
	return err
}

// listView is what a list shows, for machines. An exclusion is no rule, so that it is shown where nothing narrows the list.
func listView(listed []listedScenario, narrowed bool) []scenarioView {
	views := []scenarioView{}
	for _, scenario := range listed {
		view := scenarioView{ID: scenario.ID, Title: scenario.Title, Summary: scenario.Summary, URL: scenario.PageURL()}
		for _, rule := range scenario.rules {
			view.Rules = append(view.Rules, viewOf(rule))
		}
		for _, exclusion := range scenario.Excluded {
			if narrowed {
				break
			}
			view.Excluded = append(view.Excluded, excluded(exclusion))
		}
		views = append(views, view)
	}
	return views
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
