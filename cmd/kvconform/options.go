package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/frame"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// options puts the target file and the flags over it together.
func (f *runFlags) options(command *cobra.Command) (*runner.Options, error) {
	oracle, err := oracleNamed(f.oracle)
	if err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	options := &runner.Options{
		Oracle: oracle, Strict: f.strict, MinJudged: f.minJudged, Version: version(), Commit: commit(), Frame: frame.Ginkgo{},
		Abandoned: abandonedBy(command.Context()), Ledger: f.ledger, NoLedger: f.embedded && f.ledger == "", // the embedded vault ends with the process
	}
	if options.Scenarios, options.Rules, err = f.selected(); err != nil {
		return nil, err
	}
	if f.baseline != "" {
		if options.Baseline, err = runner.LoadBaseline(f.baseline); err != nil {
			return nil, err
		}
	}
	if options.OpenAPI, err = f.document(command); err != nil {
		return nil, err
	}
	if options.Target, err = f.target(command); err != nil {
		return nil, err
	}
	options.Again = f.again(command, of{}).line
	return options, f.selectFailed(options)
}

// check rejects flags that do not go together.
func (f *runFlags) check() error {
	message := f.checkEmbedded()
	switch {
	case message != "":
	case f.ledger == stdoutPath:
		message = "--ledger needs a file: kvconform sweep reads it after a run that was killed"
	case f.watch && (f.compare != "" || f.proxy.via != ""):
		message = "--watch repeats one run: leave --compare and --via out"
	case f.token != "" && f.tokenFile != "":
		message = "--token and --token-file both give a token: leave one out"
	default:
		return f.print.check()
	}
	return &runner.Usage{Message: message}
}

// checkEmbedded says which flags do not go with the embedded vault, or not without it; "" if they all do.
func (f *runFlags) checkEmbedded() string {
	switch {
	case f.embedded && (f.endpoint != "" || f.config != ""):
		return "--embedded is a target of its own: leave --endpoint and --config out"
	case f.embedded && (f.keep || f.watch):
		return "the embedded vault ends with the run: --keep and --watch are for an endpoint"
	case f.profile != "" && !f.embedded:
		return "--profile is one of the embedded vault: give it with --embedded"
	case len(f.faults) > 0 && !f.embedded:
		return "--fault breaks the embedded vault: give it with --embedded; `kvconform prove --endpoint` puts faults before another"
	}
	return ""
}

// selectFailed limits a run to what failed before, where a flag asks for that.
func (f *runFlags) selectFailed(options *runner.Options) (err error) {
	switch {
	case f.failedFrom == "" && !f.lastFailed:
		return nil
	case f.failedFrom != "" && f.lastFailed:
		return &runner.Usage{Message: "--last-failed and --failed-from both say what to play: leave one out"}
	case len(f.scenarios)+len(f.rules) > 0:
		return &runner.Usage{Message: "--last-failed and --failed-from say what to play: leave --scenario and --rule out"}
	case f.lastFailed:
		options.Rules, err = f.record(options.Target).LastFailed()
	default:
		options.Rules, err = rerun.Failed(f.failedFrom)
	}
	return err
}

// record is where the failures of a target are remembered from run to run.
func (f *runFlags) record(t runner.Target) rerun.Record {
	if f.embedded {
		return rerun.RecordOf("the embedded vault")
	}
	return rerun.RecordOf(t.Endpoint)
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
		Manner: f.manner, Profile: f.profile, Faults: f.faults, OtherVersions: otherVersions(options.Target), Keys: f.keys,
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
