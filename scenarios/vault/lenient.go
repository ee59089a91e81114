package vault

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Read is the body's value as a forgiving client reads it, so that a body that is wrong in its form is one failure, of the
// rules about its form, and hides nothing else: a byte order mark, UTF-16, a comma too many, something after the value, the
// call of a callback, a list of one, a string that holds the value, an envelope. The value is JSON's where the body is
// right; the error is JSON's where not even this reads it.
func (r *Response) Read() (any, error) {
	value, err := r.JSON()
	r.readOnce.Do(func() {
		r.readValue = value
		if err != nil {
			r.readValue, r.readable = repaired(r.Body)
		} else {
			r.readable = true
		}
		r.readValue = unwrapped(r.readValue)
	})
	if !r.readable {
		return nil, err
	}
	return r.readValue, nil
}

// repaired decodes a body that is not JSON, and reports whether that went.
func repaired(body []byte) (any, bool) {
	text := fromUTF16(body)
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if at := bytes.IndexByte(text, '('); at > 0 && isWord(text[:at]) {
		text = bytes.TrimRight(text[at+1:], "); \n")
	}
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return nil, false
	}
	asItIs := func(text []byte) []byte { return text }
	for _, repair := range []func([]byte) []byte{asItIs, withoutCommas, doubleQuoted, closed} {
		decoder := json.NewDecoder(bytes.NewReader(repair(text)))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) == nil { // anything after the first value is left
			return value, true
		}
	}
	return nil, false
}

func isWord(text []byte) bool {
	for _, b := range bytes.TrimSpace(text) {
		if b != '_' && b != '.' && b != '$' && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') {
			return false
		}
	}
	return true
}

// fromUTF16 decodes UTF-16 in either order, known by its mark or by the zero of an ASCII character.
func fromUTF16(body []byte) []byte {
	if len(body) < 4 || len(body)%2 != 0 {
		return body
	}
	var order binary.ByteOrder
	switch {
	case body[0] == 0xfe && body[1] == 0xff, body[0] == 0 && body[1] != 0:
		order = binary.BigEndian
	case body[0] == 0xff && body[1] == 0xfe, body[0] != 0 && body[1] == 0:
		order = binary.LittleEndian
	default:
		return body
	}
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// withoutCommas removes a comma before the end of an object or a list.
func withoutCommas(text []byte) []byte {
	return regexp.MustCompile(`,(\s*[}\]])`).ReplaceAll(text, []byte("$1"))
}

// doubleQuoted writes strings in single quotes in double ones, if the text has no double quotes.
func doubleQuoted(text []byte) []byte {
	if bytes.IndexByte(text, '"') >= 0 {
		return text
	}
	return bytes.ReplaceAll(text, []byte("'"), []byte(`"`))
}

// closed ends a text that breaks off: the member in which it does is left out, and what is open is closed.
func closed(text []byte) []byte {
	var open []byte
	quoted, escaped := false, false
	end, ends := -1, []byte(nil)
	for i, b := range text {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = b == '\\'
			quoted = b != '"'
		case b == '"':
			quoted = true
		case b == '{':
			open = append(open, '}')
		case b == '[':
			open = append(open, ']')
		case (b == '}' || b == ']') && len(open) > 0:
			open = open[:len(open)-1]
			end, ends = i+1, bytes.Clone(open)
		case b == ',':
			end, ends = i, bytes.Clone(open)
		}
	}
	if end < 0 {
		return text
	}
	result := bytes.Clone(text[:end])
	for i := len(ends) - 1; i >= 0; i-- {
		result = append(result, ends[i])
	}
	return result
}

// unwrapped takes an object out of a list of one, out of a string that holds it, and out of an envelope.
func unwrapped(value any) any {
	switch outer := value.(type) {
	case []any:
		if len(outer) == 1 {
			if object, ok := outer[0].(map[string]any); ok {
				return object
			}
		}
	case string:
		if text := strings.TrimSpace(outer); strings.HasPrefix(text, "{") {
			if inner, err := decodeJSON([]byte(text)); err == nil {
				return inner
			}
		}
	case map[string]any:
		if len(outer) != 1 {
			return value
		}
		for _, envelope := range []string{"data", "result", "response", "payload", "body"} {
			if object, ok := outer[envelope].(map[string]any); ok {
				return object
			}
		}
	}
	return value
}
