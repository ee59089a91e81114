package main

import (
	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
)

func newHARCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "har TRANSCRIPT",
		Short: "Convert a transcript to an HTTP Archive 1.2, which browsers' tools open",
		Example: `  kvconform har run.jsonl --out run.har
  kvconform har run.jsonl | jq '.log.entries | length'`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			transcript, err := runner.LoadTranscript(arguments[0])
			if err != nil {
				return err
			}
			return writeFile(command, out, transcript.WriteHAR)
		},
	}
	command.Flags().StringVar(&out, "out", stdoutPath, "write the archive to this `file`; - is the standard output")
	return command
}
