package schemas

import (
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// The patterns of long values are checked by hand: a certificate has a thousand characters, and the regular expression took a
// seventh of all judging. gojsonschema calls such a check by the name of a format; each has the pattern that it stands for, and
// a breach is reported as one of the pattern.
const formatPrefix = "kvconform:"

// quickPatterns are the patterns that have a check of their own.
func quickPatterns() map[string]func(text string) bool {
	return map[string]func(string) bool{
		`^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$`: isBase64,
		`^[A-Za-z0-9_-]+$`:                               isBase64URL,
		`^[hH][tT][tT][pP][sS]?://[^\s/?#]+[^\s]*$`:      isWebAddress,
		`^(?:[hH][tT][tT][pP][sS]?://[^\s/?#]+[^\s]*)?$`: func(text string) bool { return text == "" || isWebAddress(text) },
	}
}

// quickFormat is a check as gojsonschema calls it. A value that is no text passes, as it passes every pattern.
type quickFormat func(text string) bool

// IsFormat implements gojsonschema.FormatChecker.
func (check quickFormat) IsFormat(value any) bool {
	text, ok := value.(string)
	return !ok || check(text)
}

// registerQuick makes the checks known to gojsonschema, whose table of formats belongs to the whole program. Doing it again
// changes nothing.
func registerQuick() {
	for pattern, check := range quickPatterns() {
		gojsonschema.FormatCheckers.Add(formatPrefix+pattern, quickFormat(check))
	}
}

// quicken puts the checks in the place of their patterns, wherever they are in a schema.
func quicken(schema any, quick map[string]func(string) bool) {
	switch of := schema.(type) {
	case map[string]any:
		if pattern, ok := of["pattern"].(string); ok && of["format"] == nil && quick[pattern] != nil {
			delete(of, "pattern")
			of["format"] = formatPrefix + pattern
		}
		for _, below := range of {
			quicken(below, quick)
		}
	case []any:
		for _, below := range of {
			quicken(below, quick)
		}
	}
}

// isBase64 reports whether a text is base64 with padding (RFC 4648, section 4) and not empty.
func isBase64(text string) bool {
	if text == "" || len(text)%4 != 0 {
		return false
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	for i := range len(text) {
		if c := text[i]; !isAlphanumeric(c) && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

func isBase64URL(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isAlphanumeric(c) && c != '-' && c != '_' {
			return false
		}
	}
	return text != ""
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isWebAddress reports whether a text begins as an address of http or https with a host does, and has no blank.
func isWebAddress(text string) bool {
	scheme, rest, found := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme) // not EqualFold, to which the long s is an s
	if !found || scheme != "http" && scheme != "https" {
		return false
	}
	return rest != "" && !strings.ContainsAny(rest[:1], "/?#") && !strings.ContainsAny(rest, "\t\n\f\r ")
}
