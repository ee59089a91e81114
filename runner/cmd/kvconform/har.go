package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

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

// writeFile writes a file that the user asked for. One that cannot be made is a mistake in usage.
func writeFile(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return &runner.Usage{Message: fmt.Sprintf("%s cannot be written: %v", path, err)}
	}
	file, err := os.Create(path)
	if err != nil {
		return &runner.Usage{Message: fmt.Sprintf("%s cannot be written: %v", path, err)}
	}
	if err := write(file); err != nil {
		_ = file.Close() // the first error counts
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
