package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
)

func newDocsCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:    "docs",
		Short:  "Write the page of the rules",
		Hidden: true, // for the project itself
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if out == "" {
				return runner.WriteRules(command.OutOrStdout())
			}
			file, err := os.Create(out)
			if err != nil {
				return &runner.Usage{Message: fmt.Sprintf("%s cannot be written: %v", out, err)}
			}
			err = runner.WriteRules(file)
			if closed := file.Close(); err == nil && closed != nil {
				err = fmt.Errorf("writing %s: %w", out, closed)
			}
			return err
		},
	}
	command.Flags().StringVar(&out, "out", "", "write it to this `file` instead of printing it")
	return command
}
