package main

import (
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
			if err := files.write(command.OutOrStdout(), &runner.Result{Report: report}); err != nil {
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
