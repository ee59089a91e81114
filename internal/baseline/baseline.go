// Package baseline reads the file in which the owner of a target lists known deviations, weighs a report with it, and
// brings it up to date. An update keeps the lines that stay as they are written, comments included.
package baseline

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/reports"
)

// maxFile bounds a baseline file, in bytes.
const maxFile = 4 << 20

// Baseline is the deviations that the owner of a target knows of.
type Baseline struct {
	// Path is the file that it was read from.
	Path string
	// Deviations are the entries in the order of the file.
	Deviations []Deviation

	text   []byte
	column int  // of the entries' dashes
	blocks bool // each entry has lines of its own, so that the file can be updated
}

// Deviation is one entry: a rule, or a pattern of rules, that is known to come out otherwise than it should.
type Deviation struct {
	// Rule is a rule's id, or a pattern in which * stands for any text.
	Rule string
	// Verdict is what comes: fail, warn or not-reached. An entry says nothing of another verdict.
	Verdict reports.Verdict
	// Reason says why, Link leads to more; both may be empty.
	Reason, Link string
	// Expires is the last day, as 2006-01-02, on which the entry counts; empty means for ever.
	Expires string
	// Line is the entry's first line in the file, from 1.
	Line int

	verdictAt position
}

// position is where a scalar stands in the file: line and column from 1, and its text as written.
type position struct {
	line, column int
	text         string
}

// IsPattern tells whether the entry may name several rules.
func (d *Deviation) IsPattern() bool { return strings.Contains(d.Rule, "*") }

// Names tells whether the entry names a rule.
func (d *Deviation) Names(rule string) bool {
	if !d.IsPattern() {
		return d.Rule == rule
	}
	expression := "^" + strings.ReplaceAll(regexp.QuoteMeta(d.Rule), `\*`, ".*") + "$"
	return regexp.MustCompile(expression).MatchString(rule)
}

// ExpiredOn tells whether the entry counts no more on a day.
func (d *Deviation) ExpiredOn(day time.Time) bool {
	return d.Expires != "" && day.UTC().Format(time.DateOnly) > d.Expires
}

func (d *Deviation) known(was reports.Verdict) *reports.Known {
	return &reports.Known{Reason: d.Reason, Link: d.Link, Expires: d.Expires, Line: d.Line, Was: was}
}

// expectable lists the verdicts that an entry may expect.
func expectable() []reports.Verdict {
	return []reports.Verdict{reports.Fail, reports.Warn, reports.NotReached}
}

// Load reads a baseline file, strictly. Whatever is wrong with it is a *Usage of one line.
func Load(path string) (*Baseline, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, input.Usagef("the baseline %s cannot be read: %v", path, input.WithoutPath(err))
	case info.IsDir():
		return nil, input.Usagef("the baseline %s is a folder: give a file", path)
	case info.Size() > maxFile:
		return nil, input.Usagef("the baseline %s is longer than %d MiB: no baseline is as long", path, maxFile>>20)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, input.Usagef("the baseline %s cannot be read: %v", path, input.WithoutPath(err))
	}
	return Parse(path, text)
}

// Parse reads the text of a baseline; path is what messages call it.
func Parse(path string, text []byte) (*Baseline, error) {
	text = input.WithoutMark(text)
	if !utf8.Valid(text) {
		return nil, input.Usagef("%s: is not UTF-8 text; save it as UTF-8", path)
	}
	b := &Baseline{Path: path, text: text}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		line, what := yamlFault(err)
		return nil, b.wrong(line, "", "is not YAML: %s", what)
	}
	const shape = "a baseline is `deviations:` with a list of entries, `deviations: []` where there is none"
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, b.wrong(1, "", "holds no baseline; %s", shape)
	}
	root, ok := file.Docs[0].Body.(ast.MapNode)
	if !ok {
		return nil, b.wrong(lineOf(file.Docs[0].Body), "", "is no baseline; %s", shape)
	}
	found := false
	for members := root.MapRange(); members.Next(); {
		key := members.Key().GetToken()
		if key.Value != "deviations" {
			return nil, b.wrong(key.Position.Line, key.Value, "is no key of a baseline; %s", shape)
		}
		found = true
		if _, empty := members.Value().(*ast.NullNode); empty {
			continue
		}
		list, ok := members.Value().(*ast.SequenceNode)
		if !ok {
			return nil, b.wrong(key.Position.Line, "deviations", "is no list; %s", shape)
		}
		if err := b.readEntries(list); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, b.wrong(1, "", "holds no baseline; %s", shape)
	}
	return b, nil
}

