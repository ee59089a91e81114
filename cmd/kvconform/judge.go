package main

import (
	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/frame"
	"github.com/kvconform/kvconform/runner"
)

func newJudgeCommand() *cobra.Command {
	f := &runFlags{}
	command := &cobra.Command{
		Use:   "judge TRANSCRIPT",
		Short: "Judge the saved transcript of a run again, without a network",
		Long: `judge judges what ` + "`kvconform run --transcript FILE`" + ` saved, by any oracle and baseline, to the same reports. Without
--scenario and --rule it judges what the run was limited to. The exit codes are those of run.`,
		Example: `  kvconform judge transcript.jsonl --oracle documented
  kvconform judge transcript.jsonl --baseline known.yaml --junit junit.xml`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return f.judge(command, arguments[0])
		},
	}
	flags := command.Flags()
	f.addJudging(flags)
	f.addBaseline(flags)
	f.addDocument(flags)
	f.addOutputs(flags)
	completeJudging(command)
	return command
}

func (f *runFlags) judge(command *cobra.Command, path string) error {
	options, err := f.judging()
	if err != nil {
		return err
	}
	if options.OpenAPI, err = f.document(command); err != nil {
		return err
	}
	if options.Transcript, err = runner.LoadTranscript(path); err != nil {
		return err
	}
	again := f.again(command, of{}, path)
	options.Again = again.line
	files, err := f.open(of{}, again)
	if err != nil {
		return err
	}
	outcome, err := runner.Judge(command.Context(), *options)
	if err != nil {
		return err
	}
	return exited(f.print.publish(command, files, outcome))
}

func (f *runFlags) judging() (*runner.JudgeOptions, error) {
	oracle, err := oracleNamed(f.oracle)
	if err != nil {
		return nil, err
	}
	if err := f.print.check(); err != nil {
		return nil, err
	}
	options := &runner.JudgeOptions{
		Oracle: oracle, Strict: f.strict, MinJudged: f.minJudged, Version: version(), Commit: commit(), Frame: frame.Ginkgo{},
	}
	if options.Scenarios, options.Rules, err = f.selected(); err != nil {
		return nil, err
	}
	if f.baseline != "" {
		if options.Baseline, err = runner.LoadBaseline(f.baseline); err != nil {
			return nil, err
		}
	}
	return options, nil
}
