package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible spells out what could act on a terminal, break an XML file or turn the direction of the text around it: control characters,
// bidirectional controls and invalid UTF-8. Line feeds and tabs stay.
func visible(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unsafeRune) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		c, n := utf8.DecodeRuneInString(s)
		switch {
		case c == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case !unsafeRune(c):
			b.WriteString(s[:n])
		case c < 0x80:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
		s = s[n:]
	}
	return b.String()
}

// oneLine is visible text without line breaks, no longer than a reader takes in at once.
func oneLine(s string) string {
	return clip(strings.Join(strings.Fields(visible(s)), " "), 300)
}

func unsafeRune(c rune) bool {
	switch {
	case c == '\n', c == '\t':
		return false
	case unicode.IsControl(c):
		return true
	case c == 0x061c, c == 0x200e, c == 0x200f, 0x202a <= c && c <= 0x202e, 0x2066 <= c && c <= 0x2069: // bidirectional controls
		return true
	case c == 0x2028, c == 0x2029, c == 0xfeff, c == 0xfffe, c == 0xffff:
		return true
	}
	return false
}

// clip cuts s to about max runes and says how much is gone.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return fmt.Sprintf("%s… (%d more characters)", string(runes[:limit]), len(runes)-limit)
}
