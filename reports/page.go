package reports

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
)

// maxPage is how long a page may get, in bytes; bodies and headers have what the rest of it leaves. A run of the whole
// catalogue needs 3.5 MB.
const maxPage = 4900 << 10

// page is the report as the HTML template draws it: everything decided, nothing left to compute.
type page struct {
	Policy     string
	Style      template.CSS
	Script     template.JS
	Title      string
	State      string // held, failed or incomplete
	Outcome    string
	Facts      []row
	Notes      [][]piece
	Faults     []string
	Left       []string
	Causes     []pageCause
	CauseCount string // how many causes there are, before what is said of their order
	Total      int
	Bar        []barPart
	Verdicts   []Verdict
	Levels     []Level
	Matrix     []pageLine
	Sum        []pageCell
	Scenarios  []pageScenario
	Plays      []pagePlay
}

// Label and Text let the template read a row.
func (x row) Label() string { return x.label }

// Text is what belongs to the label.
func (x row) Text() string { return x.text }

type barPart struct {
	Verdict Verdict
	Count   int
	X, W    string
	Middle  string // where its sign stands: the colours alone tell nothing to some readers
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

// newPage is the page without the messages of its exchanges, and these.
func newPage(r *Report) (page, *pageMessages) {
	p := page{
		Policy: policy(), Style: template.CSS(pageStyle), Script: template.JS(pageScript), //nolint:gosec // our own embedded files
		Title: "kvconform: " + oneLine(strings.TrimSpace(r.Target.Name+" "+r.Target.Endpoint)), State: state(r.Conclusion.ExitCode),
		Outcome: visible(r.Conclusion.Line), Facts: r.facts(), Levels: Levels(),
		Notes: piecesOfAll(append(r.notRead(), r.Notes...)), Faults: allVisible(r.Faults), Left: allVisible(r.Left),
	}
	m := r.matrix()
	p.Total, p.Verdicts, p.Sum = m.total.Rules, m.verdicts, m.cells(m.total)
	for _, line := range m.lines {
		p.Matrix = append(p.Matrix, pageLine{visible(line.id), visible(line.title), m.cells(line.counts)})
	}
	p.Bar = bar(m)
	p.Causes = r.pageCauses()
	if n := len(r.open()); n > 0 {
		p.CauseCount = plural(n, "cause") + ", "
	}
	anchors := r.anchors()
	few := len(r.where(r.Failing)) <= 12
	for _, s := range r.Scenarios {
		ps := pageScenario{ID: visible(s.ID), Title: visible(s.Title), URL: webAddress(s.URL)}
		for _, res := range s.Rules {
			ps.Rules = append(ps.Rules, r.pageRule(res, anchors, few))
		}
		p.Scenarios = append(p.Scenarios, ps)
	}
	var messages *pageMessages
	p.Plays, messages = r.pagePlays(anchors)
	return p, messages
}

func state(exit int) string {
	switch exit {
	case ExitHeld:
		return "held"
	case ExitFailed, ExitInternal:
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
		{"api-version", r.versioned()},
		{"Rule set", r.RuleSet.short()},
		{"OpenAPI document", r.Document.String()},
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

// bar draws each verdict as a part of the whole. A part has two percent at least, so that three failures of 500 rules are
// seen on a phone; the large parts give way.
func bar(m matrix) []barPart {
	const least = 2.0
	var parts []barPart
	width := func(v Verdict) float64 { return max(100*float64(m.total.Of(v))/float64(m.total.Rules), least) }
	sum := 0.0
	for _, v := range m.verdicts {
		sum += width(v)
	}
	x := 0.0
	for i := len(m.verdicts) - 1; i >= 0; i-- { // passes to the left
		v := m.verdicts[i]
		w := 100 * width(v) / sum
		parts = append(parts, barPart{v, m.total.Of(v), percent(x), percent(w), percent(x + w/2)})
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
		if x.Failing || slices.Contains([]Verdict{Fail, Warn, KnownFail, Stale, CouldNotRun}, res.Verdict) {
			x.Curl = r.curl(step)
		} else { // the link leads to the request
			x.Rows = slices.DeleteFunc(x.Rows, func(x row) bool { return x.label == "request" })
		}
	}
	for _, src := range res.Sources {
		x.Links = append(x.Links, pageSource{visible(src.Text), webAddress(src.URL)})
	}
	return x
}

// fragment is a link to a rule of the page, in the form in which people write it: #scenario/rule.
func fragment(id string) template.URL {
	return template.URL("#" + (&url.URL{Fragment: id}).EscapedFragment()) //nolint:gosec // it begins with #, and is escaped
}

// Href links to the rule.
func (x pageRule) Href() template.URL { return fragment(x.ID) }

// webAddress lets only web addresses become links.
func webAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
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
