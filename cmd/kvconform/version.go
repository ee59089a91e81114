package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/scenarios"
)

// build is what is known of a build of kvconform.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"` // with -dirty behind it if the folder had other changes
	Date    string `json:"date,omitempty"`   // of the commit
	Go      string `json:"go,omitempty"`
	RuleSet string `json:"ruleSet"` // the digest of all rules
	Rules   int    `json:"rules"`
}

// version is the module's version, or the commit that was built.
func version() string { return builtFrom(debug.ReadBuildInfo()).Version }

// commit is the commit that was built, "" if the build does not say.
func commit() string { return builtFrom(debug.ReadBuildInfo()).Commit }

// builtFrom reads what the Go tool writes into a binary. It needs no flags of a linker, so that `go install`, `make build`
// and a release say the same.
func builtFrom(info *debug.BuildInfo, ok bool) build {
	if !ok {
		return build{Version: "unknown"}
	}
	b := build{Version: "devel", Go: info.GoVersion}
	dirty := ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.time":
			b.Date = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				dirty = "-dirty"
			}
		}
	}
	switch v := info.Main.Version; {
	case v != "" && v != "(devel)":
		b.Version = v
	case len(b.Commit) >= 12:
		b.Version = "devel-" + b.Commit[:12]
	}
	if b.Commit != "" {
		b.Commit += dirty
	}
	return b
}

func newVersionCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit, its date, the Go version and the digest of the rules",
		Long: `version prints from which commit this kvconform was built, and the digest of its rules. Two builds with the same digest
judge by the same rules; ` + "`kvconform list --digest --api-version V`" + ` prints the digest at one api-version, which reports name.`,
		Example: `  kvconform version
  kvconform version --json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			catalogue, err := scenarios.Load()
			if err != nil {
				return err
			}
			set, err := ruleset.At(catalogue, "")
			if err != nil {
				return err
			}
			b := builtFrom(debug.ReadBuildInfo())
			b.RuleSet, b.Rules = set.Digest, len(set.Rules)
			if asJSON {
				return writeJSON(command.OutOrStdout(), b)
			}
			return b.write(command.OutOrStdout())
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "for machines: as JSON")
	return command
}

func (b build) write(w io.Writer) error {
	var text strings.Builder
	for _, line := range [][2]string{
		{"kvconform", b.Version}, {"commit", b.Commit}, {"date", b.Date}, {"go", b.Go},
		{"rules", fmt.Sprintf("%d, %s", b.Rules, b.RuleSet)},
	} {
		value := line[1]
		if value == "" {
			value = "unknown"
		}
		fmt.Fprintf(&text, "%-10s %s\n", line[0], value)
	}
	_, err := io.WriteString(w, text.String())
	return err
}
