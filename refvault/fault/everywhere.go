package fault

import (
	"bytes"
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// unguarded are operations that are served without a token or without an api-version, one at a time, and responses in which
// something comes twice.
func unguarded() []Fault {
	given := func(r *http.Request) *http.Request { return tamper.WithQuery(r, "api-version", "7.4") }
	var all []Fault
	for _, operation := range []struct {
		id, of string
		on     tamper.On
	}{
		{"read", "a read of a version", tamper.ReadVersion()},
		{"versions", "a list of versions", tamper.ListVersions()},
		{"policy", "a read of a policy", tamper.ReadPolicy()},
		{"policy-update", "an update of a policy", tamper.PatchPolicy()},
		{"update", "an update of a certificate", tamper.UpdateCertificate()},
		{"deletion", "a deletion of a certificate", tamper.DeleteCertificate()},
		{"deleted-list", "a list of deleted certificates", tamper.ListDeleted()},
		{"backup", "a backup", tamper.Backup()},
		{"issuers", "a list of issuers", tamper.Operation(http.MethodGet, "/certificates/issuers")},
	} {
		all = append(all,
			remembers(operation.id+"-needs-no-token", operation.of+" needs no token", tamper.Anything(), openWithout(operation.on),
				"authentication/without-"+operation.id),
			asks(operation.id+"-needs-no-api-version", operation.of+" needs no api-version", missingOn(operation.on).But(tamper.Tokenless()), given,
				"api-version/without-"+operation.id))
	}
	return append(append(all, unguardedDeleted()...), twice()...)
}

// unguardedDeleted are operations on a certificate that is not deleted: without a guard they find nothing.
func unguardedDeleted() []Fault {
	var all []Fault
	for _, operation := range []struct {
		id, of string
		on     tamper.On
	}{
		{"deleted-read", "a read of a deleted certificate", tamper.ReadDeleted()},
		{"recovery", "a recovery", tamper.Recover()},
		{"purge", "a purge", tamper.Purge()},
		{"restore", "a restore", tamper.Restore()},
		{"issuer", "a read of an issuer", tamper.ReadIssuer()},
		{"contacts", "a read of the contacts", tamper.Operation(http.MethodGet, "/certificates/contacts")},
	} {
		accepted := func(a *tamper.Response) {
			a.Status = http.StatusOK
			a.Header.Del("WWW-Authenticate")
			a.SetObject(map[string]any{})
		}
		all = append(all,
			remembers(operation.id+"-needs-no-token", operation.of+" needs no token", tamper.Anything(), openWithout(operation.on),
				"authentication/without-"+operation.id),
			edits(operation.id+"-needs-no-api-version", operation.of+" without an api-version returns 200",
				missingOn(operation.on).But(tamper.Tokenless()), accepted, "api-version/without-"+operation.id))
	}
	return append(all,
		remembers("update-without-token-done", "an update without a token is rejected and carried out anyway", tamper.Anything(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				m.learn(r)
				a := tamper.Pass(next, r)
				if a.Status == http.StatusUnauthorized && tamper.UpdateCertificate()(r) {
					tamper.Pass(next, m.lend(r))
				}
				return a
			}, "authentication/nothing-changed"),
		thenOn("update-without-version-done", "an update without an api-version is rejected and carried out anyway",
			missingOn(tamper.UpdateCertificate()), http.StatusBadRequest, func(next http.Handler, a *tamper.Response) {
				tamper.Pass(next, tamper.WithQuery(a.Request, "api-version", "7.4"))
			}, "api-version/nothing-changed"))
}

// twice are responses in which a field or a member comes twice.
func twice() []Fault {
	again := func(name string) tamper.Edit {
		return func(a *tamper.Response) {
			if value := a.Header.Get(name); value != "" {
				a.Header[http.CanonicalHeaderKey(name)] = []string{value, value}
			}
		}
	}
	return []Fault{
		edits("content-type-twice", "the Content-Type comes twice", tamper.Anything(), again("Content-Type"), "every-answer/fields-once"),
		edits("location-twice", "the Location comes twice", tamper.Create(), again("Location"), "every-answer/fields-once"),
		edits("request-id-twice", "the x-ms-request-id comes twice", tamper.Anything(), again("x-ms-request-id"), "every-answer/fields-once"),
		{
			ID: "id-twice", Title: "the id of a certificate comes twice", Breaks: []string{"every-answer/members-once"}, On: tamper.Bundle(),
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(next, tamper.Bundle(), tamper.OnSuccess(tamper.MapBody(func(body []byte) []byte {
					return bytes.Replace(body, []byte(`{`), []byte(`{"id":"https://elsewhere.invalid/certificates/x/0",`), 1)
				})))
			},
		},
	}
}
