package recorded

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// redactedText stands wherever a secret was.
const redactedText = "[redacted]"

// shortestSecret is the length from which a token is looked for elsewhere: a shorter one would be found by chance.
const shortestSecret = 8

// secretHeader tells headers whose values no report may show.
func secretHeader(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return slices.ContainsFunc([]string{"token", "secret", "passw", "apikey", "api-key", "signature"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// placeholder tells what a recorder wrote in the place of a token. It is no secret, and may stand in every host name.
var placeholder = regexp.MustCompile(`(?i)^[a-z]+$|sanitized|redacted|scrubbed|^\W+$`)

// secretMembers are the members of bodies whose values no report may show: the password of an import and of an issuer,
// and what the bodies of token endpoints have.
func secretMembers() []string {
	return []string{"pwd", "password", "client_secret", "client_assertion", "access_token", "refresh_token", "id_token", "assertion"}
}

// Redact removes from an exchange whatever is secret: tokens and cookies, wherever the response repeats them too,
// passwords, and the private keys of imports. The certificates of a PEM stay, for rules are about them.
func Redact(e *vault.Exchange) {
	secrets := redactHeader(e.Request.Header)
	e.Request.Body = redactBody(e.Request.Body, importOf(e))
	if e.Response == nil {
		return
	}
	redactHeader(e.Response.Header)
	for _, secret := range secrets {
		if len(secret) < shortestSecret || placeholder.MatchString(secret) {
			continue
		}
		e.Response.Body = bytes.ReplaceAll(e.Response.Body, []byte(secret), []byte(redactedText))
		for _, values := range e.Response.Header {
			for i, value := range values {
				values[i] = strings.ReplaceAll(value, secret, redactedText)
			}
		}
	}
}

// redactHeader blots secret values out and returns them.
func redactHeader(header http.Header) []string {
	var secrets []string
	for name, values := range header {
		if !secretHeader(name) || strings.EqualFold(name, "WWW-Authenticate") {
			continue
		}
		for i, value := range values {
			scheme, secret, found := strings.Cut(value, " ")
			if !found {
				scheme, secret = "", value
			}
			secrets = append(secrets, strings.TrimSpace(secret))
			values[i] = redactedText
			if found && strings.HasSuffix(strings.ToLower(name), "authorization") {
				values[i] = scheme + " " + redactedText
			}
		}
	}
	return secrets
}

// importOf reports whether a request brings a private key: an import, or the restore of a backup.
func importOf(e *vault.Exchange) bool {
	path, _, _ := strings.Cut(e.Request.URL, "?")
	path = strings.TrimRight(path, "/")
	return e.Request.Method == http.MethodPost && (strings.HasSuffix(path, "/import") || strings.HasSuffix(path, "/restore"))
}

// redactBody blots the secret members of a JSON body out. A body without any stays as it is, byte for byte; one that is
// no JSON and may hold a key goes as a whole.
func redactBody(body []byte, bringsKey bool) vault.Body {
	if len(bytes.TrimSpace(body)) == 0 {
		return body
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		if bringsKey || bytes.Contains(body, []byte("PRIVATE KEY")) {
			return vault.Body(redactedText)
		}
		return body
	}
	if !redactValue(value, bringsKey) {
		return body
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return vault.Body(redactedText)
	}
	return bytes.TrimSuffix(written.Bytes(), []byte("\n"))
}

// redactValue changes the secret members within a value, and reports whether there were any.
func redactValue(value any, bringsKey bool) bool {
	changed := false
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			text, isText := member.(string)
			switch {
			case isText && text != "" && slices.Contains(secretMembers(), strings.ToLower(name)):
				v[name], changed = redactedText, true
			case isText && bringsKey && name == "value" && text != "":
				v[name], changed = redactedPEM(text), true
			case isText && strings.Contains(text, "PRIVATE KEY"):
				v[name], changed = redactedPEM(text), true
			default:
				changed = redactValue(member, false) || changed
			}
		}
	case []any:
		for _, item := range v {
			changed = redactValue(item, false) || changed
		}
	}
	return changed
}

// redactedPEM keeps the certificates of a PEM and nothing else.
func redactedPEM(text string) string {
	var kept strings.Builder
	for rest := []byte(text); ; {
		block, more := pem.Decode(rest)
		if block == nil {
			return kept.String() + redactedText
		}
		rest = more
		if block.Type == "CERTIFICATE" {
			_ = pem.Encode(&kept, block) // a strings.Builder never fails
		}
	}
}

// mostUnpacked bounds a body that is unpacked.
const mostUnpacked = 16 << 20

// unpack takes the compression off the response's body where the recording kept it. The result says why that cannot be
// done; "" where all is well.
func unpack(e *vault.Exchange) string {
	if e.Response == nil || len(e.Response.Body) == 0 {
		return ""
	}
	body := e.Response.Body
	var plain io.Reader
	var err error
	switch coding := strings.ToLower(strings.TrimSpace(e.Response.Header.Get("Content-Encoding"))); {
	case bytes.HasPrefix(body, []byte{0x1f, 0x8b}):
		plain, err = gzip.NewReader(bytes.NewReader(body))
	case readable(body), coding == "", coding == "identity":
		return ""
	case coding == "deflate":
		if plain, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			plain, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	default:
		return "its response is compressed by " + oneLine(coding) + ", which is not read; record it uncompressed"
	}
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(plain, mostUnpacked+1))
	}
	switch {
	case err != nil:
		return "its response cannot be unpacked: " + oneLine(err.Error())
	case len(body) > mostUnpacked:
		return "its response is unpacked larger than 16 MiB"
	}
	e.Response.Body = body
	e.Response.Header.Del("Content-Encoding")
	return ""
}

// readable reports whether a body is text already: many recorders unpack a body and leave the header.
func readable(body []byte) bool {
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) == 0 || trimmed[0] == '{' || trimmed[0] == '[' || trimmed[0] == '<' || trimmed[0] == '"'
}
