package refvault_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
)

func TestRequestsWithoutTheTokenAreChallenged(t *testing.T) {
	b := newBench(t, nil)
	for _, test := range []struct{ name, authorization string }{
		{"none", ""},
		{"another token", "Bearer something-else"},
		{"another scheme", "Basic " + token},
		{"no token after the scheme", "Bearer "},
		{"the token alone", token},
		{"the token with a tail", "Bearer " + token + "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{"Authorization": {test.authorization}}
			b.token = ""
			r := b.sendRaw(http.MethodGet, b.server.URL+"/certificates?api-version=7.4", nil, header)
			r.refused(http.StatusUnauthorized, "Unauthorized")
			want := regexp.MustCompile(`^Bearer authorization="` + b.server.URL + `/[0-9a-f-]{36}", resource="` + b.server.URL + `"$`)
			if got := r.Header.Get("WWW-Authenticate"); !want.MatchString(got) {
				t.Errorf("challenge %q", got)
			}
		})
	}
}

func TestAuthenticationComesBeforeEverythingElse(t *testing.T) {
	b := newBench(t, nil)
	b.token = ""
	for _, path := range []string{
		"/certificates//create?api-version=7.4", "/nowhere", "/certificates/bad_name/create?api-version=7.4", "/certificates/a",
	} {
		b.sendRaw(http.MethodPost, b.server.URL+path, "{", nil).refused(http.StatusUnauthorized, "Unauthorized")
	}
}

func TestAcceptedTokens(t *testing.T) {
	for _, test := range []struct {
		name, configured, sent string
	}{
		{"the configured one", token, "Bearer " + token},
		{"the scheme in another case", token, "bearer " + token},
		{"any where none is configured", "", "Bearer whatever"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, func(o *refvault.Options) { o.Token = test.configured })
			header := http.Header{"Authorization": {test.sent}}
			b.sendRaw(http.MethodGet, b.server.URL+"/certificates?api-version=7.4", nil, header).must(http.StatusOK)
		})
	}
}

func TestSomeTokenIsNeededWhereAnyWillDo(t *testing.T) {
	b := newBench(t, func(o *refvault.Options) { o.Token = "" })
	b.token = ""
	for _, authorization := range []string{"", "Bearer", "Bearer  ", "Basic abc"} {
		header := http.Header{"Authorization": {authorization}}
		b.sendRaw(http.MethodGet, b.server.URL+"/certificates?api-version=7.4", nil, header).
			refused(http.StatusUnauthorized, "Unauthorized")
	}
}

func TestChallengeNamesTheConfiguredAuthority(t *testing.T) {
	b := newBench(t, func(o *refvault.Options) { o.AuthorityURL = "https://login.example/tenant" })
	b.token = ""
	got := b.send(http.MethodGet, "/certificates", nil).Header.Get("WWW-Authenticate")
	if !strings.Contains(got, `authorization="https://login.example/tenant"`) {
		t.Errorf("challenge %q", got)
	}
}
