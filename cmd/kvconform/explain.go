package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// shownFaults is how many wrong responses explain shows: those of the first faults that are planted for the rule.
const shownFaults = 3

// How many lines of the body of a right and of a wrong response explain shows; --json has all of them.
const (
	rightLines = 40
	wrongLines = 12
)

// explanation is a rule as `explain` shows it.
type explanation struct {
	ruleView
	Play   string      `json:"play,omitempty"` // empty for a rule that is judged on every exchange
	Check  string      `json:"check"`          // the file of the check
	Faults []faultView `json:"faults"`
	// Right is a response that the rule accepts, Wrong are responses that it rejects.
	Right *example  `json:"right,omitempty"`
	Wrong []example `json:"wrong,omitempty"`
}

// example is the response of the reference vault on which the rule was judged.
type example struct {
	Fault    string        `json:"fault,omitempty"`
	Title    string        `json:"title,omitempty"`
	Want     string        `json:"want,omitempty"`
	Got      string        `json:"got,omitempty"`
	Exchange *reports.Step `json:"exchange,omitempty"`
}

func newExplainCommand() *cobra.Command {
	var asJSON, offline bool
	command := &cobra.Command{
		Use:   "explain RULE|SCENARIO",
		Short: "Show one rule in full: its sources, its check, and right and wrong responses",
		Long: `explain shows a rule: what it says, which responses it accepts, where it comes from, the play and the file of its check,
and the faults that prove it. It then runs the play against the reference vault, as it is and with the first faults of
the rule, and shows a right response and wrong ones. The name of a rule may be cut to its end if that is unique; the
name of a scenario lists its rules.`,
		Example: `  kvconform explain cancel-in-progress/late-status
  kvconform explain late-status
  kvconform explain cancel-in-progress`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completions(func() []string { return append(ruleIDs(), scenarioIDs()...) }),
		RunE: func(command *cobra.Command, arguments []string) error {
			catalogue, err := scenarios.Load()
			if err != nil {
				return err
			}
			if scenario, ok := catalogue.Scenario(arguments[0]); ok {
				return explainScenario(command.OutOrStdout(), catalogue, scenario, asJSON)
			}
			names, err := ruleNames(catalogue, arguments)
			if err != nil {
				return err
			}
			if len(names) > 1 {
				return &runner.Usage{Message: fmt.Sprintf("%q matches %d rules; `kvconform list '%s'` lists them", arguments[0], len(names), arguments[0])}
			}
			rule, err := selection.RuleNamed(names[0])
			if err != nil {
				return err
			}
			explained, err := explanationOf(rule)
			if err != nil {
				return err
			}
			if !offline {
				if err := explained.addExamples(command.Context()); err != nil {
					return err
				}
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), explained)
			}
			return explain(command.OutOrStdout(), rule, explained)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "for machines: as JSON")
	command.Flags().BoolVar(&offline, "no-examples", false, "leave the responses of the reference vault out, which take a moment")
	return command
}

func explainScenario(w io.Writer, catalogue *scenarios.Catalogue, scenario *scenarios.Scenario, asJSON bool) error {
	listed, err := (&listFlags{}).choose(catalogue, []string{scenario.ID})
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(w, listView(listed, false))
	}
	if _, err := fmt.Fprintf(w, "%s\n%s\n\n", strings.TrimSpace(scenario.Summary), scenario.PageURL()); err != nil {
		return err
	}
	return listRules(w, listed)
}

// explanationOf is what is known of a rule without a run.
func explanationOf(rule *scenarios.Rule) (*explanation, error) {
	suite, err := specs.NewSuite()
	if err != nil {
		return nil, err
	}
	spec, ok := suite.Spec(rule.ID)
	if !ok {
		return nil, fmt.Errorf("the rule %s has no check", rule.ID)
	}
	explained := &explanation{ruleView: viewOf(rule), Play: spec.Play, Check: spec.File, Faults: []faultView{}}
	for _, f := range fault.All() {
		if slices.Contains(f.Breaks, rule.ID) {
			explained.Faults = append(explained.Faults, faultView{f.ID, f.Title, f.Breaks})
		}
	}
	return explained, nil
}

