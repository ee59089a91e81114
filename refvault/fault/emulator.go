package fault

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// emulations are the deviations of an emulator that issues self-signed certificates at once and offers a part of the
// API. Its other deviations are faults of other groups: no Location, completed at once, a request_id that filters
// nothing, no conflict, imports with a pending object, a disabled version that is not found.
func emulations() []Fault {
	return append(append(unoffered(), narrowed()...), foreignErrors()...)
}

// unoffered are operations that the vault does not offer.
func unoffered() []Fault {
	missing := func(id, title string, status int, on tamper.On, breaks ...string) Fault {
		return guarded(id, title, on, func(_ http.Handler, r *http.Request) *tamper.Response {
			a := refusal(r, status, "")
			framework(a)
			return a
		}, breaks...)
	}
	key := lazyRSA(2048)
	return []Fault{
		missing("cancellation-not-offered", "there is no cancellation: the path does not take a PATCH",
			http.StatusMethodNotAllowed,
			tamper.PatchPending(), "cancel-in-progress/status", "cancel-in-progress/request-id-accepted"),
		missing("cancellation-taken-for-an-update",
			"a cancellation is taken for the update of a version called pending, and fails", http.StatusInternalServerError,
			tamper.PatchPending(), "cancel-in-progress/status", "cancel-in-progress/late-refused",
			"every-answer/no-server-fault"),
		missing("merge-not-offered", "there is no merge: its path is not found", http.StatusNotFound, tamper.Merge(),
			"merge-manual-request/status", "merge-manual-request/chain-status", "merge-on-issuer-request/status"),
		missing("issuers-not-offered", "there are no issuers: their path does not take a PUT", http.StatusMethodNotAllowed,
			tamper.Issuer(), "request-from-issuer/issuer-set"),
		missing("update-needs-a-version", "a certificate is updated by its version only", http.StatusMethodNotAllowed,
			tamper.Operation(http.MethodPatch, "/certificates/[^/]+/?"), "issue-next-version/update-bare",
			"issue-next-version/update-slash"),
		missing("update-takes-no-slash", "the path of an update may not end in a slash", http.StatusMethodNotAllowed,
			tamper.On(func(r *http.Request) bool {
				return r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/")
			}), "issue-next-version/update-slash"),
		missing("update-takes-no-version", "the path of an update may not have a version", http.StatusMethodNotAllowed,
			tamper.Operation(http.MethodPatch, "/certificates/[^/]+/[0-9a-f]{32}"), "issue-next-version/update-version"),
		guarded("deletion-only-of-deleted-certificates",
			"the pending object is looked for among deleted certificates, and not found", tamper.DeletePending(),
			func(_ http.Handler, r *http.Request) *tamper.Response {
				return refusal(r, http.StatusNotFound, "PendingCertificateNotFound")
			},
			"delete-pending/status", "delete-pending/completed-status", "delete-pending/request-id-accepted"),
		rewritten("csr-extensions-wrapped-twice", "the extensions that a csr asks for are wrapped in an octet string once more",
			key, wrapExtensions, "request-from-issuer/csr-not-authority", "create-manually/csr-names"),
	}
}

// guarded builds a fault that acts on requests with a token and an api-version, and leaves the others to the vault.
func guarded(id, title string, on tamper.On, act func(http.Handler, *http.Request) *tamper.Response,
	breaks ...string) Fault {
	return acts(id, title, on.But(tamper.Tokenless()).But(tamper.Versionless()), act, breaks...)
}

func wrapExtensions(t *x509.CertificateRequest) {
	wrapped := make([]pkix.Extension, 0, len(t.ExtraExtensions))
	for _, extension := range t.ExtraExtensions {
		if value, err := asn1.Marshal(extension.Value); err == nil {
			extension.Value = value
		}
		wrapped = append(wrapped, extension)
	}
	t.ExtraExtensions = wrapped
}

// narrowed are legal requests that are misunderstood or refused.
func narrowed() []Fault {
	return []Fault{
		guarded("issuer-always-self", "every create is signed by the vault itself, whatever issuer is named", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentObject(r)
				if policy, ok := body["policy"].(map[string]any); ok {
					policy["issuer"] = map[string]any{"name": "Self"}
					return tamper.Pass(next, tamper.WithBody(r, body))
				}
				return tamper.Pass(next, r)
			}, "request-from-issuer/issuer-name", "create-manually/issuer-omitted", "request-from-issuer/unknown-issuer-status"),
		guarded("key-properties-needed", "a create whose policy has no key_props is refused", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if policy, ok := sentObject(r)["policy"].(map[string]any); ok &&
					policy["key_props"] == nil {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "request-from-issuer/least-policy-accepted"),
		guarded("whole-policy-needed", "a create that leaves any member of the policy to its default is refused", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if !leavesNothing(sentObject(r)) {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "request-from-issuer/least-policy-accepted"),
		guarded("policy-patch-of-a-part-refused", "a patch of the policy has to send every group", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				sent := sentObject(r)
				for _, group := range []string{"key_props", "secret_props", "x509_props", "issuer"} {
					if sent[group] == nil {
						return refusal(r, http.StatusBadRequest, "BadParameter")
					}
				}
				return tamper.Pass(next, r)
			}, "issue-next-version/policy-patch-status"),
	}
}

// foreignErrors are refusals in the format of a web framework.
func foreignErrors() []Fault {
	everything := tamper.Anything()
	return []Fault{
		edits("error-of-a-framework", "a refusal has a body of the web framework, whose error is a string",
			everything, tamper.OnRefusal(framework),
			"every-answer/error"),
		edits("challenge-authorization-uri",
			"the challenge has authorization_uri in the place of authorization, and the path of the request in it", everything,
			tamper.OnStatus(http.StatusUnauthorized, func(a *tamper.Response) {
				here := "https://" + a.Request.Host
				a.Header.Set("WWW-Authenticate", `Bearer resource="`+here+`", authorization_uri="`+here+a.Request.URL.Path+`"`)
			}), "authentication/challenge-authorization"),
	}
}

// framework gives a refusal the default error body of a web framework.
func framework(a *tamper.Response) {
	a.SetObject(map[string]any{
		"timestamp": "2024-01-01T00:00:00.000+00:00", "status": a.Status, "error": http.StatusText(a.Status),
		"path": a.Request.URL.Path,
	})
}

// leavesNothing reports whether a create names every group of the policy, and what the certificate is to be.
func leavesNothing(body map[string]any) bool {
	policy, _ := body["policy"].(map[string]any)
	x509, _ := policy["x509_props"].(map[string]any)
	for _, member := range []any{
		body["attributes"], policy["key_props"], policy["secret_props"], policy["lifetime_actions"],
		x509["validity_months"], x509["key_usage"], x509["ekus"],
	} {
		if member == nil {
			return false
		}
	}
	return true
}
