package profile

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"path"
	"regexp"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// otherBase is what the ids of randomRequestIDs begin with, whatever address is dialled.
const otherBase = "https://emulator.vault.azure.net"

// randomRequestIDs is an implementation that offers every operation and checks tokens, keeps what it was sent as it was
// sent, and has never been held against a service: its operations have no identity, and nothing of a request in
// progress is protected.
func randomRequestIDs() Profile {
	p := Profile{
		ID:     "random-request-ids",
		Title:  "every response has a request_id of its own, new requests replace those in progress, policies stay as they were sent",
		Claims: Claims{IDBase: otherBase, StaysInProgress: "stays"},
	}
	for _, part := range [][]Deviation{
		{lenientVersions()}, namesAsTheyAre(), creatingAnyhow(), endingAnyhow(), importingLess(), hidingThePending(),
		{policiesRaw()}, bareOperations(), webServer(), {idsOfAnotherHost(), requestIDs(), filterIgnored()},
	} {
		p.Deviations = append(p.Deviations, part...)
	}
	return p
}

// lenientVersions takes whatever looks like an api-version.
func lenientVersions() Deviation {
	looks := regexp.MustCompile(`^(7\.\d+|\d{4}-\d\d-\d\d)$`)
	return anyVersionTaken("whatever looks like an api-version is one", func(version string) bool {
		return looks.MatchString(version) && isNoVersion(version)
	}).because("E-2-03")
}

// creatingAnyhow are the deviations of a create.
func creatingAnyhow() []Deviation {
	return []Deviation{
		changes("subject-a-common-name", "a subject of several parts becomes one common name", tamper.Create(), literalSubject).
			because("SC-01-08"),
		externalIssuers(),
		changes("no-issuer-is-self", "a create that names no issuer is signed by the vault itself", tamper.Create(), selfByDefault).
			because("SC-10-03"),
		changes("stored-policy-unused", "a create without a policy gets a policy of the vault's", tamper.Create(),
			func(r *http.Request) *http.Request {
				if body := sentObject(r); body != nil && body["policy"] == nil {
					body["policy"] = map[string]any{
						"x509_props": map[string]any{"subject": "CN=emulator"}, "issuer": map[string]any{"name": "Self"},
					}
					return tamper.WithBody(r, body)
				}
				return r
			}).because("SC-12-06 SC-12-07 B-1-02"),
		replacing("create-replaces", "a create replaces a request in progress", tamper.Create()).because("SC-05-05 SC-06-01 B-1-08"),
		replacing("import-replaces", "an import replaces a request in progress", tamper.Import()).because("SC-05-05 SC-06-02 B-2-08"),
	}
}

