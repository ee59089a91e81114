package reports

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// mostSums is how many changes of responses are drawn if the reader does not want them all.
const mostSums = 20

// mostRegressions is how many rules of a kind are drawn in full if the reader does not want them all.
const mostRegressions = 20

// WriteDiffText writes the difference for a terminal: the first regressions in full, every other kind of change as a line with its rules
// counted, and the responses summed up by what changed. Verbose lists each rule and each exchange.
func WriteDiffText(w io.Writer, d *Difference, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := &textWriter{Writer: bufio.NewWriter(w), o: o}
	t.printf("old  %s\nnew  %s\n\n", d.Old, d.New)
	for _, remark := range d.Remarks {
		t.prose("", "note: "+visible(remark))
	}
	for _, reason := range d.Reasons {
		t.prose("", "why: "+visible(reason))
	}
	if len(d.Remarks)+len(d.Reasons) > 0 {
		t.printf("\n")
	}
	for _, kind := range ChangeKinds() {
		t.changes(kind, d.Of(kind))
	}
	t.sums(d)
	if o.Verbose {
		t.exchanges(d)
	}
	code := green
	if d.Regressed {
		code = red
	}
	t.printf("%s\n", t.paint(code, d.Line()))
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the difference: %w", err)
	}
	return nil
}

// changes draws the rules of one kind of change: the first regressions in full, the others only named.
func (t *textWriter) changes(kind ChangeKind, changes []RuleChange) {
	if len(changes) == 0 {
		return
	}
	t.heading(fmt.Sprintf("%s (%s)", sentence(string(kind)), tallyOf(changes)))
	var rest []string
	whole, more := 0, 0
	for _, c := range changes {
		switch {
		case t.o.Verbose, c.Regression && whole < mostRegressions:
			t.ruleChange(c)
			whole++
		case c.Regression:
			more++
		default:
			rest = append(rest, visible(c.ID))
		}
	}
	if more > 0 {
		t.printf("  and %s; --verbose lists them\n", plural(more, "more regression"))
	}
	if len(rest) > 0 {
		t.prose("  ", few(rest))
	}
	t.printf("\n")
}

// tallyOf counts changes, and says how many of them are broken now if some are and some are not.
func tallyOf(changes []RuleChange) string {
	n := 0
	for _, c := range changes {
		if (Result{Verdict: c.New}).conduct() == broken {
			n++
		}
	}
	if n == 0 || n == len(changes) {
		return fmt.Sprint(len(changes))
	}
	return fmt.Sprintf("%d, of which %d broken", len(changes), n)
}

func (t *textWriter) sums(d *Difference) {
	if len(d.Summary) == 0 {
		return
	}
	t.heading(fmt.Sprintf("Responses (%d changed)", len(d.Exchanges)))
	shown := d.Summary
	if !t.o.Verbose {
		shown = shown[:min(len(shown), mostSums)]
	}
	for _, s := range shown {
		t.prose("  ", s.line())
	}
	if left := len(d.Summary) - len(shown); left > 0 {
		t.printf("  and %s; --verbose lists them\n", plural(left, "more change"))
	}
	t.printf("\n")
}

func (t *textWriter) exchanges(d *Difference) {
	if len(d.Exchanges) == 0 {
		return
	}
	t.heading(fmt.Sprintf("Exchanges (%d)", len(d.Exchanges)))
	for _, c := range d.Exchanges {
		t.printf("  %s\n", t.paint(bold, c.label()))
		for _, line := range c.lines() {
			t.printf("%s%s\n", indent, line)
		}
	}
	t.printf("\n")
}

func (t *textWriter) ruleChange(c RuleChange) {
	code := dim
	switch {
	case c.Regression:
		code = red
	case c.Kind == Fixed:
		code = green
	}
	t.printf("  %s %s %s\n", t.paint(code, c.verdicts()), t.paint(bold, visible(c.ID)), t.paint(dim, "("+string(c.Level)+")"))
	t.prose(indent, visible(c.Statement))
	for _, line := range c.lines() {
		t.prose(indent, line)
	}
}

// WriteDiffMarkdown writes the difference for a pull request or a step's summary.
func WriteDiffMarkdown(w io.Writer, d *Difference, o MarkdownOptions) error {
	if o.Limit <= 0 {
		o.Limit = maxSummary
	}
	m := &markdown{room: o.Limit - 200}
	sign := "✅"
	if d.Regressed {
		sign = "❌"
	}
	head := fmt.Sprintf("## %s kvconform diff: %s\n\nOld: %s<br>\nNew: %s\n\n", sign, markdownText(d.Line()), markdownText(d.Old.String()), markdownText(d.New.String()))
	for _, remark := range d.Remarks {
		head += "> " + markdownText(oneLine(remark)) + "\n\n"
	}
	for _, reason := range d.Reasons {
		head += "> Why: " + markdownText(clip(reason, 2000)) + "\n\n"
	}
	m.add(head)
	for _, kind := range ChangeKinds() {
		m.changes(kind, d.Of(kind))
	}
	if len(d.Summary) > 0 {
		m.add(fmt.Sprintf("### Responses (%d changed)\n\n", len(d.Exchanges)))
		for chunk := range slices.Chunk(d.Summary, 50) {
			var b strings.Builder
			for _, s := range chunk {
				fmt.Fprintf(&b, "- %s\n", markdownText(s.line()))
			}
			m.add(b.String())
		}
	}
	if m.leftOut > 0 {
		fmt.Fprintf(&m.Builder, "\n%s left out to keep this short.\n", plural(m.leftOut, "part"))
	}
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("writing the difference as Markdown: %w", err)
	}
	return nil
}

// changes draws regressions as a table, and names the other rules.
func (m *markdown) changes(kind ChangeKind, changes []RuleChange) {
	if len(changes) == 0 {
		return
	}
	m.add(fmt.Sprintf("### %s (%s)\n\n", sentence(string(kind)), tallyOf(changes)))
	worse := slices.DeleteFunc(slices.Clone(changes), func(c RuleChange) bool { return !c.Regression })
	for chunk := range slices.Chunk(worse, 50) {
		var b strings.Builder
		b.WriteString("| rule | level | verdict | |\n|:--|:--|:--|:--|\n")
		for _, c := range chunk {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", markdownText(oneLine(c.ID)), c.Level, markdownText(c.verdicts()), markdownText(oneLine(strings.Join(c.lines(), "; "))))
		}
		m.add(b.String() + "\n")
	}
	var rest []string
	for _, c := range changes {
		if !c.Regression {
			rest = append(rest, oneLine(c.ID))
		}
	}
	for chunk := range slices.Chunk(rest, 200) {
		m.add(markdownText(strings.Join(chunk, ", ")) + "\n\n")
	}
}
