package tamper

import (
	"net/http"
	"regexp"
)

// ReadKey picks GetKey with and without a version.
func ReadKey() On { return Operation(http.MethodGet, "/keys/"+name+"(/"+version+")?") }

// ReadSecret picks GetSecret with and without a version.
func ReadSecret() On { return Operation(http.MethodGet, "/secrets/"+name+"(/"+version+")?") }

// ChangeCompanion picks what would change or delete a key or a secret.
func ChangeCompanion() On {
	any := Operation("", "/(keys|secrets)/"+name)
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
