package reports

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// matrix is the counts of each scenario, with only the verdicts that occur.
type matrix struct {
	verdicts []Verdict
	lines    []matrixLine
	total    Counts
}

type matrixLine struct {
	id, title string
	counts    Counts
}

func (r *Report) matrix() matrix {
	m := matrix{total: r.count()}
	for _, v := range Verdicts() {
		if m.total.Of(v) > 0 {
			m.verdicts = append(m.verdicts, v)
		}
	}
	for _, s := range r.Scenarios {
		m.lines = append(m.lines, matrixLine{s.ID, s.Title, s.Count()})
	}
	return m
}

// counts draws the matrix, the verdicts as columns.
func (t *textWriter) counts() {
	m := t.r.matrix()
	if len(m.lines) == 0 {
		return
	}
	wide := len("total")
	for _, line := range m.lines {
		wide = max(wide, utf8.RuneCountInString(visible(line.id)))
	}
	head := fmt.Sprintf("%-*s", wide, "scenario")
	for _, v := range m.verdicts {
		head += fmt.Sprintf("  %*s", columnWidth(v), v)
	}
	t.printf("%s\n", t.paint(bold, head))
	for _, line := range m.lines {
		t.countLine(wide, visible(line.id), line.counts, m.verdicts)
	}
	t.countLine(wide, "total", m.total, m.verdicts)
	t.printf("\n")
}

func columnWidth(v Verdict) int { return max(len(v), 4) }

func (t *textWriter) countLine(wide int, name string, c Counts, verdicts []Verdict) {
	t.printf("%s%s", name, strings.Repeat(" ", wide-utf8.RuneCountInString(name)))
	for _, v := range verdicts {
		n := c.Of(v)
		cell := fmt.Sprintf("%*d", columnWidth(v), n)
		if n == 0 {
			cell = t.paint(dim, fmt.Sprintf("%*s", columnWidth(v), "·"))
		} else {
			cell = t.paint(colorOf(v), cell)
		}
		t.printf("  %s", cell)
	}
	t.printf("\n")
}
