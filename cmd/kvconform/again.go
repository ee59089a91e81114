package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner/target"
)

// repeated lists the flags that change what a run sends or how it judges, in the order in which a line that repeats the run
// has them. Flags of reports, of printing and of selection are not among them.
func repeated() []string {
	return []string{
		"config", "embedded", "manner", "profile", "fault", "endpoint", "id-base", "ca", "insecure", "allow-http", "token",
		"token-file", "api-version", "like", "openapi", "oracle", "strict", "baseline",
	}
}

// again is the command line that repeats a run, for a shell: with --rule ID behind it, it plays one rule. A version is the
// one of several api-versions that is meant. A token is left to the variable TOKEN, as in the requests that reports show.
func (f *runFlags) again(command *cobra.Command, version string, arguments ...string) string {
	words := []string{reports.Quote(invoked()), command.Name()}
	for _, argument := range arguments {
		words = append(words, reports.Quote(argument))
	}
	for _, name := range repeated() {
		flag := command.Flags().Lookup(name)
		switch {
		case name == "config" && f.found:
			words = append(words, "--config", target.DefaultFile)
		case name == "api-version" && version != "":
			words = append(words, "--api-version", reports.Quote(version))
		case flag == nil || !flag.Changed:
		case name == "token":
			words = append(words, `--token "$TOKEN"`)
		default:
			words = append(words, flagWords(flag)...)
		}
	}
	return strings.Join(words, " ")
}

// flagWords are the words of a flag, given as often as it was.
func flagWords(flag *pflag.Flag) []string {
	name := "--" + flag.Name
	if flag.Value.Type() == "bool" {
		if flag.Value.String() != "true" {
			name += "=" + flag.Value.String()
		}
		return []string{name}
	}
	values := []string{flag.Value.String()}
	if several, ok := flag.Value.(pflag.SliceValue); ok {
		values = several.GetSlice()
	}
	var words []string
	for _, value := range values {
		words = append(words, name, reports.Quote(value))
	}
	return words
}

// invoked is the name by which a shell finds this command again.
func invoked() string {
	name := os.Args[0]
	base := strings.TrimSuffix(filepath.Base(name), ".exe")
	if base != "kvconform" || strings.Contains(name, "go-build") { // a test, or `go run`, whose file is gone by then
		return "kvconform"
	}
	return name
}
