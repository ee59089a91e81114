package vault

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

// shortestSecret is the length from which a secret is looked for in texts: a shorter one would hit by chance.
const shortestSecret = 8

// Secrets is the list of every text that no output may show: each token that a run has used, the values of headers, the
// passwords of the target file. A secret stays on the list when a newer one replaces it, because a vault may still echo it.
// The zero value is an empty list. It may be used by many goroutines.
type Secrets struct {
	mu       sync.RWMutex
	known    map[string]bool
	spelled  []string // longest first, so that a part of a spelling is not hidden before the whole
	shortest int
}

// Add puts secrets on the list, in every spelling in which a vault may echo them. One that is too short to be told from
// other text is left out.
func (s *Secrets) Add(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < shortestSecret || s.known[secret] {
			continue
		}
		if s.known == nil {
			s.known = map[string]bool{}
		}
		s.known[secret] = true
		s.spelled = append(s.spelled, spellings(secret)...)
	}
	slices.SortFunc(s.spelled, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	s.spelled = slices.Compact(s.spelled)
	if len(s.spelled) > 0 {
		s.shortest = len(s.spelled[len(s.spelled)-1])
	}
}

// Hide returns a text without the secrets.
func (s *Secrets) Hide(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(text) < s.shortest {
		return text
	}
	for _, secret := range s.spelled {
		text = strings.ReplaceAll(text, secret, redactedText)
	}
	return text
}

// hideBytes is Hide for a body, which is returned as it is if there is nothing to hide.
func (s *Secrets) hideBytes(text []byte) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(text) < s.shortest {
		return text
	}
	for _, secret := range s.spelled {
		if bytes.Contains(text, []byte(secret)) {
			text = bytes.ReplaceAll(text, []byte(secret), []byte(redactedText))
		}
	}
	return text
}

// spellings are the ways in which JSON, URLs, HTML and base64 write a text.
func spellings(secret string) []string {
	all := []string{secret, html.EscapeString(secret)}
	for _, inJSON := range jsonSpellings(secret) {
		all = append(all, inJSON)
		all = append(all, jsonSpellings(inJSON)...) // JSON in a string of JSON
	}
	for _, escaped := range []string{url.QueryEscape(secret), url.PathEscape(secret)} {
		all = append(all, escaped, lowerPercent(escaped))
	}
	all = append(all, base64Spellings(secret, base64.RawStdEncoding)...)
	return append(all, base64Spellings(secret, base64.RawURLEncoding)...)
}

func jsonSpellings(secret string) []string {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(secret) // a string can always be encoded
	forHTML, _ := json.Marshal(secret)
	var all []string
	for _, quoted := range []string{strings.TrimSpace(plain.String()), string(forHTML), asciiJSON(secret)} {
		text := strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`)
		all = append(all, text, strings.ReplaceAll(text, "/", `\/`))
	}
	return all
}

// asciiJSON is a string of JSON with an escape for each character that is not a letter or a digit, as some writers have it.
func asciiJSON(secret string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(secret)) {
		if unit < 0x80 && (unit >= '0' && unit <= '9' || unit >= 'a' && unit <= 'z' || unit >= 'A' && unit <= 'Z' || unit == '-' || unit == '_' || unit == '.') {
			b.WriteByte(byte(unit))
			continue
		}
		hex := strconv.FormatUint(uint64(unit), 16)
		b.WriteString(`\u` + strings.Repeat("0", 4-len(hex)) + hex)
	}
	return b.String()
}

// lowerPercent writes the hexadecimal digits of percent escapes small.
func lowerPercent(escaped string) string {
	parts := strings.Split(escaped, "%")
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToLower(parts[i][:2]) + parts[i][2:]
	}
	return strings.Join(parts, "%")
}

// base64Spellings are what base64 makes of a secret alone and in the middle of other text: three bytes become four
// characters, so there are three, less the characters that the neighbours decide as well.
func base64Spellings(secret string, encoding *base64.Encoding) []string {
	var all []string
	for before, shared := range []int{0, 2, 3} {
		encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))[shared:]
		if (before+len(secret))%3 != 0 {
			encoded = encoded[:len(encoded)-1]
		}
		if len(encoded) >= shortestSecret {
			all = append(all, encoded)
		}
	}
	return all
}
