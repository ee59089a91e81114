package match_test

import (
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

const base = "https://vault.example"

func located(location string) *vault.Exchange {
	e := answered(202, `{}`)
	if location != "" {
		e.Response.Header.Set("Location", location)
	}
	return e
}

func TestMatchersOfTheLocation(t *testing.T) {
	path := match.Location(base, "certificates", "name", "pending")
	prefixed := match.Location(base+"/vaults/one", "certificates", "name", "pending")
	for _, m := range []matching{
		{"the pending object", path, located(base + "/certificates/name/pending?api-version=7.4"), true, ""},
		{"letter case and default port aside", path, located("HTTPS://VAULT.example:443/Certificates/NAME/pending"), true, ""},
		{"a vault under a path", prefixed, located(base + "/vaults/one/certificates/name/pending"), true, ""},
		{"outside of the vault's path", prefixed, located(base + "/certificates/name/pending"), false, ""},
		{"none", path, located(""), false, ""},
		{"relative", path, located("/certificates/name/pending"), false, ""},
		{"another host", path, located("https://other.example/certificates/name/pending"), false, ""},
		{"another port", path, located(base + ":8443/certificates/name/pending"), false, ""},
		{"another scheme", path, located("http://vault.example/certificates/name/pending"), false, ""},
		{"another name", path, located(base + "/certificates/other/pending"), false, ""},
		{"with a version", path, located(base + "/certificates/name/0123/pending"), false, ""},
		{"a parameter", match.LocationQuery("request_id", "a"), located(base + "/?api-version=7.4&request_id=a"), true, ""},
		{"another value", match.LocationQuery("request_id", "a"), located(base + "/?request_id=b"), false, ""},
		{"no parameter", match.LocationQuery("request_id", "a"), located(base + "/"), false, ""},
		{"a parameter twice", match.LocationQuery("request_id", "a"), located(base + "/?request_id=a&request_id=a"), false, ""},
		{"no location for the parameter", match.LocationQuery("request_id", "a"), located(""), false, ""},
	} {
		t.Run(m.name, m.check)
	}
}

func TestMatchersOfLinks(t *testing.T) {
	id := match.ID(base, "id", "certificates", "name", "pending")
	link := match.Link(base, "target", "certificates", "name")
	version := match.VersionID(base, "name")
	for _, m := range []matching{
		{"an id", id, answered(200, `{"id":"https://vault.example/certificates/name/pending"}`), true, ""},
		{"an id with a query", id, answered(200, `{"id":"https://vault.example/certificates/name/pending?a=b"}`), false, "/id"},
		{"an id of another name", id, answered(200, `{"id":"https://vault.example/certificates/other/pending"}`), false, "/id"},
		{"an id that is a number", id, answered(200, `{"id":1}`), false, "/id"},
		{"no id", id, answered(200, `{}`), false, "/id"},
		{"a link with a query", link, answered(200, `{"target":"https://vault.example/certificates/name?api-version=7.4"}`), true, ""},
		{"a link with a version", link, answered(200, `{"target":"https://vault.example/certificates/name/01"}`), false, "/target"},
		{"an id with a version", version, answered(200, `{"id":"https://vault.example/certificates/name/01"}`), true, ""},
		{"an id without a version", version, answered(200, `{"id":"https://vault.example/certificates/name"}`), false, "/id"},
		{"an id of a key", version, answered(200, `{"id":"https://vault.example/keys/name/01"}`), false, "/id"},
		{"a version of another name", version, answered(200, `{"id":"https://vault.example/certificates/other/01"}`), false, "/id"},
		{"a link in the vault", match.InVault(base, "target"), answered(200, `{"target":"https://vault.example/any"}`), true, ""},
		{"a link out of the vault", match.InVault(base, "target"), answered(200, `{"target":"https://other.example/any"}`), false, "/target"},
		{"a link without a host", match.InVault(base, "target"), answered(200, `{"target":"/any"}`), false, "/target"},
	} {
		t.Run(m.name, m.check)
	}
}

func TestTheNameIsReadFromTheRequest(t *testing.T) {
	for url, want := range map[string]string{
		"https://vault.example/certificates/name/pending":              "name",
		"https://vault.example/certificates/name":                      "name",
		"https://vault.example/my/certificates/certificates/name/x":    "name",
		"https://vault.example/certificates":                           "",
		"https://vault.example/deletedcertificates/name?api-version=1": "",
	} {
		if got := match.Name(&vault.Exchange{Request: vault.Request{URL: url}}); got != want {
			t.Errorf("the name in %s is %q, want %q", url, got, want)
		}
	}
}

func TestRetryAfterIsAWholeNumberOfSeconds(t *testing.T) {
	for value, want := range map[string]bool{"10": true, "0": true, "": false, "-1": false, "1.5": false, "soon": false} {
		e := answered(202, `{}`)
		e.Response.Header.Set("Retry-After", value)
		matching{value, match.RetryAfter(), e, want, ""}.check(t)
	}
}
