package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// pathOnly is a URL without scheme and host.
func pathOnly(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.RequestURI()
}

// otherName makes a URL that of another certificate.
func otherName(u *url.URL) {
	segments := strings.Split(u.Path, "/")
	for i := range len(segments) - 1 {
		switch segments[i] {
		case "certificates", "keys", "secrets", "deletedcertificates":
			segments[i+1] = "another" + segments[i+1]
			u.Path = strings.Join(segments, "/")
			return
		}
	}
}

func dropLastSegment(u *url.URL) {
	if i := strings.LastIndex(u.Path, "/"); i > 0 {
		u.Path = u.Path[:i]
	}
}

func without(parameter string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Del(parameter)
		u.RawQuery = query.Encode()
	}
}

func with(parameter, value string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Set(parameter, value)
		u.RawQuery = query.Encode()
	}
}

func changed(parameter string, change func(string) string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Set(parameter, change(query.Get(parameter)))
		u.RawQuery = query.Encode()
	}
}

// notFound makes a response say that the pending object does not exist.
func notFound(a *tamper.Response) {
	a.Status = http.StatusNotFound
	a.Header.Del("Location")
	a.SetObject(failure("PendingCertificateNotFound"))
}

// failure is an error body with a code.
func failure(code string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": "refused"}}
}
