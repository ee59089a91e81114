package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/runner"
)

// runWatching runs once, and again whenever the endpoint comes back or the user presses Enter, until the context ends. The
// target file and the record of failures are read anew each time. The exit code is that of the last run.
func (f *runFlags) runWatching(command *cobra.Command) error {
	ctx, out := command.Context(), command.ErrOrStderr()
	enter := presses(command.InOrStdin())
	for first := true; ; first = false {
		watched, err := f.runOnce(command, !first)
		var wrong *runner.Usage
		if errors.As(err, &wrong) && (first || watched == nil) {
			return err
		}
		if ctx.Err() != nil {
			return err
		}
		var done *exit
		if err != nil && !errors.As(err, &done) {
			complain(out, err)
		}
		_, _ = fmt.Fprintf(out, "\nwatching %s: runs again when it is restarted, or on Enter; Ctrl-C ends\n", watched.Endpoint)
		if await(ctx, *watched, enter) != nil {
			return err
		}
	}
}

// runOnce is one run of a watch. It returns the target that it ran against, nil if there is none.
func (f *runFlags) runOnce(command *cobra.Command, again bool) (*runner.Target, error) {
	options, err := f.options(command)
	var incomplete *runner.Incomplete
	if again && f.lastFailed && errors.As(err, &incomplete) {
		all := *f
		all.lastFailed = false // what failed passes now: run everything
		options, err = all.options(command)
	}
	if err != nil {
		return nil, err
	}
	versions, err := f.versions(options.Target)
	if err != nil {
		return nil, err
	}
	return &options.Target, f.runEach(command, options, versions)
}

// await returns when the target was restarted or Enter was pressed, with an error if the context ended.
func await(ctx context.Context, t runner.Target, enter <-chan struct{}) error {
	versions, err := t.APIVersions()
	if err != nil {
		return err
	}
	t.APIVersion, t.Like = versions[:1], t.LikeFor(versions[0])
	on, err := session.Connect(t, session.Options{})
	if err != nil {
		return err
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	back := make(chan error, 1)
	go func() { back <- on.AwaitReturn(waiting) }()
	select {
	case err := <-back:
		return err
	case <-enter:
		return nil
	}
}

// presses tells of each line that a terminal is given; it never does for another input.
func presses(in io.Reader) <-chan struct{} {
	enter := make(chan struct{})
	if file, ok := in.(*os.File); ok && !term.IsTerminal(int(file.Fd())) {
		return enter
	}
	go func() {
		for lines := bufio.NewScanner(in); lines.Scan(); {
			enter <- struct{}{}
		}
	}()
	return enter
}
