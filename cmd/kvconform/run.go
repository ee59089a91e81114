package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

// runFlags are the flags of `kvconform run`.
type runFlags struct {
	config, endpoint, ca, token, apiVersion string
	tokenFile, idBase                       string
	insecure, allowHTTP, embedded           bool
	keep, lastFailed, watch                 bool
	manner, profile                         string
	oracle                                  string
	like, openAPI                           string
	keys                                    *refvault.KeyPool // of the embedded vaults; nil where each makes its own
	strict                                  bool
	print                                   printFlags
	found                                   bool // the target file is the one of the usual name, which no flag names
	minJudged                               int
	scenarios, rules, faults                []string
	reports                                 reportFlags
	transcript                              string
	ledger, baseline                        string
	failedFrom, compare                     string
	proxy                                   proxyFlags
	diff                                    diffFlags // of --compare and --via
}

func newRunCommand() *cobra.Command {
	command, _ := runCommand()
	return command
}

// runCommand is the command run, and its flags.
func runCommand() (*cobra.Command, *runFlags) {
	f := &runFlags{}
	command := &cobra.Command{
		Use:   "run",
		Short: "Run the scenarios against an endpoint and judge every response",
		Long: `run plays the scenarios against the vault that the target file or the flags describe, judges every response, and prints
what to fix first. Without --config and --endpoint it reads ./` + target.DefaultFile + ` if there is one. The certificates that it made are
deleted at its end, also if it is interrupted.`,
		Example: `  # the reference vault, to see a run
  kvconform run --embedded

  # an emulator on this machine; the token comes from KVCONFORM_TOKEN
  kvconform run --endpoint https://localhost:8443 --ca ca.pem

  # as the target file says, with every report, as a gate in CI
  kvconform run --config kvconform.yaml --strict --baseline known.yaml --out out

  # what failed in the last run, again whenever the emulator is restarted
  kvconform run --last-failed --watch

  # one rule, with the request as a curl command, and what it made kept in the vault
  kvconform run --rule cancel-in-progress/late-status --verbose --keep`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return f.run(command)
		},
	}
	flags := command.Flags()
	f.addRun(flags)
	f.addOutputs(flags)
	f.addBaseline(flags)
	f.addDocument(flags)
	completeRun(command)
	flags.BoolVar(&f.keep, "keep", false, "leave what the run makes in the vault, and name it")
	flags.BoolVar(&f.lastFailed, "last-failed", false, "play only the rules that failed in the last run of this target")
	flags.StringVar(&f.failedFrom, "failed-from", "", "play only the rules that failed in this JSON `report`")
	flags.BoolVar(&f.watch, "watch", false, "run again whenever the endpoint comes back, until Ctrl-C")
	flags.StringVar(&f.compare, "compare", "", "run at this api-`version` too and report how the responses differ; a regression is exit 1")
	complete(command, "compare", apiVersions)
	f.proxy.add(flags)
	f.diff.addFailOn(flags)
	complete(command, "fail-on", failKindNames)
	return command, f
}

func (f *runFlags) run(command *cobra.Command) error {
	if err := f.diff.check(); err != nil {
		return err
	}
	if err := f.proxy.check(f); err != nil {
		return err
	}
	if f.watch {
		return f.runWatching(command)
	}
	options, err := f.options(command)
	if err != nil {
		return err
	}
	versions, err := f.versions(options.Target)
	if err != nil {
		return err
	}
	if f.proxy.via != "" {
		return f.runVia(command, options, versions)
	}
	return f.runEach(command, options, versions)
}

// versions are the api-versions to run at: those of the target, and the one to compare with.
func (f *runFlags) versions(t runner.Target) ([]string, error) {
	if f.compare == "" {
		return t.APIVersions()
	}
	named := t.WithDefaults().APIVersion
	if len(named) != 1 || named[0] == "all" || f.compare == named[0] {
		return nil, &runner.Usage{Message: "--compare takes one api-version, to be compared with the one of the run: give --api-version A --compare B"}
	}
	t.APIVersion = append(slices.Clone(named), f.compare)
	return t.APIVersions()
}

// play runs the suite once, for a command that writes no reports.
func (f *runFlags) play(command *cobra.Command) (*runner.Result, error) {
	options, err := f.options(command)
	if err != nil {
		return nil, err
	}
	return f.runOne(command, *options, f.print.quiet)
}

// runOne runs the suite at one api-version.
func (f *runFlags) runOne(command *cobra.Command, options runner.Options, quiet bool) (*runner.Result, error) {
	if f.embedded {
		if err := f.embed(&options); err != nil {
			return nil, err
		}
	}
	if drawn := newProgress(command.ErrOrStderr(), quiet); drawn != nil {
		defer drawn.end()
		options.Progress = drawn
	}
	return runner.Run(command.Context(), options)
}

// open prepares the files that the flags ask for.
func (f *runFlags) open(run of, again repetition) (outputs, error) {
	if err := distinct(f.claims()); err != nil {
		return nil, err
	}
	files, err := open(f.formats(), f.reports.out, run.name)
	if err != nil || again.file.path == "" {
		return files, err
	}
	arguments, err := open([]format{again.file}, "", run.name)
	return append(files, arguments...), err
}

func (f *runFlags) formats() []format {
	return append(f.reports.formats(), format{f.transcript, "transcript.jsonl", writeTranscript})
}

// publish writes the files of a run and prints its summary, and returns the exit code. A file that cannot be written
// costs neither the other files nor the summary: the verdict is known all the same.
func (f *printFlags) publish(command *cobra.Command, files outputs, outcome *runner.Result) int {
	summary := command.OutOrStdout()
	if files.useStdout() {
		summary = command.ErrOrStderr()
	}
	err := errors.Join(
		files.write(command.OutOrStdout(), outcome),
		tellGitHub(summary, outcome.Report), // before the summary, so that the log ends with the verdict
		reports.WriteText(summary, outcome.Report, f.options(summary)),
	)
	if err == nil {
		return outcome.Report.Conclusion.ExitCode
	}
	complain(command.ErrOrStderr(), err)
	return reports.WorstExit(outcome.Report.Conclusion.ExitCode, runner.ExitIncomplete)
}

// unbegun writes the files of a run whose target could not be used, so that a CI system shows why.
func unbegun(command *cobra.Command, files outputs, outcome *runner.Result) error {
	if outcome == nil {
		return nil
	}
	return errors.Join(files.write(command.OutOrStdout(), outcome), tellGitHub(command.OutOrStdout(), outcome.Report))
}

// exited is the error that ends the command with an exit code, none for 0.
func exited(code int) error {
	if code == runner.ExitHeld {
		return nil
	}
	return &exit{code}
}
