package reports

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// VersionsFormat names the version of a table of api-versions as it is written to JSON.
const VersionsFormat = "kvconform.versions/1"

// A VersionTable is what differs between the reports of one target at several api-versions, and nothing else.
type VersionTable struct {
	Format   string          `json:"format"`
	Versions []VersionColumn `json:"versions"`
	// Differ are the rules whose verdicts are not the same at every api-version at which they hold.
	Differ []VersionRow `json:"differ"`
	// Partial are the rules that hold at some of the api-versions only, by these.
	Partial []VersionGroup `json:"partial"`
	// Alike counts the rules that hold at every api-version with the same verdict.
	Alike int `json:"alike"`
}

// VersionColumn is the report of one api-version.
type VersionColumn struct {
	APIVersion string  `json:"apiVersion"`
	Like       string  `json:"like,omitempty"`
	RuleSet    RuleSet `json:"ruleSet,omitzero"`
	Counts     Counts  `json:"counts"`
	ExitCode   int     `json:"exitCode"`
}

// VersionRow is a rule with its verdict at each api-version, in the order of the columns; empty where it does not hold.
type VersionRow struct {
	ID       string    `json:"id"`
	Level    Level     `json:"level"`
	Verdicts []Verdict `json:"verdicts"`
}

// VersionGroup is the rules that hold at the same api-versions.
type VersionGroup struct {
	Holds []string `json:"holds"` // api-versions
	Rules []string `json:"rules"`
}

// Tabulate compares the reports of several api-versions rule by rule.
func Tabulate(list []*Report) *VersionTable {
	t := &VersionTable{Format: VersionsFormat, Versions: []VersionColumn{}, Differ: []VersionRow{}, Partial: []VersionGroup{}}
	var order []string
	rows := map[string]*VersionRow{}
	for i, r := range list {
		t.Versions = append(t.Versions, VersionColumn{r.APIVersion, r.Like, r.RuleSet, r.Counts, r.Conclusion.ExitCode})
		for _, res := range r.where(func(Result) bool { return true }) {
			row, seen := rows[res.ID]
			if !seen {
				row = &VersionRow{ID: res.ID, Level: res.Level, Verdicts: make([]Verdict, len(list))}
				rows[res.ID] = row
				order = append(order, res.ID)
			}
			row.Verdicts[i] = res.Verdict
		}
	}
	for _, id := range order {
		row := rows[id]
		switch {
		case row.differs():
			t.Differ = append(t.Differ, *row)
		case slices.Contains(row.Verdicts, ""):
			t.partial(*row)
		default:
			t.Alike++
		}
	}
	return t
}

// differs reports whether a rule has two verdicts.
func (row *VersionRow) differs() bool {
	var first Verdict
	for _, v := range row.Verdicts {
		if v != "" && first != "" && v != first {
			return true
		}
		if first == "" {
			first = v
		}
	}
	return false
}

func (t *VersionTable) partial(row VersionRow) {
	var holds []string
	for i, v := range row.Verdicts {
		if v != "" {
			holds = append(holds, t.Versions[i].APIVersion)
		}
	}
	at := slices.IndexFunc(t.Partial, func(g VersionGroup) bool { return slices.Equal(g.Holds, holds) })
	if at < 0 {
		at = len(t.Partial)
		t.Partial = append(t.Partial, VersionGroup{Holds: holds})
	}
	t.Partial[at].Rules = append(t.Partial[at].Rules, row.ID)
}

// where says in words at which of the columns a group holds.
func (t *VersionTable) where(g VersionGroup) string {
	first := slices.IndexFunc(t.Versions, func(c VersionColumn) bool { return c.APIVersion == g.Holds[0] })
	if tail := t.Versions[first:]; len(tail) == len(g.Holds) {
		return "from " + g.Holds[0] + " on"
	}
	if first == 0 {
		return "up to " + g.Holds[len(g.Holds)-1]
	}
	return "at " + strings.Join(g.Holds, ", ")
}

// WriteVersionsJSON writes the whole table.
func WriteVersionsJSON(w io.Writer, t *VersionTable) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(t); err != nil {
		return fmt.Errorf("writing the table of api-versions as JSON: %w", err)
	}
	return nil
}

// mark is a verdict in a cell; the dot is a rule that does not hold at the api-version.
func mark(v Verdict) string {
	if v == "" {
		return "·"
	}
	return string(v)
}

// WriteVersionsText writes the table for a terminal.
func WriteVersionsText(w io.Writer, t *VersionTable, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	text := &textWriter{Writer: bufio.NewWriter(w), o: o}
	text.heading("Rules by api-version, only what differs")
	t.textCounts(text)
	if len(t.Differ) > 0 {
		text.printf("\n")
		t.textRows(text)
	}
	for _, group := range t.Partial {
		text.printf("\n%s %s\n", plural(len(group.Rules), "rule"), oneLine(t.where(group)))
		text.prose("  ", visible(strings.Join(first(group.Rules, 12), ", ")))
	}
	text.printf("\n%s\n", t.Line())
	if err := text.Flush(); err != nil {
		return fmt.Errorf("writing the table of api-versions: %w", err)
	}
	return nil
}

