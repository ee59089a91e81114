package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mostAtStart is how many causes the block above the headline names.
const mostAtStart = 4

// open lists the causes that the baseline does not know, the one with the most rules first.
func (r *Report) open() []Cause {
	return slices.DeleteFunc(slices.Clone(r.Causes), func(c Cause) bool { return c.Known })
}

// causeOf is the first cause that breaks a rule or keeps it from being judged, nil where there is none.
func (r *Report) causeOf(rule string) *Cause {
	at := slices.IndexFunc(r.Causes, func(c Cause) bool {
		return slices.Contains(c.Breaks, rule) || slices.Contains(c.HoldsBack, rule)
	})
	if at < 0 {
		return nil
	}
	return &r.Causes[at]
}

// weight says how many rules a cause breaks and keeps from being judged.
func (c *Cause) weight() string {
	var parts []string
	if n := len(c.Breaks); n > 0 {
		parts = append(parts, "breaks "+plural(n, "rule"))
	}
	if n := len(c.HoldsBack); n > 0 {
		parts = append(parts, "keeps "+strconv.Itoa(n)+" from being judged")
	}
	return strings.Join(parts, ", ")
}

// start names the causes to fix first, in five lines at most.
func (t *textWriter) start() {
	causes := t.r.open()
	if len(causes) == 0 {
		return
	}
	t.printf("%s\n", t.paint(bold, "start here"))
	causes = causes[:min(len(causes), mostAtStart)]
	titles := t.titles(causes)
	for i := range causes {
		t.printf("  %d  %s  %s\n", i+1, fit(titles[i], max(t.o.Width-7-utf8.RuneCountInString(causes[i].weight()), 20)), t.paint(dim, causes[i].weight()))
	}
	t.printf("\n")
}

// titles are the titles of causes, filled to a width that leaves room for every weight, so that the weights stand in one
// column. A title that is wider stays as it is.
func (t *textWriter) titles(causes []Cause) []string {
	column, wide := t.o.Width, 0
	titles := make([]string, len(causes))
	for i := range causes {
		titles[i] = oneLine(visible(causes[i].Title))
		column = min(column, t.o.Width-7-utf8.RuneCountInString(causes[i].weight()))
		wide = max(wide, utf8.RuneCountInString(titles[i]))
	}
	for i, title := range titles {
		titles[i] = title + strings.Repeat(" ", max(min(column, wide)-utf8.RuneCountInString(title), 0))
	}
	return titles
}

// fits reports whether two texts have room in one line, two blanks apart.
func (t *textWriter) fits(one, other string) bool {
	return utf8.RuneCountInString(one)+2+utf8.RuneCountInString(other) <= t.o.Width
}

// fit cuts or fills a text to a width.
func fit(text string, width int) string {
	width = max(width, 20)
	runes := []rune(strings.ReplaceAll(text, "\n", " "))
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return string(runes) + strings.Repeat(" ", width-len(runes))
}

// byCause draws the failing rules under their causes: one in full, the others as ids, and what each cause keeps from
// being judged. It returns the failing rules that no cause explains.
func (t *textWriter) byCause(failing []Result) []Result {
	drawn := map[string]bool{}
	number := 0
	for _, c := range t.r.open() {
		number++
		var own []Result
		for _, res := range failing {
			if slices.Contains(c.Breaks, res.ID) && !drawn[res.ID] {
				own = append(own, res)
			}
		}
		if len(own) == 0 {
			continue
		}
		t.printf("%s  %s\n", t.paint(bold, fmt.Sprintf("cause %d", number)), t.paint(bold, visible(c.Title)))
		t.prose(indent, t.r.described(&c))
		t.printf("\n")
		example := max(slices.IndexFunc(own, func(res Result) bool { return res.place() == c.place() }), 0)
		t.whole(own[example])
		var others []string
		for i, res := range own {
			drawn[res.ID] = true
			if i != example {
				others = append(others, visible(res.ID))
			}
		}
		t.ids("fails too:", others)
		var warned []string
		for _, res := range t.r.with(Warn) {
			if !t.r.Strict && slices.Contains(c.Breaks, res.ID) && t.r.causeOf(res.ID).Key == c.Key {
				warned = append(warned, visible(res.ID))
			}
		}
		t.ids("warns:", warned)
		t.ids("not judged:", c.HoldsBack)
	}
	return slices.DeleteFunc(slices.Clone(failing), func(res Result) bool { return drawn[res.ID] })
}

func (c *Cause) place() Place { return Place{c.Play, c.Step, c.Index} }

// described says how far a cause reaches, how it is cured if that is not the sentence of a rule drawn below, and its key.
func (r *Report) described(c *Cause) string {
	text := c.weight() + "; " + plural(c.Exchanges, "response")
	if len(c.Operations) > 0 {
		text += ", of " + strings.Join(c.Operations, ", ") + " too"
	}
	if c.Hint != "" && !r.demanded(c) {
		text += "; " + visible(c.Hint)
	}
	return text + "; key " + visible(c.Key)
}

func (t *textWriter) ids(label string, ids []string) {
	if len(ids) == 0 {
		return
	}
	t.prose(indent, label+" "+visible(strings.Join(ids, ", ")))
	t.printf("\n")
}

// underFailing reports whether a result is drawn under a cause that makes a rule fail.
func (r *Report) underFailing(res Result) bool {
	c := r.causeOf(res.ID)
	if c == nil || c.Known || res.Verdict == Warn && !slices.Contains(c.Breaks, res.ID) {
		return false
	}
	return slices.ContainsFunc(r.where(r.Failing), func(failing Result) bool { return slices.Contains(c.Breaks, failing.ID) })
}
