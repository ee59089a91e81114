// Package baseline reads the file in which the owner of a target lists known deviations, weighs a report with it, and
// brings it up to date. An update keeps the lines that stay as they are written, comments included.
package baseline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/schemas"
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

// Deviation is one entry: a cause that is known, or a rule, or a pattern of rules, that is known to have another verdict
// than it should.
type Deviation struct {
	// Cause is the key of a cause. Alone it stands for every rule that the cause breaks, and for nothing else that those
	// rules find; beside a rule it says for what cause the rule has the verdict.
	Cause string `yaml:"cause"`
	// Operations are those that are known to show the cause: where another one shows it, that is new. Empty, and "*", stand for
	// every operation.
	Operations []string `yaml:"operations"`
	// Rule is a rule's id, or a pattern in which * stands for any text.
	Rule string `yaml:"rule"`
	// Verdict is what comes: fail, warn or not-reached. An entry says nothing of another verdict.
	Verdict reports.Verdict `yaml:"verdict"`
	// Reason says why, Link leads to more; both may be empty.
	Reason string `yaml:"reason"`
	Link   string `yaml:"link"`
	// Expires is the last day, as 2006-01-02, on which the entry counts; empty means for ever.
	Expires string `yaml:"expires"`
	// Line is the entry's first line in the file, from 1.
	Line int `yaml:"-"`

	verdictAt input.Position
}

// name is what the entry names: the rule, or the cause where there is no rule; nameKey is the key of it.
func (d *Deviation) name() string {
	if d.Rule == "" {
		return d.Cause
	}
	return d.Rule
}

func (d *Deviation) nameKey() string {
	if d.Rule == "" {
		return "cause"
	}
	return "rule"
}

// IsPattern reports whether the entry may name several rules.
func (d *Deviation) IsPattern() bool { return strings.Contains(d.Rule, "*") }

// Names reports whether the entry names a rule.
func (d *Deviation) Names(rule string) bool {
	if !d.IsPattern() {
		return d.Rule == rule
	}
	expression := "^" + strings.ReplaceAll(regexp.QuoteMeta(d.Rule), `\*`, ".*") + "$"
	return regexp.MustCompile(expression).MatchString(rule)
}

// ExpiredOn reports whether the entry counts no more on a day.
func (d *Deviation) ExpiredOn(day time.Time) bool {
	return d.Expires != "" && day.UTC().Format(time.DateOnly) > d.Expires
}

func (b *Baseline) known(d *Deviation, was reports.Verdict) *reports.Known {
	return &reports.Known{Reason: d.Reason, Link: d.Link, Expires: d.Expires, File: b.Path, Line: d.Line, Was: was}
}

// expectable lists the verdicts that an entry may expect.
func expectable() []reports.Verdict {
	return []reports.Verdict{reports.Fail, reports.Warn, reports.NotReached}
}

// file is the kind of file that a baseline is read from.
func file() input.Kind {
	const advice = "a baseline is `deviations:` with a list of entries, `deviations: []` where there is none"
	return input.Kind{Name: "baseline", Schema: "baseline", Advice: advice}
}

// Load reads a baseline file, strictly. Whatever is wrong with it is a *Usage of one line.
func Load(path string) (*Baseline, error) {
	text, err := input.ReadFile(path, maxFile)
	if err != nil {
		return nil, input.Usagef("the baseline %s cannot be read: %v", path, err)
	}
	return Parse(path, text)
}

// Parse reads the text of a baseline; path is what messages call it.
func Parse(path string, text []byte) (*Baseline, error) {
	document, err := input.ReadYAML(path, text, file())
	if err != nil {
		return nil, err
	}
	files, err := schemas.CompileFiles()
	if err != nil {
		return nil, err
	}
	if err := document.Check(files); err != nil {
		return nil, err
	}
	var entries struct {
		Deviations []Deviation `yaml:"deviations"`
	}
	if err := document.Decode(&entries); err != nil {
		return nil, err
	}
	const list = "/deviations"
	b := &Baseline{Path: path, text: input.WithoutMark(text), blocks: document.Value(list).Text != "["}
	for i := range entries.Deviations {
		d := &entries.Deviations[i]
		at := fmt.Sprintf("%s/%d", list, i)
		begins := document.Key(at)
		d.Line, d.verdictAt = begins.Line, document.Value(at+"/verdict")
		b.column = begins.Column
		if i > 0 && b.Deviations[i-1].Line == d.Line {
			b.blocks = false
		}
		if err := b.check(document, at, d); err != nil {
			return nil, err
		}
		b.Deviations = append(b.Deviations, *d)
	}
	return b, nil
}

// check rejects the entry at a pointer for what no schema can say.
func (b *Baseline) check(document *input.Document, at string, d *Deviation) error {
	for _, missing := range []struct{ key, value, example string }{
		{"rule", d.Rule, "merge-manual-request/*"}, {"verdict", string(d.Verdict), "fail"},
	} {
		if missing.value == "" && (d.Cause == "" || d.Rule != "" || d.Verdict != "") {
			return input.Usagef("%s.%s: missing; add it as %s: %q", document.At(at), missing.key, missing.key, missing.example)
		}
	}
	if len(d.Operations) > 0 && (d.Cause == "" || d.Rule != "") {
		return input.Usagef("%s: operations is for an entry of a cause alone; delete it, or put cause: KEY in place of rule", document.At(at+"/operations"))
	}
	if d.Expires != "" {
		if _, err := time.Parse(time.DateOnly, d.Expires); err != nil {
			return input.Usagef("%s: %q is no date; write it as 2006-01-02", document.At(at+"/expires"), d.Expires)
		}
	}
	for i := range b.Deviations {
		if other := &b.Deviations[i]; other.Rule == d.Rule && other.Verdict == d.Verdict && other.Cause == d.Cause && slices.Equal(other.Operations, d.Operations) {
			return input.Usagef("%s: %s is on line %d already; delete one of them", document.At(at+"/"+d.nameKey()), d.name(), other.Line)
		}
	}
	return nil
}
