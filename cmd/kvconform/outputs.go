package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// reportFlags are the flags that say which reports to write, each with a file name.
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
	write func(io.Writer, *runner.Outcome) error
}

func (f *reportFlags) formats() []format {
	of := func(write func(io.Writer, *reports.Report) error) func(io.Writer, *runner.Outcome) error {
		return func(w io.Writer, outcome *runner.Outcome) error { return write(w, outcome.Report) }
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

func writeTranscript(w io.Writer, outcome *runner.Outcome) error { return outcome.Transcript.Write(w) }

// outputs are the files that a run writes, opened before anything is sent.
type outputs []output

type output struct {
	file  *os.File
	write func(io.Writer, *runner.Outcome) error
}

// open opens the file of every format that was asked for; what is given goes before the ending of each name, to tell
// the files of several runs apart.
func open(formats []format, folder, what string) (outputs, error) {
	var opened outputs
	for _, wanted := range formats {
		paths := []string{wanted.path}
		if folder != "" {
			paths = append(paths, filepath.Join(folder, wanted.name))
		}
		for _, path := range paths {
			if path == "" {
				continue
			}
			file, err := create(named(path, what))
			if err != nil {
				opened.abandon()
				return nil, err
			}
			opened = append(opened, output{file, wanted.write})
		}
	}
	return opened, nil
}

// named puts what before the ending of a file's name.
func named(path, what string) string {
	if what == "" {
		return path
	}
	ending := filepath.Ext(path)
	return strings.TrimSuffix(path, ending) + "-" + what + ending
}

// create opens a file to write, with the folders that it stands in.
func create(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, &runner.Usage{Message: fmt.Sprintf("%s cannot be written: %v", path, err)}
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, &runner.Usage{Message: fmt.Sprintf("%s cannot be written: %v", path, err)}
	}
	return file, nil
}

// abandon closes and removes the files of a run that does not take place.
func (o outputs) abandon() {
	for _, out := range o {
		_ = out.file.Close() // nothing was written
		_ = os.Remove(out.file.Name())
	}
}

// write writes them all; one that fails does not cost the others.
func (o outputs) write(outcome *runner.Outcome) error {
	var failed []error
	for _, out := range o {
		err := out.write(out.file, outcome)
		if closed := out.file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("writing %s: %w", out.file.Name(), err))
		}
	}
	return errors.Join(failed...)
}

// writeFile writes one file.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := create(path)
	if err != nil {
		return err
	}
	one := outputs{{file, func(w io.Writer, _ *runner.Outcome) error { return write(w) }}}
	return one.write(nil)
}
