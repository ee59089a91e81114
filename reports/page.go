package reports

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

// maxPageBodies bounds the bodies and headers of a page, in bytes, so that the page stays under 2 MB.
const maxPageBodies = 1200 << 10

// page is the report as the HTML template draws it: everything decided, nothing left to compute.
type page struct {
	Policy    string
	Style     template.CSS
	Script    template.JS
	Title     string
	State     string // held, failed or incomplete
	Outcome   string
	Facts     []row
	Notes     []string
	Faults    []string
	Left      []string
	Total     int
	Bar       []barPart
	Verdicts  []Verdict
	Levels    []Level
	Matrix    []pageLine
	Sum       []pageCell
	Scenarios []pageScenario
	Plays     []pagePlay
}

// Label and Text let the template read a row.
func (x row) Label() string { return x.label }

// Text is what belongs to the label.
func (x row) Text() string { return x.text }

type barPart struct {
	Verdict Verdict
	Count   int
	X, W    string
}

type pageLine struct {
	ID, Title string
	Cells     []pageCell
}

type pageCell struct {
	Verdict Verdict
	Count   int
}

type pageScenario struct {
	ID, Title, URL string
	Rules          []pageRule
}

type pageRule struct {
	Result
	Mark    string
	Open    bool
	Failing bool
	Rows    []row
	Curl    string
	Links   []pageSource
	At      string // anchor of the exchange
	AtName  string
}

type pageSource struct{ Text, URL string }

type pagePlay struct {
	Name, Scenario, Error string
	Took                  string
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
}

type pageJudged struct {
	ID, Mark string
	Verdict  Verdict
}

type pageMessage struct {
	Header string
	Body   *printedBody
}

func newPage(r *Report) page {
	p := page{
		Policy: policy(), Style: template.CSS(pageStyle), Script: template.JS(pageScript), //nolint:gosec // our own embedded files
		Title: "kvconform: " + oneLine(strings.TrimSpace(r.Target.Name+" "+r.Target.Endpoint)), State: state(r.Outcome.ExitCode),
		Outcome: visible(r.Outcome.Line), Facts: r.facts(), Levels: Levels(),
		Notes: allVisible(r.Notes), Faults: allVisible(r.Faults), Left: allVisible(r.Left),
	}
	m := r.matrix()
	p.Total, p.Verdicts, p.Sum = m.total.Rules, m.verdicts, m.cells(m.total)
	for _, line := range m.lines {
		p.Matrix = append(p.Matrix, pageLine{visible(line.id), visible(line.title), m.cells(line.counts)})
	}
	p.Bar = bar(m)
	anchors := r.anchors()
	few := len(r.where(r.Failing)) <= 12
	for _, s := range r.Scenarios {
		ps := pageScenario{ID: visible(s.ID), Title: visible(s.Title), URL: webAddress(s.URL)}
		for _, res := range s.Rules {
			ps.Rules = append(ps.Rules, r.pageRule(res, anchors, few))
		}
		p.Scenarios = append(p.Scenarios, ps)
	}
	p.Plays = r.pagePlays(anchors)
	return p
}

func state(exit int) string {
	switch exit {
	case ExitHeld:
		return "held"
	case ExitFailed, ExitOwnFault:
		return "failed"
	}
	return "incomplete"
}

func (r *Report) facts() []row {
	t := r.Target
	selection := "the whole catalogue"
	if len(r.Selection.Scenarios)+len(r.Selection.Rules) > 0 {
		selection = "only " + strings.Join(append(append([]string(nil), r.Selection.Scenarios...), r.Selection.Rules...), ", ")
	}
	oracle := r.Oracle
	if r.Strict {
		oracle += ", strict"
	}
	var rows []row
	for _, x := range []row{
		{"Target", strings.TrimSpace(t.Name + " " + t.Endpoint)},
		{"Product", strings.TrimSpace(t.Product + " " + t.ProductVersion)},
		{"Profile", t.Profile},
		{"Not claimed", strings.Join(t.Claims.Without, ", ")},
		{"Contact", t.Contact},
		{"To reproduce", t.Reproduce},
		{"api-version", r.APIVersion},
		{"Oracle", oracle},
		{"Selection", selection},
		{"Started", formatTime(r.Started)},
		{"Took", r.Took.String()},
		{"Judged by", strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version + " " + r.Tool.Commit)},
	} {
		if x.text != "" {
			x.text = visible(x.text)
			rows = append(rows, x)
		}
	}
	return rows
}

