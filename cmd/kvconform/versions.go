package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// atOnce is how many api-versions are played at once on the embedded vault, which is another one for each: most of a run
// is waiting.
const atOnce = 4

// performed is a run at one api-version.
type performed struct {
	outcome *runner.Result
	err     error
}

// runEach runs the suite at every api-version that the target names, and at the one to compare with.
func (f *runFlags) runEach(command *cobra.Command, options *runner.Options, versions []string) error {
	files, err := f.openEach(command, versions)
	if err != nil {
		return err
	}
	table, err := f.openTable(versions)
	if err != nil {
		return err
	}
	var all []*reports.Report
	code := runner.ExitHeld
	f.print.several = len(versions) > 1
	perform := f.performer(command, options, versions, files)
	for i := range versions {
		run := perform(i)
		if run.err != nil {
			return errors.Join(run.err, unbegun(command, files[i], run.outcome))
		}
		if err := f.record(options.Target).Remember(run.outcome.Report); err != nil && f.lastFailed { // without the flag, nobody needs it
			complain(command.ErrOrStderr(), err)
		}
		all = append(all, run.outcome.Report)
		code = reports.WorstExit(code, f.print.publish(command, files[i], run.outcome))
		if command.Context().Err() != nil {
			break
		}
	}
	switch {
	case f.compare != "" && len(all) == 2 && (code == runner.ExitHeld || code == runner.ExitBroken):
		return f.difference(command, all[0], all[1])
	case f.compare == "" && len(all) > 1:
		if err := table.write(command, all, f.print.quiet); err != nil {
			complain(command.ErrOrStderr(), err)
			code = reports.WorstExit(code, runner.ExitIncomplete)
		}
	}
	return exited(code)
}

// performer returns what performs the run of one of the api-versions. Runs at the embedded vault begin ahead, several at
// once and without the lines of progress; those at a target are played one after the other, when they are asked for.
func (f *runFlags) performer(command *cobra.Command, options *runner.Options, versions []string, files []outputs) func(i int) performed {
	one := func(i int, quiet bool) performed {
		at := *options
		at.Target.APIVersion, at.Target.Like = []string{versions[i]}, options.Target.LikeFor(versions[i])
		if len(versions) > 1 {
			at.Again = f.again(command, of{name: versions[i], version: versions[i]}).line
		}
		at.Judged = files[i].keep
		outcome, err := f.runOne(command, at, quiet)
		return performed{outcome, err}
	}
	if !f.embedded || len(versions) == 1 {
		return func(i int) performed { return one(i, f.print.quiet) }
	}
	f.keys = refvault.NewKeyPool(atOnce) // one for all, since keys cost most of a start
	if !f.print.quiet {
		_, _ = fmt.Fprintf(command.ErrOrStderr(), "playing %s, %d at once\n", plural(len(versions), "api-version"), min(atOnce, len(versions)))
	}
	results := make([]chan performed, len(versions))
	turns := make(chan struct{}, atOnce)
	for i := range versions {
		results[i] = make(chan performed, 1)
		go func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			results[i] <- guarded(func() performed { return one(i, true) })
		}()
	}
	return func(i int) performed { return <-results[i] }
}

// guarded makes an error of a panic, which in another goroutine would end the process without a report.
func guarded(perform func() performed) (run performed) {
	defer func() {
		if thrown := recover(); thrown != nil {
			run = performed{nil, fmt.Errorf("an internal error, please report it: %v", thrown)}
		}
	}()
	return perform()
}

// openEach prepares the files of every run; those of several runs have the api-version in their names.
func (f *runFlags) openEach(command *cobra.Command, versions []string) ([]outputs, error) {
	prepared := make([]outputs, len(versions))
	for i, version := range versions {
		run := of{}
		if len(versions) > 1 {
			run = of{name: version, version: version}
		}
		var err error
		if prepared[i], err = f.open(run, f.again(command, run)); err != nil {
			return nil, err
		}
		if prepared[i].useStdout() && len(versions) > 1 {
			return nil, &runner.Usage{Message: "- is the standard output, which takes the report of one api-version: name a file"}
		}
	}
	return prepared, nil
}

// tableFiles are the files of the table of several api-versions: beside the reports as JSON and Markdown.
type tableFiles []tableFile

type tableFile struct {
	file  *outfile.File
	write func(io.Writer, *reports.VersionTable) error
}

// inTable goes before the ending of the files of the table, where those of the reports have their api-version.
const inTable = "versions"

// openTable prepares the files of the table; there is none of one api-version, nor of two that are compared.
func (f *runFlags) openTable(versions []string) (tableFiles, error) {
	if len(versions) == 1 || f.compare != "" {
		return nil, nil
	}
	markdown := func(w io.Writer, t *reports.VersionTable) error {
		return reports.WriteVersionsMarkdown(w, t, reports.MarkdownOptions{})
	}
	wanted := []struct {
		path  string
		write func(io.Writer, *reports.VersionTable) error
	}{{f.reports.json, reports.WriteVersionsJSON}, {f.reports.markdown, markdown}}
	if f.reports.out != "" {
		wanted = append(wanted, wanted[0], wanted[1])
		wanted[2].path, wanted[3].path = filepath.Join(f.reports.out, "report.json"), filepath.Join(f.reports.out, "report.md")
	}
	var files tableFiles
	for _, one := range wanted {
		if one.path == "" {
			continue
		}
		file, err := prepare(named(one.path, inTable))
		if err != nil {
			return nil, err
		}
		files = append(files, tableFile{file, one.write})
	}
	return files, nil
}

// write writes the files and, unless the verdicts are all that is wanted, prints the table.
func (t tableFiles) write(command *cobra.Command, all []*reports.Report, quiet bool) error {
	table := reports.Tabulate(all)
	var failed []error
	for _, one := range t {
		failed = append(failed, one.file.Write(func(w io.Writer) error { return one.write(w, table) }))
	}
	if quiet {
		return errors.Join(failed...)
	}
	out := command.OutOrStdout()
	_, _ = fmt.Fprintln(out)
	return errors.Join(append(failed, reports.WriteVersionsText(out, table, textOptions(out)))...)
}

// difference tells how the responses at two api-versions differ. Only what got worse is a failure here: what broke at
// both is the business of a run without --compare.
func (f *runFlags) difference(command *cobra.Command, before, after *reports.Report) error {
	return f.diff.compare(command, before, after)
}

// expected is the api-version whose rules a report holds its target to.
func expected(r *reports.Report) string { return cmp.Or(r.Like, r.APIVersion) }
