package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/frame"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// runFlags are the flags of `kvconform run`.
type runFlags struct {
	config, endpoint, ca, token, apiVersion string
	insecure, allowHTTP, embedded           bool
	manner, profile                         string
	oracle                                  string
	like, openAPI                           string
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
		Example: `  kvconform run --embedded
  kvconform run --endpoint https://localhost:8443 --insecure --token "$TOKEN" --junit junit.xml
  kvconform run --config kvconform.yaml --scenario conflict-while-in-progress`,
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
	flags.StringVar(&f.failedFrom, "failed-from", "", "run only the scenarios of the rules that did not pass in this JSON `report`")
	flags.StringVar(&f.compare, "compare", "", "run at this api-`version` too and report how the responses differ; a regression is exit 1")
	complete(command, "compare", apiVersions)
	f.proxy.add(flags)
	f.diff.addFailOn(flags)
	complete(command, "fail-on", failKindNames)
	return command, f
}

// completeRun offers ids for the flags of whatever runs the suite.
func completeRun(command *cobra.Command) {
	complete(command, "manner", manners)
	complete(command, "fault", faultIDs)
	complete(command, "profile", profileIDs)
	complete(command, "api-version", apiVersions)
	complete(command, "like", knownVersions)
	completeJudging(command)
}

// completeJudging offers ids for the flags of whatever judges.
func completeJudging(command *cobra.Command) {
	complete(command, "oracle", oracles)
	complete(command, "scenario", scenarioIDs)
	complete(command, "rule", ruleIDs)
}

// addRun adds the flags of whatever runs the suite.
func (f *runFlags) addRun(flags *pflag.FlagSet) {
	f.addTarget(flags)
	flags.BoolVar(&f.embedded, "embedded", false, "run against the reference vault, served on the loopback")
	flags.StringVar(&f.manner, "manner", "observed", "how the embedded vault responds if docs and service differ: observed or documented")
	flags.StringVar(&f.profile, "profile", "", "give the embedded vault the deviations of the profile of this `id`, as in a real emulator")
	flags.StringArrayVar(&f.faults, "fault", nil, "break the embedded vault by the fault of this `id`; may be given again")
	flags.StringVar(&f.ledger, "ledger", "", "record created names in this `file`, for kvconform sweep (default: one in the user's state folder)")
	f.addJudging(flags)
}

// addTarget adds the flags that say which vault is meant.
func (f *runFlags) addTarget(flags *pflag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "target `file`; the flags below override it")
	flags.StringVar(&f.endpoint, "endpoint", "", "base `URL` of the vault")
	flags.StringVar(&f.ca, "ca", "", "`file` of PEM certificates to trust")
	flags.BoolVar(&f.insecure, "insecure", false, "trust any server certificate")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to hosts other than localhost")
	flags.StringVar(&f.token, "token", "", "bearer `token`")
	flags.StringVar(&f.apiVersion, "api-version", "", "api-`version` of every request; several with commas, or all, run one after the other")
	flags.StringVar(&f.like, "like", "", "apply the rules of this known api-`version` to an --api-version that kvconform does not know")
}

// addJudging adds the flags that say what is judged and how.
func (f *runFlags) addJudging(flags *pflag.FlagSet) {
	flags.StringVar(&f.oracle, "oracle", "either", "which oracle judges: documented, observed or either")
	flags.BoolVar(&f.strict, "strict", false, "also fail if a should fails or a rule is not reached")
	flags.IntVar(&f.minJudged, "min-judged", 0, "exit with 3 if fewer than this `number` of rules are judged")
	flags.StringArrayVar(&f.scenarios, "scenario", nil, "run only the scenario of this `id`, a pattern or a unique end; may be given again")
	flags.StringArrayVar(&f.rules, "rule", nil, "judge only the rule of this `id`, a pattern or a unique end; may be given again")
}

// addBaseline adds the flag of the known deviations.
func (f *runFlags) addBaseline(flags *pflag.FlagSet) {
	flags.StringVar(&f.baseline, "baseline", "", "`file` of known deviations: they are not failures; new deviations and stale entries are")
}

// addOutputs adds the flags of the files to write.
func (f *runFlags) addOutputs(flags *pflag.FlagSet) {
	f.reports.add(flags)
	f.print.add(flags)
	flags.StringVar(&f.transcript, "transcript", "", "write all exchanges, redacted, to this `file`")
}

