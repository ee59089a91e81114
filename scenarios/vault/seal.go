package vault

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// longestKept bounds the texts that are kept of a companion: a modulus of 4096 bits is shorter, a private key is longer.
const longestKept = 768

// seal takes out of a response about a key or a secret everything that may be secret, before anybody sees it: of a secret its
// value, of a key the members of its private half. A judge knows the rest, and of the value what Content says. Members that
// kvconform does not know are kept by name only, and a body that is not JSON is not kept at all.
func seal(r *Response) {
	s := sealing{}
	defer func() { s.header(r.Header) }()
	value, err := (&Response{Body: r.Body}).Read()
	object, isObject := value.(map[string]any)
	if err != nil || !isObject {
		if len(r.Body) > 0 {
			r.Body = Body(redactedText)
		}
		return
	}
	secret, _ := object["value"].(string)
	if secret != "" {
		r.Content = ReadContent(secret)
	}
	s.secret = secret
	kept, err := json.Marshal(s.object(object, "id", "kid", "contentType", "managed", "attributes", "tags", "error", "key"))
	if err != nil {
		kept = []byte(redactedText)
	}
	r.Body = kept
}

// sealing removes one secret, wherever a response repeats it.
type sealing struct{ secret string }

// header keeps the values of the fields that kvconform knows.
func (s sealing) header(header http.Header) {
	known := []string{
		"Cache-Control", "Content-Length", "Content-Type", "Date", "Expires", "Location", "Pragma", "Retry-After", "Server", "Strict-Transport-Security",
		"Www-Authenticate", "X-Content-Type-Options", "X-Ms-Keyvault-Service-Version", "X-Ms-Request-Id",
	}
	for name, values := range header {
		for i, text := range values {
			values[i] = redactedText
			if slices.Contains(known, name) {
				values[i], _ = s.text(text).(string)
			}
		}
	}
}

// object keeps the members that are named; of any other it keeps the name.
func (s sealing) object(object map[string]any, names ...string) map[string]any {
	kept := map[string]any{}
	for name, value := range object {
		switch {
		case !slices.Contains(names, name):
			kept[s.name(name)] = redactedText
		case name == "key":
			kept[name] = redactedText
			if key, ok := value.(map[string]any); ok {
				kept[name] = s.object(key, "kid", "kty", "key_ops", "n", "e", "crv", "x", "y")
			}
		default:
			kept[name] = s.value(value)
		}
	}
	return kept
}

// name is the name of a member, which a vault may have made of anything.
func (s sealing) name(name string) string {
	text, _ := s.text(name).(string)
	return text
}

func (s sealing) value(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range value {
			kept[s.name(name)] = s.value(inner)
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, inner := range value {
			kept[i] = s.value(inner)
		}
		return kept
	case string:
		return s.text(value)
	}
	return value
}

func (s sealing) text(text string) any {
	if len(text) > longestKept || strings.Contains(text, "PRIVATE KEY") {
		return redactedText
	}
	for _, part := range append([]string{s.secret}, strings.Fields(s.secret)...) { // a PEM has several lines
		if len(part) >= shortestSecret {
			text = strings.ReplaceAll(text, part, redactedText)
		}
	}
	return text
}
