package fault

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kvconform/kvconform/refvault/tamper"
)

//go:embed table/*.yaml
var tableFiles embed.FS

// group is some rows about responses of one kind.
type group struct {
	// On names the requests, Where the responses to them that the rows edit (see requests and conditions); an empty
	// Where is every response.
	On    texts `yaml:"on"`
	Where texts `yaml:"where,omitempty"`
	// Of is what the response is called in titles: "a bundle", "the response to a create".
	Of string `yaml:"of"`
	// In, where it is "policy", says that members are those of a policy, which is the body or a member of a bundle.
	In     string `yaml:"in,omitempty"`
	Faults []row  `yaml:"faults"`
}

// row is a fault that edits responses: a member or a header (or the whole response, where there is neither) is wrong in
// the way of an operator, or several are.
type row struct {
	ID     string   `yaml:"id"`
	Change change   `yaml:",inline"`
	Edits  []change `yaml:"edits,omitempty"`
	// Title is only given where the one of the operator does not do.
	Title  string   `yaml:"title,omitempty"`
	Breaks []string `yaml:"breaks"`
}

// change is an operator, applied to some members or to a header.
type change struct {
	Member texts  `yaml:"member,omitempty"`
	Header string `yaml:"header,omitempty"`
	Is     string `yaml:"is,omitempty"`
	// From and To are the values that the operator speaks of; As is the content type of a body.
	From string `yaml:"from,omitempty"`
	To   any    `yaml:"to,omitempty"`
	As   string `yaml:"as,omitempty"`
}

// texts are one or more texts; one may be written without the brackets of a list.
type texts []string

// UnmarshalYAML reads a text or a list of texts.
func (m *texts) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*m = texts{node.Value}
		return nil
	}
	var several []string
	if err := node.Decode(&several); err != nil {
		return fmt.Errorf("reading a list: %w", err)
	}
	*m = several
	return nil
}

// tabled are the faults of the tables, read once.
var tabled = sync.OnceValues(func() ([]Fault, error) { return readTables(tableFiles) })

// readTables reads the faults of every file, in the order of the files' names.
func readTables(files fs.FS) ([]Fault, error) {
	names, err := fs.Glob(files, "table/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the tables of faults: %w", err)
	}
	var faults []Fault
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading a table of faults: %w", err)
		}
		read, err := readTable(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		faults = append(faults, read...)
	}
	return faults, nil
}

func readTable(text []byte) ([]Fault, error) {
	var groups []group
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&groups); err != nil {
		return nil, fmt.Errorf("reading the groups: %w", err)
	}
	var faults []Fault
	for _, g := range groups {
		on, err := requestsNamed(g.On)
		if err != nil {
			return nil, err
		}
		condition, err := conditionNamed(g.Where)
		if err != nil {
			return nil, err
		}
		for _, r := range g.Faults {
			edit, err := r.edit(g.In)
			if err != nil {
				return nil, fmt.Errorf("the fault %s: %w", r.ID, err)
			}
			f := edits(r.ID, r.title(g), on, tamper.Where(condition, edit), r.Breaks...)
			f.Members = r.members()
			faults = append(faults, f)
		}
	}
	return faults, nil
}

// edit makes the edit of a row; in says what the members are in.
func (r row) edit(in string) (tamper.Edit, error) {
	changes := r.Edits
	switch {
	case r.Change.Is != "" && len(changes) > 0:
		return nil, errors.New(`it has both "is" and "edits"`)
	case r.Change.Is != "":
		changes = []change{r.Change}
	case r.Title == "":
		return nil, errors.New("several edits need a title")
	}
	build := func(prefix string) (tamper.Edit, error) {
		var list []tamper.Edit
		for _, c := range changes {
			edit, err := c.edit(prefix)
			if err != nil {
				return nil, err
			}
			list = append(list, edit)
		}
		return tamper.All(list...), nil
	}
	switch in {
	case "":
		return build("")
	case "policy":
		alone, err := build("")
		if err != nil {
			return nil, err
		}
		inBundle, err := build("policy.")
		if err != nil {
			return nil, err
		}
		policy := tamper.Policy()
		return func(a *tamper.Response) {
			if policy(a.Request) {
				alone(a)
			} else {
				inBundle(a)
			}
		}, nil
	}
	return nil, fmt.Errorf(`members are in %q, want "policy" or nothing`, in)
}

// members are the paths of the members that a row makes wrong, none where it makes something else wrong as well.
func (r row) members() []string {
	if len(r.Edits) == 0 {
		return r.Change.Member
	}
	var all []string
	for _, c := range r.Edits {
		if len(c.Member) == 0 {
			return nil
		}
		all = append(all, c.Member...)
	}
	return all
}

// title is the row's own, or that of its operator.
func (r row) title(g group) string {
	if r.Title != "" {
		return r.Title
	}
	subject := g.Of
	if r.Change.Header != "" {
		subject = "the " + r.Change.Header + " of " + g.Of
	}
	for i := len(r.Change.Member) - 1; i >= 0; i-- {
		joint := " of "
		if i < len(r.Change.Member)-1 {
			joint = " and "
			subject = strings.TrimPrefix(subject, "the ")
		}
		subject = "the " + r.Change.Member[i] + joint + subject
	}
	return r.Change.sentence(subject, g.Where)
}