// addExamples runs the play of the rule against the reference vault, as it is and with the first faults of the rule.
func (e *explanation) addExamples(ctx context.Context) error {
	right, err := e.example(ctx, faultView{})
	if err != nil {
		return err
	}
	e.Right = right
	for _, f := range e.Faults[:min(len(e.Faults), shownFaults)] {
		wrong, err := e.example(ctx, f)
		if err != nil {
			return err
		}
		e.Wrong = append(e.Wrong, *wrong)
	}
	return nil
}

// example is the exchange on which the rule is judged in a run against the reference vault, with a fault if one is named.
func (e *explanation) example(ctx context.Context, f faultView) (*example, error) {
	flags := &runFlags{embedded: true, manner: manners()[0]}
	if f.ID != "" {
		flags.faults = []string{f.ID}
	}
	options := runner.Options{Oracle: scenarios.Either, Rules: []string{e.ID}, NoLedger: true}
	if err := flags.embed(&options); err != nil {
		return nil, err
	}
	outcome, err := runner.Run(ctx, options)
	if err != nil {
		return nil, err
	}
	shown := &example{Fault: f.ID, Title: f.Title}
	for _, scenario := range outcome.Report.Scenarios {
		for _, result := range scenario.Rules {
			shown.Want, shown.Got = result.Expected, result.Got
			shown.Exchange, _ = outcome.Report.Exchange(result)
		}
	}
	return shown, nil
}

func explain(w io.Writer, rule *scenarios.Rule, e *explanation) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s)\n  %s\n", rule.ID, rule.Level, rule.Statement)
	if !rule.Accepts.Empty() {
		text.WriteString("accepts\n")
		for _, side := range []scenarios.Oracle{scenarios.Documented, scenarios.Observed, scenarios.Inferred} {
			if values := rule.Accepts.Listed(side); len(values) > 0 {
				fmt.Fprintf(&text, "  %-14s %s\n", "as "+string(side)+":", specs.Alternatives(values))
			}
		}
	}
	section(&text, "needs", rule.Needs)
	section(&text, "refines", rule.After)
	if rule.Since != "" {
		section(&text, "since", "api-version "+rule.Since)
	}
	if rule.Until != "" {
		section(&text, "until", "api-version "+rule.Until)
	}
	section(&text, "feature", rule.Feature)
	text.WriteString("sources\n")
	for _, source := range rule.Sources {
		fmt.Fprintf(&text, "  %s\n", source.Text())
		if url := source.URL(); url != "" {
			fmt.Fprintf(&text, "    %s\n", url)
		}
	}
	play := e.Play
	if play == "" {
		play = "every play; the rule is judged on every exchange"
	}
	section(&text, "play", play)
	section(&text, "check", e.Check)
	text.WriteString("proven by\n")
	for _, f := range e.Faults {
		fmt.Fprintf(&text, "  %s: %s\n", f.ID, f.Title)
	}
	if len(e.Faults) == 0 {
		text.WriteString("  no fault\n")
	}
	if e.Right != nil {
		text.WriteString("\nA right response\n")
		e.Right.write(&text, rightLines)
	}
	for i := range e.Wrong {
		fmt.Fprintf(&text, "\nA wrong response: %s\n", e.Wrong[i].Title)
		e.Wrong[i].write(&text, wrongLines)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func section(text *strings.Builder, title, content string) {
	if content != "" {
		fmt.Fprintf(text, "%s\n  %s\n", title, content)
	}
}

func (e *example) write(text *strings.Builder, lines int) {
	if e.Want != "" {
		fmt.Fprintf(text, "  want %s\n", e.Want)
	}
	if e.Got != "" {
		fmt.Fprintf(text, "  got  %s\n", e.Got)
	}
	if e.Exchange == nil {
		return
	}
	fmt.Fprintf(text, "  %s\n", e.Exchange.Line())
	for _, line := range e.Exchange.RequestLines(lines) {
		fmt.Fprintf(text, "    > %s\n", line)
	}
	for _, line := range e.Exchange.ResponseLines(lines) {
		fmt.Fprintf(text, "    %s\n", line)
	}
}
