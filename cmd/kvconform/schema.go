package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

func newSchemaCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "schema target|baseline|report",
		Short: "Print the JSON Schema of a target file, a baseline or a report",
		Long: `schema prints the JSON Schema (draft-07) that kvconform itself checks these files with. An editor with a YAML language
server uses it to complete and check keys: the file that ` + "`kvconform init`" + ` writes has a line that names it.`,
		Example: `  kvconform schema target --out kvconform.schema.json
  kvconform schema report | less`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completions(schemas.FileNames),
		RunE: func(command *cobra.Command, arguments []string) error {
			if !slices.Contains(schemas.FileNames(), arguments[0]) {
				return &runner.Usage{Message: fmt.Sprintf("there is no schema of %q: it is one of %s", arguments[0], strings.Join(schemas.FileNames(), ", "))}
			}
			text, err := schemas.FileSchema(arguments[0])
			if err != nil {
				return err
			}
			return writeFile(command, out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
		},
	}
	command.Flags().StringVar(&out, "out", stdoutPath, "write it to this `file`; - is the standard output")
	return command
}
