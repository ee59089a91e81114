package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
)

func newMatrixCommand() *cobra.Command {
	var markdown, page string
	command := &cobra.Command{
		Use:   "matrix REPORT.json...",
		Short: "Compare several products by scenario and feature, as a Markdown table or a page",
		Long: `matrix reads the reports of several products, or of several versions of one, and draws a table with a column for each:
its statement as verify-report gives it, and what holds of each scenario and each feature.`,
		Example: `  kvconform matrix one.json other.json
  kvconform matrix statements/*.json --html products.html --markdown products.md`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			var submitted []reports.Submitted
			for _, path := range arguments {
				report, err := rerun.Load(path)
				if err != nil {
					return err
				}
				with, err := comparison(report)
				if err != nil {
					return err
				}
				submitted = append(submitted, reports.Submitted{Report: report, With: with})
			}
			products := reports.CompareProducts(submitted)
			if markdown == "" && page == "" {
				markdown = stdoutPath
			}
			for _, wanted := range []struct {
				path  string
				write func(io.Writer, reports.Products) error
			}{{markdown, reports.WriteProductsMarkdown}, {page, reports.WriteProductsHTML}} {
				if wanted.path == "" {
					continue
				}
				if err := writeFile(command, wanted.path, func(w io.Writer) error { return wanted.write(w, products) }); err != nil {
					return err
				}
			}
			return nil
		},
	}
	command.Flags().StringVar(&markdown, "markdown", "", "write the table as Markdown to this `file` (default: the standard output)")
	command.Flags().StringVar(&page, "html", "", "write the table as one HTML page to this `file`")
	return command
}
