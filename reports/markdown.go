package reports

import (
	"fmt"
	"io"
	"net/url"
	"strings"
)

// MarkdownOptions says how long the Markdown may get.
type MarkdownOptions struct {
	Limit int // bytes; 0: 1 MiB, what GitHub takes as a step's summary. A comment on GitHub takes 65536 characters
}

const maxSummary = 1 << 20

// WriteMarkdown writes GitHub-flavoured Markdown for a pull request or a step's summary: the outcome, the counts, the failures in full and the rest
// folded away. What does not fit the limit is left out and counted.
func WriteMarkdown(w io.Writer, r *Report, o MarkdownOptions) error {
	if o.Limit <= 0 {
		o.Limit = maxSummary
	}
	m := &markdown{room: o.Limit - 200} // what is left for the last line
	m.add(r.markdownHead())
	m.add(r.markdownStart())
	m.add(r.markdownMatrix())
	if failing := r.where(r.Failing); len(failing) > 0 {
		m.add(fmt.Sprintf("### Failures (%d)\n\n", len(failing)))
		for _, res := range failing {
			cause := r.causeOf(res.ID)
			if cause != nil && !r.leads(cause, res, failing) {
				continue // its id stands under the cause
			}
			m.add(r.markdownResult(res))
			if cause != nil {
				m.add(cause.markdownRules(res.ID))
			}
		}
	}
	m.folded("Could not run", r.with(CouldNotRun), Result.summary)
	if !r.Strict {
		m.folded("Warnings", r.with(Warn), Result.summary)
		m.folded("Not reached", r.with(NotReached), Result.summary)
	}
	m.folded("Known deviations", r.with(KnownFail), func(res Result) string {
		if res.Known == nil {
			return res.summary()
		}
		return res.Known.String()
	})
	if m.leftOut > 0 {
		fmt.Fprintf(&m.Builder, "\n%s left out to keep this short; the other reports have all of it.\n", plural(m.leftOut, "part"))
	}
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("writing the Markdown report: %w", err)
	}
	return nil
}

type markdown struct {
	strings.Builder
	room    int
	leftOut int
}

// add appends a block whole or not at all: half a table or fence would swallow what follows.
func (m *markdown) add(block string) {
	if len(block) > m.room {
		m.leftOut++
		return
	}
	m.room -= len(block)
	_, _ = m.WriteString(block) // a strings.Builder never fails
}

func (r *Report) markdownHead() string {
	var b strings.Builder
	sign := map[string]string{"held": "✅", "failed": "❌", "incomplete": "⚠️"}[state(ExitCode(r))]
	fmt.Fprintf(&b, "## %s kvconform: %s\n\n%s\n\n", sign, markdownText(clip(r.Conclusion.Line, 2000)), markdownText(r.setting()))
	for _, list := range []struct {
		lead  string
		lines []string
	}{{"Fault of kvconform: ", r.Faults}, {"", r.Notes}, {"Not read: ", r.Unread}, {"Left behind: ", r.Left}} {
		for i, line := range list.lines {
			if i == 50 {
				fmt.Fprintf(&b, "> … and %d more\n\n", len(list.lines)-i)
				break
			}
			fmt.Fprintf(&b, "> %s%s\n\n", list.lead, markdownText(oneLine(line)))
		}
	}
	return b.String()
}

// markdownStart lists the causes, the one with the most rules first.
func (r *Report) markdownStart() string {
	causes := r.open()
	if len(causes) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### Start here (%s)\n\n", plural(len(causes), "cause"))
	for i := range causes {
		if i == 10 {
			fmt.Fprintf(&b, "\n… and %d more\n", len(causes)-i)
			break
		}
		fmt.Fprintf(&b, "%d. %s: %s\n", i+1, markdownText(oneLine(causes[i].Title)), causes[i].weight())
	}
	return b.String() + "\n"
}