func (f *runFlags) run(command *cobra.Command) error {
	if err := f.diff.check(); err != nil {
		return err
	}
	if err := f.proxy.check(f); err != nil {
		return err
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
func (f *runFlags) play(command *cobra.Command) (*runner.Outcome, error) {
	options, err := f.options(command)
	if err != nil {
		return nil, err
	}
	return f.runOne(command, *options)
}

// runOne runs the suite at one api-version.
func (f *runFlags) runOne(command *cobra.Command, options runner.Options) (*runner.Outcome, error) {
	if f.embedded {
		if err := f.embed(&options); err != nil {
			return nil, err
		}
	}
	if drawn := newProgress(command.ErrOrStderr(), f.print.quiet); drawn != nil {
		defer drawn.end()
		options.Progress = drawn
	}
	return runner.Run(command.Context(), options)
}

// open prepares the files that the flags ask for.
func (f *runFlags) open(version string) (outputs, error) {
	if err := distinct(f.claims()); err != nil {
		return nil, err
	}
	return open(f.formats(), f.reports.out, version)
}

func (f *runFlags) formats() []format {
	return append(f.reports.formats(), format{f.transcript, "transcript.jsonl", writeTranscript})
}

// publish writes the files of a run and prints its summary, and returns the exit code. A file that cannot be written
// costs neither the other files nor the summary: the verdict is known all the same.
func (f *printFlags) publish(command *cobra.Command, files outputs, outcome *runner.Outcome) int {
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
		return outcome.Report.Outcome.ExitCode
	}
	complain(command.ErrOrStderr(), err)
	return reports.WorstExit(outcome.Report.Outcome.ExitCode, runner.ExitIncomplete)
}

// unbegun writes the files of a run whose target could not be used, so that a CI system shows why.
func unbegun(command *cobra.Command, files outputs, outcome *runner.Outcome) error {
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

// options puts the target file and the flags over it together.
func (f *runFlags) options(command *cobra.Command) (*runner.Options, error) {
	oracle, err := oracleNamed(f.oracle)
	if err != nil {
		return nil, err
	}
	if f.embedded && (f.endpoint != "" || f.config != "") {
		return nil, &runner.Usage{Message: "--embedded is a target of its own: leave --endpoint and --config out"}
	}
	if f.profile != "" && !f.embedded {
		return nil, &runner.Usage{Message: "--profile is one of the embedded vault: give it with --embedded"}
	}
	if len(f.faults) > 0 && !f.embedded {
		return nil, &runner.Usage{Message: "--fault breaks the embedded vault: give it with --embedded; `kvconform prove --endpoint` puts faults before another"}
	}
	if err := f.print.check(); err != nil {
		return nil, err
	}
	options := &runner.Options{
		Oracle: oracle, Strict: f.strict, MinJudged: f.minJudged, Version: version(), Frame: frame.Ginkgo{},
		Ledger: f.ledger, NoLedger: f.embedded && f.ledger == "", // the embedded vault ends with the process
	}
	if options.Scenarios, options.Rules, err = f.selected(); err != nil {
		return nil, err
	}
	if f.baseline != "" {
		if options.Baseline, err = runner.LoadBaseline(f.baseline); err != nil {
			return nil, err
		}
	}
	if f.failedFrom != "" {
		if len(f.scenarios)+len(f.rules) > 0 {
			return nil, &runner.Usage{Message: "--failed-from selects the scenarios: leave --scenario and --rule out"}
		}
		if options.Scenarios, err = rerun.Failed(f.failedFrom); err != nil {
			return nil, err
		}
	}
	if options.OpenAPI, err = f.document(command); err != nil {
		return nil, err
	}
	options.Target, err = f.target(command)
	options.Again = f.again(command, "")
	return options, err
}

func oracleNamed(name string) (scenarios.Oracle, error) {
	var known []string
	for _, oracle := range scenarios.Oracles() {
		if string(oracle) == name {
			return oracle, nil
		}
		known = append(known, string(oracle))
	}
	return "", &runner.Usage{Message: fmt.Sprintf("there is no oracle %q: it is one of %s", name, strings.Join(known, ", "))}
}

// embed makes the reference vault the handler of a run, keeping what the flags say of the api-version.
func (f *runFlags) embed(options *runner.Options) error {
	reference, err := refserver.New(refserver.Options{
		Manner: f.manner, Profile: f.profile, Faults: f.faults, OtherVersions: otherVersions(options.Target),
	})
	if err != nil {
		return err
	}
	version, like := options.Target.APIVersion, options.Target.Like
	options.Throwaway = true
	options.Handler, options.Target = reference.Handler, reference.Target("")
	options.Target.APIVersion, options.Target.Like = version, like
	return nil
}

// otherVersions are the api-versions that the embedded vault is to serve although it does not know them.
func otherVersions(t runner.Target) map[string]string {
	others := map[string]string{}
	for _, version := range t.APIVersion {
		if like := t.LikeFor(version); like != "" {
			others[version] = like
		}
	}
	return others
}
