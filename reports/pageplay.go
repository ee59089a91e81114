package reports

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

type pagePlay struct {
	Name, Scenario, Error string
	Took                  string
	Stories               []pageStory
	Steps                 []pageStep
}

type pageStep struct {
	Anchor, Label, Operation string
	Method, URL              string
	Status, Failure          string
	Class                    string // ok, refused, broken
	Took, Waited             string
	Attempts                 int
	BarWait, BarSent         [2]string // x and width of the timeline's two parts, in percent
	Judged                   []pageJudged
	Request, Response        *pageMessage
	LeftOut                  bool
	Before                   int // looks before this one that are left out
}

// mostPolls is how many of the many looks at one thing a page shows from each end.
const mostPolls = 5

type pageJudged struct {
	ID, Mark string
	Verdict  Verdict
}

type pageMessage struct {
	Header string
	Body   *printedBody
}

func (r *Report) anchors() map[*Step]string {
	anchors := map[*Step]string{}
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			anchors[&r.Plays[i].Steps[j]] = fmt.Sprintf("x%d", len(anchors)+1)
		}
	}
	return anchors
}

// judgedOn lists the results of each exchange.
func (r *Report) judgedOn() map[*Step][]Result {
	judged := map[*Step][]Result{}
	for _, s := range r.Scenarios {
		for _, res := range s.Rules {
			if step, ok := r.Exchange(res); ok {
				judged[step] = append(judged[step], res)
			}
		}
	}
	return judged
}

func (r *Report) pagePlays(anchors map[*Step]string) ([]pagePlay, *pageMessages) {
	judged := r.judgedOn()
	var plays []pagePlay
	var steps []*pageStep
	var of []*Step
	for i := range r.Plays {
		p := &r.Plays[i]
		drawn := pagePlay{Name: visible(p.Name), Scenario: visible(p.Scenario), Error: visible(p.Error), Stories: r.stories(p, anchors)}
		scale := timeline(p)
		drawn.Took = scale.took().String()
		before := 0
		for j := range p.Steps {
			s := &p.Steps[j]
			if len(judged[s]) == 0 && betweenPolls(p.Steps, j) {
				before++
				continue
			}
			shown := newPageStep(s, anchors[s], judged[s])
			shown.BarWait, shown.BarSent = scale.place(s)
			shown.Before, before = before, 0
			drawn.Steps, of = append(drawn.Steps, shown), append(of, s)
		}
		plays = append(plays, drawn)
	}
	for i := range plays {
		for j := range plays[i].Steps {
			steps = append(steps, &plays[i].Steps[j])
		}
	}
	return plays, &pageMessages{steps: steps, of: of, judged: judged}
}

// betweenPolls says whether a step is one of many looks at the same thing, and neither among the first nor the last.
func betweenPolls(steps []Step, j int) bool {
	return j >= mostPolls && j+mostPolls < len(steps) &&
		steps[j-mostPolls].Name == steps[j].Name && steps[j+mostPolls].Name == steps[j].Name
}

func newPageStep(s *Step, anchor string, judged []Result) pageStep {
	x := pageStep{
		Anchor: anchor, Label: visible(s.label()), Operation: visible(s.Operation), Method: visible(s.Method), URL: visible(s.URL),
		Status: fmt.Sprint(s.Status), Failure: visible(s.Failure), Took: s.Took.String(), Attempts: s.Attempts,
	}
	if s.Waited > 0 {
		x.Waited = s.Waited.String()
	}
	switch {
	case s.Status == 0:
		x.Class, x.Status = "broken", "—"
	case s.Status >= 500:
		x.Class = "broken"
	case s.Status >= 400:
		x.Class = "refused"
	default:
		x.Class = "ok"
	}
	for _, res := range judged {
		x.Judged = append(x.Judged, pageJudged{visible(res.ID), glyph(res.Verdict), res.Verdict})
	}
	return x
}

// trouble collects the members that rules found fault with, and says whether a rule did not pass at all.
func trouble(judged []Result) (marks map[string][]string, troubled bool) {
	marks = map[string][]string{}
	for _, res := range judged {
		if res.Verdict == Pass || res.Verdict == Info {
			continue
		}
		troubled = true
		if res.Member != "" && res.Verdict != Stale {
			marks[res.Member] = append(marks[res.Member], visible(res.ID))
		}
	}
	return marks, troubled
}

