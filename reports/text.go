package reports

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// TextOptions says how the terminal's summary looks. The zero value is terse: the causes to fix first, a line for each kind
// of result that needs no action, the counts and the verdict.
type TextOptions struct {
	Color   bool // ANSI colours
	Width   int  // columns to wrap prose at; 0: 100. Commands and addresses are never wrapped, so that they can be copied
	Verbose bool // each cause with one failure in full, and every other rule by its id
	Quiet   bool // the verdict in one line, and nothing else
	Version bool // begin that line with the api-version, to tell several apart
	// MaxCauses is how many causes a terse summary names; 0 means DefaultCauses, less than 0 all.
	MaxCauses int
}

// WriteText writes the summary for a terminal; its last line is the setting of the run, and the line before it the verdict.
func WriteText(w io.Writer, r *Report, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := &textWriter{Writer: bufio.NewWriter(w), r: r, o: o}
	switch {
	case o.Quiet:
		if o.Version {
			_, _ = t.WriteString(r.APIVersion + ": ") // Flush reports an error
		}
		t.verdict()
	case o.Verbose:
		t.inFull()
	default:
		t.terse()
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// inFull draws everything: notes, failures under their causes, what could not run, warnings, what was not reached by its
// reason, what is known, recorded, not claimed or passed, the counts of each scenario, the causes again in short, and the
// verdict.
func (t *textWriter) inFull() {
	t.notes()
	t.failures()
	t.section("Could not run", CouldNotRun, t.grouped)
	if !t.r.Strict {
		t.rest("Warnings", Warn, t.each(t.short))
		t.rest("Not reached", NotReached, t.grouped)
	}
	t.section("Known deviations", KnownFail, t.each(t.short))
	t.section("Recorded", Info, t.each(t.mention))
	t.section("Not claimed", NotClaimed, t.each(t.mention))
	t.section("Passed", Pass, t.each(t.mention))
	t.left()
	t.counts()
	t.start()
	t.outcome()
}

// textWriter leaves errors to the buffered writer, which keeps the first and returns it from Flush.
type textWriter struct {
	*bufio.Writer
	r *Report
	o TextOptions
}

func (t *textWriter) printf(format string, args ...any) { _, _ = fmt.Fprintf(t, format, args...) }

const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
	blue   = "36"
)

func (t *textWriter) paint(code, s string) string {
	if !t.o.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func colorOf(v Verdict) string {
	switch v {
	case Fail, Stale, CouldNotRun:
		return red
	case Warn:
		return yellow
	case Pass:
		return green
	case Info:
		return blue
	}
	return dim
}

func (t *textWriter) heading(s string) { t.printf("%s\n\n", t.paint(bold, s)) }

func (t *textWriter) notes() {
	for _, note := range t.r.Notes {
		t.prose("", "note: "+visible(note))
	}
	for _, unread := range t.r.Unread {
		t.prose("", t.paint(yellow, "not read")+": "+visible(unread))
	}
	for _, fault := range t.r.Faults {
		t.prose("", t.paint(red, "fault of kvconform")+": "+visible(fault))
	}
	if len(t.r.Notes)+len(t.r.Unread)+len(t.r.Faults) > 0 {
		t.printf("\n")
	}
}

func (t *textWriter) failures() {
	failing := t.r.where(t.r.Failing)
	if len(failing) == 0 {
		return
	}
	t.heading(fmt.Sprintf("Failures (%d)", len(failing)))
	for _, res := range t.byCause(failing) {
		t.whole(res)
	}
}

// rest draws the results with a verdict that stand under no failing cause.
func (t *textWriter) rest(title string, v Verdict, draw func([]Result)) {
	results := slices.DeleteFunc(slices.Clone(t.r.with(v)), t.r.underFailing)
	if len(results) > 0 {
		t.heading(fmt.Sprintf("%s (%d)", title, len(results)))
		draw(results)
	}
}

// where lists the results that keep says, in the order of the report.
func (r *Report) where(keep func(Result) bool) []Result {
	var found []Result
	for _, s := range r.Scenarios {
		for _, res := range s.Rules {
			if keep(res) {
				found = append(found, res)
			}
		}
	}
	return found
}

func (r *Report) with(v Verdict) []Result {
	return r.where(func(res Result) bool { return res.Verdict == v })
}

func (t *textWriter) section(title string, v Verdict, draw func([]Result)) {
	if results := t.r.with(v); len(results) > 0 {
		t.heading(fmt.Sprintf("%s (%d)", title, len(results)))
		draw(results)
	}
}

func (t *textWriter) each(draw func(Result)) func([]Result) {
	return func(results []Result) {
		for _, res := range results {
			draw(res)
		}
		t.printf("\n")
	}
}

const indent = "      "

// whole draws a result with all that its reader needs to act on it.
func (t *textWriter) whole(res Result) {
	t.title(res)
	t.prose(indent, visible(res.Statement))
	if res.Verdict == Stale && res.Reason == "" {
		t.prose(indent, "The baseline says that this fails, and it passes: remove the entry.")
	}
	for _, row := range t.r.printed(res) {
		t.row(row)
	}
	t.printf("\n")
}

func (t *textWriter) title(res Result) {
	t.printf("%s  %s %s\n", t.paint(colorOf(res.Verdict), strings.ToUpper(string(res.Verdict))), t.paint(bold, visible(res.ID)), t.paint(dim, "("+string(res.Level)+")"))
}

const labelWidth = 10

func (t *textWriter) row(x row) {
	pad := strings.Repeat(" ", max(labelWidth-len(x.label), 1))
	lines := strings.Split(strings.TrimRight(clip(x.text, 6000), "\n"), "\n")
	hang := indent + strings.Repeat(" ", labelWidth)
	t.printf("%s%s%s%s\n", indent, t.paint(dim, x.label), pad, lines[0])
	for _, line := range lines[1:] {
		t.printf("%s%s\n", hang, line)
	}
}

// short draws a result in two lines.
func (t *textWriter) short(res Result) {
	t.title(res)
	t.prose(indent, visible(res.Statement))
	if res.Verdict != KnownFail {
		t.prose(indent, res.summary())
		return
	}
	if res.Known != nil {
		t.prose(indent, "baseline: "+oneLine(res.Known.String()))
	}
}

// mention draws a result in one line.
func (t *textWriter) mention(res Result) {
	s := "  " + visible(res.ID)
	if len(res.As) == 1 {
		s += " as " + visible(res.As[0])
		if res.As[0] != "inferred" {
			s += " only"
		}
	}
	if res.Verdict == Info && res.Got != "" {
		s += ": " + oneLine(res.Got)
	}
	t.printf("%s\n", s)
}

// grouped draws results under the reason that they share.
func (t *textWriter) grouped(results []Result) {
	var reasons []string
	byReason := map[string][]string{}
	for _, res := range results {
		reason := oneLine(res.Reason)
		if reason == "" {
			reason = "no reason is given"
		}
		if _, seen := byReason[reason]; !seen {
			reasons = append(reasons, reason)
		}
		byReason[reason] = append(byReason[reason], visible(res.ID))
	}
	for _, reason := range reasons {
		t.prose("  ", reason+":")
		t.prose(indent, strings.Join(byReason[reason], ", "))
	}
	t.printf("\n")
}

func (t *textWriter) left() {
	if len(t.r.Left) == 0 {
		return
	}
	t.heading(fmt.Sprintf("Left behind (%d)", len(t.r.Left)))
	for _, name := range t.r.Left {
		t.printf("  %s\n", oneLine(name))
	}
	t.printf("\n")
}

func (t *textWriter) outcome() {
	t.verdict()
	t.prose("", t.r.setting())
}

// verdict draws the headline.
func (t *textWriter) verdict() {
	code := green
	switch t.r.Conclusion.ExitCode {
	case ExitHeld:
	case ExitIncomplete, ExitInterrupted:
		code = yellow
	default:
		code = red
	}
	t.printf("%s\n", t.paint(code, visible(t.r.Conclusion.Line)))
}

// versioned is the api-version, with the one whose rules were applied to it if kvconform does not know it.
func (r *Report) versioned() string {
	if r.Like == "" {
		return r.APIVersion
	}
	return r.APIVersion + " like " + r.Like
}

// setting is what the verdicts hold for: the target, the api-version, the oracle and the time it took.
func (r *Report) setting() string {
	parts := []string{oneLine(strings.TrimSpace(r.Target.Name + " " + r.Target.Endpoint))}
	if r.APIVersion != "" {
		parts = append(parts, "api-version "+oneLine(r.versioned()))
	}
	if r.Oracle != "" {
		oracle := "oracle " + oneLine(r.Oracle)
		if r.Strict {
			oracle += ", strict"
		}
		parts = append(parts, oracle)
	}
	if n := r.Counts.AsDocumented; n > 0 {
		parts = append(parts, fmt.Sprintf("%d passed as documented only", n))
	}
	if n := r.Counts.AsObserved; n > 0 {
		parts = append(parts, fmt.Sprintf("%d passed as observed only", n))
	}
	if n := r.Counts.AsInferred; n > 0 {
		parts = append(parts, fmt.Sprintf("%d passed as inferred", n))
	}
	if len(r.Selection.Scenarios)+len(r.Selection.Rules) > 0 {
		parts = append(parts, "a selection of the rules")
	}
	parts = append(parts, "took "+r.Took.String())
	return strings.TrimPrefix(strings.Join(parts, " · "), " · ")
}

// hanging draws a text that stands behind a number or a label of five columns, wrapped below its own first word.
func (t *textWriter) hanging(text string) {
	text = strings.TrimRight(text, " ")
	label, rest := text[:len(margin)], text[len(margin):]
	if label == margin { // a label stands in the text
		label, rest = text[:2*len(margin)], text[2*len(margin):]
	}
	deep := strings.Repeat(" ", len(label))
	line := label
	for i, word := range strings.Fields(rest) {
		if i > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > t.o.Width {
			t.printf("%s\n", line)
			line = deep + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	t.printf("%s\n", line)
}

// prose writes s wrapped at the width, each line behind the indent.
func (t *textWriter) prose(indent, s string) {
	for para := range strings.SplitSeq(s, "\n") {
		line := ""
		for _, word := range strings.Fields(para) {
			if line != "" && utf8.RuneCountInString(indent+line)+1+utf8.RuneCountInString(word) > t.o.Width {
				t.printf("%s%s\n", indent, line)
				line = ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		t.printf("%s%s\n", indent, line)
	}
}
