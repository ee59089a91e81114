package reports

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxInlineBody is the longest body that a curl command carries itself, in bytes.
const maxInlineBody = 4096

// Curl is a shell command that repeats the request. The token is left to the variable TOKEN.
func (s *Step) Curl() string {
	parts := []string{"curl", "-sS", "-i"}
	if strings.ContainsAny(s.URL, "{}[]") {
		parts = append(parts, "--globoff")
	}
	if strings.Contains(s.URL, "/./") || strings.Contains(s.URL, "/../") {
		parts = append(parts, "--path-as-is")
	}
	switch {
	case s.Method == http.MethodHead:
		parts = append(parts, "--head")
	case s.Method != http.MethodGet || s.RequestBody != "":
		parts = append(parts, "-X", quote(s.Method))
	}
	for _, name := range slices.Sorted(maps.Keys(s.RequestHeader)) {
		if skippedHeader(name) {
			continue
		}
		for _, value := range s.RequestHeader[name] {
			if strings.EqualFold(name, "Authorization") {
				parts = append(parts, "-H", `"Authorization: Bearer $TOKEN"`)
				continue
			}
			parts = append(parts, "-H", quote(name+": "+value))
		}
	}
	switch {
	case len(s.RequestBody) > maxInlineBody:
		parts = append(parts, "--data-binary", "@body.json")
	case s.RequestBody != "":
		parts = append(parts, "--data-raw", quote(s.RequestBody))
	}
	return strings.Join(append(parts, quote(s.URL)), " ")
}

// skippedHeader names the headers that curl sets itself or that identify one request.
func skippedHeader(name string) bool {
	switch strings.ToLower(name) {
	case "host", "content-length", "accept-encoding", "user-agent", "connection", "traceparent", "x-ms-client-request-id":
		return true
	}
	return false
}

// quote quotes s as one word for sh, bash and zsh. Words with control characters are written as $'...', so that printing the command cannot
// act on the terminal.
func quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	if shown := visible(s); shown == s {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return "$'" + inBytes(strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s)) + "'"
}

// inBytes escapes what [visible] would, as the bytes of its UTF-8: \u means another thing to a shell in another locale.
func inBytes(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		c, n := utf8.DecodeRuneInString(s)
		if c == utf8.RuneError && n == 1 || unsafeRune(c) {
			for _, octet := range []byte(s[:n]) {
				fmt.Fprintf(&b, `\x%02x`, octet)
			}
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}
