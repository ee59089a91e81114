package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/baseline"
	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

func newBaselineCommand() *cobra.Command {
	f := &runFlags{}
	var from, out string
	command := &cobra.Command{
		Use:   "baseline",
		Short: "Write or update the file of known deviations from a run",
		Long: `baseline runs the suite, or takes the report of a run, and writes the causes of its failures to a file for
` + "`kvconform run --baseline FILE`" + `. A file that is there is updated: entries that still hold stay as they are written, with their
reasons and comments, entries that no longer fail are removed, and new ones have an empty reason for you to fill in. With
--strict shoulds that fail and rules that were not reached are entered too.

It exits with 0 if the file has every failure of the run, and with 3 if rules could not run, which no baseline excuses.`,
		Example: `  kvconform baseline --config kvconform.yaml --out known.yaml
  kvconform baseline --from report.json --out known.yaml`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return f.writeBaseline(command, from, out)
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", "", "`file` to write or update")
	flags.StringVar(&from, "from", "", "take the JSON report in this `file` in place of a run")
	f.addRun(flags)
	flags.BoolVarP(&f.print.quiet, "quiet", "q", false, "print nothing while it runs")
	completeRun(command)
	return command
}

func (f *runFlags) writeBaseline(command *cobra.Command, from, out string) error {
	if out == "" {
		return &runner.Usage{Message: "--out FILE is missing: it says which baseline to write or update"}
	}
	baseline, err := baselineAt(out)
	if err != nil {
		return err
	}
	file, err := prepare(out)
	if err != nil {
		return err
	}
	if err := distinct(append(f.claims(), claim{"--from", from}, claim{"--out", out})); err != nil {
		return err
	}
	report, err := f.reportFor(command, from)
	if err != nil {
		return err
	}
	if code := report.Conclusion.ExitCode; code == runner.ExitFault || code == runner.ExitInterrupted {
		_, _ = fmt.Fprintf(command.ErrOrStderr(), "kvconform: %s is not written: %s\n", out, report.Conclusion.Line)
		return &exit{code}
	}
	text, changes, err := baseline.Update(report)
	if err != nil {
		return err
	}
	if err := put(file, command.OutOrStdout(), func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	summary := command.OutOrStdout()
	if file == nil {
		summary = command.ErrOrStderr()
	}
	tell(summary, out, changes)
	if len(changes.Open) > 0 {
		return &exit{runner.ExitIncomplete}
	}
	return nil
}

// baselineAt is the baseline that a file holds, an empty one if there is none. A device and a stream are written and not read:
// standard output may be the end of a pipe that never says anything.
func baselineAt(path string) (*runner.Baseline, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Size() == 0) {
		return &runner.Baseline{Path: path}, nil
	}
	return runner.LoadBaseline(path)
}

// reportFor is the report to take the deviations from: one in a file, or that of a run.
func (f *runFlags) reportFor(command *cobra.Command, from string) (*reports.Report, error) {
	if from == "" {
		outcome, err := f.play(command)
		if err != nil {
			return nil, err
		}
		return outcome.Report, nil
	}
	if f.config != "" || f.endpoint != "" || f.embedded {
		return nil, &runner.Usage{Message: "--from takes a report in place of a run: leave --config, --endpoint and --embedded out"}
	}
	report, err := rerun.Load(from)
	if err != nil {
		return nil, err
	}
	report.Strict = report.Strict || f.strict
	return report, nil
}

// mostNames is how many entries of a kind are told; the file has them all.
const mostNames = 20

func tell(w io.Writer, path string, changes *baseline.Changes) {
	for _, list := range []struct {
		what  string
		names []string
	}{
		{"added, give each its reason", changes.Added},
		{"verdict changed, look at the reason", changes.Changed},
		{"removed, as it deviates no more", changes.Removed},
		{"could not run, and is not in the baseline", changes.Open},
	} {
		shown := list.names[:min(len(list.names), mostNames)]
		if len(shown) > 0 {
			_, _ = fmt.Fprintf(w, "%s:\n  %s\n", list.what, strings.Join(shown, "\n  "))
		}
		if more := len(list.names) - len(shown); more > 0 {
			_, _ = fmt.Fprintf(w, "  and %d more\n", more)
		}
	}
	_, _ = fmt.Fprintf(w, "%s: %d added, %d changed, %d removed, %d kept\n",
		path, len(changes.Added), len(changes.Changed), len(changes.Removed), len(changes.Kept))
}
