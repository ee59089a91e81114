package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/prove"
	"github.com/kvconform/kvconform/runner"
)

// sequenceFlags are the flags of `kvconform prove --sequences`.
type sequenceFlags struct {
	hunt         bool
	seeds, steps int
}

func (f *sequenceFlags) add(flags *pflag.FlagSet) {
	hunt := prove.DefaultHunt()
	flags.BoolVar(&f.hunt, "sequences", false, "look for the faults that only a sequence of requests shows, with the scripts and by exploring")
	flags.IntVar(&f.seeds, "seeds", hunt.Seeds, "with --sequences: explore with this many seeds at most for each fault")
	flags.IntVar(&f.steps, "steps", hunt.Steps, "with --sequences: send about this many requests with each seed")
}

// run looks for the faults. One that is not found exits 1.
func (f *sequenceFlags) run(command *cobra.Command, faults []string, asJSON bool) error {
	if f.seeds < 0 || f.steps < 1 {
		return &runner.Usage{Message: "--seeds is not negative, and --steps is at least 1"}
	}
	sightings, err := prove.Hunt(command.Context(), prove.HuntOptions{Faults: faults, Seeds: f.seeds, Steps: f.steps, Scripts: true})
	if err != nil {
		return err
	}
	if err := writeSightings(command.OutOrStdout(), sightings, asJSON); err != nil {
		return err
	}
	for _, s := range sightings {
		if !s.Found() {
			return &exit{runner.ExitBroken}
		}
	}
	return nil
}

func writeSightings(w io.Writer, sightings []prove.Sighting, asJSON bool) error {
	if !asJSON {
		return prove.WriteSightings(w, sightings)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(sightings); err != nil {
		return fmt.Errorf("writing how the faults were found: %w", err)
	}
	return nil
}
