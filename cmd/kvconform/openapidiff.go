package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/prove"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

// openAPIDiff is a comparison of two documents, as it is written to JSON.
type openAPIDiff struct {
	Format      string           `json:"format"`
	Old         documentView     `json:"old"`
	New         documentView     `json:"new"`
	Differences []differenceView `json:"differences"`
	// Rules are those that begin or cease to hold between two api-versions.
	Rules []string `json:"rules"`
}

type documentView struct {
	Name    string   `json:"name"` // the api-version, or the file
	Title   string   `json:"title,omitempty"`
	Version string   `json:"version,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

type differenceView struct {
	schemas.Difference
	// Rules are those that are about the thing that differs.
	Rules []string `json:"rules"`
}

const openAPIDiffFormat = "kvconform.openapi-diff/1"

func newOpenAPIDiffCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "openapi-diff A B",
		Short: "Compare the API of two api-versions or OpenAPI documents",
		Long: `openapi-diff lists what was added, removed or changed in the certificates API from A to B: operations, parameters, statuses,
headers, and members with their place. Each is an api-version that kvconform knows, or a file: an OpenAPI 3 document or one
of Swagger 2, as JSON or YAML, or - for the standard input. It also lists the rules that each difference touches, and those
that hold at only one of two api-versions.

No other file is read and nothing is fetched: a document in several files has to be bundled first.

Exit codes: 0 no difference, 1 differences, 2 wrong usage or a document that cannot be read.`,
		Example: `  kvconform openapi-diff 7.4 2025-07-01
  kvconform openapi-diff 2025-07-01 published.json --json`,
		Args: cobra.ExactArgs(2),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return knownVersions(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			diff, err := compareDocuments(arguments[0], arguments[1], command.InOrStdin())
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(command.OutOrStdout(), diff)
			} else {
				err = diff.write(command.OutOrStdout())
			}
			if err == nil && len(diff.Differences) > 0 {
				return &exit{runner.ExitBroken}
			}
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "for machines: everything, as JSON")
	return command
}

// compareDocuments compares what two arguments name.
func compareDocuments(before, after string, stdin io.Reader) (*openAPIDiff, error) {
	if before == after && before == stdoutPath {
		return nil, &runner.Usage{Message: "- is the standard input, which has one document: name a file for the other"}
	}
	old, err := documentNamed(before, stdin)
	if err != nil {
		return nil, err
	}
	now, err := documentNamed(after, stdin)
	if err != nil {
		return nil, err
	}
	differences, err := schemas.Differences(old, now)
	if err != nil {
		return nil, err
	}
	touched, err := prove.NewTouched()
	if err != nil {
		return nil, err
	}
	diff := &openAPIDiff{
		Format: openAPIDiffFormat, Old: viewOfDocument(before, old), New: viewOfDocument(after, now),
		Differences: []differenceView{}, Rules: []string{},
	}
	for _, difference := range differences {
		diff.Differences = append(diff.Differences, differenceView{difference, append([]string{}, touched.Rules(difference)...)})
	}
	if schemas.Known(before) && schemas.Known(after) {
		diff.Rules = append(diff.Rules, touched.Between(before, after)...)
	}
	return diff, nil
}

func viewOfDocument(name string, given *schemas.Given) documentView {
	return documentView{Name: name, Title: given.Title, Version: given.Version, Notes: given.Notes}
}

// documentNamed makes the document of an api-version, or reads that of a file.
func documentNamed(name string, stdin io.Reader) (*schemas.Given, error) {
	if schemas.Known(name) {
		document, err := schemas.LoadVersion(name)
		if err != nil {
			return nil, err
		}
		return document.Given(), nil
	}
	if _, err := os.Stat(name); err != nil && name != stdoutPath && !strings.ContainsAny(name, "/\\") && !strings.Contains(name, ".json") && !strings.Contains(name, ".y") {
		return nil, &runner.Usage{Message: fmt.Sprintf("%s is neither a file nor an api-version; the api-versions are %s", name, strings.Join(knownVersions(), ", "))}
	}
	return readOpenAPI(name, stdin)
}

// readOpenAPI reads the OpenAPI document of a file; what is wrong with it is wrong usage, in one line.
func readOpenAPI(path string, stdin io.Reader) (*schemas.Given, error) {
	var text []byte
	var err error
	name := path
	if path == stdoutPath {
		name = "the standard input"
		text, err = io.ReadAll(io.LimitReader(stdin, schemas.MaxGiven+1))
	} else {
		text, err = input.ReadFile(path, schemas.MaxGiven)
	}
	if err != nil {
		return nil, &runner.Usage{Message: fmt.Sprintf("%s cannot be read: %v", name, err)}
	}
	given, err := schemas.ReadGiven(text)
	if err == nil {
		err = given.HasCertificates()
	}
	if err != nil {
		return nil, &runner.Usage{Message: fmt.Sprintf("%s %v", name, err)}
	}
	return given, nil
}

// write prints the comparison for people.
func (d *openAPIDiff) write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "old  %s\nnew  %s\n\n", d.Old.label(), d.New.label())
	for _, document := range []documentView{d.Old, d.New} {
		for _, note := range document.Notes {
			fmt.Fprintf(&text, "note: %s: %s\n", document.Name, note)
		}
	}
	for _, difference := range d.Differences {
		fmt.Fprintf(&text, "%-8s %s %s%s\n", difference.Change, difference.What, difference.Name, difference.says())
		if len(difference.In) > 0 {
			fmt.Fprintf(&text, "         in %s\n", strings.Join(difference.In, ", "))
		}
		if len(difference.Rules) > 0 {
			fmt.Fprintf(&text, "         touches %s: %s\n", plural(len(difference.Rules), "rule"), few(difference.Rules))
		}
	}
	if len(d.Rules) > 0 {
		fmt.Fprintf(&text, "\n%s at only one of the two: %s\n", plural(len(d.Rules), "rule"), strings.Join(d.Rules, ", "))
	}
	if len(d.Differences) > 0 {
		fmt.Fprintf(&text, "\n%s\n", plural(len(d.Differences), "difference"))
	} else {
		text.WriteString("no difference\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (v documentView) label() string {
	if v.Version == v.Name || v.Title == "" {
		return "api-version " + v.Name
	}
	return fmt.Sprintf("%s (%s %s)", v.Name, v.Title, v.Version)
}

func (d differenceView) says() string {
	switch {
	case d.What == "operation" || d.Old == "" && d.New == "":
		return ""
	case d.Old == "":
		return ": " + d.New
	case d.New == "":
		return ": " + d.Old
	}
	return ": " + d.Old + " -> " + d.New
}

// few lists the first of many; --json has them all.
func few(rules []string) string {
	const most = 8
	if len(rules) <= most {
		return strings.Join(rules, ", ")
	}
	return strings.Join(rules[:most], ", ") + fmt.Sprintf(" and %d more", len(rules)-most)
}
