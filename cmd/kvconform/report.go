package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

func newReportCommand() *cobra.Command {
	f := &reportFlags{}
	printed := &printFlags{}
	command := &cobra.Command{
		Use:   "report REPORT.json",
		Short: "Print a saved report, or render it in another format",
		Example: `  kvconform report out/report.json
  kvconform report out/report.json --verbose
  kvconform report out/report.json --html report.html --markdown report.md`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := printed.check(); err != nil {
				return err
			}
			report, err := rerun.Load(arguments[0])
			if err != nil {
				return err
			}
			if err := distinct((&runFlags{reports: *f}).claims()); err != nil {
				return err
			}
			files, err := open(f.formats(), f.out, "")
			if err != nil {
				return err
			}
			if err := files.write(command.OutOrStdout(), &runner.Outcome{Report: report}); err != nil {
				return err
			}
			if len(files) == 0 {
				return reports.WriteText(command.OutOrStdout(), report, printed.options(command.OutOrStdout()))
			}
			return nil
		},
	}
	f.add(command.Flags())
	printed.add(command.Flags())
	return command
}

// diffFlags say where a comparison is written to.
type diffFlags struct{ markdown, json string }

func newDiffCommand() *cobra.Command {
	f := &diffFlags{}
	command := &cobra.Command{
		Use:   "diff OLD.json NEW.json",
		Short: "Compare two reports: what was fixed, what broke, and what changed in the responses",
		Long: `diff compares the reports of two runs, rule by rule and exchange by exchange, even where no rule cares: statuses,
headers, members that came, went or changed type. It is the check after an api-version bump or an upgrade, and of a
proxy against the endpoint behind it.

Exit codes: 0 nothing got worse, 1 a regression, 2 wrong usage.`,
		Args: cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			before, err := rerun.Load(arguments[0])
			if err != nil {
				return err
			}
			after, err := rerun.Load(arguments[1])
			if err != nil {
				return err
			}
			return f.compare(command, before, after)
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.markdown, "markdown", "", "write the comparison as Markdown to this `file`")
	flags.StringVar(&f.json, "json", "", "write the comparison as JSON to this `file`")
	return command
}

// compare prints and writes how two reports differ; a regression is the exit code.
func (f *diffFlags) compare(command *cobra.Command, before, after *reports.Report) error {
	difference := reports.Diff(before, after)
	for _, wanted := range []struct {
		path  string
		write func(io.Writer) error
	}{
		{f.markdown, func(w io.Writer) error { return reports.WriteDiffMarkdown(w, difference, reports.MarkdownOptions{}) }},
		{f.json, func(w io.Writer) error { return reports.WriteDiffJSON(w, difference) }},
	} {
		if wanted.path == "" {
			continue
		}
		if err := writeFile(command, wanted.path, wanted.write); err != nil {
			return err
		}
	}
	if err := reports.WriteDiffText(command.OutOrStdout(), difference, textOptions(command.OutOrStdout())); err != nil {
		return fmt.Errorf("printing the comparison: %w", err)
	}
	if difference.Regressed {
		return &exit{runner.ExitBroken}
	}
	return nil
}
