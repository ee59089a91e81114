package reports

import (
	"bufio"
	"bytes"
	"html/template"
	"io"
)

// pageMessages are the headers and bodies of the exchanges of a page. They are drawn after the rest, because the room for them
// is what the rest leaves.
type pageMessages struct {
	steps  []*pageStep
	of     []*Step
	judged map[*Step][]Result
}

// messagesMark stands on both sides of an exchange's anchor where its messages belong. No text of a target has a NUL here.
const messagesMark = "\x00"

// Messages is the place of the exchange's messages in the page.
func (x pageStep) Messages() template.HTML {
	return template.HTML(messagesMark + x.Anchor + messagesMark) //nolint:gosec // an anchor is a letter and a number
}

// write writes the page with the messages that there is room for.
func (m *pageMessages) write(w io.Writer, tmpl *template.Template, drawn []byte) error {
	var leftOut bytes.Buffer
	if err := tmpl.ExecuteTemplate(&leftOut, "messages", pageStep{LeftOut: true}); err != nil {
		return err
	}
	least := len(drawn)
	byAnchor := map[string]*pageStep{}
	for _, step := range m.steps {
		byAnchor[step.Anchor] = step
		least += leftOut.Len() - len(step.Messages())
	}
	m.fill(maxPage - least)
	page := bufio.NewWriterSize(w, 1<<16)
	for i, piece := range bytes.Split(drawn, []byte(messagesMark)) {
		step := byAnchor[string(piece)]
		if i%2 == 0 || step == nil {
			_, _ = page.Write(piece) // the flush reports what failed
			continue
		}
		if err := tmpl.ExecuteTemplate(page, "messages", *step); err != nil {
			return err
		}
	}
	return page.Flush()
}

// fill prints headers and bodies while there is room: first of the exchanges that a rule did not pass on, then of all others.
func (m *pageMessages) fill(room int) {
	for _, first := range []bool{true, false} {
		for i, s := range m.of {
			marks, troubled := trouble(m.judged[s])
			if troubled != first {
				continue
			}
			if room < 0 {
				m.steps[i].LeftOut = true
				continue
			}
			request := newPageMessage(s.RequestHeader, s.RequestBody, nil)
			response := newPageMessage(s.ResponseHeader, s.ResponseBody+moreOf(s), marks)
			if room -= request.size() + response.size(); room < 0 {
				m.steps[i].LeftOut = true
				continue
			}
			m.steps[i].Request, m.steps[i].Response = request, response
		}
	}
}
