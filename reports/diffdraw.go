package reports

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteDiffJSON writes the whole difference.
func WriteDiffJSON(w io.Writer, d *Difference) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("writing the difference as JSON: %w", err)
	}
	return nil
}

// Line is the difference in one line.
func (d *Difference) Line() string {
	if d.Equal() {
		return "no difference"
	}
	parts := d.tally(func(RuleChange) bool { return true })
	if n := len(d.Exchanges); n > 0 {
		parts = append(parts, plural(n, "exchange")+" changed")
	}
	lead := "no regression: "
	if d.Regressed {
		worse := d.tally(func(c RuleChange) bool { return c.Regression })
		lead = "regressed, " + plural(d.regressions(), "rule") + " (" + strings.Join(worse, ", ") + "); all changes: "
	}
	return lead + strings.Join(parts, ", ")
}

// tally counts the rules by their turn.
func (d *Difference) tally(counts func(RuleChange) bool) []string {
	var parts []string
	for _, t := range Turns() {
		n := 0
		for _, change := range d.Of(t) {
			if counts(change) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, t))
		}
	}
	return parts
}

func (d *Difference) regressions() int {
	n := 0
	for _, c := range d.Rules {
		if c.Regression {
			n++
		}
	}
	return n
}

func (s Side) String() string {
	parts := []string{strings.TrimSpace(s.Target + " " + s.Endpoint)}
	if s.APIVersion != "" {
		parts = append(parts, "api-version "+s.APIVersion)
	}
	if started := formatTime(s.Started); started != "" {
		parts = append(parts, started)
	}
	return oneLine(strings.TrimPrefix(strings.Join(parts, " · "), " · "))
}

// WriteDiffText writes the difference for a terminal, the regressions first.
func WriteDiffText(w io.Writer, d *Difference, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := &textWriter{Writer: bufio.NewWriter(w), o: o}
	t.printf("old  %s\nnew  %s\n\n", d.Old, d.New)
	for _, remark := range d.Remarks {
		t.prose("", "note: "+visible(remark))
	}
	if len(d.Remarks) > 0 {
		t.printf("\n")
	}
	for _, turn := range Turns() {
		changes := d.Of(turn)
		if len(changes) == 0 {
			continue
		}
		t.heading(fmt.Sprintf("%s (%d)", sentence(string(turn)), len(changes)))
		for _, c := range changes {
			t.ruleChange(c)
		}
		t.printf("\n")
	}
	if len(d.Exchanges) > 0 {
		t.heading(fmt.Sprintf("Exchanges (%d)", len(d.Exchanges)))
		for _, c := range d.Exchanges {
			t.printf("  %s\n", t.paint(bold, c.label()))
			for _, line := range c.lines() {
				t.printf("%s%s\n", indent, line)
			}
		}
		t.printf("\n")
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

func (t *textWriter) ruleChange(c RuleChange) {
	code := dim
	switch {
	case c.Regression:
		code = red
	case c.Turn == Fixed:
		code = green
	}
	t.printf("  %s %s %s\n", t.paint(code, c.verdicts()), t.paint(bold, visible(c.ID)), t.paint(dim, "("+string(c.Level)+")"))
	t.prose(indent, visible(c.Statement))
	for _, line := range c.lines() {
		t.prose(indent, line)
	}
}

func (c RuleChange) verdicts() string {
	switch {
	case c.Old == "":
		return string(c.New)
	case c.New == "":
		return string(c.Old)
	case c.Turn == Oracle:
		return as(c.OldAs) + " -> " + as(c.NewAs)
	}
	return string(c.Old) + " -> " + string(c.New)
}

func as(oracles []string) string {
	if len(oracles) == 0 {
		return "neither"
	}
	return oneLine("as " + strings.Join(oracles, " and "))
}

func (c RuleChange) lines() []string {
	var lines []string
	if c.OldGot != c.NewGot && c.OldGot != "" {
		lines = append(lines, "got before: "+oneLine(c.OldGot))
	}
	if c.OldGot != c.NewGot && c.NewGot != "" {
		lines = append(lines, "comes now: "+oneLine(c.NewGot))
	}
	if c.Reason != "" {
		lines = append(lines, "because: "+oneLine(c.Reason))
	}
	return lines
}

func (c ExchangeChange) label() string {
	s := Step{Name: c.Step, Index: c.Index}
	return oneLine(c.Play + " · " + s.label())
}

func (c ExchangeChange) lines() []string {
	var lines []string
	if c.OnlyIn != "" {
		lines = append(lines, "only in the "+c.OnlyIn+" report")
	}
	if c.Status != nil {
		lines = append(lines, "status: "+c.Status.Old+" -> "+c.Status.New)
	}
	for _, group := range []struct {
		what    string
		members []MemberChange
	}{{"header", c.Headers}, {"member", c.Body}} {
		for _, m := range group.members {
			lines = append(lines, m.line(group.what))
		}
	}
	return lines
}

func (m MemberChange) line(what string) string {
	name := what + " " + m.Name
	if m.Name == "" {
		name = "body"
	}
	switch {
	case m.Old == "":
		return oneLine(name + " came: " + m.New)
	case m.New == "":
		return oneLine(name + " went, was: " + m.Old)
	}
	return oneLine(name + ": " + m.Old + " -> " + m.New)
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
	m.add(head)
	for _, turn := range Turns() {
		m.turn(turn, d.Of(turn))
	}
	if len(d.Exchanges) > 0 {
		m.add(fmt.Sprintf("### Exchanges (%d)\n\n", len(d.Exchanges)))
		for chunk := range slices.Chunk(d.Exchanges, 50) {
			var b strings.Builder
			b.WriteString("| exchange | what changed |\n|:--|:--|\n")
			for _, c := range chunk {
				var lines []string
				for _, line := range c.lines() {
					lines = append(lines, markdownText(line))
				}
				fmt.Fprintf(&b, "| %s | %s |\n", markdownText(c.label()), strings.Join(lines, "<br>"))
			}
			m.add(b.String() + "\n")
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

func (m *markdown) turn(turn Turn, changes []RuleChange) {
	if len(changes) == 0 {
		return
	}
	m.add(fmt.Sprintf("### %s (%d)\n\n", sentence(string(turn)), len(changes)))
	for chunk := range slices.Chunk(changes, 50) {
		var b strings.Builder
		b.WriteString("| rule | level | verdict | |\n|:--|:--|:--|:--|\n")
		for _, c := range chunk {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", markdownText(oneLine(c.ID)), c.Level, markdownText(c.verdicts()), markdownText(oneLine(strings.Join(c.lines(), "; "))))
		}
		m.add(b.String() + "\n")
	}
}
