package fault

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// issuers are issuers that are stored, shown or used wrongly.
func issuers() []Fault {
	on := tamper.Issuer()
	return []Fault{
		{
			ID: "issuer-shows-the-password", Title: "an issuer is read with the password of its account",
			Breaks: []string{"request-from-issuer/issuer-password-kept"}, On: on,
			Wrap: func(next http.Handler) http.Handler {
				m := newMemory()
				return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Response {
					a := tamper.Pass(next, r)
					if tamper.SetIssuer()(r) {
						m.keep(r.URL.Path, a)
					}
					if before := m.kept(r.URL.Path); before != nil && a.OK() {
						credentials, _ := before.SentObject()["credentials"].(map[string]any)
						tamper.Set("credentials.pwd", credentials["pwd"])(a)
					}
					return a
				})
			},
		},
		acts("issuer-needs-credentials", "an issuer without credentials is refused", tamper.SetIssuer(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if body := sentObject(r); body["provider"] != nil && body["credentials"] == nil {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "issuers/no-credentials"),
		acts("issuer-disabled-by-default", "an issuer that is set without attributes is disabled", tamper.SetIssuer(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentObject(r)
				if body == nil || body["attributes"] != nil {
					return tamper.Pass(next, r)
				}
				body["attributes"] = map[string]any{"enabled": false}
				return tamper.Pass(next, tamper.WithBody(r, body))
			}, "issuers/enabled-by-default"),
		remembers("issuers-listed-as-before", "the list of issuers is never made again",
			tamper.Operation(http.MethodGet, "/certificates/issuers"),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				return m.first(r.URL.Path, tamper.Pass(next, r))
			}, "issuers/deleted-unlisted"),
		acts("own-issuer-refused", "a create that names an issuer which was just set is refused", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if tamper.AskPath(next, r, http.MethodGet, issuerPath(r), nil).OK() && !builtIn(issuerSent(r)) {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "request-from-issuer/issuer-referenced"),
		acts("unknown-issuer-accepted", "a create that names an issuer that does not exist is accepted",
			tamper.Create(), unknownIssuer(false),
			"request-from-issuer/unknown-issuer-status"),
		acts("unknown-issuer-refused-and-begun",
			"a create that names an issuer that does not exist is refused and begun anyway", tamper.Create(),
			unknownIssuer(true),
			"request-from-issuer/unknown-issuer-starts-nothing"),
		edits("unknown-issuer-answers-401", "a create that names an issuer that does not exist returns 401", tamper.Create(),
			tamper.Where(func(a *tamper.Response) bool {
				return a.Status == http.StatusBadRequest && a.SentObject()["policy"] != nil &&
					a.Request.URL.Query().Get("api-version") != ""
			}, tamper.Status(http.StatusUnauthorized)), "request-from-issuer/unknown-issuer-status"),
		acts("issuer-needed", "a create without an issuer is refused",
			tamper.Create(), func(next http.Handler, r *http.Request) *tamper.Response {
				if policy, ok := sentObject(r)["policy"].(map[string]any); ok && policy["issuer"] == nil {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "create-manually/issuer-omitted-status"),
		acts("issuer-omitted-is-self", "a create without an issuer is signed by the vault itself",
			tamper.Create(), func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentObject(r)
				if policy, ok := body["policy"].(map[string]any); ok && issuerSent(r) == "" {
					policy["issuer"] = map[string]any{"name": "Self"}
					return tamper.Pass(next, tamper.WithBody(r, body))
				}
				return tamper.Pass(next, r)
			}, "create-manually/issuer-omitted", "create-manually/issuer-omitted-policy", "create-manually/issuer-unnamed"),
	}
}

// issuerSent is the name of the issuer in a create's policy.
func issuerSent(r *http.Request) string {
	policy, _ := sentObject(r)["policy"].(map[string]any)
	issuer, _ := policy["issuer"].(map[string]any)
	name, _ := issuer["name"].(string)
	return name
}

func issuerPath(r *http.Request) string { return "/certificates/issuers/" + issuerSent(r) }

// builtIn reports whether an issuer exists from the start, and so was not set by a client.
func builtIn(name string) bool {
	switch name {
	case "", "Self", "Unknown", "stays", "completes", "fails", "rejects":
		return true
	}
	return false
}

// unknownIssuer starts a manual request for a create that was refused because of its issuer. If silently, the response
// is still the refusal.
func unknownIssuer(silently bool) func(http.Handler, *http.Request) *tamper.Response {
	return func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		name := issuerSent(r)
		if a.Status != http.StatusBadRequest || builtIn(name) || r.URL.Query().Get("api-version") == "" {
			return a
		}
		taken := tamper.Pass(next, tamper.WithBody(r, manualCreate("CN=taken.example.com")))
		if silently {
			return a
		}
		tamper.Set("issuer.name", name)(taken)
		return taken
	}
}
