// Command kvconform runs the conformance suite for Key Vault-compatible certificate APIs. It holds flags and printing,
// nothing else: package runner does the work.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
)

func main() {
	os.Exit(execute(untilInterrupted(), os.Args[1:], os.Stdout, os.Stderr))
}

// untilInterrupted is a context that the first Ctrl-C, SIGTERM or hang-up ends, so that what was made is still removed
// and reported; the second ends the process at once. A pipe whose reader went away becomes an error of the write instead
// of the process's end, for the same reason.
func untilInterrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		ends = append(ends, syscall.SIGHUP)
	}
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, ends...)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		<-interrupts
		cancel()
		<-interrupts
		os.Exit(runner.ExitInterrupted)
	}()
	return ctx
}

// exit is the error of a command that has said all there is to say.
type exit struct{ code int }

// Error is never shown.
func (e *exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, arguments []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if thrown := recover(); thrown != nil {
			_, _ = fmt.Fprintf(stderr, "kvconform: a fault of kvconform itself, please report it: %v\n%s", thrown, debug.Stack())
			code = runner.ExitFault
		}
	}()
	root := newRoot()
	root.SetArgs(arguments)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var done *exit
	var incomplete *runner.Incomplete
	var wrong *runner.Usage
	switch {
	case err == nil:
		return runner.ExitHeld
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &wrong):
		code = runner.ExitUsage
	case errors.As(err, &incomplete):
		code = runner.ExitIncomplete
		if ctx.Err() != nil {
			code = runner.ExitInterrupted
		}
	default:
		code = runner.ExitFault
	}
	_, _ = fmt.Fprintln(stderr, "kvconform:", err)
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "kvconform",
		Short: "The conformance suite for Key Vault-compatible certificate APIs",
		Long: `kvconform plays the documented scenarios of the Key Vault certificates API against an endpoint,
judges every answer, and says what holds, what does not, and why.

Exit codes:
    0  everything selected held, or is known
    1  a must failed, or with --strict a should failed or a rule was not reached
    2  wrong usage; nothing was sent
    3  incomplete: the endpoint cannot be used, a rule could not be judged, nothing was selected
    4  kvconform itself is at fault
  130  interrupted; what was played so far is reported`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return command.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return &runner.Usage{Message: fmt.Sprintf("%v; see `%s --help`", err, command.CommandPath())}
	})
	root.AddCommand(
		newInitCommand(), newCheckConfigCommand(), newRunCommand(), newBaselineCommand(), newSweepCommand(),
		newJudgeCommand(), newReportCommand(), newDiffCommand(), newVerifyReportCommand(), newHARCommand(),
		newListCommand(), newExplainCommand(), newServeCommand(), newProveCommand(), newDocsCommand(),
	)
	for _, command := range append(root.Commands(), root) {
		command.Args = usageArgs(command.Args)
	}
	return root
}

// usageArgs makes wrong arguments a mistake in usage, as wrong flags are.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, arguments []string) error {
		if err := check(command, arguments); err != nil {
			return &runner.Usage{Message: fmt.Sprintf("%v; see `%s --help`", err, command.CommandPath())}
		}
		return nil
	}
}

// version is the module's version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return "devel-" + setting.Value[:12]
		}
	}
	return "devel"
}
