package main

import (
	"io"
	"os"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// printFlags say how much a command prints of a report. It is terse unless told otherwise, at a terminal as in CI.
type printFlags struct {
	verbose, quiet bool
	several        bool // runs, which their api-versions tell apart
	maxCauses      int
}

func (f *printFlags) add(flags *pflag.FlagSet) {
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print each cause with one failure in full, and name every other rule")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print the verdict alone, in one line")
	flags.IntVar(&f.maxCauses, "max-causes", reports.DefaultCauses, "name at most this `number` of causes; 0 names all")
}

// check rejects flags that contradict each other.
func (f *printFlags) check() error {
	switch {
	case f.verbose && f.quiet:
		return &runner.Usage{Message: "--verbose and --quiet contradict each other: leave one out"}
	case f.maxCauses < 0:
		return &runner.Usage{Message: "--max-causes is a number from 0, and 0 names all"}
	}
	return nil
}

// options say how to print to w: in colour on a terminal only, and never where NO_COLOR is set.
func (f *printFlags) options(w io.Writer) reports.TextOptions {
	options := textOptions(w)
	options.Verbose, options.Quiet, options.Version, options.MaxCauses = f.verbose, f.quiet, f.several, f.maxCauses
	if f.maxCauses == 0 {
		options.MaxCauses = -1
	}
	return options
}

// textOptions are the width and the colour of w.
func textOptions(w io.Writer) reports.TextOptions {
	file, isFile := fileOf(w)
	if !isFile || !isTerminal(w) {
		return reports.TextOptions{}
	}
	_, colourless := os.LookupEnv("NO_COLOR")
	options := reports.TextOptions{Color: !colourless && os.Getenv("TERM") != "dumb"}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		options.Width = max(width, 60)
	}
	return options
}
