package reports

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxInlineBody is the longest body that a curl command carries, in bytes: a shell takes no longer word on every system.
const maxInlineBody = 64 << 10

// redacted stands in a request for what may not be shown.
const redacted = "[redacted]"

// Curl is a shell command that repeats the request, or "" if there was none, or if its body may not be shown or is too long
// for a command. The token is left to the variable TOKEN, and the value of a header that may not be shown to one that is named
// after it, as HEADER_X_API_KEY.
func (s *Step) Curl() string { return s.curl(nil) }

// curl is the command that repeats the request of a step as this run sent it: to the address that was dialled, and with the
// token for no other host than the target's.
func (r *Report) curl(s *Step) string {
	url := s.address()
	var flags []string
	if r.Target.Connection.Insecure {
		flags = append(flags, "-k")
	}
	if ca := r.Target.Connection.CA; ca != "" {
		flags = append(flags, "--cacert", Quote(ca))
	}
	if dial := r.Target.Connection.Dial; dial != "" {
		flags = append(flags, "--connect-to", Quote("::"+dial))
	}
	if s.RequestHeader.Get("Authorization") == "" || r.Target.Endpoint == "" || sameOrigin(url, r.Target.Endpoint) {
		return s.curl(flags)
	}
	bare := *s
	bare.RequestHeader = s.RequestHeader.Clone()
	bare.RequestHeader.Del("Authorization")
	return bare.curl(flags)
}

func sameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	other, wrong := url.Parse(b)
	return err == nil && wrong == nil && strings.EqualFold(one.Scheme, other.Scheme) && strings.EqualFold(one.Host, other.Host)
}

// address is the URL that was dialled.
func (s *Step) address() string {
	if s.Dialled != "" {
		return s.Dialled
	}
	return s.URL
}

func (s *Step) curl(flags []string) string {
	url := s.address()
	if url == "" || strings.Contains(s.RequestBody, redacted) || len(s.RequestBody) > maxInlineBody {
		return ""
	}
	parts := append([]string{"curl", "-sS", "-i"}, flags...)
	if strings.ContainsAny(url, "{}[]") {
		parts = append(parts, "--globoff")
	}
	if strings.Contains(url, "/./") || strings.Contains(url, "/../") {
		parts = append(parts, "--path-as-is")
	}
	switch {
	case s.Method == http.MethodHead:
		parts = append(parts, "--head")
	case s.Method != http.MethodGet || s.RequestBody != "":
		parts = append(parts, "-X", Quote(s.Method))
	}
	for _, name := range slices.Sorted(maps.Keys(s.RequestHeader)) {
		if skippedHeader(name) {
			continue
		}
		for _, value := range s.RequestHeader[name] {
			if strings.EqualFold(name, "Authorization") {
				parts = append(parts, "-H", s.authorization(value))
				continue
			}
			if value == redacted {
				parts = append(parts, "-H", `"`+name+": $"+variable(name)+`"`)
				continue
			}
			parts = append(parts, "-H", Quote(name+": "+value))
		}
	}
	if s.RequestBody != "" {
		parts = append(parts, "--data-raw", Quote(s.RequestBody))
	}
	return strings.Join(append(parts, Quote(url)), " ")
}

// authorization is the header with the scheme that was sent, and the token of the play's own or the variable TOKEN.
func (s *Step) authorization(value string) string {
	scheme, _, _ := strings.Cut(value, " ")
	if s.OwnToken != "" {
		return Quote("Authorization: " + scheme + " " + s.OwnToken)
	}
	if strings.Trim(scheme, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
		scheme = "Bearer"
	}
	return `"Authorization: ` + scheme + ` $TOKEN"`
}

// variable is the name of the shell's variable for the value of a header, whose name is a token of RFC 9110.
func variable(header string) string {
	return "HEADER_" + strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(header))
}

// skippedHeader names the headers that curl sets itself or that identify one request.
func skippedHeader(name string) bool {
	switch strings.ToLower(name) {
	case "host", "content-length", "accept-encoding", "user-agent", "connection", "traceparent", "x-ms-client-request-id":
		return true
	}
	return false
}

// Quote quotes s as one word for sh, bash and zsh. Words with control characters, line feeds or the marks of CI systems are written as
// $'...', so that printing the command cannot act on a terminal or a log.
func Quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	if spelledOut(s) == s && !strings.Contains(s, "##") && !strings.Contains(s, "\n") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	escaped := inBytes(strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s))
	return "$'" + unpaired(strings.ReplaceAll(escaped, "\n", `\n`), `\x23`) + "'"
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
