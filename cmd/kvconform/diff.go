package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/bump"
	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

// diffFlags say where a comparison is written to, and which changes are failures.
type diffFlags struct {
	markdown, json string
	failOn         []string
	verbose        bool
}

func newDiffCommand() *cobra.Command {
	f := &diffFlags{}
	command := &cobra.Command{
		Use:   "diff OLD.json NEW.json",
		Short: "Compare two reports: what was fixed, what broke, and what changed in the responses",
		Long: `diff compares the reports of two runs, rule by rule and response by response, even if no rule cares: statuses, headers,
and members that came, went or changed type. A change that many responses share is one line. Use it after an api-version
bump or an upgrade.

--fail-on names the changes that are a regression:
  broken     a rule that held is broken
  unreached  a rule that held is not judged any more
  new        a rule that only the new report has is broken
  reached    a rule that was not judged before is broken
  changed    a broken rule is broken in another way, or a rule holds as another oracle says
  responses  any response differs
  none       nothing: the exit code is 0
Rules count if they are a must, or a should if the new run was --strict.

Exit codes: 0 no regression, 1 a regression, 2 wrong usage.`,
		Example: `  kvconform diff before.json after.json
  kvconform diff before.json after.json --fail-on broken,unreached,reached --markdown diff.md`,
		Args: cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := f.check(); err != nil {
				return err
			}
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
	flags.BoolVar(&f.verbose, "verbose", false, "list every rule and every response that changed")
	f.addFailOn(flags)
	complete(command, "fail-on", failKindNames)
	return command
}

func (f *diffFlags) addFailOn(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.failOn, "fail-on", reports.DefaultFailKinds(), "`kinds` of change that are a regression: "+strings.Join(failKindNames(), ", "))
}

// none is the kind that stands for no kind at all.
const none = "none"

func failKindNames() []string { return append(reports.FailKinds(), none) }

func (f *diffFlags) check() error {
	for _, kind := range f.failOn {
		if !slices.Contains(failKindNames(), kind) {
			return &runner.Usage{Message: fmt.Sprintf("--fail-on takes no %q: it is one of %s", kind, strings.Join(failKindNames(), ", "))}
		}
	}
	if len(f.failOn) > 1 && slices.Contains(f.failOn, none) {
		return &runner.Usage{Message: "--fail-on takes none alone"}
	}
	return nil
}

// difference compares two reports by the kinds of change that count.
func (f *diffFlags) difference(before, after *reports.Report) *reports.Difference {
	difference := reports.Diff(before, after)
	difference.FailOn(f.failOn)
	if old, now := expected(before), expected(after); schemas.Known(old) && schemas.Known(now) && old != now {
		// An error would be one of the embedded documents, which tests load; the comparison is worth more than its reasons.
		difference.Reasons, _ = bump.Reasons(old, now)
	}
	return difference
}

// compare prints and writes how two reports differ; a regression is the exit code.
func (f *diffFlags) compare(command *cobra.Command, before, after *reports.Report) error {
	difference := f.difference(before, after)
	for _, wanted := range []struct {
		path  string
		write func(io.Writer) error
	}{
		{f.markdown, markdownOf(difference)},
		{f.json, jsonOf(difference)},
	} {
		if wanted.path == "" {
			continue
		}
		if err := writeFile(command, wanted.path, wanted.write); err != nil {
			return err
		}
	}
	summary := command.OutOrStdout()
	if slices.Contains([]string{f.markdown, f.json}, stdoutPath) {
		summary = command.ErrOrStderr()
	}
	options := textOptions(summary)
	options.Verbose = f.verbose
	if err := reports.WriteDiffText(summary, difference, options); err != nil {
		return fmt.Errorf("printing the comparison: %w", err)
	}
	if difference.Regressed {
		return &exit{runner.ExitBroken}
	}
	return nil
}

func markdownOf(difference *reports.Difference) func(io.Writer) error {
	return func(w io.Writer) error { return reports.WriteDiffMarkdown(w, difference, reports.MarkdownOptions{}) }
}

func jsonOf(difference *reports.Difference) func(io.Writer) error {
	return func(w io.Writer) error { return reports.WriteDiffJSON(w, difference) }
}
