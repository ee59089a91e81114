package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// authentications are tokens that are not checked, and challenges that do not say where to get a token.
func authentications() []Fault {
	const header = "WWW-Authenticate"
	challenge := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, tamper.Anything(), tamper.OnStatus(http.StatusUnauthorized, edit), breaks...)
	}
	list := []Fault{
		challenge("challenge-resource-empty", "the resource of the challenge is empty",
			tamper.MapHeader(header, func(text string) string {
				before, _, _ := strings.Cut(text, "resource=")
				return before + `resource=""`
			}), "authentication/challenge-resource"),
		challenge("challenge-twice", "a second challenge has the scheme Bearer alone",
			func(a *tamper.Response) { a.Header.Add(header, "Bearer") }, "authentication/challenge-alone"),
		challenge("challenge-names-the-request", "the authorization of the challenge is the URL of the request",
			func(a *tamper.Response) {
				here := "https://" + a.Request.Host
				a.Header.Set(header, `Bearer authorization="`+here+a.Request.URL.Path+`", resource="`+here+`"`)
			}, "authentication/challenge-tenant"),
		challenge("challenge-only-for-no-token", "a token that nobody issued is refused without a challenge",
			func(a *tamper.Response) {
				if !tamper.Tokenless()(a.Request) {
					a.Header.Del(header)
				}
			}, "authentication/wrong-token-challenge"),
		edits("challenge-missing-on-issuers", "the 401 of issuers has no challenge",
			tamper.Operation("", "/certificates/issuers(/[^/]+)?"),
			tamper.OnStatus(http.StatusUnauthorized, tamper.DropHeader(header)), "authentication/challenge-everywhere"),
		edits("challenge-basic-on-backups", "the 401 of a backup challenges for Basic", tamper.Backup(),
			tamper.OnStatus(http.StatusUnauthorized, tamper.SetHeader(header, `Basic realm="vault"`)),
			"authentication/challenge-everywhere"),
		before("unknown-name-before-token", "a certificate that does not exist is 404 to a request without a token",
			tamper.ReadCertificate().And(tamper.Tokenless()),
			func(a *tamper.Response) bool { return a.Status == http.StatusNotFound }, "authentication/unknown-name"),
		before("body-before-token", "a create without a token has its body checked first",
			tamper.Create().And(tamper.Tokenless()),
			func(a *tamper.Response) bool { return a.Status == http.StatusBadRequest && len(a.Sent) == 0 },
			"authentication/before-validation"),
		before("path-before-token", "a path without a name is refused before the token is checked",
			func(r *http.Request) bool {
				return tamper.Tokenless()(r) && strings.Contains(r.URL.Path, "//")
			}, func(*tamper.Response) bool { return true }, "authentication/before-routing"),
		remembers("create-refused-and-made", "a create without a token is refused and carried out anyway",
			tamper.Anything(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				m.learn(r)
				a := tamper.Pass(next, r)
				if tamper.Create()(r) && a.Status == http.StatusUnauthorized {
					tamper.Pass(next, m.lend(r))
				}
				return a
			}, "authentication/create-nothing-made"),
		remembers("deletion-refused-and-done", "a deletion without a token is refused and carried out anyway",
			tamper.Anything(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				m.learn(r)
				a := tamper.Pass(next, r)
				if tamper.DeletePending()(r) && a.Status == http.StatusUnauthorized {
					tamper.Pass(next, m.lend(r))
				}
				return a
			}, "authentication/delete-nothing-deleted"),
	}
	wrongToken := tamper.On(func(r *http.Request) bool { return !tamper.Tokenless()(r) })
	scheme := func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") }
	for _, open := range []struct {
		id, title string
		on        tamper.On
		breaks    []string
	}{
		{"read-without-token", "a read of the pending object needs no token", tamper.ReadPending().And(tamper.Tokenless()),
			[]string{"authentication/status"}},
		{"create-without-token", "a create needs no token", tamper.Create().And(tamper.Tokenless()),
			[]string{"authentication/create", "authentication/create-nothing-made"}},
		{"deletion-without-token", "a deletion needs no token", tamper.DeletePending().And(tamper.Tokenless()),
			[]string{"authentication/delete", "authentication/delete-nothing-deleted"}},
		{"list-without-token", "a list needs no token", tamper.ListCertificates().And(tamper.Tokenless()),
			[]string{"authentication/list"}},
		{"certificate-without-token", "a read of a certificate needs no token",
			tamper.ReadCertificate().And(tamper.Tokenless()), []string{"authentication/certificate"}},
		{"nothing-needs-a-token", "nothing needs a token", tamper.Tokenless(), []string{
			"authentication/status", "authentication/create", "authentication/delete", "authentication/list",
			"authentication/certificate", "authentication/create-nothing-made", "authentication/delete-nothing-deleted",
		}},
		{"any-token-will-do", "any token will do", wrongToken, []string{"authentication/wrong-token-status"}},
		{"any-token-deletes", "any token will do for a deletion of a certificate", tamper.DeleteCertificate().And(wrongToken),
			[]string{"authentication/forged-everywhere"}},
		{"any-token-reads-issuers", "any token will do for the list of issuers",
			tamper.Operation(http.MethodGet, "/certificates/issuers").And(wrongToken), []string{"authentication/forged-everywhere"}},
		{"any-scheme-will-do", "the token may come under any scheme", scheme, []string{"authentication/scheme"}},
	} {
		list = append(list,
			remembers(open.id, open.title, tamper.Anything(),
				func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
					m.learn(r)
					a := tamper.Pass(next, r)
					if a.Status == http.StatusUnauthorized && open.on(r) {
						return tamper.Pass(next, m.lend(r))
					}
					return a
				}, open.breaks...))
	}
	return list
}