// first lists the first of many; the JSON has them all.
func first(ids []string, most int) []string {
	if len(ids) <= most {
		return ids
	}
	return append(slices.Clone(ids[:most]), fmt.Sprintf("and %d more", len(ids)-most))
}

// Line is the table in one line.
func (t *VersionTable) Line() string {
	partial := 0
	for _, group := range t.Partial {
		partial += len(group.Rules)
	}
	return fmt.Sprintf("%s: %s alike at all of them, %d with different verdicts, %d that hold at some only",
		plural(len(t.Versions), "api-version"), plural(t.Alike, "rule"), len(t.Differ), partial)
}

// textCounts has a line for each api-version: how many rules hold at it, and how many of them pass.
func (t *VersionTable) textCounts(text *textWriter) {
	wide := len("api-version")
	for _, c := range t.Versions {
		wide = max(wide, len(visible(c.label())))
	}
	text.printf("  %-*s  rules  pass  fail  warn  exit\n", wide, "api-version")
	for _, c := range t.Versions {
		text.printf("  %-*s  %5d %5d %5d %5d %5d\n", wide, visible(c.label()), c.Counts.Rules, c.Counts.Of(Pass), c.Counts.Of(Fail), c.Counts.Of(Warn), c.ExitCode)
	}
}

func (c VersionColumn) label() string {
	if c.Like == "" {
		return c.APIVersion
	}
	return c.APIVersion + " like " + c.Like
}

// textRows has a line for each rule that differs: runs of api-versions with one verdict are one part of it.
func (t *VersionTable) textRows(text *textWriter) {
	for _, row := range t.Differ {
		text.printf("  %s (%s)\n", text.paint(bold, visible(row.ID)), row.Level)
		text.prose("    ", visible(t.runs(row)))
	}
}

// runs tells the verdicts of a rule: "pass at 2015-06-01 to 7.0; fail at 7.1 to 2025-07-01".
func (t *VersionTable) runs(row VersionRow) string {
	var parts []string
	for i := 0; i < len(row.Verdicts); {
		end := i
		for end+1 < len(row.Verdicts) && row.Verdicts[end+1] == row.Verdicts[i] {
			end++
		}
		part := mark(row.Verdicts[i]) + " at " + t.Versions[i].APIVersion
		if row.Verdicts[i] == "" {
			part = "does not hold at " + t.Versions[i].APIVersion
		}
		if end > i {
			part += " to " + t.Versions[end].APIVersion
		}
		parts = append(parts, part)
		i = end + 1
	}
	return strings.Join(parts, "; ")
}

// WriteVersionsMarkdown writes the table for a pull request or a step's summary.
func WriteVersionsMarkdown(w io.Writer, t *VersionTable, o MarkdownOptions) error {
	if o.Limit <= 0 {
		o.Limit = maxSummary
	}
	m := &markdown{room: o.Limit - 200}
	m.add("## kvconform: rules by api-version\n\n" + markdownText(t.Line()) + "\n\n")
	var counts strings.Builder
	counts.WriteString("| api-version | rules | pass | fail | warn | exit | rule set |\n|:--|--:|--:|--:|--:|--:|:--|\n")
	for _, c := range t.Versions {
		fmt.Fprintf(&counts, "| %s | %d | %d | %d | %d | %d | %s |\n", markdownText(oneLine(c.label())), c.Counts.Rules, c.Counts.Of(Pass), c.Counts.Of(Fail),
			c.Counts.Of(Warn), c.ExitCode, markdownText(clip(oneLine(c.RuleSet.Digest), 19)))
	}
	m.add(counts.String() + "\n")
	for chunk := range slices.Chunk(t.Differ, 50) {
		var b strings.Builder
		b.WriteString("| rule | level |")
		for _, c := range t.Versions {
			fmt.Fprintf(&b, " %s |", markdownText(oneLine(c.label())))
		}
		b.WriteString("\n|:--|:--|" + strings.Repeat(":--|", len(t.Versions)) + "\n")
		for _, row := range chunk {
			fmt.Fprintf(&b, "| %s | %s |", markdownText(oneLine(row.ID)), row.Level)
			for _, v := range row.Verdicts {
				fmt.Fprintf(&b, " %s |", mark(v))
			}
			b.WriteString("\n")
		}
		m.add(b.String() + "\n")
	}
	for _, group := range t.Partial {
		m.add(fmt.Sprintf("%s %s: %s\n\n", plural(len(group.Rules), "rule"), markdownText(oneLine(t.where(group))),
			markdownText(strings.Join(first(group.Rules, 40), ", "))))
	}
	if m.leftOut > 0 {
		fmt.Fprintf(&m.Builder, "\n%s left out to keep this short.\n", plural(m.leftOut, "part"))
	}
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("writing the table of api-versions as Markdown: %w", err)
	}
	return nil
}
