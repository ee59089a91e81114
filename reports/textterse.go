package reports

import (
	"fmt"
	"slices"
	"strings"
)

// DefaultCauses is how many causes a terse summary names. With it the first run of a target that deviates everywhere stays
// within a screen or two.
const DefaultCauses = 7

// margin is what stands before a line that belongs to a cause.
const margin = "     "

// mostLines is how many results without a cause, and how many things left behind, a terse summary names.
const mostLines = 5

// terse draws the causes to fix first, a line for whatever needs no action now, the counts and the verdict.
func (t *textWriter) terse() {
	t.notes()
	t.causes()
	t.loose()
	t.asides()
	t.counts()
	t.outcome()
}

// causes draws the first causes: its title and weight, how to cure it, one rule that it breaks, and how to play that again.
func (t *textWriter) causes() {
	causes := t.r.open()
	if len(causes) == 0 {
		return
	}
	head, shown := t.paint(bold, "start here"), causes[:t.most(len(causes))]
	if len(shown) < len(causes) {
		head += fmt.Sprintf(" (%d of %d causes; --max-causes 0 names all, --verbose has each in full)", len(shown), len(causes))
	}
	t.printf("%s\n", head)
	for i, title := range t.titles(shown) {
		c := &shown[i]
		if title = fmt.Sprintf("%3d  %s", i+1, title); t.fits(title, c.weight()) {
			t.printf("%s  %s\n", title, t.paint(dim, c.weight()))
		} else {
			t.hanging(title)
			t.printf("%s%s\n", margin, t.paint(dim, c.weight()))
		}
		t.example(c)
	}
	t.printf("\n")
}

// example draws how to cure a cause, or the rule of which it is, and a result that shows it.
func (t *textWriter) example(c *Cause) {
	example, found := t.r.example(c)
	switch {
	case c.Hint == "":
	case found && t.r.demanded(c):
		t.hanging(margin + "rule " + visible(c.Hint))
	default:
		t.hanging(margin + "fix  " + visible(c.Hint))
	}
	if found {
		t.aLine(margin, example)
	}
}

// demanded reports whether the hint of a cause is the sentence of one of its rules.
func (r *Report) demanded(c *Cause) bool {
	return slices.ContainsFunc(r.where(func(res Result) bool { return slices.Contains(c.Breaks, res.ID) }), func(res Result) bool {
		return res.said() == c.Hint
	})
}

// most is how many of so many causes are named.
func (t *textWriter) most(causes int) int {
	switch limit := t.o.MaxCauses; {
	case limit < 0:
		return causes
	case limit == 0:
		return min(causes, DefaultCauses)
	default:
		return min(causes, limit)
	}
}

// example is the rule that shows a cause best: the worst that it breaks, and of those the one that the cause was found by.
func (r *Report) example(c *Cause) (Result, bool) {
	broken := r.where(func(res Result) bool { return slices.Contains(c.Breaks, res.ID) })
	if len(broken) == 0 {
		return Result{}, false
	}
	slices.SortStableFunc(broken, func(a, b Result) int {
		rank := func(res Result) int {
			place := 2 * slices.Index(Verdicts(), res.Verdict)
			if res.place() != c.place() {
				place++
			}
			return place
		}
		return rank(a) - rank(b)
	})
	return broken[0], true
}

// aLine draws a result in one line, and in another how to play it again.
func (t *textWriter) aLine(margin string, res Result) {
	verdict := strings.ToUpper(string(res.Verdict))
	line := verdict + " " + visible(res.ID) + ": " + res.summary()
	line = strings.TrimRight(fit(line, t.o.Width-len(margin)), " ")
	line = t.paint(colorOf(res.Verdict), verdict) + strings.TrimPrefix(line, verdict)
	t.printf("%s%s\n", margin, line)
	if res.Step == RecordedStep {
		t.printf("%s%s  %s, entry %d\n", margin, t.paint(dim, "in"), visible(res.Play), res.Index)
	}
	if res.Verdict == Fail && res.Reason != "" { // an entry of the baseline that excuses it no more
		t.prose(margin, visible(res.Reason))
	}
	if again := t.r.again(res); again != "" {
		t.printf("%s%s  %s\n", margin, t.paint(dim, "again"), visible(again))
	}
}

// loose draws the failures that no cause explains, what could not run, and what was left behind.
func (t *textWriter) loose() {
	var lines []Result
	for _, res := range t.r.where(t.r.Failing) {
		if c := t.r.causeOf(res.ID); (c == nil || c.Known) && res.Verdict != NotReached {
			lines = append(lines, res)
		}
	}
	for _, res := range lines[:min(len(lines), mostLines)] {
		if res.Verdict == Stale { // its line says what to edit, so that it is not cut
			t.prose("", t.paint(red, "STALE")+" "+visible(res.ID)+": "+res.summary())
			continue
		}
		t.aLine("", res)
	}
	if more := len(lines) - mostLines; more > 0 {
		t.printf("and %d more; --verbose names them\n", more)
	}
	reasons := map[string][]Result{}
	var order []string
	for _, res := range t.r.with(CouldNotRun) {
		if reasons[res.Reason] == nil {
			order = append(order, res.Reason)
		}
		reasons[res.Reason] = append(reasons[res.Reason], res)
	}
	for _, reason := range order[:min(len(order), mostLines)] {
		one := reasons[reason][0]
		if more := len(reasons[reason]) - 1; more > 0 {
			one.Reason = fmt.Sprintf("%s (and %s)", reason, plural(more, "other rule"))
		}
		t.aLine("", one)
	}
	for _, name := range t.r.Left[:min(len(t.r.Left), mostLines)] {
		t.printf("left behind: %s\n", oneLine(name))
	}
	if more := len(t.r.Left) - mostLines; more > 0 {
		t.printf("left behind: %d more; --verbose names them\n", more)
	}
	if len(lines)+len(order)+len(t.r.Left) > 0 {
		t.printf("\n")
	}
}

// asides draws a line for each kind of result that is not to be acted on now, and says how to list them.
func (t *textWriter) asides() {
	drawn := false
	for _, kind := range []struct {
		verdict Verdict
		name    string
	}{{Warn, "warnings"}, {NotReached, "not reached"}, {KnownFail, "known"}, {Info, "recorded"}} {
		results := t.r.with(kind.verdict)
		if len(results) == 0 {
			continue
		}
		held := 0
		for _, res := range results {
			if t.r.causeOf(res.ID) != nil {
				held++
			}
		}
		text := plural(len(results), "rule")
		switch {
		case kind.verdict == NotReached && held == len(results):
			text += " because of a cause"
		case kind.verdict == NotReached && held > 0:
			text += fmt.Sprintf(", %d of them because of a cause", held)
		}
		t.printf("%-12s %s; --verbose lists them\n", kind.name, text)
		drawn = true
	}
	if drawn {
		t.printf("\n")
	}
}