// before builds a fault that refuses a request for another reason before it checks the token.
func before(id, title string, on tamper.On, when func(*tamper.Response) bool, breaks ...string) Fault {
	return remembers(id, title, tamper.Anything(), func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
		m.learn(r)
		a := tamper.Pass(next, r)
		if a.Status != http.StatusUnauthorized || !on(r) {
			return a
		}
		if inside := tamper.Pass(next, m.lend(r)); when(inside) {
			return inside
		}
		return a
	}, breaks...)
}

// apiVersions are api-versions that are not looked at, or not rightly.
func apiVersions() []Fault {
	const fallback = "7.4"
	given := func(r *http.Request) *http.Request { return tamper.WithQuery(r, "api-version", fallback) }
	missing := func(r *http.Request) bool { return !r.URL.Query().Has("api-version") }
	empty := func(r *http.Request) bool {
		return r.URL.Query().Has("api-version") && r.URL.Query().Get("api-version") == ""
	}
	valued := func(value string) tamper.On {
		return func(r *http.Request) bool { return r.URL.Query().Get("api-version") == value }
	}
	odd := tamper.On(func(r *http.Request) bool {
		return r.URL.Query().Get("api-version") < "2010" && r.URL.Query().Get("api-version") > "2000"
	})
	status := func(id, title string, status int, breaks ...string) Fault {
		return edits(id, title, tamper.Versionless().Or(odd).Or(valued("latest")),
			tamper.OnStatus(http.StatusBadRequest, tamper.Status(status)), breaks...)
	}
	refuse := []string{
		"api-version/missing", "api-version/empty", "api-version/unknown", "api-version/garbage",
		"api-version/create-missing",
		"api-version/delete-missing", "api-version/list-missing",
	}
	return []Fault{
		asks("api-version-ignored", "the api-version is ignored", tamper.Anything(), given, refuse...),
		asks("api-version-optional", "a request without an api-version is served", missing, given,
			"api-version/missing", "api-version/missing-status", "api-version/create-missing", "api-version/delete-missing",
			"api-version/list-missing"),
		asks("api-version-may-be-empty", "an empty api-version is served", empty, given, "api-version/empty"),
		asks("api-version-may-be-unknown", "any date is an api-version", odd, given,
			"api-version/unknown", "api-version/unknown-status"),
		asks("api-version-may-be-garbage", "the api-version latest is served",
			valued("latest"), given, "api-version/garbage"),
		asks("api-version-optional-on-create", "a create without an api-version is served", missingOn(tamper.Create()), given,
			"api-version/create-missing"),
		asks("api-version-optional-on-deletion", "a deletion without an api-version is served",
			missingOn(tamper.DeletePending()), given,
			"api-version/delete-missing"),
		asks("api-version-optional-on-list", "a list without an api-version is served",
			missingOn(tamper.ListCertificates()), given,
			"api-version/list-missing"),
		thenOn("create-without-version-made", "a create without an api-version is refused and carried out anyway",
			missingOn(tamper.Create()),
			http.StatusBadRequest, func(next http.Handler, a *tamper.Response) { tamper.Pass(next, given(a.Request)) },
			"api-version/create-nothing-made"),
		thenOn("deletion-without-version-done",
			"a deletion without an api-version is refused and carried out anyway", missingOn(tamper.DeletePending()),
			http.StatusBadRequest, func(next http.Handler, a *tamper.Response) { tamper.Pass(next, given(a.Request)) },
			"api-version/delete-nothing-deleted"),
		status("api-version-answers-404", "a missing or unknown api-version returns 404",
			http.StatusNotFound, "api-version/missing-status", "api-version/unknown-status"),
		status("api-version-answers-500", "a missing or unknown api-version returns 500",
			http.StatusInternalServerError, refuse...),
		edits("api-version-code-wrong", "an unknown api-version has the code UnsupportedApiVersion", odd,
			tamper.OnStatus(http.StatusBadRequest,
				tamper.Set("error.code", "UnsupportedApiVersion")), "api-version/unknown-code"),
	}
}

func missingOn(on tamper.On) tamper.On {
	return on.And(func(r *http.Request) bool { return !r.URL.Query().Has("api-version") })
}