func (m matrix) cells(c Counts) []pageCell {
	cells := make([]pageCell, len(m.verdicts))
	for i, v := range m.verdicts {
		cells[i] = pageCell{v, c.Of(v)}
	}
	return cells
}

func bar(m matrix) []barPart {
	var parts []barPart
	x := 0.0
	for i := len(m.verdicts) - 1; i >= 0; i-- { // passes to the left
		v := m.verdicts[i]
		w := 100 * float64(m.total.Of(v)) / float64(m.total.Rules)
		parts = append(parts, barPart{v, m.total.Of(v), percent(x), percent(w)})
		x += w
	}
	return parts
}

func percent(f float64) string { return fmt.Sprintf("%.2f%%", f) }

// glyph lets a verdict be told from another without its colour.
func glyph(v Verdict) string {
	switch v {
	case Pass:
		return "✓"
	case Fail:
		return "✗"
	case Warn:
		return "!"
	case Info:
		return "i"
	case NotReached:
		return "○"
	case NotClaimed:
		return "–"
	case KnownFail:
		return "≈"
	case Stale:
		return "↻"
	}
	return "?"
}

// Mark is the sign of the verdict.
func (v Verdict) Mark() string { return glyph(v) }

func (r *Report) pageRule(res Result, anchors map[*Step]string, open bool) pageRule {
	x := pageRule{Result: res, Failing: r.Failing(res), Rows: r.explain(res)}
	x.ID, x.Statement, x.Feature = visible(res.ID), visible(res.Statement), visible(res.Feature)
	x.Open = open && x.Failing
	if step, ok := r.Exchange(res); ok {
		x.At, x.AtName = anchors[step], visible(res.Play)+" · "+visible(step.label())
		if res.Verdict != Pass {
			x.Curl = step.Curl()
		}
	}
	for _, src := range res.Sources {
		x.Links = append(x.Links, pageSource{visible(src.Text), webAddress(src.URL)})
	}
	return x
}

// webAddress lets only web addresses become links.
func webAddress(url string) string {
	if strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
		return url
	}
	return ""
}

func allVisible(in []string) []string {
	var out []string
	for _, s := range in {
		out = append(out, visible(s))
	}
	return out
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

func (r *Report) pagePlays(anchors map[*Step]string) []pagePlay {
	judged := r.judgedOn()
	var plays []pagePlay
	var steps []*pageStep
	var of []*Step
	for i := range r.Plays {
		p := &r.Plays[i]
		drawn := pagePlay{Name: visible(p.Name), Scenario: visible(p.Scenario), Error: visible(p.Error), Took: p.Took.String()}
		drawn.Steps = make([]pageStep, len(p.Steps))
		scale := timeline(p)
		for j := range p.Steps {
			s := &p.Steps[j]
			drawn.Steps[j] = newPageStep(s, anchors[s], judged[s])
			drawn.Steps[j].BarWait, drawn.Steps[j].BarSent = scale.place(s)
			steps, of = append(steps, &drawn.Steps[j]), append(of, s)
		}
		plays = append(plays, drawn)
	}
	fillMessages(steps, of, judged)
	return plays
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

// fillMessages prints headers and bodies while there is room: first of the exchanges that a rule did not pass on, then of all others.
func fillMessages(steps []*pageStep, of []*Step, judged map[*Step][]Result) {
	room := maxPageBodies
	for _, first := range []bool{true, false} {
		for i, s := range of {
			marks, troubled := trouble(judged[s])
			if troubled != first {
				continue
			}
			request := newPageMessage(s.RequestHeader, s.RequestBody, nil)
			response := newPageMessage(s.ResponseHeader, s.ResponseBody, marks)
			if room -= request.size() + response.size(); room < 0 {
				steps[i].LeftOut = true
				continue
			}
			steps[i].Request, steps[i].Response = request, response
		}
	}
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
		m.Body = &b
	}
	return m
}

func (m *pageMessage) size() int {
	n := len(m.Header)
	if m.Body != nil {
		for _, line := range m.Body.Lines {
			n += len(template.HTMLEscapeString(line.Text)) + 1
		}
	}
	return n
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

func timeline(p *Play) scale {
	s := scale{start: p.Started, span: time.Duration(p.Took).Seconds()}
	for i := range p.Steps {
		step := &p.Steps[i]
		s.span = max(s.span, step.Started.Sub(p.Started).Seconds()+time.Duration(step.Took).Seconds())
	}
	return s
}

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
