package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

func newSweepCommand() *cobra.Command {
	f := &runFlags{}
	var named []string
	var prefix string
	var yes, purge, recent bool
	var forget time.Duration
	command := &cobra.Command{
		Use:   "sweep",
		Short: "Delete what killed runs left behind in a vault",
		Long: `sweep looks for what runs left behind, shows it, and deletes it: with --yes, or when a terminal says so. Without
either it only shows. It takes names from the ledgers of runs (--ledger; without it from all in the user's state folder)
or looks through the vault for names with a prefix (--prefix), and then touches only those that have the form of a
run's names. Runs under way are left alone: those whose ledgers this machine has, and with --prefix every run that made
something in the last 10 minutes, unless --recent is given. It purges where the target file says cleanup: purge, or with --purge.
A secret or a key that belongs to no certificate is found by its ledger only.
Ledgers of other vaults are counted and kept; --forget drops the old ones of vaults that are gone for good.

It exits with 0 if nothing is left or nothing was to be deleted, and with 3 if something could not be removed.`,
		Example: `  kvconform sweep --config kvconform.yaml
  kvconform sweep --prefix kvconform --config kvconform.yaml --yes
  kvconform sweep --config kvconform.yaml --forget 720h --yes`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			vault, err := f.target(command)
			if err != nil {
				return err
			}
			if purge {
				vault.Cleanup = target.Purge
			}
			return sweep(command, cleanup.SweepOptions{Target: vault, Ledgers: named, Prefix: prefix, Recent: recent, Forget: forget}, yes)
		},
	}
	flags := command.Flags()
	f.addTarget(flags)
	complete(command, "api-version", apiVersions)
	flags.StringArrayVar(&named, "ledger", nil, "sweep what this `file` names; may be given again")
	flags.StringVar(&prefix, "prefix", "", "sweep what runs with this `prefix` of names made")
	flags.BoolVar(&purge, "purge", false, "purge what is deleted")
	flags.BoolVar(&recent, "recent", false, "with --prefix, also delete what a run made in the last 10 minutes")
	flags.DurationVar(&forget, "forget", 0, "drop ledgers of other vaults that no run has written to for this `time`, such as 720h")
	flags.BoolVar(&yes, "yes", false, "delete without asking")
	return command
}

func sweep(command *cobra.Command, options cleanup.SweepOptions, yes bool) error {
	found, err := cleanup.Find(command.Context(), options)
	if err != nil {
		return err
	}
	out := command.OutOrStdout()
	show(out, found)
	forgotten := found.Forgotten()
	if len(found.Leftovers)+len(forgotten) > 0 && !yes && !confirmed(command) {
		_, _ = fmt.Fprintln(out, "nothing was deleted; --yes deletes it")
		return nil
	}
	removals, err := found.Remove(command.Context())
	if err != nil {
		return err
	}
	left := 0
	for _, removal := range removals {
		switch removal.Fate {
		case cleanup.Gone:
		case cleanup.Unpurged:
			_, _ = fmt.Fprintf(out, "deleted, and kept by the vault: %s\n", reports.Visible(removal.String()))
		default:
			left++
			_, _ = fmt.Fprintf(out, "left: %s\n", reports.Visible(removal.String()))
		}
	}
	if len(removals) > 0 {
		_, _ = fmt.Fprintf(out, "%d removed, %d left\n", len(removals)-left, left)
	}
	if len(forgotten) > 0 && left == 0 {
		_, _ = fmt.Fprintf(out, "%s dropped\n", ledgers(len(forgotten)))
	}
	if left > 0 {
		return &exit{runner.ExitIncomplete}
	}
	return nil
}

func show(w io.Writer, found *cleanup.Sweep) {
	for _, skipped := range found.Skipped {
		_, _ = fmt.Fprintf(w, "skipped: %s\n", reports.Visible(skipped))
	}
	for _, name := range found.Spared {
		_, _ = fmt.Fprintf(w, "spared, as it is no name of a run: %s\n", reports.Visible(name))
	}
	if len(found.Leftovers) == 0 {
		_, _ = fmt.Fprintln(w, "nothing is left to remove")
	} else {
		_, _ = fmt.Fprintf(w, "to remove from %s:\n", found.Endpoint)
	}
	for _, leftover := range found.Leftovers {
		what := ""
		if leftover.Deleted {
			what = " (deleted, to be purged)"
		}
		_, _ = fmt.Fprintf(w, "  %s %s%s\n", leftover.Kind, reports.Visible(leftover.Name), what)
	}
	showElsewhere(w, found)
}

// showElsewhere counts the ledgers of other vaults.
func showElsewhere(w io.Writer, found *cleanup.Sweep) {
	if len(found.Elsewhere) == 0 {
		return
	}
	var endpoints []string
	for _, other := range found.Elsewhere {
		endpoints = append(endpoints, reports.Visible(other.Endpoint))
	}
	slices.Sort(endpoints)
	endpoints = slices.Compact(endpoints)
	named := endpoints[0]
	if more := len(endpoints) - 1; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	_, _ = fmt.Fprintf(w, "%s of other vaults (%s): sweep one with --endpoint, or drop old ones with --forget\n", ledgers(len(found.Elsewhere)), named)
	if old := len(found.Forgotten()); old > 0 {
		_, _ = fmt.Fprintf(w, "%s to drop\n", ledgers(old))
	}
}

func ledgers(n int) string {
	if n == 1 {
		return "1 ledger"
	}
	return fmt.Sprintf("%d ledgers", n)
}

// confirmed asks at a terminal; without one nobody has agreed.
func confirmed(command *cobra.Command) bool {
	in, ok := command.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return false
	}
	_, _ = fmt.Fprint(command.OutOrStdout(), "delete them? [y/N] ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "y")
}
