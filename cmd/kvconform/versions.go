package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// runEach runs the suite at every api-version that the target names, and at the one to compare with.
func (f *runFlags) runEach(command *cobra.Command, options *runner.Options, versions []string) error {
	files, err := f.openEach(versions)
	if err != nil {
		return err
	}
	var outcomes []*runner.Outcome
	code := runner.ExitHeld
	for i, version := range versions {
		at := *options
		at.Target.APIVersion, at.Target.Like = []string{version}, options.Target.LikeFor(version)
		if len(versions) > 1 {
			at.Again = f.again(command, version)
		}
		at.Judged = files[i].keep
		outcome, err := f.runOne(command, at)
		if err != nil {
			return errors.Join(err, unbegun(command, files[i], outcome))
		}
		if err := f.record(at.Target).Remember(outcome.Report); err != nil && f.lastFailed { // without the flag, nobody needs it
			complain(command.ErrOrStderr(), err)
		}
		outcomes = append(outcomes, outcome)
		code = reports.WorstExit(code, f.print.publish(command, files[i], outcome))
		if command.Context().Err() != nil {
			break
		}
	}
	if f.compare != "" && len(outcomes) == 2 && (code == runner.ExitHeld || code == runner.ExitBroken) {
		return f.difference(command, outcomes[0].Report, outcomes[1].Report)
	}
	return exited(code)
}

// openEach prepares the files of every run; those of several runs have the api-version in their names.
func (f *runFlags) openEach(versions []string) ([]outputs, error) {
	prepared := make([]outputs, len(versions))
	for i, version := range versions {
		if len(versions) == 1 {
			version = ""
		}
		var err error
		if prepared[i], err = f.open(version); err != nil {
			return nil, err
		}
		if prepared[i].useStdout() && len(versions) > 1 {
			return nil, &runner.Usage{Message: "- is the standard output, which takes the report of one api-version: name a file"}
		}
	}
	return prepared, nil
}

// difference tells how the responses at two api-versions differ. Only what got worse is a failure here: what broke at
// both is the business of a run without --compare.
func (f *runFlags) difference(command *cobra.Command, before, after *reports.Report) error {
	return f.diff.compare(command, before, after)
}
