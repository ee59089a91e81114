package reports

import (
	"html/template"
	"strings"
)

// The parts of the page that come a thousand times are drawn here: the template takes a microsecond or two for each value, and
// these are half of all values. They are escaped as html/template would.

// attributeEscaper writes a text as html/template does, between elements and within quotation marks alike.
var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "+", "&#43;", "\x00", "\uFFFD")

// drawing is HTML under construction: what is literal in the code goes in as it is, everything else escaped.
type drawing struct{ strings.Builder }

// add adds an element's beginning, a text and the element's end.
func (d *drawing) add(before, text, after string) {
	_, _ = d.WriteString(before) // a Builder takes everything
	_, _ = attributeEscaper.WriteString(d, text)
	_, _ = d.WriteString(after)
}

func (d *drawing) html() template.HTML {
	return template.HTML(d.String()) //nolint:gosec // escaped where it was added
}

// Told is what is said of a rule, as the items of a list.
func (x pageRule) Told() template.HTML {
	var d drawing
	for _, row := range x.Rows {
		d.add("<dt>", row.label, "</dt>")
		d.add("<dd>", row.text, "</dd>")
	}
	return d.html()
}

// Lane is the place of an exchange on the timeline of its play.
func (x pageStep) Lane() template.HTML {
	var d drawing
	d.add(`<rect class="wait" x="`, x.BarWait[0], `"`)
	d.add(` width="`, x.BarWait[1], `" height="100%"/>`)
	d.add(`<rect class="sent" x="`, x.BarSent[0], `"`)
	d.add(` width="`, x.BarSent[1], `" height="100%"/>`)
	return d.html()
}

// Judgements are the rules that were judged on an exchange, as the items of a list of links.
func (x pageStep) Judgements() template.HTML {
	var d drawing
	for _, of := range x.Judged {
		d.add(`<li><a class="v-`, string(of.Verdict), `"`)
		d.add(` href="`, string(fragment(of.ID)), `">`)
		d.add("", of.Mark+" "+of.ID, "</a></li>")
	}
	return d.html()
}
