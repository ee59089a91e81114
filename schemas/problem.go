package schemas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-openapi/jsonpointer"
)

// Problem is one thing that is wrong with a message.
type Problem struct {
	// Pointer is the RFC 6901 pointer of the member in question, which may be a missing one. It is empty for the body as a
	// whole and for what is no part of the body.
	Pointer string `json:"pointer"`
	// Message says in one line what is wrong, naming the member: "attributes.exp is a string, must be an integer".
	Message string `json:"message"`
	// Got is the offending value as compact JSON, shortened; empty if there is none or if it may be a secret.
	Got string `json:"got,omitempty"`
	// Keyword is the keyword of JSON Schema that the value breaks, for a caller with words of its own; empty for what no
	// schema says.
	Keyword string `json:"keyword,omitempty"`
	// Limit is what the keyword demands: the types with commas between, the bound, the values, or the meaning of the pattern.
	Limit string `json:"limit,omitempty"`
	// Type is the value's type by its name in JSON Schema; empty if the member is missing.
	Type string `json:"type,omitempty"`
}

// String returns the message.
func (p Problem) String() string { return p.Message }

// breach is what a validator found, in terms that gojsonschema and kin-openapi share.
type breach struct {
	tokens  []string // the path of the offending value, unescaped
	keyword string   // the keyword of JSON Schema that was broken
	limit   string   // the expected type, bound, pattern or list of values
}

// phrasebook maps a pattern to what it means in words (x-means).
type phrasebook map[string]string

// problem phrases a breach. The value that was checked is root.
func (b phrasebook) problem(root any, br breach) Problem {
	name := displayPath(root, br.tokens)
	value, present := lookup(root, br.tokens)
	p := Problem{Pointer: pointer(br.tokens), Keyword: br.keyword, Limit: br.limit}
	if present {
		p.Got, p.Type = excerpt(br.tokens, value), typeName(value)
	}
	switch br.keyword {
	case "required":
		p.Message = name + " is missing"
		if present {
			p.Message = name + " is null, which counts as missing"
		}
	case "type":
		p.Message = fmt.Sprintf("%s is %s, must be %s", name, typeOf(value), oneOfTypes(br.limit))
	case "pattern":
		if meaning, ok := b[br.limit]; ok {
			p.Limit = meaning
		} else {
			p.Limit = "of the form " + br.limit
		}
		p.Message = fmt.Sprintf("%s is not %s", name, p.Limit)
	case "enum":
		p.Message = fmt.Sprintf("%s is none of %s", name, br.limit)
	case "minLength", "minItems":
		p.Message = fmt.Sprintf("%s is too short, must have at least %s", name, br.limit)
		if br.limit == "1" {
			p.Message = name + " is empty"
		}
	case "minimum":
		p.Message = fmt.Sprintf("%s is less than %s", name, br.limit)
	case "maximum":
		p.Message = fmt.Sprintf("%s is more than %s", name, br.limit)
	case "additionalProperties":
		p.Message = name + " is not a known member"
	case "minProperties":
		p.Message = fmt.Sprintf("%s has fewer than %s of its members", name, br.limit)
	case "maxProperties":
		p.Message = fmt.Sprintf("%s has more than %s of its members", name, br.limit)
	default:
		p.Message = fmt.Sprintf("%s breaks %q: %s", name, br.keyword, br.limit)
	}
	return p
}

// sorted orders problems by pointer and message and drops doubles.
func sorted(problems []Problem) []Problem {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(problems)
}

func pointer(tokens []string) string {
	var s strings.Builder
	for _, token := range tokens {
		s.WriteByte('/')
		s.WriteString(jsonpointer.Escape(token))
	}
	return s.String()
}

// displayPath writes a path as people do: value[0].attributes.exp. A member whose name is no plain word is quoted.
func displayPath(root any, tokens []string) string {
	if len(tokens) == 0 {
		return "the body"
	}
	var s strings.Builder
	for i, token := range tokens {
		parent, _ := lookup(root, tokens[:i])
		if _, isArray := parent.([]any); isArray {
			s.WriteString("[" + token + "]")
			continue
		}
		if i > 0 {
			s.WriteByte('.')
		}
		if token == "" || strings.ContainsAny(token, " .[]/~\"\t\r\n") {
			token = strconv.Quote(token)
		}
		s.WriteString(token)
	}
	return s.String()
}

func lookup(root any, tokens []string) (any, bool) {
	value := root
	for _, token := range tokens {
		switch parent := value.(type) {
		case map[string]any:
			member, ok := parent[token]
			if !ok {
				return nil, false
			}
			value = member
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(parent) {
				return nil, false
			}
			value = parent[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// excerpt shows a value in at most some 80 characters. Passwords and the values that carry private keys are never shown.
func excerpt(tokens []string, value any) string {
	if len(tokens) == 0 {
		return typeOf(value)
	}
	if slices.Contains([]string{"pwd", "value"}, tokens[len(tokens)-1]) {
		return ""
	}
	switch value.(type) {
	case map[string]any, []any:
		return typeOf(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return typeOf(value)
	}
	const most = 80
	if len(text) <= most {
		return string(text)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return string(text[:cut]) + "…"
}

// typeOf is a value's type with its article, for a message.
func typeOf(value any) string { return withArticle(typeName(value)) }

// typeName is a value's type by its name in JSON Schema.
func typeName(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return fmt.Sprintf("%T", value)
}

// oneOfTypes writes the types with commas between as people do: a string or an object.
func oneOfTypes(types string) string {
	names := strings.Split(types, ",")
	for i, name := range names {
		names[i] = withArticle(name)
	}
	return strings.Join(names, " or ")
}

func withArticle(kind string) string {
	switch {
	case kind == "null":
		return kind
	case kind != "" && strings.ContainsRune("aeio", rune(kind[0])):
		return "an " + kind
	default:
		return "a " + kind
	}
}