// yamlFault takes the line and the reason out of an error of the YAML library.
func yamlFault(err error) (int, string) {
	var fault yaml.Error
	if !errors.As(err, &fault) || fault.GetToken() == nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return 1, first
	}
	return fault.GetToken().Position.Line, fault.GetMessage()
}

func lineOf(node ast.Node) int {
	if token := node.GetToken(); token != nil && token.Position != nil {
		return token.Position.Line
	}
	return 1
}

// wrong is a mistake in the file: line, key, what, and what to do about it.
func (b *Baseline) wrong(line int, key, format string, values ...any) error {
	if key != "" {
		key += ": "
	}
	return input.Usagef("%s:%d: %s%s", b.Path, line, key, fmt.Sprintf(format, values...))
}

func (b *Baseline) readEntries(list *ast.SequenceNode) error {
	b.blocks = !list.IsFlowStyle
	for i, value := range list.Values {
		line := lineOf(value)
		if entries := list.Entries; i < len(entries) && entries[i] != nil && entries[i].Start != nil {
			line, b.column = entries[i].Start.Position.Line, entries[i].Start.Position.Column
		}
		members, ok := value.(ast.MapNode)
		if !ok {
			return b.wrong(line, "deviations", "each entry has the keys %s", entryKeys())
		}
		d := Deviation{Line: line}
		if err := b.readEntry(&d, members); err != nil {
			return err
		}
		if err := b.check(&d); err != nil {
			return err
		}
		if n := len(b.Deviations); n > 0 && b.Deviations[n-1].Line == line {
			b.blocks = false
		}
		b.Deviations = append(b.Deviations, d)
	}
	return nil
}

func entryKeys() string { return "rule, verdict, reason, link and expires" }

func (b *Baseline) readEntry(d *Deviation, members ast.MapNode) error {
	for iterator := members.MapRange(); iterator.Next(); {
		key := iterator.Key().GetToken()
		line := key.Position.Line
		into := map[string]*string{
			"rule": &d.Rule, "verdict": (*string)(&d.Verdict), "reason": &d.Reason, "link": &d.Link, "expires": &d.Expires,
		}[key.Value]
		if into == nil {
			return b.wrong(line, key.Value, "is no key of an entry; the keys are %s", entryKeys())
		}
		switch value := iterator.Value().(type) {
		case *ast.StringNode:
			*into = value.Value
			if key.Value == "verdict" {
				at := value.GetToken()
				d.verdictAt = position{at.Position.Line, at.Position.Column, at.Value}
			}
		case *ast.LiteralNode:
			*into = value.Value.Value
		default:
			return b.wrong(line, key.Value, "is no text; put it in quotes")
		}
	}
	return nil
}

func (b *Baseline) check(d *Deviation) error {
	switch {
	case strings.TrimSpace(d.Rule) == "":
		return b.wrong(d.Line, "rule", "is missing; name a rule, or a pattern with *")
	case d.Verdict == "":
		return b.wrong(d.Line, "verdict", "is missing; it is one of fail, warn and not-reached")
	case !slices.Contains(expectable(), d.Verdict):
		return b.wrong(d.Line, "verdict", "%q cannot be expected; it is one of fail, warn and not-reached", d.Verdict)
	}
	if d.Expires != "" {
		if _, err := time.Parse(time.DateOnly, d.Expires); err != nil {
			return b.wrong(d.Line, "expires", "%q is no date; write it as 2006-01-02", d.Expires)
		}
	}
	for i := range b.Deviations {
		if other := &b.Deviations[i]; other.Rule == d.Rule && other.Verdict == d.Verdict {
			return b.wrong(d.Line, "rule", "%s is on line %d already; delete one of them", d.Rule, other.Line)
		}
	}
	return nil
}
