package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
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
	Covers    []string     `json:"covers"`
	Sources   []sourceView `json:"sources"`
}

type acceptsView struct {
	Documented []any `json:"documented"`
	Observed   []any `json:"observed"`
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
		Feature: rule.Feature, Since: rule.Since, Covers: rule.Covers,
	}
	if !rule.Accepts.Empty() {
		view.Accepts = &acceptsView{rule.Accepts.For(scenarios.Documented), rule.Accepts.For(scenarios.Observed)}
	}
	for _, source := range rule.Sources {
		view.Sources = append(view.Sources, sourceView{source.Text(), source.URL()})
	}
	return view
}

func newListCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios and their rules",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			catalogue, err := scenarios.Load()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), listView(catalogue))
			}
			return list(command.OutOrStdout(), catalogue)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "for machines: everything, as JSON")
	return command
}

func listView(catalogue *scenarios.Catalogue) []scenarioView {
	views := []scenarioView{}
	for i := range catalogue.Scenarios {
		scenario := &catalogue.Scenarios[i]
		view := scenarioView{ID: scenario.ID, Title: scenario.Title, Summary: scenario.Summary, URL: scenario.PageURL()}
		for j := range scenario.Rules {
			view.Rules = append(view.Rules, viewOf(&scenario.Rules[j]))
		}
		for _, exclusion := range scenario.Excluded {
			view.Excluded = append(view.Excluded, excluded(exclusion))
		}
		views = append(views, view)
	}
	return views
}

func list(w io.Writer, catalogue *scenarios.Catalogue) error {
	rules := 0
	for _, scenario := range catalogue.Scenarios {
		if _, err := fmt.Fprintf(w, "%s\n  %s\n", scenario.ID, scenario.Title); err != nil {
			return err
		}
		for _, rule := range scenario.Rules {
			rules++
			if _, err := fmt.Fprintf(w, "    %-6s  %s\n            %s\n", rule.Level, rule.ID, rule.Statement); err != nil {
				return err
			}
		}
		_, _ = fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%d rules in %d scenarios; `kvconform explain RULE` tells more of one\n", rules, len(catalogue.Scenarios))
	return err
}

func newExplainCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "explain RULE",
		Short:   "Tell all of one rule: what it says, what it accepts, where it comes from",
		Example: "  kvconform explain cancel-in-progress/late-status",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			rule, err := runner.RuleNamed(arguments[0])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), viewOf(rule))
			}
			return explain(command.OutOrStdout(), rule)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "for machines: as JSON")
	return command
}

func explain(w io.Writer, rule *scenarios.Rule) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s)\n  %s\n", rule.ID, rule.Level, rule.Statement)
	if !rule.Accepts.Empty() {
		fmt.Fprintf(&text, "accepts\n  as documented: %s\n  as observed:   %s\n",
			runner.Alternatives(rule.Accepts.For(scenarios.Documented)), runner.Alternatives(rule.Accepts.For(scenarios.Observed)))
	}
	if rule.Needs != "" {
		fmt.Fprintf(&text, "needs\n  %s\n", rule.Needs)
	}
	if rule.Since != "" {
		fmt.Fprintf(&text, "since\n  api-version %s\n", rule.Since)
	}
	fmt.Fprintf(&text, "feature\n  %s\nsources\n", rule.Feature)
	for _, source := range rule.Sources {
		fmt.Fprintf(&text, "  %s\n", source.Text())
		if url := source.URL(); url != "" {
			fmt.Fprintf(&text, "    %s\n", url)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