// leads reports whether a result is the one of its cause that is drawn in full.
func (r *Report) leads(cause *Cause, res Result, failing []Result) bool {
	for _, other := range failing {
		if other.place() == cause.place() && r.causeOf(other.ID) == cause {
			return other.ID == res.ID
		}
	}
	for _, other := range failing {
		if r.causeOf(other.ID) == cause {
			return other.ID == res.ID
		}
	}
	return true
}

// markdownRules lists the other rules of a cause.
func (c *Cause) markdownRules(but string) string {
	var b strings.Builder
	for _, list := range []struct {
		label string
		ids   []string
	}{{"Fails too", c.Breaks}, {"Not judged", c.HoldsBack}} {
		var ids []string
		for _, id := range list.ids {
			if id != but {
				ids = append(ids, markdownText(oneLine(id)))
			}
		}
		if len(ids) > 0 {
			fmt.Fprintf(&b, "%s: %s\n\n", list.label, strings.Join(ids, ", "))
		}
	}
	return b.String()
}

func (r *Report) markdownMatrix() string {
	m := r.matrix()
	if len(m.lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| scenario |")
	for _, v := range m.verdicts {
		fmt.Fprintf(&b, " %s %s |", glyph(v), v)
	}
	b.WriteString("\n|:--|" + strings.Repeat(":-:|", len(m.verdicts)) + "\n")
	line := func(name string, c Counts) {
		b.WriteString("| " + name + " |")
		for _, v := range m.verdicts {
			if n := c.Of(v); n > 0 {
				fmt.Fprintf(&b, " %d |", n)
			} else {
				b.WriteString("  |")
			}
		}
		b.WriteString("\n")
	}
	for _, l := range m.lines {
		line(markdownText(oneLine(l.id)), l.counts)
	}
	line("**total**", m.total)
	return b.String() + "\n"
}

func (r *Report) markdownResult(res Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#### %s %s (%s)\n\n%s\n\n", glyph(res.Verdict), markdownText(oneLine(res.ID)), res.Level, markdownText(oneLine(res.Statement)))
	var rows strings.Builder
	for _, row := range r.explain(res) {
		fmt.Fprintf(&rows, "%-9s %s\n", row.label, strings.ReplaceAll(clip(row.text, 4000), "\n", "\n          "))
	}
	if cmd := r.request(res); cmd != "" {
		fmt.Fprintf(&rows, "%-9s %s\n", "curl", cmd)
	}
	b.WriteString(fence(rows.String()))
	for _, src := range res.Sources {
		fmt.Fprintf(&b, "Source: %s\n\n", markdownLink(src))
	}
	return b.String()
}

func (m *markdown) folded(title string, results []Result, say func(Result) string) {
	if len(results) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<details><summary>%s (%d)</summary>\n\n| rule | level | |\n|:--|:--|:--|\n", title, len(results))
	for i, res := range results {
		if i == 300 {
			fmt.Fprintf(&b, "| … and %d more | | |\n", len(results)-i)
			break
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", markdownText(oneLine(res.ID)), res.Level, markdownText(oneLine(say(res))))
	}
	b.WriteString("\n</details>\n\n")
	m.add(b.String())
}

// fence is a code block whose fence is longer than any in the text.
func fence(text string) string {
	ticks := "```"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks + "text\n" + text + ticks + "\n\n"
}

// markdownText is s as plain text: no markup, no HTML, no cell, no mention and no reference to an issue comes of it.
func markdownText(s string) string {
	s = strings.ReplaceAll(visible(s), "\n", " ")
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "&#64;", "`", "&#96;", "|", `\|`, `\`, `\\`,
		"*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "!", `\!`,
	).Replace(s)
}

func markdownLink(src Source) string {
	address := webAddress(src.URL)
	if address == "" {
		return markdownText(oneLine(src.String()))
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return markdownText(oneLine(src.String()))
	}
	return "[" + markdownText(oneLine(src.Text)) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\\", "%5C", "\n", "").Replace(parsed.String()) + ">)"
}
