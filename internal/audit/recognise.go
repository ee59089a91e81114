package audit

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// recognised is where an exchange belongs: the operation, "" for a path below /certificates that the API does not have,
// and the base URL of its vault.
type recognised struct{ operation, base string }

// versionLike tells api-versions of Key Vault from those of other services, which have dates of their own.
var versionLike = regexp.MustCompile(`^7\.\d+(-preview(\.\d+)?)?$`)

// recognise finds out whether an exchange is one of the certificates API, on whatever host and below whatever prefix.
// Other services have a path /certificates too: the api-version, or the form of the response, tells them apart.
func recognise(document *schemas.Document, e *vault.Exchange) (recognised, bool) {
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Host == "" {
		return recognised{}, false
	}
	found, ok := recognised{}, false
	for _, prefix := range prefixes(u.EscapedPath()) {
		operation, _, known := document.Operation(e.Request.Method, e.Request.URL, prefix)
		if known || !ok {
			found, ok = recognised{operation, u.Scheme + "://" + u.Host + prefix}, true
		}
		if known {
			break
		}
	}
	if !ok {
		return found, false
	}
	version := u.Query().Get("api-version")
	switch {
	case schemas.Known(version) || versionLike.MatchString(version):
		return found, true
	case strings.Contains(u.Path, "/subscriptions/") || strings.Contains(u.Path, "/providers/"):
		return found, false
	default:
		return found, found.operation != "" && looksLikeVault(e)
	}
}

// prefixes lists what may stand before the API in a path, the shortest first.
func prefixes(path string) []string {
	var found []string
	for at := 0; ; {
		rest := path[at:]
		next := len(rest)
		for _, collection := range []string{"/certificates", "/deletedcertificates"} {
			if i := strings.Index(rest, collection); i >= 0 {
				end := i + len(collection)
				if (end == len(rest) || rest[end] == '/') && i < next {
					next = i
				}
			}
		}
		if next == len(rest) {
			return found
		}
		found = append(found, path[:at+next])
		at += next + 1
	}
}

// looksLikeVault reports whether a response is one that a vault returns, whatever the api-version of its request.
func looksLikeVault(e *vault.Exchange) bool {
	if e.Response == nil || !strings.Contains(strings.ToLower(e.Response.Header.Get("Content-Type")), "json") {
		return false
	}
	for name := range e.Response.Header {
		if strings.HasPrefix(strings.ToLower(name), "x-ms-keyvault-") {
			return true
		}
	}
	if e.Status() >= http.StatusBadRequest {
		problem, _ := e.Member("error").(map[string]any)
		_, coded := problem["code"].(string)
		return coded
	}
	return strings.Contains(e.Text("id"), "certificates/")
}

// versionOf is the api-version that a request carried.
func versionOf(e *vault.Exchange) string {
	version, _ := e.Request.Query("api-version")
	return version
}
