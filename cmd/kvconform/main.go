// Command kvconform runs the conformance suite for Key Vault-compatible certificate APIs. It holds flags and printing,
// nothing else: package runner does the work.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// collectAt is how much the heap grows, in percent of what is in use, before memory is collected. Go's 100 needs an eighth more
// memory for a whole run and a twenty-fifth less processor time.
const collectAt = 60

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	log.SetOutput(io.Discard) // net/http logs bytes of the endpoint, unredacted; the report says what came
	os.Exit(execute(untilInterrupted(), os.Args[1:], os.Stdout, os.Stderr))
}

// reportingTime is how long a run has for its reports after the second Ctrl-C.
const reportingTime = 5 * time.Second

// untilInterrupted is a context that the first Ctrl-C, SIGTERM or hang-up ends, so that what was made is still removed
// and reported. The second gives the removing up, and the third, or a little time, ends the process. A pipe whose reader
// went away becomes an error of the write instead of the process's end, for the same reason.
func untilInterrupted() context.Context {
	abandoned := make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), abandonedKey{}, abandoned))
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
		close(abandoned)
		select {
		case <-interrupts:
		case <-time.After(reportingTime):
		}
		os.Exit(runner.ExitInterrupted)
	}()
	return ctx
}

// abandonedKey is the key of the channel that the second Ctrl-C closes in the context of the command.
type abandonedKey struct{}

// abandonedBy is the channel that the second Ctrl-C closes, nil in a test.
func abandonedBy(ctx context.Context) <-chan struct{} {
	abandoned, _ := ctx.Value(abandonedKey{}).(chan struct{})
	return abandoned
}

// exit is the error of a command that has said all there is to say.
type exit struct{ code int }

// Error is never shown.
func (e *exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, arguments []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if thrown := recover(); thrown != nil {
			_, _ = fmt.Fprintf(stderr, "kvconform: an internal error, please report it: %v\n%s", thrown, debug.Stack())
			code = runner.ExitFault
		}
	}()
	root := newRoot()
	out := &stream{Writer: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	arguments, err := expanded(root, arguments)
	if err == nil {
		root.SetArgs(arguments)
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		err = out.err
	}
	var done *exit
	var incomplete *runner.Incomplete
	var wrong *runner.Usage
	var unwritten *outfile.Error
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
	case errors.As(err, &unwritten):
		code = runner.ExitIncomplete
	default:
		code = runner.ExitFault
	}
	complain(stderr, err)
	return code
}

// complain prints an error, each of several on a line of its own, and one that came up several times once.
func complain(stderr io.Writer, err error) {
	for _, line := range slices.Compact(strings.Split(err.Error(), "\n")) {
		_, _ = fmt.Fprintln(stderr, "kvconform:", reports.Visible(line))
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "kvconform",
		Short: "The conformance suite for Key Vault-compatible certificate APIs",
		Long: `kvconform plays the documented scenarios of the Key Vault certificates API against an endpoint,
judges every response, and reports each failure with the source of its rule.

Begin with ` + "`kvconform run --embedded`" + `, then ` + "`kvconform init --endpoint URL`" + ` for a vault of your own.
` + "`kvconform completion bash --help`" + ` says how your shell completes commands, flags and the ids of rules.
@FILE in the place of arguments reads them from a file, one a line.

Exit codes:
` + reports.ExitText(),
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE: func(command *cobra.Command, _ []string) error {
			return command.Help()
		},
	}
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return &runner.Usage{Message: fmt.Sprintf("%v; see `%s --help`", err, command.CommandPath())}
	})
	root.Flags().Bool("version", false, "print the version") // without the letter v, which is --verbose elsewhere
	root.SetUsageFunc(usageOf(root.UsageFunc()))
	group(root, "begin", "Begin:", newInitCommand(), newCheckConfigCommand(), newServeCommand())
	group(root, "run", "Run:", newRunCommand(), newExploreCommand(), newBaselineCommand(), newSweepCommand())
	group(root, "reports", "Look at a run that is over:",
		newReportCommand(), newJudgeCommand(), newDiffCommand(), newVerifyReportCommand(), newMatrixCommand(), newHARCommand())
	group(root, "rules", "Rules and formats:",
		newListCommand(), newExplainCommand(), newOpenAPICommand(), newOpenAPIDiffCommand(), newSchemaCommand(),
		newProveCommand(), newDocsCommand())
	group(root, "traffic", "Judge the traffic of other programs:", newAuditCommand(), newProxyCommand())
	group(root, "other", "Other:", newVersionCommand())
	root.SetCompletionCommandGroupID("other")
	root.SetHelpCommandGroupID("other")
	for _, command := range append(root.Commands(), root) {
		command.Args = usageArgs(command.Args)
	}
	return root
}

// noCommand rejects the name of a command that there is not, with the nearest one that there is.
func noCommand(root *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	var names []string
	for _, command := range root.Commands() {
		if command.IsAvailableCommand() {
			names = append(names, command.Name())
		}
	}
	message := fmt.Sprintf("unknown command %q for %q", arguments[0], root.CommandPath())
	if nearest := input.Nearest(arguments[0], names); nearest != "" {
		message += "; did you mean " + nearest + "?"
	}
	return errors.New(message)
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
