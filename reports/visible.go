package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible is a text of a target as it may be printed to a terminal or a log: nothing in it acts on either.
func Visible(s string) string { return visible(s) }

// visible is what every text of a target passes before it is drawn. It spells out what could act on a terminal, break an XML
// file or turn the direction of the text around it: control characters, bidirectional controls and invalid UTF-8. Line feeds
// and tabs stay. It breaks what a CI system takes for a command in a log.
func visible(s string) string { return unmarked(spelledOut(s)) }

// unmarked breaks the marks by which CI systems know a command in the log of a job, because the text of an endpoint must not
// give any: "##[" and "##vso[" of Azure Pipelines and GitHub and "##teamcity[" anywhere, and the "::" of GitHub where a line
// or a word begins, as wrapping may bring any word to the beginning of a line.
func unmarked(s string) string {
	s = unpaired(s, `\x23`)
	if !strings.Contains(s, "::") {
		return s
	}
	var b strings.Builder
	begins := true
	for i := 0; i < len(s); i++ {
		if begins && strings.HasPrefix(s[i:], "::") {
			b.WriteString(`\x3a`)
		} else {
			b.WriteByte(s[i])
		}
		begins = s[i] == ' ' || s[i] == '\n' || s[i] == '\t'
	}
	return b.String()
}

// unpaired writes each "#" that another follows as told. Of three, the second begins a pair as the first does.
func unpaired(s, spelling string) string {
	for strings.Contains(s, "##") {
		s = strings.ReplaceAll(s, "##", spelling+"#")
	}
	return s
}

func spelledOut(s string) string {
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
