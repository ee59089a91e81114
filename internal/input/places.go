package input

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"
)

// Position is where something stands in a file: line and column from 1, and its text as it is written.
type Position struct {
	Line, Column int
	Text         string
}

// Places says where a file has each key and each item of a list, by JSON pointer. A nil *Places knows none.
type Places struct {
	file  string
	lines map[string]int
}

// overridden stands for the line of a key that a flag overrides.
const overridden = 0

// Line is the line of a key, or of the nearest one around it; 1 where the file has none of them.
func (p *Places) Line(pointer string) int {
	for {
		if line, ok := p.lines[pointer]; ok {
			return line
		}
		end := strings.LastIndexByte(pointer, '/')
		if end < 0 {
			return 1
		}
		pointer = pointer[:end]
	}
}

// At is FILE:LINE: KEY, the beginning of a message about a key.
func (p *Places) At(pointer string) string {
	place := fmt.Sprintf("%s:%d", p.file, p.Line(pointer))
	if key := keyOf(pointer); key != "" {
		place += ": " + key
	}
	return place
}

// Know reports whether the file has the key or a key around it.
func (p *Places) Know(pointer string) bool {
	if p == nil {
		return false
	}
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if line, ok := p.lines[pointer]; ok {
			return line != overridden
		}
	}
	return false
}

// Without forgets keys with all under them, because flags override them.
func (p *Places) Without(pointers ...string) *Places {
	if p == nil {
		return nil
	}
	kept := maps.Clone(p.lines)
	for _, pointer := range pointers {
		maps.DeleteFunc(kept, func(key string, _ int) bool { return strings.HasPrefix(key, pointer+"/") })
		kept[pointer] = overridden
	}
	return &Places{file: p.file, lines: kept}
}

// tokensOf splits a JSON pointer (RFC 6901).
func tokensOf(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		tokens[i] = jsonpointer.Unescape(token)
	}
	return tokens
}

// under is the JSON pointer of a member.
func under(pointer, member string) string { return pointer + "/" + jsonpointer.Escape(member) }

// keyOf writes a JSON pointer as people do: tls.trustStore.file, without[0].
func keyOf(pointer string) string {
	var text strings.Builder
	for i, token := range tokensOf(pointer) {
		if _, err := strconv.Atoi(token); err == nil && i > 0 {
			text.WriteString("[" + token + "]")
			continue
		}
		if i > 0 {
			text.WriteByte('.')
		}
		if token == "" || strings.ContainsAny(token, " .[]\"\t") {
			token = strconv.Quote(token)
		}
		text.WriteString(token)
	}
	return text.String()
}
