package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/prove"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

func newProveCommand() *cobra.Command {
	var options prove.Options
	var asJSON bool
	var oracle string
	target := &runFlags{}
	var reach reachFlags
	var sequences sequenceFlags
	command := &cobra.Command{
		Use:   "prove",
		Short: "Show that the suite fails what is wrong and passes what is right",
		Long: `prove runs the suite against the reference vault with every deliberate fault, one at a time, and checks that the rules
of the fault fail; and with every legal variant, and checks that no rule fails. It prints for each rule the faults
that it caught, for each fault the rules that failed, and each problem: a must or should that fails for no fault, a
fault that is not caught, a rule that a fault must fail and does not, an unexpected failure beside a fault, a rule
that could not be judged, a variant that breaks anything. Any of these exits 1.

Failures beside those that a fault must cause are expected if they are listed in refvault/fault/alsofails.golden. --update,
for developers of kvconform, writes that list for the faults that were tried; review its diff.

--sequences looks for faults that are wrong only after certain requests in a certain order. None names a rule: the scripts or
explore have to find it, and the shortest sequence that shows it is printed. A fault that is not found exits 1.

With --endpoint or --config the faults are put in front of that target, as a proxy in this process: the rules that pass
there must fail. Certificates are made there for every fault, and cleaned up.`,
		Example: `  kvconform prove
  kvconform prove --fault filter-ignored-on-deletion --fault x5t-in-hex
  kvconform prove --fault create-answers-200 --config kvconform.yaml`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			var err error
			if options.Oracle, err = oracleNamed(oracle); err != nil {
				return err
			}
			if sequences.hunt {
				return sequences.run(command, options.Faults, asJSON)
			}
			if reach.measure {
				return reach.run(command, options, asJSON)
			}
			if command.Flags().Changed("endpoint") || command.Flags().Changed("config") {
				target.oracle = oracle
				prepared, err := target.options(command)
				if err != nil {
					return err
				}
				options.Target = &prepared.Target
			}
			if options.Update && (options.Target != nil || options.Oracle != scenarios.Either) {
				return &runner.Usage{Message: "--update lists what fails before the reference vault, by either oracle: leave the target and --oracle out"}
			}
			return runProof(command, options, asJSON)
		},
	}
	flags := command.Flags()
	flags.StringArrayVar(&options.Faults, "fault", nil, "try only the fault of this `id`; may be given again")
	flags.StringArrayVar(&options.Variants, "variant", nil, "try only the variant of this `id`; may be given again")
	flags.BoolVar(&options.Update, "update", false, "write what fails beside the faults to "+fault.GoldenFile)
	flags.BoolVar(&asJSON, "json", false, "print the proof as JSON")
	flags.StringVar(&oracle, "oracle", "either", "which oracle judges: documented, observed or either")
	reach.add(flags)
	sequences.add(flags)
	target.addTarget(flags)
	complete(command, "fault", faultIDs)
	complete(command, "variant", variantIDs)
	complete(command, "oracle", oracles)
	complete(command, "api-version", apiVersions)
	return command
}

func runProof(command *cobra.Command, options prove.Options, asJSON bool) error {
	if options.Update {
		if _, err := os.Stat(fault.GoldenFile); err != nil {
			return fmt.Errorf("--update writes to the repository that it is run in: %w", err)
		}
	}
	if _, set := os.LookupEnv("GOGC"); !set {
		defer debug.SetGCPercent(debug.SetGCPercent(provingGC))
	}
	options.Tried = tenths(command.ErrOrStderr())
	proof, err := prove.Run(command.Context(), options)
	if err != nil {
		return err
	}
	if asJSON {
		text, err := json.MarshalIndent(proof, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the proof: %w", err)
		}
		_, _ = fmt.Fprintln(command.OutOrStdout(), string(text))
	} else if err := proof.WriteText(command.OutOrStdout()); err != nil {
		return err
	}
	if options.Update {
		falls, err := proof.AlsoFailing()
		if err != nil {
			return err
		}
		if err := updateFalls(falls); err != nil {
			return err
		}
	}
	if !proof.Holds() {
		return &exit{runner.ExitBroken}
	}
	return nil
}

// provingGC is how much the heap of a proof grows before it is collected, in percent: a proof makes and drops vaults all the time,
// and collecting as often as a program does by default costs it a sixth of its time.
const provingGC = 400

// tenths returns a function that prints a line whenever another tenth of many trials is done.
func tenths(w io.Writer) func(id string, done, of int) {
	const many, parts = 50, 10
	var mu sync.Mutex
	told := 0
	return func(_ string, done, of int) {
		mu.Lock()
		defer mu.Unlock()
		if tenth := done * parts / of; of >= many && tenth > told {
			told = tenth
			_, _ = fmt.Fprintf(w, "tried %d of %d\n", done, of)
		}
	}
}

// updateFalls writes what failed beside the faults that were tried to the golden file of the repository.
func updateFalls(tried fault.AlsoFailing) error {
	var text bytes.Buffer
	if err := fault.Updated(tried).Write(&text); err != nil {
		return err
	}
	if err := os.WriteFile(fault.GoldenFile, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing what fails beside the faults: %w", err)
	}
	return nil
}
