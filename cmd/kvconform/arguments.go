package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/runner"
)

// longestArguments bounds a file of arguments, in bytes.
const longestArguments = 1 << 20

// expanded puts the arguments in a file in the place of an argument @FILE, as pytest and compilers do. The value of a flag
// stays as it is, and so does everything behind --.
func expanded(root *cobra.Command, arguments []string) ([]string, error) {
	command, _, err := root.Find(arguments)
	if err != nil {
		command = root // which rejects the line
	}
	var all []string
	for i, argument := range arguments {
		if argument == "--" {
			return append(all, arguments[i:]...), nil
		}
		if len(argument) < 2 || argument[0] != '@' || i > 0 && takesValue(command, arguments[i-1]) {
			all = append(all, argument)
			continue
		}
		read, err := argumentsIn(argument[1:])
		if err != nil {
			return nil, err
		}
		all = append(all, read...)
	}
	return all, nil
}

// takesValue reports whether the argument after a flag is its value.
func takesValue(command *cobra.Command, argument string) bool {
	name, long := strings.CutPrefix(argument, "--")
	if !long {
		return false // the flags of one letter are switches
	}
	flag := command.Flags().Lookup(name)
	return flag != nil && flag.NoOptDefVal == ""
}

// argumentsIn reads a file of arguments: one a line, without quotes. Empty lines and lines that begin with # are left out.
func argumentsIn(path string) ([]string, error) {
	text, err := input.ReadFile(path, longestArguments)
	if err != nil {
		return nil, &runner.Usage{Message: "the arguments in " + path + " cannot be read: " + err.Error()}
	}
	var all []string
	for line := range strings.Lines(string(input.WithoutMark(text))) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all, nil
}
