package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
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

// longestAgain is the longest line that stands below each failure, in bytes: reports repeat it a thousand times.
const longestAgain = 400

// repetition is how a run is repeated: a line for a shell and, if that would be too long, the file of arguments that the
// line names.
type repetition struct {
	line string
	file format
}

// of is one of the runs that a command line asks for: at one of several api-versions, or by another endpoint. The name goes
// into the names of its files.
type of struct{ name, version, endpoint string }

// again is the command line that repeats a run, for a shell: with --rule ID behind it, it plays one rule. A token is left to
// the variable TOKEN, as in the requests that reports show.
func (f *runFlags) again(command *cobra.Command, run of, positional ...string) repetition {
	start := reports.Quote(invoked()) + " " + command.Name()
	for _, argument := range positional {
		start += " " + reports.Quote(argument)
	}
	flags, token := f.repeating(command, run)
	var words, lines string
	for _, flag := range flags {
		words += " " + flag.words()
		lines += flag.line()
	}
	again := repetition{line: start + words + token}
	if len(again.line) <= longestAgain || len(flags) == 0 || strings.Count(lines, "\n") != len(flags) {
		return again
	}
	path := filepath.Join(f.reports.out, "again.args")
	if f.reports.out == "" {
		path = filepath.Join(cleanup.StateFolder(), "again-"+digest(lines)+".args") // equal lines share a file
		if _, err := outfile.Prepare(named(path, run.name)); err != nil {
			return again
		}
	}
	again.file = format{path: path, write: func(w io.Writer, _ *runner.Result) error {
		_, err := io.WriteString(w, lines)
		return err //nolint:wrapcheck // the file's name is added by whoever writes it
	}}
	again.line = start + " " + reports.Quote("@"+named(path, run.name)) + token
	return again
}

// argument is a flag of a line that repeats a run, with its value if it takes one.
type argument struct {
	name, value string
	valued      bool
}

func (a argument) words() string {
	if !a.valued {
		return a.name
	}
	return a.name + " " + reports.Quote(a.value)
}

// line is the argument as a file of arguments has it.
func (a argument) line() string {
	if !a.valued {
		return a.name + "\n"
	}
	return a.name + "=" + a.value + "\n"
}

// repeating lists the flags that repeat a run, and apart from them the one that leaves the token to the shell.
func (f *runFlags) repeating(command *cobra.Command, run of) (list []argument, token string) {
	for _, name := range repeated() {
		flag := command.Flags().Lookup(name)
		switch {
		case name == "config" && f.found:
			list = append(list, argument{"--config", target.DefaultFile, true})
		case name == "endpoint" && run.endpoint != "":
			list = append(list, argument{"--endpoint", run.endpoint, true})
		case name == "api-version" && run.version != "":
			list = append(list, argument{"--api-version", run.version, true})
		case flag == nil || !flag.Changed:
		case name == "token":
			token = ` --token "$TOKEN"` //nolint:gosec // it names a variable of the shell
		default:
			list = append(list, argumentsOf(flag)...)
		}
	}
	return list, token
}

// argumentsOf is a flag, given as often as it was.
func argumentsOf(flag *pflag.Flag) []argument {
	name := "--" + flag.Name
	if flag.Value.Type() == "bool" {
		if flag.Value.String() != "true" {
			name += "=" + flag.Value.String()
		}
		return []argument{{name: name}}
	}
	values := []string{flag.Value.String()}
	if several, ok := flag.Value.(pflag.SliceValue); ok {
		values = several.GetSlice()
	}
	list := make([]argument, len(values))
	for i, value := range values {
		list[i] = argument{name, value, true}
	}
	return list
}

// digest is a short name for a text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
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
