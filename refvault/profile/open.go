package profile

import (
	"bytes"
	"encoding/base64"
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// openDoor is a stand-in for a vault in other people's tests: it was written to be let in by, and returns 200 where the
// request has been understood.
func openDoor() Profile {
	p := Profile{
		ID:     "open-door",
		Title:  "nobody is asked for a token, no api-version is looked at, a create returns 200 with half an operation",
		Claims: Claims{StaysInProgress: "stays", Completes: "completes", Fails: "fails", Rejects: "rejects"},
	}
	for _, part := range [][]Deviation{
		{anyVersionTaken("no api-version is looked at", isNoVersion).because("E-2-01 E-2-02 E-2-03")},
		halfOperations(), halfPolicies(), halfImports(),
		{anyToken("no-authentication", "nobody is asked for a token", tamper.Anything()).because("E-3-01 E-3-06")},
	} {
		p.Deviations = append(p.Deviations, part...)
	}
	return p
}

// halfOperations are the deviations of requests for certificates.
func halfOperations() []Deviation {
	notThere := func(r *http.Request) *tamper.Response {
		return refusal(r, http.StatusNotFound, "NotFound", "There is no such operation.")
	}
	always := func(id, text string, on tamper.On) Deviation {
		return acts(id, text, on, func(_ http.Handler, r *http.Request) *tamper.Response { return notThere(r) })
	}
	return []Deviation{
		noLocation(),
		noRetryAfter(),
		edits("create-returns-200", "a create returns 200", tamper.Create(), tamper.OnSuccess(tamper.Status(http.StatusOK))).
			because("SC-01-01 SC-10-01 B-0-1"),
		edits("no-request-id", "an operation has no request_id", tamper.Pending(), tamper.OnSuccess(tamper.Drop("request_id"))).
			because("SC-01-12 SC-03-06"),
		edits("no-csr", "an operation has no csr", tamper.Pending(), tamper.OnSuccess(tamper.Drop("csr"))).because("SC-01-07 SC-10-08"),
		acts("late-cancellation-404", "a cancellation of an operation that has ended is not found", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusForbidden {
					return notThere(r)
				}
				return a
			}).because("SC-08-06"),
		always("no-deletion-of-pending", "a pending object cannot be deleted", tamper.DeletePending()).because("SC-09-01 SC-05-01"),
		always("update-needs-a-version", "a certificate is updated by its version only", tamper.Operation(http.MethodPatch, "/certificates/[^/]+")).
			because("B-4-01"),
		edits("deleted-name-code", "a deleted name is in the way with the code InvalidOperation", tamper.Create().Or(tamper.Import()),
			tamper.OnStatus(http.StatusConflict, func(a *tamper.Response) {
				if in, _ := a.Object()["error"].(map[string]any); in["innererror"] != nil {
					tamper.Set("error.code", "InvalidOperation")(a)
					tamper.Drop("error.innererror")(a)
				}
			})).because("B-1-06 B-7-13 E-4-04"),
	}
}

// halfPolicies are the deviations of policies.
func halfPolicies() []Deviation {
	return []Deviation{
		acts("policy-patch-ignored", "a PATCH of a policy returns 200 and changes nothing", tamper.PatchPolicy(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if a := tamper.Pass(next, tamper.WithBody(r, map[string]any{})); a.OK() {
					return a
				}
				return tamper.Pass(next, r)
			}).because("B-5-02"),
		edits("policies-half", "a policy has no key_props and no secret_props", tamper.Policy().Or(tamper.Bundle()).Or(tamper.DeletedBundle()),
			tamper.OnSuccess(tamper.Drop("key_props"), tamper.Drop("secret_props"),
				tamper.Drop("policy.key_props"), tamper.Drop("policy.secret_props"))).because("B-5-06 SC-11-10 SC-11-12 B-2-06"),
	}
}

// halfImports are the deviations of imports.
func halfImports() []Deviation {
	return []Deviation{
		acts("no-modern-pfx", "a PFX that is encrypted as OpenSSL 3 does is rejected", tamper.Import(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				value, _ := sentObject(r)["value"].(string)
				der, err := base64.StdEncoding.DecodeString(value)
				if err == nil && isModernPFX(der) {
					return refusal(r, http.StatusBadRequest, "BadParameter", "The PFX cannot be read.")
				}
				return tamper.Pass(next, r)
			}).because("B-2-04"),
		pendingOfImports(),
	}
}

// isModernPFX reports whether a PFX names PBES2, by the DER of its object identifier.
func isModernPFX(der []byte) bool {
	return bytes.Contains(der, []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d})
}
