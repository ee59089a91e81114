package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

// openAPIFlags say which OpenAPI document is printed, and how.
type openAPIFlags struct {
	version, out string
	json, yaml   bool
}

func newOpenAPICommand() *cobra.Command {
	f := &openAPIFlags{}
	command := &cobra.Command{
		Use:   "openapi",
		Short: "Print the OpenAPI document of an api-version",
		Long: `openapi prints the OpenAPI 3 document of the certificates API at one api-version: its operations, parameters and members,
and nothing newer. It has the same source as the JSON Schemas that a run judges with.

The API has 27 operations. Two of them, GetCertificate and UpdateCertificate, have an optional version in their path, which
OpenAPI cannot express; the document has a second path for each, and x-operation names the operation.`,
		Example: `  kvconform openapi --api-version 7.4 --out openapi.json
  kvconform openapi --yaml | less`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			text, err := f.text()
			if err != nil {
				return err
			}
			return writeFile(command, f.out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.version, "api-version", string(schemas.Default()), "print the document of this api-`version`")
	flags.BoolVar(&f.json, "json", false, "print JSON, which is the default")
	flags.BoolVar(&f.yaml, "yaml", false, "print YAML")
	flags.StringVar(&f.out, "out", stdoutPath, "write it to this `file`; - is the standard output")
	command.MarkFlagsMutuallyExclusive("json", "yaml")
	complete(command, "api-version", knownVersions)
	return command
}

func (f *openAPIFlags) text() ([]byte, error) {
	document, err := loadVersion(f.version)
	if err != nil {
		return nil, err
	}
	if f.yaml {
		return document.YAML()
	}
	return document.JSON()
}

// addDocument adds the flag of the user's OpenAPI document.
func (f *runFlags) addDocument(flags *pflag.FlagSet) {
	flags.StringVar(&f.openAPI, "openapi", "",
		"compare responses with the OpenAPI document in this `file` (3, or Swagger 2) instead of kvconform's own")
}

// document reads the document that the flag names, nil if it names none.
func (f *runFlags) document(command *cobra.Command) (*schemas.Given, error) {
	if f.openAPI == "" {
		return nil, nil
	}
	return readOpenAPI(f.openAPI, command.InOrStdin())
}

// loadVersion makes the document of an api-version; an unknown one is wrong usage.
func loadVersion(version string) (*schemas.VersionDocument, error) {
	if !schemas.Known(version) {
		return nil, unknownVersion(version)
	}
	return schemas.LoadVersion(version)
}

func unknownVersion(version string) error {
	return &runner.Usage{Message: fmt.Sprintf("the api-version %q is unknown; it is one of %s", version, strings.Join(knownVersions(), ", "))}
}

// knownVersions are the api-versions, oldest first.
func knownVersions() (ids []string) {
	for _, version := range schemas.Versions() {
		ids = append(ids, string(version))
	}
	return ids
}
