package vault

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Whoever looks into a body needs it decoded, so decoding is most of what an exchange costs beside sending it. A plain body is
// decoded by hand, in one pass and without copying each text. encoding/json decodes what is not plain, and says what is wrong
// with a body that is no JSON. Tests compare the two.

// mostNested bounds how deep a plain body goes.
const mostNested = 64

// decodePlain decodes a JSON text as encoding/json does where numbers stay json.Number. It returns false for a text that it
// leaves to encoding/json. once says that no object has a member twice.
func decodePlain(body []byte) (value any, once, plain bool) {
	if !utf8.Valid(body) {
		return nil, false, false
	}
	p := plainBody{text: string(body), once: true}
	value, plain = p.value(0)
	p.skipBlanks()
	return value, p.once, plain && p.at == len(p.text)
}

// plainBody is a text that is being decoded.
type plainBody struct {
	text string
	at   int
	once bool
}

func (p *plainBody) skipBlanks() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\r', '\t':
			p.at++
		default:
			return
		}
	}
}

// takes goes past a character if it comes next, blanks aside.
func (p *plainBody) takes(c byte) bool {
	p.skipBlanks()
	if p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *plainBody) value(depth int) (any, bool) {
	p.skipBlanks()
	if p.at == len(p.text) || depth > mostNested {
		return nil, false
	}
	switch c := p.text[p.at]; c {
	case '{':
		p.at++
		return p.object(depth)
	case '[':
		p.at++
		return p.list(depth)
	case '"':
		p.at++
		return p.quoted()
	case 't':
		return true, p.word("true")
	case 'f':
		return false, p.word("false")
	case 'n':
		return nil, p.word("null")
	default:
		return p.number()
	}
}

func (p *plainBody) word(word string) bool {
	if !strings.HasPrefix(p.text[p.at:], word) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *plainBody) object(depth int) (any, bool) {
	members := map[string]any{}
	if p.takes('}') {
		return members, true
	}
	for count := 1; ; count++ {
		if !p.takes('"') {
			return nil, false
		}
		name, ok := p.quoted()
		if !ok || !p.takes(':') {
			return nil, false
		}
		if members[name], ok = p.value(depth + 1); !ok {
			return nil, false
		}
		if p.takes(',') {
			continue
		}
		p.once = p.once && len(members) == count
		return members, p.takes('}')
	}
}

func (p *plainBody) list(depth int) (any, bool) {
	items := []any{}
	if p.takes(']') {
		return items, true
	}
	for {
		item, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		items = append(items, item)
		if !p.takes(',') {
			return items, p.takes(']')
		}
	}
}

// quoted reads a text after its first quotation mark. One with escapes is decoded by encoding/json.
func (p *plainBody) quoted() (string, bool) {
	begin, escaped := p.at, false
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			if !escaped {
				return p.text[begin : p.at-1], true
			}
			var text string
			err := json.Unmarshal([]byte(p.text[begin-1:p.at]), &text)
			return text, err == nil
		case c == '\\':
			escaped = true
			p.at++
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

func (p *plainBody) number() (any, bool) {
	begin := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	whole := p.digits()
	if whole == 0 || whole > 1 && p.text[p.at-whole] == '0' {
		return nil, false
	}
	if p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		if p.digits() == 0 {
			return nil, false
		}
	}
	if p.at < len(p.text) && (p.text[p.at] == 'e' || p.text[p.at] == 'E') {
		p.at++
		if p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return nil, false
		}
	}
	return json.Number(p.text[begin:p.at]), true
}

// digits goes past digits and counts them.
func (p *plainBody) digits() int {
	begin := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - begin
}
