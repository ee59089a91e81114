package main

import (
	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// severity orders exit codes as those of one run are ordered: the first that any run has is that of all.
func severity() []int {
	return []int{runner.ExitFault, runner.ExitInterrupted, runner.ExitBroken, runner.ExitIncomplete}
}

// worst is the exit code of several runs.
func worst(outcomes []*runner.Outcome) int {
	for _, code := range severity() {
		for _, outcome := range outcomes {
			if outcome.Report.Outcome.ExitCode == code {
				return code
			}
		}
	}
	return runner.ExitHeld
}

// runEach runs the suite at every api-version that the target names, and at the one to compare with.
func (f *runFlags) runEach(command *cobra.Command, options *runner.Options, versions []string) error {
	var outcomes []*runner.Outcome
	opened := make([]outputs, len(versions))
	for i, version := range versions {
		what := ""
		if len(versions) > 1 {
			what = version
		}
		var err error
		if opened[i], err = f.open(what); err != nil {
			for _, files := range opened[:i] {
				files.abandon()
			}
			return err
		}
	}
	for i, version := range versions {
		options.Target.APIVersion = version
		outcome, err := f.runOne(command, *options, opened[i])
		if err != nil {
			for _, files := range opened[i+1:] {
				files.abandon()
			}
			return err
		}
		outcomes = append(outcomes, outcome)
		if err := summarise(command, outcome); err != nil {
			return err
		}
		if command.Context().Err() != nil {
			break
		}
	}
	code := worst(outcomes)
	if f.compare != "" && len(outcomes) == 2 && (code == runner.ExitHeld || code == runner.ExitBroken) {
		return f.difference(command, outcomes[0].Report, outcomes[1].Report)
	}
	if code != runner.ExitHeld {
		return &exit{code}
	}
	return nil
}

// difference tells how the answers at two api-versions differ. Only what got worse is a failure here: what broke at
// both is the business of a run without --compare.
func (f *runFlags) difference(command *cobra.Command, before, after *reports.Report) error {
	return (&diffFlags{}).compare(command, before, after)
}