// literalSubject quotes what follows CN= to the end.
func literalSubject(r *http.Request) *http.Request {
	body := sentObject(r)
	policy, _ := body["policy"].(map[string]any)
	props, _ := policy["x509_props"].(map[string]any)
	subject, _ := props["subject"].(string)
	value, ok := strings.CutPrefix(subject, "CN=")
	if !ok || !strings.Contains(value, ",") || strings.ContainsAny(value, `"\`) {
		return r
	}
	props["subject"] = `CN="` + value + `"`
	return tamper.WithBody(r, body)
}

// selfByDefault names the vault itself where a policy names no issuer.
func selfByDefault(r *http.Request) *http.Request {
	body := sentObject(r)
	policy, ok := body["policy"].(map[string]any)
	if !ok {
		return r
	}
	if issuer, _ := policy["issuer"].(map[string]any); issuer["name"] != nil {
		return r
	}
	policy["issuer"] = map[string]any{"name": "Self"}
	return tamper.WithBody(r, body)
}

// externalIssuers has the requests of all issuers wait for a merge, as those of Unknown do.
func externalIssuers() Deviation {
	on := tamper.Create().Or(tamper.Pending())
	return remembers("issuers-wait-for-a-merge", "a request of an issuer waits for a merge; an issuer that is not set is IssuerNotFound", on,
		func() action {
			shown := newNotes[string]()
			return func(next http.Handler, r *http.Request) *tamper.Response {
				name, asked := tamper.Name(r), ""
				if tamper.Create()(r) {
					changed, issuer := issuerTaken(r, "Unknown")
					switch {
					case issuer == "", strings.EqualFold(issuer, "Unknown"), strings.EqualFold(issuer, "Self"):
					default:
						if known := tamper.AskPath(next, r, http.MethodGet, "/certificates/issuers/"+issuer, nil); known.Status == http.StatusNotFound {
							return refusal(r, http.StatusBadRequest, "IssuerNotFound", "The issuer is not set.")
						}
						r, asked = changed, issuer
					}
				}
				a := tamper.Pass(next, r)
				if tamper.Create()(r) && a.OK() {
					shown.set(name, asked)
				}
				if issuer, _ := shown.get(name); issuer != "" {
					tamper.OnSuccess(tamper.Replace("issuer.name", issuer))(a)
				}
				return a
			}
		}).because("SC-07-01 E-4-04")
}

// replacing deletes a request in progress that is in the way.
func replacing(id, text string, on tamper.On) Deviation {
	return acts(id, text, on, func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if a.Status == http.StatusConflict && tamper.Ask(next, r, http.MethodDelete, "/pending", nil).OK() {
			a = tamper.Pass(next, r)
		}
		return a
	})
}

// endingAnyhow are the deviations of cancelling and merging.
func endingAnyhow() []Deviation {
	reread := func(next http.Handler, r *http.Request) *tamper.Response {
		return tamper.Ask(next, r, http.MethodGet, "/pending", nil)
	}
	return []Deviation{
		changes("cancellation-of-nothing", "a PATCH without cancellation_requested is accepted", tamper.PatchPending(),
			func(r *http.Request) *http.Request {
				if body := sentObject(r); body != nil && body["cancellation_requested"] == nil {
					return tamper.WithBody(r, map[string]any{"cancellation_requested": false})
				}
				return r
			}).because("SC-08-08"),
		acts("cancelled-at-once", "the response to a cancellation is the cancelled operation", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					a.Become(reread(next, r))
				}
				return a
			}).because("SC-08-03").with(func(o *refvault.Options) { o.CancelAfter = -1 }),
		acts("cancelled-again", "a cancelled operation can be cancelled again", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if now := reread(next, r); a.Status == http.StatusForbidden && strings.EqualFold(now.Text("status"), "cancelled") {
					return now
				}
				return a
			}).because("SC-08-05"),
		edits("late-cancellation-400", "a cancellation of a completed operation returns 400 BadParameter", tamper.PatchPending(),
			tamper.OnStatus(http.StatusForbidden, tamper.Status(http.StatusBadRequest), tamper.Set("error.code", "BadParameter"))).
			because("SC-08-06 F-4"),
		acts("no-merge-after-cancellation", "a merge after a cancellation is rejected", tamper.Merge(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if now := reread(next, r); strings.EqualFold(now.Text("status"), "cancelled") {
					return refusal(r, http.StatusBadRequest, "BadParameter", "The request was cancelled.")
				}
				return tamper.Pass(next, r)
			}).because("SC-04-12 SC-07-03"),
		edits("merge-without-location", "a merge has no Location", tamper.Merge(), tamper.DropHeader("Location")).
			because("SC-11-02 E-5-06"),
		noPendingInBundles(tamper.Merge()),
	}
}

// importingLess are the deviations of an import.
func importingLess() []Deviation {
	return []Deviation{
		acts("no-chain-imported", "a PFX with a chain is rejected", tamper.Import(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentObject(r)
				value, _ := body["value"].(string)
				password, _ := body["pwd"].(string)
				der, err := base64.StdEncoding.DecodeString(value)
				if err != nil {
					return tamper.Pass(next, r)
				}
				if _, _, chain, err := pkcs12.DecodeChain(der, password); err != nil || len(chain) == 0 || tamper.Tokenless()(r) {
					return tamper.Pass(next, r)
				}
				return refusal(r, http.StatusBadRequest, "BadParameter", "pkcs12: expected exactly two safe bags in the PFX PDU")
			}).because("B-2-04"),
		pendingOfImports(),
	}
}

// hidingThePending are the deviations of a name whose first version is not complete.
func hidingThePending() []Deviation {
	incomplete := func(next http.Handler, r *http.Request) bool {
		now := tamper.Ask(next, r, http.MethodGet, "", nil)
		return now.OK() && now.Object()["cer"] == nil
	}
	on := tamper.ReadBundle().Or(tamper.UpdateCertificate()).Or(tamper.DeleteCertificate()).Or(tamper.Policy())
	return []Deviation{
		acts("incomplete-not-found", "a certificate whose first version is not complete is not found, nor is its policy", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				if incomplete(next, r) {
					return refusal(r, http.StatusNotFound, "CertificateNotFound", "There is no such certificate.")
				}
				return tamper.Pass(next, r)
			}).because("B-3-08 B-7-12 F-16 SC-12-21"),
		changes("include-pending-ignored", "includePending adds nothing to a list", tamper.ListCertificates(),
			func(r *http.Request) *http.Request {
				return tamper.WithQuery(r, "includePending", "")
			}).because("B-6-14 B-1-13"),
		pendingCode("pending-code-of-certificates", "without a pending object the code is CertificateNotFound, unless there is a certificate",
			"CertificateNotFound", func(next http.Handler, r *http.Request) bool {
				return !tamper.Ask(next, r, http.MethodGet, "", nil).OK() || incomplete(next, r)
			}).because("SC-05-02 SC-09-05 SC-09-09 B-11-01"),
	}
}

// bareOperations are the deviations of what an operation says.
func bareOperations() []Deviation {
	return []Deviation{
		noLocation(),
		noRetryAfter(),
		edits("no-status-details", "an operation in progress has no status_details", tamper.Pending(), tamper.InProgress(tamper.Drop("status_details"))).
			because("SC-01-11 SC-02-06 SC-10-05"),
		edits("target-in-progress", "an operation in progress has a target", tamper.Pending(), tamper.InProgress(func(a *tamper.Response) {
			tamper.Set("target", strings.TrimSuffix(a.Text("id"), "/pending"))(a)
		})).because("SC-01-13"),
		edits("no-csr-of-self", "an operation of Self has no csr", tamper.Pending(), tamper.Where(func(a *tamper.Response) bool {
			issuer, _ := a.Object()["issuer"].(map[string]any)
			name, _ := issuer["name"].(string)
			return strings.EqualFold(name, "Self")
		}, tamper.Drop("csr"))).because("C-5 SC-03-10"),
		mergedBecomesSelf(),
	}
}

// mergedBecomesSelf forgets at a merge that a request came from elsewhere.
func mergedBecomesSelf() Deviation {
	return remembers("merged-becomes-self", "after a merge the pending object has the issuer Self and no csr",
		tamper.Merge().Or(tamper.Pending()), func() action {
			merged := newNotes[bool]()
			return func(next http.Handler, r *http.Request) *tamper.Response {
				name, a := tamper.Name(r), tamper.Pass(next, r)
				if (tamper.Merge()(r) || tamper.Create()(r)) && a.OK() {
					merged.set(name, tamper.Merge()(r))
				}
				if is, _ := merged.get(name); is && !tamper.Merge()(r) {
					tamper.OnSuccess(tamper.Replace("issuer.name", "Self"), tamper.Drop("csr"))(a)
				}
				return a
			}
		}).because("SC-03-06")
}

// webServer are the deviations of a router that returns for itself.
func webServer() []Deviation {
	return []Deviation{
		edits("issuer-not-found-code", "an issuer that is not there is IssuerNotFound", tamper.Issuer(),
			tamper.OnStatus(http.StatusNotFound, tamper.Replace("error.code", "IssuerNotFound"))).because("B-10-04"),
		edits("routes-in-plain-text", "an unknown path is 404 and a wrong method 405, both in plain text", tamper.Anything(),
			tamper.OnStatus(http.StatusMethodNotAllowed, func(a *tamper.Response) {
				if knownPath.MatchString(a.Request.URL.Path) {
					a.Become(plain(a.Request, http.StatusMethodNotAllowed, "Method Not Allowed\n"))
				} else {
					a.Become(plain(a.Request, http.StatusNotFound, "404 page not found\n"))
				}
			})).because("E-4-01 B-0-6"),
		acts("redirect-to-the-clean-path", "a path with two slashes is redirected to the path with one",
			func(r *http.Request) bool { return strings.Contains(r.URL.Path, "//") },
			func(_ http.Handler, r *http.Request) *tamper.Response {
				to := *r.URL
				to.Path, to.RawPath = path.Clean(r.URL.Path), ""
				a := plain(r, http.StatusTemporaryRedirect, "")
				a.Header.Set("Location", to.RequestURI())
				return a
			}).because("E-1-06"),
	}
}

// knownPath fits the paths of the API, whatever the method.
var knownPath = regexp.MustCompile(`^/certificates(/(contacts|restore|issuers(/[^/]+)?|[^/]+(/(create|import|backup|versions|policy|pending(/merge)?|[0-9a-f]{32}))?))?/?$` +
	`|^/deletedcertificates(/[^/]+(/recover)?)?/?$`)

// idsOfAnotherHost writes ids that cannot be dialled. Only the link to the next page leads back.
func idsOfAnotherHost() Deviation {
	return edits("ids-of-another-host", "ids begin with the address of a service, not with the address dialled", tamper.Anything(),
		func(a *tamper.Response) {
			for _, scheme := range []string{"https://", "http://"} {
				base := []byte(`"` + scheme + a.Request.Host + "/")
				a.Body = bytes.ReplaceAll(a.Body, base, []byte(`"`+otherBase+"/"))
				next := []byte(`"nextLink":"` + otherBase + "/")
				a.Body = bytes.ReplaceAll(a.Body, next, append([]byte(`"nextLink":`), base...))
			}
		}).because("SC-01-05 E-1-02 B-5-01")
}

// requestIDs gives every operation a new request_id whenever it is shown.
func requestIDs() Deviation {
	return edits("request-id-of-each-response", "every response has a request_id of its own", tamper.Pending(), tamper.OnSuccess(func(a *tamper.Response) {
		var id [16]byte
		_, _ = rand.Read(id[:]) // it never fails
		tamper.Replace("request_id", hex.EncodeToString(id[:]))(a)
	})).because("SC-01-14 SC-02-04 SC-02-07 SC-03-06 SC-08-10 SC-09-02 SC-11-17")
}
