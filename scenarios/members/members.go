// Package members holds the table of what a client can send: each member of each request model, with a value that is not
// its default and the places where that value must show again. The table is data: the files of the folder table, one for
// each request. Three things read it, and none of them knows a member by itself:
//
//   - the scripts build their requests from it,
//   - the catalogue takes a rule from each place, so that a rule's id stands once, in the table, beside its level and sources,
//   - the reference vault takes faults from it: the member is lost, it has another value, a request with it is rejected.
//
// A member that a later api-version adds is one row. A test compares the table with the JSON Schemas of the requests: a
// member that a client can set has a row, or stands under "not sent" with the reason.
package members

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed table/*.yaml
var files embed.FS

// The places where a value shows again. Accepted is none: a rule there wants the request itself to be accepted.
const (
	AtAccepted    = "accepted"
	AtOperation   = "operation"
	AtPolicy      = "policy"
	AtCSR         = "csr"
	AtCertificate = "certificate"
	AtBundle      = "bundle"
	AtResponse    = "response" // the object that the request is about: an issuer, the contacts
	AtRejected    = "rejected" // none either: a request with an illegal value has to be rejected
	AtCode        = "code"     // the error code of that rejection
)

// Request is a request model with its members.
type Request struct {
	// File is the name of the table's file.
	File string `yaml:"-"`
	// Schema names the JSON Schema of the body.
	Schema string `yaml:"request"`
	// Operation is the operation that carries the members.
	Operation string `yaml:"operation"`
	// Play names the script that sends them, empty where the rules of others do.
	Play string `yaml:"play"`
	// Feature is that of the rules, unless a member has its own.
	Feature string `yaml:"feature"`
	// Statements are the sentences of the rules by place; "{member}" stands for what the member is called.
	Statements map[string]string `yaml:"statements"`
	Members    []Member          `yaml:"members"`
	// Illegal are values that a vault rejects, sent one by one.
	Illegal []Member   `yaml:"illegal"`
	NotSent []Omission `yaml:"not sent"`
}

// Member is one row: a member with one value.
type Member struct {
	// Name is a short word for names and ids, unique in its request.
	Name string `yaml:"name"`
	// Path has dots between the names of members.
	Path string `yaml:"member"`
	// Called says in a sentence what is sent, such as "a key size of 3072 bits".
	Called string `yaml:"called"`
	// Value is sent; Other is another legal value, mostly the default, which a vault that forgets the member shows.
	Value any `yaml:"value"`
	Other any `yaml:"other"`
	// In names the requests of the script that carry the member; empty means its first.
	In []string `yaml:"in"`
	// As names a comparison other than that of JSON.
	As string `yaml:"as"`
	// Faults are the kinds of faults that the member can have; empty means all. See the package of the faults.
	Faults []string `yaml:"faults"`
	// Since is the api-version that brought the member.
	Since   string `yaml:"since"`
	Feature string `yaml:"feature"`
	// Level, Covers and Sources are those of every place that has none of its own.
	Level   string   `yaml:"level"`
	Covers  []string `yaml:"covers"`
	Sources []Source `yaml:"sources"`
	Shows   []Place  `yaml:"shows"`
}

// Place is where a value shows, with the rule that says so.
type Place struct {
	At    string `yaml:"at"`
	Rule  string `yaml:"rule"`
	Level string `yaml:"level"`
	// Statement is only given where that of the request does not do.
	Statement string   `yaml:"statement"`
	Covers    []string `yaml:"covers"`
	Sources   []Source `yaml:"sources"`
	After     string   `yaml:"after"`
	// Elsewhere says that the rule is written out in the catalogue, with a check of its own.
	Elsewhere bool `yaml:"elsewhere"`
}

// Source is a key of the catalogue's sources, or a reasoning.
type Source struct{ Key, Reasoning string }

// UnmarshalYAML reads a key, or an object with a reasoning.
func (s *Source) UnmarshalYAML(decode func(any) error) error {
	if err := decode(&s.Key); err == nil {
		return nil
	}
	var reasoned struct {
		Reasoning string `yaml:"reasoning"`
	}
	if err := decode(&reasoned); err != nil {
		return err
	}
	s.Key, s.Reasoning = "", reasoned.Reasoning
	return nil
}

// Omission is a member that is never sent, with the reason.
type Omission struct {
	Path   string `yaml:"member"`
	Reason string `yaml:"reason"`
}

// Steps is the path as a list.
func (m *Member) Steps() []string { return strings.Split(m.Path, ".") }

// Carried reports whether a request of the script carries the member.
func (m *Member) Carried(by string) bool { return slices.Contains(m.In, by) }

// Place finds the place of a rule that the table itself has.
func (r *Request) Place(rule string) (Member, Place, bool) {
	for _, member := range r.Rows() {
		for _, place := range member.Shows {
			if place.Rule == rule && !place.Elsewhere {
				return member, place, true
			}
		}
	}
	return Member{}, Place{}, false
}

// Short is the word that the ids of the request's faults begin with.
func (r *Request) Short() string { return strings.TrimSuffix(r.File, ".yaml") }

// Location is where a reader finds the row, as a path in the repository.
func (r *Request) Location() string { return "scenarios/members/table/" + r.File }

var read = sync.OnceValues(func() ([]Request, error) { return readAll(files) })

// Table is every request, in the order of the files' names. The caller must not change it.
func Table() ([]Request, error) { return read() }

// Of is the request that a script sends; it panics if no request names the script, which a test rules out.
func Of(play string) Request {
	table, err := Table()
	if err != nil {
		panic("reading the table of members: " + err.Error()) // it is part of the program, and a test reads it
	}
	for _, request := range table {
		if request.Play == play {
			return request
		}
	}
	panic("the table of members has no request of the play " + play)
}

func readAll(from fs.FS) ([]Request, error) {
	names, err := fs.Glob(from, "table/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the tables of members: %w", err)
	}
	var table []Request
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("reading a table of members: %w", err)
		}
		request := Request{File: path.Base(name)}
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&request); err != nil {
			return nil, fmt.Errorf("%s: %w", request.File, err)
		}
		if err := request.complete(); err != nil {
			return nil, fmt.Errorf("%s: %w", request.File, err)
		}
		table = append(table, request)
	}
	return table, nil
}

// complete gives the places what they take from their member, and rejects a row that says too little.
func (r *Request) complete() error {
	if r.Schema == "" || r.Operation == "" {
		return errors.New("request and operation are both needed")
	}
	names := map[string]bool{}
	for _, member := range r.rows() {
		if member.Name == "" || member.Path == "" || names[member.Name] {
			return fmt.Errorf("the member %q (%s) needs a path, and a name of its own", member.Name, member.Path)
		}
		names[member.Name] = true
		if member.Feature == "" {
			member.Feature = r.Feature
		}
		for j := range member.Shows {
			if err := r.completePlace(member, &member.Shows[j]); err != nil {
				return fmt.Errorf("the member %s: %w", member.Name, err)
			}
		}
	}
	for _, omission := range r.NotSent {
		if omission.Path == "" || omission.Reason == "" {
			return fmt.Errorf("a member that is not sent needs a path and a reason: %q", omission.Path)
		}
	}
	return nil
}

// rows are the rows of both kinds.
func (r *Request) rows() []*Member {
	var rows []*Member
	for i := range r.Members {
		rows = append(rows, &r.Members[i])
	}
	for i := range r.Illegal {
		rows = append(rows, &r.Illegal[i])
	}
	return rows
}

// Rows are the members with their legal values, and then those with illegal ones.
func (r *Request) Rows() []Member { return slices.Concat(r.Members, r.Illegal) }

func (r *Request) completePlace(member *Member, place *Place) error {
	if place.At == "" || place.Rule == "" {
		return errors.New("a place needs at and rule")
	}
	if place.Elsewhere {
		return nil
	}
	if member.Value == nil || member.Called == "" {
		return errors.New("a rule needs a value, and a name for it in a sentence")
	}
	if place.Level == "" {
		place.Level = member.Level
	}
	if place.Covers == nil {
		place.Covers = member.Covers
	}
	if place.Sources == nil {
		place.Sources = member.Sources
	}
	if place.Statement == "" {
		place.Statement = strings.ReplaceAll(r.Statements[place.At], "{member}", member.Called)
	}
	if place.Statement == "" {
		return fmt.Errorf("there is no statement for the place %q", place.At)
	}
	return nil
}
