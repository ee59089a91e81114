package tamper

import (
	"net/http"
	"regexp"
)

// ReadKey picks GetKey with and without a version.
func ReadKey() On { return onReadKey() }

// ReadSecret picks GetSecret with and without a version.
func ReadSecret() On { return onReadSecret() }

// ChangeCompanion picks what would change or delete a key or a secret.
func ChangeCompanion() On {
	any := onCompanion()
	return func(r *http.Request) bool { return any(r) && r.Method != http.MethodGet }
}

var companionPattern = regexp.MustCompile(`/(?:keys|secrets|(?:deleted)?certificates)/([^/]+)`)

// CompanionName is the name in the path of a request for a key, a secret or a certificate, "" where there is none.
func CompanionName(r *http.Request) string {
	if found := companionPattern.FindStringSubmatch(r.URL.Path); found != nil {
		return found[1]
	}
	return ""
}
