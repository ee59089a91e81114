package fault

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// unfinished are certificates without a completed version that are treated as if they were not there, and requests that
// the API does not have and that are served.
func unfinished() []Fault {
	empty := func(next http.Handler, r *http.Request) bool {
		now := tamper.Ask(next, r, http.MethodGet, "", nil)
		return now.OK() && now.Text("cer") == ""
	}
	whole := func(next http.Handler, r *http.Request) *tamper.Response {
		if empty(next, r) {
			return refusal(r, http.StatusNotFound, "CertificateNotFound")
		}
		return tamper.Pass(next, r)
	}
	upper := regexp.MustCompile(`/certificates/[^/]*[A-Z]`)
	return []Fault{
		guarded("names-case-sensitive", "the name of a certificate is case-sensitive",
			func(r *http.Request) bool { return upper.MatchString(r.URL.Path) },
			func(_ http.Handler, r *http.Request) *tamper.Response {
				return refusal(r, http.StatusNotFound, "CertificateNotFound")
			}, "create-manually/name-case"),
		guarded("policy-only-of-complete-certificates", "there is no policy until the first version is complete",
			tamper.ReadPolicy(), whole, "create-manually/policy-readable"),
		guarded("deletion-only-of-complete-certificates", "a certificate without a complete version cannot be deleted",
			tamper.DeleteCertificate(), whole, "create-manually/unfinished-deleted"),
		asks("include-pending-ignored", "includePending is ignored", tamper.ListCertificates(),
			func(r *http.Request) *http.Request { return tamper.WithQuery(r, "includePending", "false") },
			"create-manually/listed-with-pending"),
		asks("pending-always-listed", "a list always has the certificates that are not complete", tamper.ListCertificates(),
			func(r *http.Request) *http.Request { return tamper.WithQuery(r, "includePending", "true") },
			"create-manually/not-listed"),
		edits("invalid-name-accepted", "a create with an underscore in the name is accepted",
			func(r *http.Request) bool { return strings.Contains(r.URL.Path, "_") },
			tamper.OnStatus(http.StatusBadRequest, func(a *tamper.Response) {
				a.Status = http.StatusAccepted
				a.SetObject(map[string]any{"status": "inProgress"})
			}), "create-manually/invalid-name"),
		edits("invalid-name-code-wrong", "a create with an underscore in the name has the code InvalidName",
			func(r *http.Request) bool { return strings.Contains(r.URL.Path, "_") },
			tamper.OnStatus(http.StatusBadRequest, tamper.Set("error.code", "InvalidName")),
			"create-manually/invalid-name-code"),
		guarded("recovery-not-offered", "a deleted certificate cannot be recovered",
			tamper.Operation(http.MethodPost, "/deletedcertificates/[^/]+/recover"),
			func(_ http.Handler, r *http.Request) *tamper.Response {
				return refusal(r, http.StatusMethodNotAllowed, "MethodNotAllowed")
			}, "issue-next-version/recovered"),
		guarded("contacts-a-name", "contacts is taken for the name of a certificate",
			tamper.Operation(http.MethodGet, "/certificates/contacts"),
			func(_ http.Handler, r *http.Request) *tamper.Response {
				return refusal(r, http.StatusNotFound, "CertificateNotFound")
			}, "every-answer/contacts"),
		edits("wrong-methods-in-plain-text", "a request that the API does not have is refused in plain text",
			tamper.Anything(), tamper.OnStatus(http.StatusMethodNotAllowed, tamper.Body("text/plain", "404 page not found")),
			"every-answer/unknown-route", "every-answer/unknown-method", "every-answer/error"),
		acts("creates-by-any-method", "a create is carried out whatever its method is", tamper.Operation(http.MethodPut, "/certificates/[^/]+/create"),
			func(next http.Handler, r *http.Request) *tamper.Response {
				as := tamper.WithBody(r, tamper.Sent(r))
				as.Method = http.MethodPost
				return tamper.Pass(next, as)
			}, "every-answer/create-method"),
		acts("deleted-issuer-stays", "a deleted issuer is still there",
			tamper.Operation(http.MethodDelete, "/certificates/issuers/[^/]+"),
			func(next http.Handler, r *http.Request) *tamper.Response {
				return tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil)
			}, "history/issuers", "request-from-issuer/issuer-gone"),
		edits("missing-issuer-code-wrong", "an issuer that is not there has the code IssuerNotFound", tamper.ReadIssuer(),
			tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "IssuerNotFound")),
			"request-from-issuer/issuer-gone-code"),
		acts("cancelled-cancelled-again", "a PATCH of a cancelled request is accepted", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				now := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
				if a.Status >= 400 && now.OK() && strings.HasPrefix(now.Text("status"), "cancel") {
					return now
				}
				return a
			}, "read-cancelled-or-failed/patch-after-cancelled"),
	}
}
