package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// verifyFlags are the flags of `kvconform verify-report`.
type verifyFlags struct {
	transcript string
	verbose    bool
}

func newVerifyReportCommand() *cobra.Command {
	f := &verifyFlags{}
	command := &cobra.Command{
		Use:   "verify-report REPORT.json",
		Short: "Check a report as a conformance statement: complete, unfiltered, consistent",
		Long: `verify-report reads the JSON report of a run as the statement that a vendor submits. It prints whether the statement is
conformant, partial or not conformant, then the reasons in groups, then what would make it conformant.

A statement is complete if the target file names the product, its version, a contact and how to reproduce the run, and
nothing was left out of the run. product.profile names the conformance profile: core is the documented scenarios, full
(the default) every feature. A product of the profile core may leave out extended features (` + extendedFeatures() + `).

--transcript judges the transcript of the run again and compares every verdict, so an edited report is found.

Exit codes: 0 conformant, 1 not conformant or inconsistent, 2 wrong usage, 3 partial.`,
		Example: `  kvconform verify-report statement.json
  kvconform verify-report statement.json --transcript run.jsonl --verbose`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return f.verify(command, arguments[0])
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.transcript, "transcript", "", "judge this transcript `file` of the run again and compare every verdict")
	flags.BoolVar(&f.verbose, "verbose", false, "list every rule with its reason")
	return command
}

// extendedFeatures lists what a product of the profile core may leave out.
func extendedFeatures() string {
	core, _ := scenarios.ConformanceProfileNamed("core")
	text := ""
	for _, feature := range scenarios.Features() {
		if !slices.Contains(core.Features, feature) {
			if text != "" {
				text += ", "
			}
			text += feature
		}
	}
	return text
}

func (f *verifyFlags) verify(command *cobra.Command, path string) error {
	report, err := rerun.Load(path)
	if err != nil {
		return err
	}
	options, err := comparison(report)
	if err != nil {
		return err
	}
	if f.transcript != "" {
		if options.Again, err = judgedAgain(command.Context(), report, f.transcript); err != nil {
			return err
		}
	}
	statement := reports.Verify(report, options)
	width := textOptions(command.OutOrStdout()).Width
	if err := reports.WriteStatement(command.OutOrStdout(), statement, reports.StatementOptions{Width: width, Verbose: f.verbose}); err != nil {
		return err
	}
	switch statement.Standing {
	case reports.Conformant:
		return nil
	case reports.Partial:
		return &exit{runner.ExitIncomplete}
	default:
		return &exit{runner.ExitBroken}
	}
}

// comparison is what this kvconform knows of the rules and the profile that a report is about.
func comparison(report *reports.Report) (reports.VerifyOptions, error) {
	catalogue, err := scenarios.Load()
	if err != nil {
		return reports.VerifyOptions{}, fmt.Errorf("loading the catalogue: %w", err)
	}
	expected := cmp.Or(report.Like, report.APIVersion)
	options := reports.VerifyOptions{Rules: ruleset.IDs(catalogue, expected)}
	if options.RuleSet, err = ruleset.Digest(catalogue, expected); err != nil {
		return reports.VerifyOptions{}, err
	}
	profile, found := scenarios.ConformanceProfileNamed(report.Target.Profile)
	options.Requires = []string{}
	if found {
		options.Requires = profile.Features
	}
	return options, nil
}

// judgedAgain judges a transcript as the run of the report was judged.
func judgedAgain(ctx context.Context, report *reports.Report, path string) (*reports.Report, error) {
	transcript, err := runner.LoadTranscript(path)
	if err != nil {
		return nil, err
	}
	oracle, err := oracleNamed(report.Oracle)
	if err != nil {
		return nil, err
	}
	outcome, err := runner.Judge(ctx, runner.JudgeOptions{
		Transcript: transcript, Oracle: oracle, Strict: report.Strict, MinJudged: report.MinJudged,
		Scenarios: report.Selection.Scenarios, Rules: report.Selection.Rules, Version: version(), Commit: commit(),
	})
	if err != nil {
		return nil, err
	}
	return outcome.Report, nil
}
