package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// reportFlags are the flags that say which reports to write, each with a file name; - is the standard output.
type reportFlags struct {
	out                                string
	junit, json, html, markdown, badge string
}

func (f *reportFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "write every report into this `folder`")
	flags.StringVar(&f.junit, "junit", "", "write a JUnit report to this `file`")
	flags.StringVar(&f.json, "json", "", "write the report as JSON to this `file`")
	flags.StringVar(&f.html, "html", "", "write the report as one HTML page to this `file`")
	flags.StringVar(&f.markdown, "markdown", "", "write the report as Markdown to this `file`")
	flags.StringVar(&f.badge, "badge", "", "write a badge, an SVG picture, to this `file`")
}

// format is a form of report: the file that the flag names, its name in the folder of --out, and how it is written.
type format struct {
	path  string
	name  string
	write func(io.Writer, *runner.Result) error
}

func (f *reportFlags) formats() []format {
	of := func(write func(io.Writer, *reports.Report) error) func(io.Writer, *runner.Result) error {
		return func(w io.Writer, outcome *runner.Result) error { return write(w, outcome.Report) }
	}
	return []format{
		{f.junit, "junit.xml", of(reports.WriteJUnit)},
		{f.json, "report.json", of(reports.WriteJSON)},
		{f.html, "report.html", of(reports.WriteHTML)},
		{f.markdown, "report.md", of(func(w io.Writer, r *reports.Report) error {
			return reports.WriteMarkdown(w, r, reports.MarkdownOptions{})
		})},
		{f.badge, "badge.svg", of(reports.WriteBadge)},
	}
}

func writeTranscript(w io.Writer, outcome *runner.Result) error { return outcome.Transcript.Write(w) }

// outputs are the files that a run writes. They are prepared before anything is sent and written at its end: a run that
// does not take place leaves the files of the run before as they were.
type outputs []output

type output struct {
	file  *outfile.File // nil for the standard output
	write func(io.Writer, *runner.Result) error
}

// stdoutPath is the path that means the standard output.
const stdoutPath = "-"

// open prepares the file of every format that was asked for; version goes before the ending of each name, to tell the
// files of several runs apart.
func open(formats []format, folder, version string) (outputs, error) {
	if folder == stdoutPath {
		return nil, &runner.Usage{Message: "--out takes a folder; --json - writes the report to the standard output"}
	}
	var prepared outputs
	for _, wanted := range formats {
		paths := []string{wanted.path}
		if folder != "" {
			paths = append(paths, filepath.Join(folder, wanted.name))
		}
		for _, path := range paths {
			if path == "" {
				continue
			}
			file, err := prepare(named(path, version))
			if err != nil {
				return nil, err
			}
			prepared = append(prepared, output{file, wanted.write})
		}
	}
	return prepared, nil
}

// named puts an api-version before the ending of a file's name.
func named(path, version string) string {
	if version == "" || path == stdoutPath {
		return path
	}
	ending := filepath.Ext(path)
	return strings.TrimSuffix(path, ending) + "-" + version + ending
}

// prepare returns the file at path, nil for the standard output. A path that cannot be written is wrong usage.
func prepare(path string) (*outfile.File, error) {
	if path == stdoutPath {
		return nil, nil
	}
	file, err := outfile.Prepare(path)
	if err != nil {
		return nil, &runner.Usage{Message: err.Error()}
	}
	return file, nil
}

// useStdout reports whether one of them is the standard output, which then has no room for anything else.
func (o outputs) useStdout() bool {
	return slices.ContainsFunc(o, func(out output) bool { return out.file == nil })
}

// write writes them all, side by side; one that fails does not cost the others. One of them at most is the standard output.
func (o outputs) write(stdout io.Writer, outcome *runner.Result) error {
	failed, thrown := make([]error, len(o)), make([]any, len(o))
	var writers sync.WaitGroup
	for i, out := range o {
		writers.Go(func() {
			defer func() { thrown[i] = recover() }()
			failed[i] = put(out.file, stdout, func(w io.Writer) error { return out.write(w, outcome) })
		})
	}
	writers.Wait()
	for _, panicked := range thrown {
		if panicked != nil {
			panic(panicked) // where it is reported as an internal error
		}
	}
	return errors.Join(failed...)
}

// keep writes the files that can be written again, before the end of a run. What fails then fails again at the end, which
// reports it.
func (o outputs) keep(outcome *runner.Result) {
	for _, out := range o {
		if out.file != nil && out.file.Replaces() {
			_ = out.file.Write(func(w io.Writer) error { return out.write(w, outcome) })
		}
	}
}

// put writes one file, or the standard output where there is none.
func put(file *outfile.File, stdout io.Writer, write func(io.Writer) error) error {
	if file == nil {
		return write(stdout)
	}
	return file.Write(write)
}

// writeFile prepares and writes one file.
func writeFile(command *cobra.Command, path string, write func(io.Writer) error) error {
	file, err := prepare(path)
	if err != nil {
		return err
	}
	return put(file, command.OutOrStdout(), write)
}

// claim is a file that a flag names.
type claim struct{ flag, path string }

// claims are the files that a run writes or reads while it runs, in the order of their flags.
func (f *runFlags) claims() []claim {
	claims := []claim{
		{"--config", f.config}, {"--baseline", f.baseline}, {"--ledger", f.ledger}, {"--transcript", f.transcript},
	}
	r := f.reports
	claims = append(claims, claim{"--junit", r.junit}, claim{"--json", r.json}, claim{"--html", r.html},
		claim{"--markdown", r.markdown}, claim{"--badge", r.badge})
	if r.out != "" {
		for _, wanted := range f.formats() {
			claims = append(claims, claim{"--out", filepath.Join(r.out, wanted.name)})
		}
	}
	return claims
}

// distinct rejects two flags that name one file, since one of them would overwrite the other.
func distinct(claims []claim) error {
	for i, one := range claims {
		for _, other := range claims[:i] {
			if one.path == "" || other.path == "" {
				continue
			}
			if one.path == other.path && one.path == stdoutPath || outfile.Same(one.path, other.path) {
				return &runner.Usage{Message: fmt.Sprintf("%s and %s both name %s: give each a file of its own", other.flag, one.flag, one.path)}
			}
		}
	}
	return nil
}
