package reports

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	_ "embed" // the page's template
)

//go:embed page/products.tmpl
var productsTemplate string

// Products compares the reports of several products: what each of them keeps of each scenario and of each feature.
type Products struct {
	Columns   []ProductColumn
	Scenarios []ProductLine
	Features  []ProductLine
	Remarks   []string // why the reports can be compared only in part
}

// ProductColumn is one report.
type ProductColumn struct {
	Name, Version string
	APIVersion    string
	Standing      Standing
	Profile       string
	Total         ProductCell
}

// ProductLine is a scenario or a feature, with a cell for each report.
type ProductLine struct {
	ID, Title string
	Cells     []ProductCell
}

// ProductCell is what one report says of a scenario or a feature. Verdict stands for the worst that occurs.
type ProductCell struct {
	Verdict Verdict
	Text    string
}

// Submitted is a report with what it is verified with.
type Submitted struct {
	Report *Report
	With   VerifyOptions
}

// CompareProducts draws up the table of several reports, in their order.
func CompareProducts(submitted []Submitted) Products {
	var p Products
	scenarios, features := newProductLines(), newProductLines()
	for i, s := range submitted {
		verified := Verify(s.Report, s.With)
		t := s.Report.Target
		p.Columns = append(p.Columns, ProductColumn{
			Name: oneLine(firstOf(t.Product, t.Name, t.Endpoint)), Version: oneLine(t.ProductVersion), APIVersion: oneLine(s.Report.APIVersion),
			Standing: verified.Standing, Profile: oneLine(verified.Profile), Total: cellOf(s.Report.count()),
		})
		for _, scenario := range s.Report.Scenarios {
			for _, res := range scenario.Rules {
				scenarios.add(visible(scenario.ID), visible(scenario.Title), i, res)
				if res.Feature != "" {
					features.add(visible(res.Feature), "", i, res)
				}
			}
		}
	}
	p.Scenarios, p.Features = scenarios.lines(len(submitted)), features.lines(len(submitted))
	slices.SortFunc(p.Features, func(a, b ProductLine) int { return strings.Compare(a.ID, b.ID) })
	p.Remarks = productRemarks(submitted)
	return p
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return "a target without a name"
}

// productRemarks says what the reports do not have in common.
func productRemarks(submitted []Submitted) []string {
	var remarks []string
	for _, fact := range []struct {
		what string
		of   func(*Report) string
	}{
		{"api-versions", func(r *Report) string { return r.APIVersion }},
		{"oracles", func(r *Report) string { return r.Oracle }},
		{"sets of rules", func(r *Report) string { return r.RuleSet.Digest }},
	} {
		var values []string
		for _, s := range submitted {
			values = addOnce(values, oneLine(fact.of(s.Report)))
		}
		if len(values) > 1 {
			remarks = append(remarks, fmt.Sprintf("The %s differ: %s.", fact.what, strings.Join(values, ", ")))
		}
	}
	return remarks
}

// productLines gathers counts by line and column, the lines in the order in which they come.
type productLines struct {
	order  []string
	titles map[string]string
	counts map[string]map[int]*Counts
}

func newProductLines() *productLines {
	return &productLines{titles: map[string]string{}, counts: map[string]map[int]*Counts{}}
}

func (l *productLines) add(id, title string, column int, res Result) {
	if l.counts[id] == nil {
		l.order, l.titles[id], l.counts[id] = append(l.order, id), title, map[int]*Counts{}
	}
	if l.counts[id][column] == nil {
		l.counts[id][column] = &Counts{}
	}
	l.counts[id][column].add(res)
}

func (l *productLines) lines(columns int) []ProductLine {
	var lines []ProductLine
	for _, id := range l.order {
		line := ProductLine{ID: id, Title: l.titles[id]}
		for column := range columns {
			var c Counts
			if counted := l.counts[id][column]; counted != nil {
				c = *counted
			}
			line.Cells = append(line.Cells, cellOf(c))
		}
		lines = append(lines, line)
	}
	return lines
}

