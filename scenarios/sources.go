package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// documentation is where the pages of the vendor's documentation are read.
const documentation = "https://learn.microsoft.com/azure/key-vault/"

// sourcesFile holds every source that the catalogue cites.
const sourcesFile = "sources.yaml"

// scenariosPage is the document whose sections the scenarios with an anchor are.
const scenariosPage = "create-certificate-scenarios"

// Source says where a rule comes from; one of Document, Specification, Recording, Issue and Reasoning is set.
type Source struct {
	// Key is the source's name in sources.yaml; a reasoning belongs to its rule and has none.
	Key           string `yaml:"-"`
	Document      string `yaml:"document,omitempty"`
	Specification string `yaml:"specification,omitempty"`
	Recording     string `yaml:"recording,omitempty"`
	Issue         string `yaml:"issue,omitempty"`
	Reasoning     string `yaml:"reasoning,omitempty"`
	Section       string `yaml:"section,omitempty"`
	Revision      string `yaml:"-"` // of the document
	APIVersion    string `yaml:"apiVersion,omitempty"`

	page string // the path of the document's page
}

// UnmarshalYAML reads a source from its members, or the key by which a rule cites it.
func (s *Source) UnmarshalYAML(decode func(any) error) error {
	if err := decode(&s.Key); err == nil {
		return nil
	}
	type members Source
	return decode((*members)(s))
}

// sourceTable is sources.yaml: the pages of the documentation and the sources, both by name.
type sourceTable struct {
	Documents map[string]document `yaml:"documents"`
	Sources   map[string]Source   `yaml:"sources"`
}

// document is a page of the documentation.
type document struct {
	Path string `yaml:"path"`
	// Revision is the date of the page that the rules follow.
	Revision string `yaml:"revision"`
}

func readSources(files fs.FS, name string) (*sourceTable, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var table sourceTable
	if err := strictly(text).Decode(&table); err != nil {
		return nil, err
	}
	for key, source := range table.Sources {
		page, known := table.Documents[source.Document]
		switch {
		case source.Text() == "":
			return nil, fmt.Errorf("the source %q names nothing", key)
		case source.Reasoning != "":
			return nil, fmt.Errorf("the source %q is a reasoning, which belongs to its rule", key)
		case source.Document != "" && !known:
			return nil, fmt.Errorf("the source %q names the document %q, which has no path", key, source.Document)
		}
		source.Key, source.page, source.Revision = key, page.Path, page.Revision
		table.Sources[key] = source
	}
	return &table, nil
}

// resolve replaces each source that a rule cites by its key with the source itself.
func (t *sourceTable) resolve(rule *Rule) error {
	for i, cited := range rule.Sources {
		source, known := t.Sources[cited.Key]
		switch {
		case cited.Reasoning != "":
			continue
		case cited.Text() != "":
			return fmt.Errorf("its source %s belongs in sources.yaml, under a key", cited.Text())
		case cited.Key == "":
			return errors.New("a source of it names nothing")
		case !known:
			return fmt.Errorf("its source %q is not in sources.yaml", cited.Key)
		}
		rule.Sources[i] = source
	}
	return nil
}

// URL is where the source can be read; "" where it has no address of its own.
func (s Source) URL() string {
	if s.page != "" {
		return documentation + s.page
	}
	if repository, number, ok := strings.Cut(s.Issue, "#"); ok {
		return "https://github.com/" + repository + "/issues/" + number
	}
	return ""
}

// Text is the source in one line.
func (s Source) Text() string {
	var text string
	switch {
	case s.Document != "":
		text = s.Document
	case s.Specification != "":
		text = "REST specification, " + s.Specification
	case s.Recording != "":
		text = "recording " + s.Recording
	case s.Issue != "":
		text = "issue " + s.Issue
	case s.Reasoning != "":
		return "follows: " + s.Reasoning
	default:
		return ""
	}
	if s.Section != "" {
		text += `, "` + s.Section + `"`
	}
	if s.Revision != "" {
		text += " (" + s.Revision + ")"
	}
	if s.APIVersion != "" {
		text += " (api-version " + s.APIVersion + ")"
	}
	return text
}

// Side is the side that a source speaks for: Documented for a document and the specification, Observed for a recording
// and an issue, Inferred for a reasoning.
func (s Source) Side() Oracle {
	switch {
	case s.Document != "", s.Specification != "":
		return Documented
	case s.Recording != "", s.Issue != "":
		return Observed
	default:
		return Inferred
	}
}

// Sides are the sides that the rule has a source for; Inferred alone if it has neither a document nor an observation.
func (r *Rule) Sides() []Oracle {
	var sides []Oracle
	for _, side := range []Oracle{Documented, Observed} {
		if slices.ContainsFunc(r.Sources, func(s Source) bool { return s.Side() == side }) {
			sides = append(sides, side)
		}
	}
	if len(sides) == 0 {
		return []Oracle{Inferred}
	}
	return sides
}

// PageURL is where the scenario's section of the documentation can be read.
func (s *Scenario) PageURL() string {
	for _, rule := range s.Rules {
		for _, source := range rule.Sources {
			switch {
			case source.page == "":
			case s.Anchor == "":
				return documentation + source.page
			case source.Document == scenariosPage:
				return documentation + source.page + "#" + s.Anchor
			}
		}
	}
	return documentation
}
