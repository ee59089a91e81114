package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
)

func newCheckConfigCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check-config [FILE]",
		Short: "Check a target file and print what would run and what would not; send nothing",
		Long: `check-config reads a target file (` + target.DefaultFile + ` where none is named) and all that it refers to, environment
variables, certificates and commands included, and prints what a run would do. It sends nothing and shows no secret.`,
		Example: `  kvconform check-config
  kvconform check-config targets/staging.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			path := target.DefaultFile
			if len(arguments) > 0 {
				path = arguments[0]
			}
			target, err := runner.LoadTarget(path)
			if err != nil {
				return err
			}
			plan, err := runner.Inspect(runner.Options{Target: target})
			if err != nil {
				return err
			}
			return printPlan(command.OutOrStdout(), path, plan)
		},
	}
}

func printPlan(w io.Writer, path string, plan *runner.Plan) error {
	text := &strings.Builder{}
	fmt.Fprintf(text, "%s is valid (no request was sent)\n\n", path)
	for _, line := range plan.Target.Describe() {
		fmt.Fprintf(text, "%-12s %s\n", line[0], line[1])
	}
	for _, line := range plan.Target.Showable() {
		fmt.Fprintf(text, "%-12s %s\n", "warning", line)
	}
	for _, run := range plan.Runs {
		fmt.Fprintf(text, "\nat api-version %s\n", run.APIVersion)
		fmt.Fprintf(text, "  would run    %s, %s (%d must, %d should, %d may)\n", plural(len(run.Plays), "play"), plural(run.Judged(), "rule"),
			run.Rules[scenarios.Must], run.Rules[scenarios.Should], run.Rules[scenarios.May])
		writeCounts(text, "not claimed", run.NotClaimed)
		writeCounts(text, "not reached", run.NotReached)
		writeAdvice(text, plan.Target, run)
		if run.Later > 0 {
			fmt.Fprintf(text, "  left out     %s of a later api-version\n", plural(run.Later, "rule"))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// writeAdvice says what the settings that are left out cost, and what the run does about them itself.
func writeAdvice(w io.Writer, t runner.Target, run runner.PlannedRun) {
	total := func(counts []runner.PlannedCount) (sum int) {
		for _, count := range counts {
			sum += count.Rules
		}
		return sum
	}
	advise := func(format string, args ...any) {
		_, _ = fmt.Fprintf(w, "  %-12s %s\n", "advice", fmt.Sprintf(format, args...))
	}
	if _, named := t.Issuers[target.StaysInProgress]; !named && !slices.Contains(t.Without, "issuers") {
		advise("the run sets up an issuer that keeps its requests in progress, and deletes it; issuers.%s names one to use instead", target.StaysInProgress)
	}
	if cost := total(run.NotReached); cost > 0 {
		advise("name the issuers above in the file to judge up to %s", plural(cost, "more rule"))
	}
	offByDefault := func(count runner.PlannedCount) bool {
		return count.Of == "contacts" && !t.Contacts || count.Of == "companions" && !t.Companions
	}
	for _, count := range run.NotClaimed {
		switch {
		case !offByDefault(count):
		case count.Of == "contacts":
			advise("contacts: true permits the run to set the vault's contacts and to restore them, and judges %s", plural(count.Rules, "more rule"))
		default:
			advise("companions: true lets the run read the key and the secret of its certificates, and judges %s", plural(count.Rules, "more rule"))
		}
	}
	if cost := total(slices.DeleteFunc(slices.Clone(run.NotClaimed), offByDefault)); cost > 0 {
		advise("`without` leaves out %s; remove a feature from it to judge its rules", plural(cost, "rule"))
	}
}

func writeCounts(w io.Writer, what string, counts []runner.PlannedCount) {
	for _, count := range counts {
		_, _ = fmt.Fprintf(w, "  %-12s %s: %s\n", what, plural(count.Rules, "rule"), count.Of)
	}
}

func plural(count int, what string) string {
	if count == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", count, what)
}
