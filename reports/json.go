package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxReport bounds what ReadJSON takes in, in bytes.
const maxReport = 64 << 20

// WriteJSON writes the whole model. Lists that are empty are written as such, never as null. Scenarios and plays are written one
// by one: the encoder holds what it writes twice, and all of a run's would be most of the memory that the run needs.
func WriteJSON(w io.Writer, r *Report) error {
	out := jsonReport{to: bufio.NewWriterSize(w, 1<<16)}
	out.write(r)
	if out.err == nil {
		out.err = out.to.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("writing the report as JSON: %w", out.err)
	}
	return nil
}

// jsonReport is a report while it is written. After an error nothing more is written.
type jsonReport struct {
	to   *bufio.Writer
	item bytes.Buffer
	err  error
}

func (j *jsonReport) write(r *Report) {
	head := *r
	head.Scenarios, head.Plays = []Scenario{}, []Play{}
	j.encode(&head, "")
	const lists = "  \"scenarios\": [],\n  \"plays\": []\n}" // the last members of a Report
	if !bytes.HasSuffix(j.item.Bytes(), []byte(lists)) && j.err == nil {
		j.err = errors.New("the lists are not at the end of the report")
	}
	j.item.Truncate(max(0, j.item.Len()-len(lists)))
	j.flush("")
	j.list("scenarios", len(r.Scenarios), func(i int) any {
		scenario := r.Scenarios[i]
		if scenario.Rules == nil {
			scenario.Rules = []Result{}
		}
		return &scenario
	})
	j.text(",\n")
	j.list("plays", len(r.Plays), func(i int) any {
		play := r.Plays[i]
		if play.Steps == nil {
			play.Steps = []Step{}
		}
		return &play
	})
	j.text("\n}\n")
}

// list writes a member of the report that is a list.
func (j *jsonReport) list(name string, length int, item func(i int) any) {
	j.text(`  "` + name + `": [`)
	const inside = "    "
	for i := range length {
		before := ",\n" + inside
		if i == 0 {
			before = "\n" + inside
		}
		j.encode(item(i), inside)
		j.flush(before)
	}
	if length > 0 {
		j.text("\n  ")
	}
	j.text("]")
}

// encode puts a value in the place of the item before.
func (j *jsonReport) encode(value any, indent string) {
	j.item.Reset()
	encoder := json.NewEncoder(UnmarkedJSON(&j.item))
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(indent, "  ")
	if err := encoder.Encode(value); err != nil && j.err == nil {
		j.err = err
	}
	j.item.Truncate(max(0, j.item.Len()-1)) // the end of the line
}

// flush writes the item.
func (j *jsonReport) flush(before string) {
	j.text(before)
	if j.err == nil {
		_, j.err = j.to.Write(j.item.Bytes())
	}
}

func (j *jsonReport) text(text string) {
	if j.err == nil {
		_, j.err = j.to.WriteString(text)
	}
}

// UnmarkedJSON is a writer of JSON in which no text gives a command to a CI system, should the JSON be printed to a log. It
// spells "##" in the way of JSON, which every reader understands. Each write has to be whole JSON.
func UnmarkedJSON(w io.Writer) io.Writer { return unmarkedJSON{w} }

type unmarkedJSON struct{ to io.Writer }

// Write writes JSON with its marks spelled out.
func (u unmarkedJSON) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte("##")) {
		return u.to.Write(p)
	}
	if _, err := io.WriteString(u.to, unpaired(string(p), `\u0023`)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ReadJSON reads what [WriteJSON] wrote. Anything else is refused with one line that says what is wrong with it: not a report, of
// another version, cut short, longer than 64 MiB, or with a member, verdict or level that this version does not know.
func ReadJSON(rd io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(rd, maxReport+1))
	if err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	if len(data) > maxReport {
		return nil, fmt.Errorf("the report is longer than %d MiB, no run makes one as long", maxReport>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // editors and shells on Windows put it there
	if err := checkFormat(data); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	r := new(Report)
	if err := dec.Decode(r); err != nil {
		return nil, fmt.Errorf("the report cannot be read: %s", oneLine(strings.TrimPrefix(err.Error(), "json: ")))
	}
	if err := r.checkTerms(); err != nil {
		return nil, err
	}
	if r.Causes == nil { // of a report of before causes
		r.Causes = causesOf(r)
	}
	return r, nil
}

// checkFormat looks at the format alone, so that a file of another version is called that and not a file with unknown members.
func checkFormat(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("the report is empty")
	}
	var head map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(data))
	switch err := dec.Decode(&head); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the report is cut short")
	case err != nil:
		return fmt.Errorf("not a report of kvconform: %s", oneLine(strings.TrimPrefix(err.Error(), "json: ")))
	}
	if dec.More() {
		return errors.New("not a report of kvconform: something follows the end of the report")
	}
	var format string
	if err := json.Unmarshal(head["format"], &format); err != nil {
		return fmt.Errorf("not a report of kvconform: it has no format, %q is expected", Format)
	}
	switch family, _, _ := strings.Cut(Format, "/"); {
	case format == Format:
		return nil
	case strings.HasPrefix(format, family+"/"):
		return fmt.Errorf("the report is of format %q and this kvconform reads %q: use the kvconform that wrote it or a newer one", oneLine(format), Format)
	}
	return fmt.Errorf("not a report of kvconform: its format is %q, %q is expected", oneLine(format), Format)
}

func (r *Report) checkTerms() error {
	for _, s := range r.Scenarios {
		for _, res := range s.Rules {
			if !slices.Contains(Verdicts(), res.Verdict) {
				return fmt.Errorf("the report cannot be read: rule %q has the unknown verdict %q", oneLine(res.ID), oneLine(string(res.Verdict)))
			}
			if !slices.Contains(Levels(), res.Level) {
				return fmt.Errorf("the report cannot be read: rule %q has the unknown level %q", oneLine(res.ID), oneLine(string(res.Level)))
			}
			if res.Known != nil && res.Known.Was != "" && !slices.Contains(Verdicts(), res.Known.Was) {
				return fmt.Errorf("the report cannot be read: rule %q was the unknown verdict %q", oneLine(res.ID), oneLine(string(res.Known.Was)))
			}
		}
	}
	return nil
}
