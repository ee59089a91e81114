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
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			transcript, err := runner.LoadTranscript(arguments[0])
			if err != nil {
				return err
			}
			if out == "" {
				return transcript.WriteHAR(command.OutOrStdout())
			}
			return writeFile(out, transcript.WriteHAR)
		},
	}
	command.Flags().StringVar(&out, "out", "", "write the archive to this `file` in place of the standard output")
	return command
}