func newPageMessage(h http.Header, body string, marks map[string][]string) *pageMessage {
	m := &pageMessage{Header: headerText(h)}
	if body != "" || len(marks) > 0 {
		b := printBody(body, marks)
		b.Lines = joined(b.Lines)
		m.Body = &b
	}
	return m
}

// joined makes one line of those between two that a rule found fault with: the template draws each line by itself, and a
// body has dozens.
func joined(lines []bodyLine) []bodyLine {
	var runs []bodyLine
	for at := 0; at < len(lines); {
		if len(lines[at].Rules) > 0 {
			runs, at = append(runs, lines[at]), at+1
			continue
		}
		var text strings.Builder
		for first := at; at < len(lines) && len(lines[at].Rules) == 0; at++ {
			if at > first {
				text.WriteByte('\n')
			}
			text.WriteString(lines[at].Text)
		}
		runs = append(runs, bodyLine{Text: text.String()})
	}
	return runs
}

// moreOf says how much of a body the report leaves out.
func moreOf(s *Step) string {
	if s.ResponseMore == 0 {
		return ""
	}
	return fmt.Sprintf("… and %d more bytes", s.ResponseMore)
}

func (m *pageMessage) size() int {
	n := escapedLen(m.Header) + 120 // with the elements around it
	if m.Body != nil {
		for _, line := range m.Body.Lines {
			n += escapedLen(line.Text) + 1
		}
	}
	return n
}

// Heading is the header as text of the page.
func (m *pageMessage) Heading() template.HTML { return escaped(m.Header) }

// Escaped is the line as text of the page.
func (l bodyLine) Escaped() template.HTML { return escaped(l.Text) }

// escaped is a text between elements. The template would write a quotation mark in five bytes, as attributes need it, and
// a page of bodies in JSON has a hundred thousand.
func escaped(text string) template.HTML {
	return template.HTML(escaper.Replace(text)) //nolint:gosec // escaped here
}

// escaper is used by many pages at once.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "\uFFFD")

// escapedLen is the length of an escaped text.
func escapedLen(text string) int {
	return len(text) + 4*strings.Count(text, "&") + 3*(strings.Count(text, "<")+strings.Count(text, ">")) + 2*strings.Count(text, "\x00")
}

func headerText(h http.Header) string {
	var b strings.Builder
	for _, name := range sortedKeys(h) {
		for _, value := range h[name] {
			b.WriteString(visible(name) + ": " + clip(visible(value), 600) + "\n")
		}
	}
	return b.String()
}

// scale places exchanges on the timeline of their play.
type scale struct {
	start time.Time
	span  float64
}

// timeline goes from the first request to the last response: before the first a play waits for its turn beside others, which
// says nothing of the target and would leave the picture empty.
func timeline(p *Play) scale {
	var s scale
	var end time.Time
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Started.IsZero() {
			continue
		}
		if began := step.Started.Add(-time.Duration(step.Waited)); s.start.IsZero() || began.Before(s.start) {
			s.start = began
		}
		if ended := step.Started.Add(time.Duration(step.Took)); ended.After(end) {
			end = ended
		}
	}
	s.span = end.Sub(s.start).Seconds()
	return s
}

// took is how long a play was under way.
func (s scale) took() Duration { return Duration(s.span * float64(time.Second)) }

func (s scale) place(step *Step) (wait, sent [2]string) {
	if s.span <= 0 || s.start.IsZero() || step.Started.IsZero() {
		return [2]string{"0", "0"}, [2]string{"0", "0"}
	}
	at := min(max(step.Started.Sub(s.start).Seconds()/s.span*100, 0), 100)
	took := min(max(time.Duration(step.Took).Seconds()/s.span*100, 0.5), 100)
	waited := min(time.Duration(step.Waited).Seconds()/s.span*100, at)
	at = min(at, 100-took)
	return [2]string{percent(max(at-waited, 0)), percent(waited)}, [2]string{percent(at), percent(took)}
}
