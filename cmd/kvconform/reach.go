package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/prove"
	"github.com/kvconform/kvconform/runner"
)

// reachFlags are those of `kvconform prove --reach`.
type reachFlags struct {
	measure          bool
	together, rounds int
	seed             uint64
}

func (f *reachFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.measure, "reach", false, "measure how many rules each fault keeps from being judged, and how many faults are found")
	flags.IntVar(&f.together, "together", 1, "with --reach, how many `faults` stand in the vault at once")
	flags.IntVar(&f.rounds, "rounds", 0, "with --reach, how many `groups` of faults are tried; 0 plants each fault once")
	flags.Uint64Var(&f.seed, "seed", 1, "with --reach and --together, the `number` that picks the groups")
}

// run measures, and does not judge: its exit code is 0.
func (f *reachFlags) run(command *cobra.Command, options prove.Options, asJSON bool) error {
	for _, other := range []string{"variant", "update", "endpoint", "config"} {
		if command.Flags().Changed(other) {
			return &runner.Usage{Message: fmt.Sprintf("--reach measures faults of the reference vault: leave --%s out", other)}
		}
	}
	if f.together < 1 || f.rounds < 0 {
		return &runner.Usage{Message: "--together is at least 1, and --rounds at least 0"}
	}
	reach, err := prove.MeasureReach(command.Context(), prove.ReachOptions{
		Faults: options.Faults, Together: f.together, Rounds: f.rounds, Seed: f.seed, Oracle: options.Oracle, Tried: options.Tried,
	})
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(command.OutOrStdout(), reach)
	}
	return reach.WriteText(command.OutOrStdout())
}
