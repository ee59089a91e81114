package reports

import (
	"bytes"
	"encoding/json"
	"errors"
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
	p := bodyPrinter{marks: marks, placed: map[string]bool{}, rest: body}
	out := printedBody{JSON: true}
	if !json.Valid([]byte(body)) || p.value("", "", 0) != nil {
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

// bodyPrinter goes through a valid JSON text and prints it line by line. It reads the text itself: a page has a thousand bodies,
// and the tokens of a json.Decoder take several times as long.
type bodyPrinter struct {
	marks  map[string][]string
	placed map[string]bool
	rest   string // of the text
	lines  []bodyLine
}

var errDeep = errors.New("nested too deeply")

// value prints one value; the lead is its indent and its name.
func (p *bodyPrinter) value(pointer, lead string, depth int) error {
	rules := p.marks[pointer]
	if rules != nil {
		p.placed[pointer] = true
	}
	opening := p.next()
	if opening != '{' && opening != '[' {
		text := p.scalar()
		p.lines = append(p.lines, bodyLine{Text: lead + text + p.comma(), Rules: rules})
		return nil
	}
	if depth >= maxBodyDepth {
		return errDeep
	}
	p.lines = append(p.lines, bodyLine{Text: lead + p.rest[:1], Rules: rules})
	p.rest = p.rest[1:]
	opened := len(p.lines)
	seen, err := p.members(opening == '{', pointer, depth)
	if err != nil {
		return err
	}
	p.insertMissing(opened, pointer, seen, depth)
	closing := p.rest[:1]
	p.rest = p.rest[1:]
	p.lines = append(p.lines, bodyLine{Text: inset(depth) + closing + p.comma()})
	return nil
}

// members prints what is between the brackets of an object or a list.
func (p *bodyPrinter) members(object bool, pointer string, depth int) (map[string]bool, error) {
	seen := map[string]bool{}
	for i := 0; p.next() != '}' && p.next() != ']'; i++ {
		name, lead := "", inset(depth+1)
		if object {
			name = p.text()
			lead += quoteJSON(name) + ": "
			p.next()
			p.rest = p.rest[1:] // the colon
		}
		inner := pointer
		if len(p.marks) > 0 { // else nobody asks for the place
			if !object {
				name = strconv.Itoa(i)
			}
			seen[name], inner = true, pointer+"/"+jsonpointer.Escape(name)
		}
		if err := p.value(inner, lead, depth+1); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// next goes to the next character that is no blank.
func (p *bodyPrinter) next() byte {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

// comma takes the comma after a value, if there is one.
func (p *bodyPrinter) comma() string {
	if p.next() != ',' {
		return ""
	}
	p.rest = p.rest[1:]
	return ","
}

// text reads a string.
func (p *bodyPrinter) text() string {
	end := 1
	for p.rest[end] != '"' {
		if p.rest[end] == '\\' {
			end++
		}
		end++
	}
	quoted := p.rest[:end+1]
	p.rest = p.rest[end+1:]
	if inside := quoted[1:end]; !strings.Contains(inside, `\`) && utf8.ValidString(inside) {
		return inside
	}
	var text string
	_ = json.Unmarshal([]byte(quoted), &text) // the whole is valid
	return text
}

// scalar prints a value that has no members.
func (p *bodyPrinter) scalar() string {
	if p.rest[0] == '"' {
		return quoteJSON(clip(p.text(), maxValueRunes))
	}
	end := strings.IndexAny(p.rest, ",]} \t\r\n")
	if end < 0 {
		end = len(p.rest)
	}
	text := p.rest[:end]
	p.rest = p.rest[end:]
	return text
}

// indents is as long as the deepest.
var indents = strings.Repeat("  ", maxBodyDepth+1)

func inset(depth int) string { return indents[:2*depth] }

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
		missing = append(missing, bodyLine{Text: inset(depth+1) + quoteJSON(jsonpointer.Unescape(name)) + " is not there", Rules: p.marks[mark], Missing: true})
	}
	if len(missing) > 0 {
		p.lines = slices.Insert(p.lines, opened, missing...)
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
