package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/explore"
	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/specs"
)

// exploreFlags are the flags of `kvconform explore`.
type exploreFlags struct {
	runFlags
	options      explore.Options
	operations   string
	save, replay string
}

func newExploreCommand() *cobra.Command {
	f := &exploreFlags{}
	command := &cobra.Command{
		Use:   "explore",
		Short: "Send random sequences of requests and judge what may follow what",
		Long: `explore sends random sequences of legal and nearly legal requests about a few related names, some of them at the same
time. It judges every response by the rules of every response, and their order by a model of the documented states. A
sequence that breaks something is shortened until every request of it is needed, and printed; --save writes it to a file
and --replay plays such a file again. The same --seed sends the same sequences. Whatever is made is removed; contacts are
left alone.

The reports and exit codes are those of run. Without --for and --steps it explores for 30 seconds. Shortening takes at most half
as long again; whatever is shortest by then is printed. Ctrl-C ends both and prints what was found.`,
		Example: `  kvconform explore --embedded --for 10s
  kvconform explore --embedded --fault recovery-by-prefix --first
  kvconform explore --config kvconform.yaml --steps 5000 --seed 7 --save sequence.json
  kvconform explore --config kvconform.yaml --replay sequence.json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return f.explore(command) },
	}
	flags := command.Flags()
	f.addTarget(flags)
	flags.BoolVar(&f.embedded, "embedded", false, "explore the reference vault, served on the loopback")
	flags.StringVar(&f.manner, "manner", "observed", "how the embedded vault responds if docs and service differ: observed or documented")
	flags.StringVar(&f.profile, "profile", "", "give the embedded vault the deviations of the profile of this `id`")
	flags.StringArrayVar(&f.faults, "fault", nil, "break the embedded vault by the fault of this `id`; may be given again")
	flags.StringVar(&f.ledger, "ledger", "", "record created names in this `file`, for kvconform sweep (default: one in the user's state folder)")
	f.print.add(flags)
	flags.StringVar(&f.oracle, "oracle", "either", "which oracle judges: documented, observed or either")
	flags.BoolVar(&f.strict, "strict", false, "also fail if a should fails or a rule is not reached")
	f.addBaseline(flags)
	f.reports.add(flags)
	flags.DurationVar(&f.options.For, "for", 0, "explore for this long")
	flags.DurationVar(&f.options.Shrink, "shrink-for", 0, "shorten what was found for this long at most (default: half of --for, 30s with --steps alone)")
	flags.BoolVar(&f.options.First, "first", false, "end with the first sequence that breaks a must or a should, and shorten that one alone")
	flags.IntVar(&f.options.Steps, "steps", 0, "explore until this `number` of requests was sent")
	flags.Uint64Var(&f.options.Seed, "seed", 0, "draw the sequences from this `number` (default: a random one, which is printed)")
	flags.IntVar(&f.options.Lanes, "plays", 4, "how many sequences are sent at once")
	flags.StringVar(&f.operations, "operations", "", "send only these operations, separated by commas")
	flags.StringVar(&f.save, "save", "", "write the first sequence that breaks something to this `file`; - is the standard output")
	flags.StringVar(&f.replay, "replay", "", "play the sequence in this `file` instead of random ones")
	complete(command, "manner", manners)
	complete(command, "fault", faultIDs)
	complete(command, "profile", profileIDs)
	complete(command, "api-version", apiVersions)
	complete(command, "oracle", oracles)
	return command
}

// prepare checks the flags; nothing is sent if one is wrong.
func (f *exploreFlags) prepare(command *cobra.Command) (*runner.Options, error) {
	if err := f.print.check(); err != nil {
		return nil, err
	}
	options, err := f.runFlags.options(command)
	if err != nil {
		return nil, err
	}
	if f.options.For < 0 || f.options.Steps < 0 || f.options.Shrink < 0 || f.options.Lanes < 1 {
		return nil, &runner.Usage{Message: "--for, --steps and --shrink-for are positive, and --plays is at least 1"}
	}
	if f.options.For == 0 && f.options.Steps == 0 {
		f.options.For = 30 * time.Second
	}
	if f.operations != "" {
		f.options.Operations = strings.Split(f.operations, ",")
		for _, operation := range f.options.Operations {
			if !slices.Contains(explore.Operations(), operation) {
				return nil, &runner.Usage{Message: fmt.Sprintf("there is no operation %q: --operations takes some of %s", operation, strings.Join(explore.Operations(), ", "))}
			}
		}
	}
	if f.replay != "" {
		if f.options.Replay, err = explore.ReadPlan(f.replay); err != nil {
			return nil, err
		}
	} else if !command.Flags().Changed("seed") {
		f.options.Seed = uint64(rand.Uint32()) //nolint:gosec // a seed that the report prints, and no secret
	}
	f.options.Oracle = options.Oracle
	f.options.Ledger, f.options.NoLedger = options.Ledger, options.NoLedger
	return options, nil
}

func (f *exploreFlags) explore(command *cobra.Command) error {
	options, err := f.prepare(command)
	if err != nil {
		return err
	}
	var roots *x509.CertPool
	if f.embedded {
		version := options.Target.APIVersion
		reference, err := refserver.Start(refserver.Options{Manner: f.manner, Profile: f.profile, Faults: f.faults})
		if err != nil {
			return err
		}
		defer func() { _ = reference.Close() }() // the exploration is over
		options.Target = reference.Target("")
		options.Target.APIVersion = version
		options.Target.Cleanup = target.Purge // so that the list of the deleted stays one page, of which it is sure who is missing
		roots = x509.NewCertPool()
		roots.AppendCertsFromPEM(reference.CA)
	}
	on, err := session.Connect(options.Target, session.Options{Roots: roots})
	if err != nil {
		return err
	}
	files, err := f.files()
	if err != nil {
		return err
	}
	suite, err := specs.NewSuite()
	if err != nil {
		return err
	}
	if !f.print.quiet && isTerminal(command.ErrOrStderr()) {
		f.options.Episode = progressOf(command.ErrOrStderr())
	}
	started := on.Clock.Now()
	outcome, err := explore.Run(command.Context(), on, suite, f.options)
	if err != nil {
		return err
	}
	report := outcome.Report(&reports.Report{
		Format: reports.Format, Tool: reports.Tool{Name: "kvconform", Version: version(), Commit: commit()}, APIVersion: on.Facts.APIVersion,
		Target: reports.Target{Name: on.Target.Name, Endpoint: on.Facts.Endpoint, IDBase: on.Facts.IDBase, Claims: reports.Claims{Without: on.Target.Without}},
		Oracle: string(options.Oracle), Strict: f.strict, Started: started.UTC().Round(0),
		Interrupted: command.Context().Err() != nil,
	}, suite, on.Facts)
	if options.Baseline != nil {
		options.Baseline.Apply(report, suite.Catalogue.RuleIDs(), on.Clock.Now())
		report.Conclude()
	}
	return f.tell(command, files, outcome, report)
}

// exploreFiles are the files that an exploration writes.
type exploreFiles struct {
	reports outputs
	save    *outfile.File // nil for the standard output, or if --save is not given
}

func (f *exploreFlags) files() (exploreFiles, error) {
	var files exploreFiles
	if err := distinct(append(f.claims(), claim{"--save", f.save})); err != nil {
		return files, err
	}
	var err error
	if files.reports, err = open(f.reports.formats(), f.reports.out, ""); err != nil || f.save == "" {
		return files, err
	}
	files.save, err = prepare(f.save)
	return files, err
}

// tell prints the sequences, the causes and the verdict, and writes the files.
func (f *exploreFlags) tell(command *cobra.Command, files exploreFiles, outcome *explore.Result, report *reports.Report) error {
	out := command.OutOrStdout()
	if files.reports.useStdout() || f.save == stdoutPath {
		out = command.ErrOrStderr()
	}
	errs := []error{
		files.reports.write(command.OutOrStdout(), &runner.Result{Report: report}),
		reports.WriteText(out, report, f.print.options(out)),
	}
	if !f.print.quiet {
		errs = append(errs, outcome.WriteText(out))
	}
	if f.save != "" {
		errs = append(errs, put(files.save, command.OutOrStdout(), outcome.WriteFile))
	}
	if outcome.Stopped != "" {
		errs = append(errs, &runner.Incomplete{Message: "the exploration ended early: " + outcome.Stopped, Advice: "run it again once the target is well"})
	}
	if err := errors.Join(errs...); err != nil {
		complain(command.ErrOrStderr(), err)
		return exited(reports.WorstExit(report.Conclusion.ExitCode, runner.ExitIncomplete))
	}
	return exited(report.Conclusion.ExitCode)
}

// progressOf draws one line on a terminal.
func progressOf(w io.Writer) func(episodes, requests, deviations int) {
	return func(episodes, requests, deviations int) {
		_, _ = fmt.Fprintf(w, "\r%d requests in %d sequences, %d deviations ", requests, episodes, deviations)
	}
}
