package main

import (
	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/prove"
)

func newDocsCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:    "docs",
		Short:  "Write the page of the rules",
		Hidden: true, // for the project itself
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return writeFile(command, out, prove.WriteRules)
		},
	}
	command.Flags().StringVar(&out, "out", stdoutPath, "write it to this `file`; - is the standard output")
	return command
}