// cellOf says what matters most of some counts: a failure before a rule that was not judged, that before a warning.
func cellOf(c Counts) ProductCell {
	claimed := c.Rules - c.NotClaimed
	switch failing := c.Fail + c.Stale; {
	case c.Rules == 0:
		return ProductCell{NotReached, "not in the report"}
	case claimed == 0:
		return ProductCell{NotClaimed, "not offered"}
	case failing > 0:
		return ProductCell{Fail, fmt.Sprintf("%d of %d fail", failing, claimed)}
	case c.Known > 0:
		return ProductCell{KnownFail, fmt.Sprintf("%d of %d known to fail", c.Known, claimed)}
	case c.judged() < claimed:
		return ProductCell{NotReached, fmt.Sprintf("%d of %d judged", c.judged(), claimed)}
	case c.Warn > 0:
		return ProductCell{Warn, fmt.Sprintf("%d of %d warn", c.Warn, claimed)}
	}
	return ProductCell{Pass, fmt.Sprint(claimed)}
}

// String is the cell with its sign.
func (c ProductCell) String() string { return glyph(c.Verdict) + " " + c.Text }

// productLegend explains the signs of the table.
const productLegend = "✓ every claimed rule holds · ✗ a must fails · ≈ a failure that the baseline excuses · ○ not every rule was judged · ! a should fails · – not offered"

// WriteProductsMarkdown writes the table for a page of documentation or a pull request.
func WriteProductsMarkdown(w io.Writer, p Products) error {
	var b strings.Builder
	b.WriteString("| |")
	for _, c := range p.Columns {
		fmt.Fprintf(&b, " %s |", markdownText(strings.TrimSpace(c.Name+" "+c.Version)))
	}
	b.WriteString("\n|:--|" + strings.Repeat(":--|", len(p.Columns)) + "\n")
	row := func(head string, cells func(int) string) {
		fmt.Fprintf(&b, "| %s |", head)
		for i := range p.Columns {
			fmt.Fprintf(&b, " %s |", markdownText(cells(i)))
		}
		b.WriteString("\n")
	}
	row("**statement**", func(i int) string { return p.Columns[i].standing() })
	row("api-version", func(i int) string { return p.Columns[i].APIVersion })
	row("**all rules**", func(i int) string { return p.Columns[i].Total.String() })
	for _, part := range []struct {
		head  string
		lines []ProductLine
	}{{"**scenario**", p.Scenarios}, {"**feature**", p.Features}} {
		row(part.head, func(int) string { return "" })
		for _, line := range part.lines {
			row(markdownText(line.ID), func(i int) string { return line.Cells[i].String() })
		}
	}
	fmt.Fprintf(&b, "\n%s\n", productLegend)
	for _, remark := range p.Remarks {
		fmt.Fprintf(&b, "\n%s\n", markdownText(remark))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the table of products: %w", err)
	}
	return nil
}

// standing is the word of the statement with its profile.
func (c ProductColumn) standing() string { return string(c.Standing) + " (" + c.Profile + ")" }

// productsPage is the table as the template draws it.
type productsPage struct {
	Products
	Policy string
	Style  template.CSS
	Legend string
}

// Stand is the word of the statement with its profile.
func (c ProductColumn) Stand() string { return c.standing() }

// WriteProductsHTML writes the table as one page that loads nothing and runs no script.
func WriteProductsHTML(w io.Writer, p Products) error {
	tmpl, err := template.New("products").Parse(productsTemplate)
	if err != nil {
		return fmt.Errorf("writing the page of products: %w", err)
	}
	style := template.CSS(pageStyle) //nolint:gosec // our own embedded file
	if err := tmpl.Execute(w, productsPage{p, policy(), style, productLegend}); err != nil {
		return fmt.Errorf("writing the page of products: %w", err)
	}
	return nil
}
