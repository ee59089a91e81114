package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// proxyFlags name the two ways to one vault: by a proxy, and directly.
type proxyFlags struct{ via, direct string }

func (p *proxyFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&p.via, "via", "", "base `URL` of a proxy: run directly and through it, and report only what the proxy changes; a regression is exit 1")
	flags.StringVar(&p.direct, "direct", "", "base `URL` of the endpoint behind the proxy (default: the endpoint of the target file)")
}

func (p *proxyFlags) check(f *runFlags) error {
	switch {
	case p.via == "" && p.direct != "":
		return &runner.Usage{Message: "--direct names the endpoint behind a proxy: name the proxy with --via"}
	case p.via == "":
		return nil
	case f.embedded:
		return &runner.Usage{Message: "--via needs an endpoint that the proxy leads to: start one with `kvconform serve` and leave --embedded out"}
	case p.direct != "" && f.endpoint != "":
		return &runner.Usage{Message: "--direct and --endpoint both name the endpoint behind the proxy: give one of them"}
	case f.baseline != "":
		return &runner.Usage{Message: "--via compares with the endpoint behind the proxy, which is its own baseline: leave --baseline out"}
	case f.compare != "":
		return &runner.Usage{Message: "--via and --compare are two comparisons: give one of them"}
	}
	if p.direct != "" {
		f.endpoint = p.direct
	}
	return nil
}

// way is one of the two runs.
type way struct {
	of    // its name goes before the ending of the files' names; "" for those of the proxy
	title string
	again string
	files outputs
	done  *runner.Result
}

// runVia runs the suite against the endpoint and then against the proxy before it, with the same settings, and compares.
// A failure of the endpoint itself is no matter here: the proxy's author sees what the proxy changes.
func (f *runFlags) runVia(command *cobra.Command, options *runner.Options, versions []string) error {
	if len(versions) != 1 {
		return &runner.Usage{Message: "--via takes one api-version: give --api-version"}
	}
	if f.proxy.direct != "" {
		options.Target.Endpoint, options.Target.Dial = f.proxy.direct, ""
	}
	options.Target.APIVersion = versions
	f.diff.verbose = f.print.verbose
	ways := []*way{{of: of{name: "direct", endpoint: f.proxy.direct}, title: "direct"}, {of: of{endpoint: f.proxy.via}, title: "via"}}
	for _, w := range ways {
		var err error
		again := f.again(command, w.of)
		w.again = again.line
		if w.files, err = f.open(w.of, again); err != nil {
			return err
		}
		if w.files.useStdout() {
			return &runner.Usage{Message: "- is the standard output, which takes the comparison of --via: name a file"}
		}
	}
	difference, err := f.openDifference()
	if err != nil {
		return err
	}
	for _, w := range ways {
		one := *options
		one.Again = w.again
		if w.title == "via" {
			one.Target.Endpoint, one.Target.Dial = f.proxy.via, ""
			one.Target.TLS.ServerName = ""
		}
		if err := f.runWay(command, w, one); err != nil {
			return err
		}
	}
	return f.conclude(command, ways[0].done.Report, ways[1].done.Report, difference)
}

// runWay runs one way and writes its files. A run that shows nothing of the endpoint cannot be compared.
func (f *runFlags) runWay(command *cobra.Command, w *way, options runner.Options) error {
	outcome, err := f.runOne(command, options, f.print.quiet)
	if err != nil {
		return errors.Join(fmt.Errorf("%s (%s): %w", w.title, options.Target.Endpoint, err), unbegun(command, w.files, outcome))
	}
	w.done = outcome
	if _, err := fmt.Fprintf(command.OutOrStdout(), "%-6s  %s\n", w.title, outcome.Report.Conclusion.Line); err != nil {
		return fmt.Errorf("printing the outcome: %w", err)
	}
	if err := w.files.write(command.OutOrStdout(), outcome); err != nil {
		complain(command.ErrOrStderr(), err)
		return &exit{runner.ExitIncomplete}
	}
	if code := outcome.Report.Conclusion.ExitCode; code == runner.ExitInterrupted || code == runner.ExitFault {
		return &exit{code}
	}
	return nil
}

// openDifference prepares the files of the comparison in the folder of --out.
func (f *runFlags) openDifference() (map[string]*outfile.File, error) {
	files := map[string]*outfile.File{}
	if f.reports.out == "" {
		return files, nil
	}
	for _, name := range []string{"diff.md", "diff.json"} {
		file, err := prepare(filepath.Join(f.reports.out, name))
		if err != nil {
			return nil, err
		}
		files[name] = file
	}
	return files, nil
}

// conclude prints and writes what the proxy changes. A rule that could not run through the proxy alone is a regression as
// it is; a pair of runs of which neither judged anything is incomplete.
func (f *runFlags) conclude(command *cobra.Command, direct, via *reports.Report, files map[string]*outfile.File) error {
	if _, err := fmt.Fprintln(command.OutOrStdout()); err != nil {
		return fmt.Errorf("printing the comparison: %w", err)
	}
	var written []error
	difference := f.diff.difference(direct, via)
	for name, file := range files {
		if name == "diff.md" {
			written = append(written, file.Write(markdownOf(difference)))
		} else {
			written = append(written, file.Write(jsonOf(difference)))
		}
	}
	written = append(written, summarise(difference))
	err := f.diff.compare(command, direct, via)
	if failed := errors.Join(written...); failed != nil {
		complain(command.ErrOrStderr(), failed)
		return &exit{reports.WorstExit(codeOf(err), runner.ExitIncomplete)}
	}
	if err == nil && direct.Unusable+via.Unusable == "" && direct.Counts.Rules == direct.Counts.NotReached+direct.Counts.NotClaimed+direct.Counts.CouldNotRun {
		return &exit{runner.ExitIncomplete}
	}
	return err
}

func codeOf(err error) int {
	var done *exit
	if errors.As(err, &done) {
		return done.code
	}
	return runner.ExitHeld
}

// summarise writes the comparison to the summary of the step, if this is a step of GitHub Actions.
func summarise(difference *reports.Difference) error {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if os.Getenv("GITHUB_ACTIONS") != "true" || path == "" {
		return nil
	}
	return appendTo(path, markdownOf(difference))
}
