package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// flagGroups lists the groups of flags in the order in which help shows them, and groupOf says which one a flag is in.
func flagGroups() []string {
	return []string{"Target", "What to run", "Judging", "Reports", "Other"}
}

func groupOf(flag string) string {
	switch flag {
	case "config", "endpoint", "id-base", "ca", "insecure", "allow-http", "token", "token-file", "api-version", "like",
		"embedded", "manner", "profile", "fault", "ledger", "keep", "direct", "via":
		return "Target"
	case "scenario", "rule", "last-failed", "failed-from", "compare", "watch", "prefix":
		return "What to run"
	case "oracle", "strict", "min-judged", "baseline", "from", "fail-on", "openapi":
		return "Judging"
	case "out", "junit", "json", "html", "markdown", "badge", "transcript", "quiet", "verbose", "max-causes":
		return "Reports"
	default:
		return "Other"
	}
}

// groupedFrom is the number of flags from which help shows them in groups.
const groupedFrom = 10

// usageOf prints how a command is used, with its flags in groups if there are many of them.
func usageOf(plain func(*cobra.Command) error) func(*cobra.Command) error {
	return func(command *cobra.Command) error {
		count := 0
		command.LocalFlags().VisitAll(func(*pflag.Flag) { count++ })
		if count < groupedFrom {
			return plain(command)
		}
		var text strings.Builder
		fmt.Fprintf(&text, "Usage:\n  %s\n", command.UseLine())
		if command.HasExample() {
			fmt.Fprintf(&text, "\nExamples:\n%s\n", command.Example)
		}
		for _, name := range flagGroups() {
			group := pflag.NewFlagSet(name, pflag.ContinueOnError)
			command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
				if groupOf(flag.Name) == name {
					group.AddFlag(flag)
				}
			})
			if group.HasFlags() {
				fmt.Fprintf(&text, "\n%s:\n%s", name, group.FlagUsagesWrapped(columns()))
			}
		}
		_, err := fmt.Fprint(command.OutOrStdout(), text.String())
		return err
	}
}

// columns is the width that help is wrapped at.
func columns() int {
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		return max(width, 60)
	}
	return 120
}

// group puts commands under a heading of the help of kvconform itself.
func group(root *cobra.Command, id, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title})
	for _, command := range commands {
		command.GroupID = id
	}
	root.AddCommand(commands...)
}
