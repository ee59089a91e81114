package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-openapi/jsonpointer"
)

// The bounds of what is shown of a body. All of it is in the JSON report.
const (
	maxBodyRunes  = 6000 // of one body
	maxValueRunes = 240  // of one string in a JSON body; certificates and CSRs are longer and nobody reads them here
	maxBodyDepth  = 64
)

// bodyLine is one line of a body as it is shown.
type bodyLine struct {
	Text    string
	Rules   []string // the rules that found fault with this member
	Missing bool     // the member is not there; the line says so
}

// printedBody is a body ready to be shown.
type printedBody struct {
	Lines    []bodyLine
	JSON     bool
	Clipped  bool
	Unplaced []bodyLine // marks on members that could not be placed in the body
}

// printBody pretty-prints a body. marks maps the JSON pointer of a member to the rules that found fault with it. A body that is no JSON is
// shown as it came.
func printBody(body string, marks map[string][]string) printedBody {
	p := bodyPrinter{marks: marks, placed: map[string]bool{}}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	out := printedBody{JSON: true}
	if err := p.document(dec); err != nil {
		p.lines, p.placed = nil, nil
		out.JSON = false
		for line := range strings.SplitSeq(visible(body), "\n") {
			p.lines = append(p.lines, bodyLine{Text: line})
		}
	}
	out.Lines, out.Clipped = clipLines(p.lines, maxBodyRunes)
	for _, pointer := range sortedKeys(marks) {
		if !p.placed[pointer] {
			out.Unplaced = append(out.Unplaced, bodyLine{Text: oneLine(pointer), Rules: marks[pointer], Missing: true})
		}
	}
	return out
}

func clipLines(lines []bodyLine, limit int) ([]bodyLine, bool) {
	for i, line := range lines {
		n := utf8.RuneCountInString(line.Text) + 1
		if n <= limit {
			limit -= n
			continue
		}
		kept := append(slices.Clone(lines[:i]), bodyLine{Text: clip(line.Text, limit), Rules: line.Rules, Missing: line.Missing})
		for _, late := range lines[i+1:] { // what a rule found fault with is shown however late it comes
			if len(late.Rules) > 0 {
				kept = append(kept, bodyLine{Text: clip(late.Text, maxValueRunes), Rules: late.Rules, Missing: late.Missing})
			}
		}
		return kept, true
	}
	return lines, false
}

type bodyPrinter struct {
	marks  map[string][]string
	placed map[string]bool
	lines  []bodyLine
}

var errDeep = errors.New("nested too deeply")

func (p *bodyPrinter) document(dec *json.Decoder) error {
	if err := p.value(dec, "", "", 0); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	return nil
}

// value prints one value; the lead is its indent and its name.
func (p *bodyPrinter) value(dec *json.Decoder, pointer, lead string, depth int) error {
	tok, err := dec.Token()
	if err != nil {
		return fmt.Errorf("reading a body: %w", err)
	}
	rules := p.marks[pointer]
	if rules != nil {
		p.placed[pointer] = true
	}
	delim, composite := tok.(json.Delim)
	if !composite {
		p.lines = append(p.lines, bodyLine{Text: lead + scalar(tok), Rules: rules})
		return nil
	}
	if depth >= maxBodyDepth {
		return errDeep
	}
	p.lines = append(p.lines, bodyLine{Text: lead + delim.String(), Rules: rules})
	opened := len(p.lines)
	seen, err := p.members(dec, delim, pointer, depth)
	if err != nil {
		return err
	}
	p.insertMissing(opened, pointer, seen, depth)
	closing := map[json.Delim]string{'{': "}", '[': "]"}[delim]
	p.lines = append(p.lines, bodyLine{Text: strings.Repeat("  ", depth) + closing})
	return nil
}

func (p *bodyPrinter) members(dec *json.Decoder, delim json.Delim, pointer string, depth int) (map[string]bool, error) {
	seen := map[string]bool{}
	for i := 0; dec.More(); i++ {
		if i > 0 {
			p.comma()
		}
		name, lead := strconv.Itoa(i), strings.Repeat("  ", depth+1)
		if delim == '{' {
			tok, err := dec.Token()
			if err != nil {
				return nil, fmt.Errorf("reading a body: %w", err)
			}
			name, _ = tok.(string)
			lead += quoteJSON(name) + ": "
		}
		inner := pointer
		if len(p.marks) > 0 { // else nobody asks for the place
			seen[name], inner = true, pointer+"/"+jsonpointer.Escape(name)
		}
		if err := p.value(dec, inner, lead, depth+1); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("reading a body: %w", err)
	}
	return seen, nil
}

func (p *bodyPrinter) comma() { p.lines[len(p.lines)-1].Text += "," }

// insertMissing says, right after a member that was opened, which members a rule missed in it.
func (p *bodyPrinter) insertMissing(opened int, pointer string, seen map[string]bool, depth int) {
	if len(p.marks) == 0 {
		return
	}
	var missing []bodyLine
	for _, mark := range sortedKeys(p.marks) {
		name, inside := strings.CutPrefix(mark, pointer+"/")
		if !inside || strings.Contains(name, "/") || seen[jsonpointer.Unescape(name)] {
			continue
		}
		p.placed[mark] = true
		missing = append(missing, bodyLine{Text: strings.Repeat("  ", depth+1) + quoteJSON(jsonpointer.Unescape(name)) + " is not there", Rules: p.marks[mark], Missing: true})
	}
	if len(missing) > 0 {
		p.lines = slices.Insert(p.lines, opened, missing...)
	}
}

func scalar(tok json.Token) string {
	switch v := tok.(type) {
	case string:
		return quoteJSON(clip(v, maxValueRunes))
	case json.Number:
		return v.String()
	case nil:
		return "null"
	default:
		return fmt.Sprint(v)
	}
}

func quoteJSON(s string) string {
	if !strings.ContainsFunc(s, quotedOtherwise) {
		return unmarked(`"` + s + `"`)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	return visible(strings.TrimSuffix(b.String(), "\n"))
}

// quotedOtherwise reports whether a character may be another between the quotation marks of JSON, or is not drawn as it is.
func quotedOtherwise(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
