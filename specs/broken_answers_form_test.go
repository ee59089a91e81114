package specs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// anotherAuthority puts a certificate whose issuer is somebody else.
func anotherAuthority(t *testing.T, r *vault.Response) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(8), Subject: pkix.Name{CommonName: "leaf"}}
	above := &x509.Certificate{SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "above"}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, above, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	put(base64.StdEncoding.EncodeToString(der), "cer")(t, r)
}

// challenge answers with another WWW-Authenticate.
func challenge(value string) func(*testing.T, *vault.Response) {
	return header("WWW-Authenticate", value)
}

func brokenAuthentication() []broken {
	const s = "authentication/"
	const authority = `authorization="https://login.example/tenant"`
	return []broken{
		at(s+"token-accepted", "Read", status(http.StatusUnauthorized)),
		at(s+"status", "ReadWithout", status(http.StatusOK)),
		at(s+"status", "ReadWithout", status(http.StatusForbidden)),
		at(s+"certificate", "CertificateWithout", status(http.StatusOK)),
		at(s+"list", "ListedWithout", status(http.StatusOK)),
		at(s+"create", "CreatedWithout", status(http.StatusAccepted)),
		at(s+"delete", "DeletedWithout", status(http.StatusOK)),
		at(s+"cancel", "CancelledWithout", status(http.StatusOK)),
		at(s+"merge", "MergedWithout", status(http.StatusCreated)),
		at(s+"import", "ImportedWithout", status(http.StatusForbidden)),
		at(s+"wrong-token-status", "WrongToken", status(http.StatusOK)),
		at(s+"wrong-token-status", "WrongToken", status(http.StatusForbidden)),
		at(s+"scheme", "WrongScheme", status(http.StatusOK)),
		at(s+"unknown-name", "UnknownWithout", status(http.StatusNotFound)),
		at(s+"before-validation", "BodylessWithout", status(http.StatusBadRequest)),
		at(s+"before-routing", "EmptyNameWithout", status(http.StatusMethodNotAllowed)),
		at(s+"challenge", "ReadWithout", challenge("")),
		at(s+"challenge", "ReadWithout", challenge("Basic "+authority)),
		at(s+"challenge-authorization", "ReadWithout", challenge(`Bearer resource="https://vault.example"`)),
		at(s+"challenge-authorization", "ReadWithout", challenge(`Bearer authorization="tenant"`)),
		at(s+"challenge-tenant", "ReadWithout", challenge(`Bearer authorization="https://login.example/"`)),
		at(s+"challenge-resource", "ReadWithout", challenge("Bearer "+authority)),
		at(s+"challenge-host", "ReadWithout", challenge("Bearer "+authority+`, resource="https://vault.example"`)),
		at(s+"code", "ReadWithout", code("Forbidden")),
		at(s+"code", "ReadWithout", answer(http.StatusUnauthorized, "")),
		at(s+"wrong-token-challenge", "WrongToken", challenge("")),
		at(s+"create-nothing-made", "ReadAfterCreation", found()),
		at(s+"delete-nothing-deleted", "ReadAfterDeletion", gone()),
		at(s+"delete-nothing-deleted", "ReadAfterDeletion", put("other", "request_id")),
	}
}

func brokenAPIVersions() []broken {
	const s = "api-version/"
	return []broken{
		at(s+"accepted", "Read", status(http.StatusBadRequest)),
		at(s+"missing", "Missing", status(http.StatusOK)),
		at(s+"missing-status", "Missing", status(http.StatusNotFound)),
		at(s+"empty", "Empty", status(http.StatusOK)),
		at(s+"unknown", "Unknown", status(http.StatusOK)),
		at(s+"unknown", "Unknown", status(http.StatusInternalServerError)),
		at(s+"unknown-status", "Unknown", status(http.StatusNotFound)),
		at(s+"unknown-code", "Unknown", code("UnsupportedApiVersion")),
		at(s+"garbage", "Garbage", status(http.StatusOK)),
		at(s+"create-missing", "CreatedMissing", status(http.StatusAccepted)),
		at(s+"create-nothing-made", "ReadAfterCreation", found()),
		at(s+"delete-missing", "DeletedMissing", status(http.StatusOK)),
		at(s+"delete-nothing-deleted", "ReadAfterDeletion", gone()),
		at(s+"list-missing", "ListedMissing", status(http.StatusOK)),
		at(s+"location", "Created", locationQuery("api-version", "7.0")),
		at(s+"location", "Followed", status(http.StatusBadRequest)),
		at(s+"target", "Followed", gone()),
	}
}

func brokenForms() []broken {
	const s = "every-answer/"
	text := func(body string) func(*testing.T, *vault.Response) { return answer(http.StatusNotFound, body) }
	return []broken{
		at(s+"operation", "CancelInProgress.Asked", put(1, "request_id")),
		at(s+"operation", "CreateManually.Created", put("yes", "cancellation_requested")),
		at(s+"operation", "CreateManually.Read", put([]string{"Unknown"}, "issuer")),
		at(s+"operation-in-progress", "CreateManually.Read", put(nil, "request_id")),
		at(s+"operation-completed", "MergeManualRequest.Pending", put(nil, "target")),
		at(s+"operation-cancelled", "CancelledRequest.Looks", put(nil, "request_id")),
		at(s+"operation-failed", "FailedRequest.Looks", put(nil, "error")),
		at(s+"operation-failed", "FailedRequest.Looks", put(nil, "error", "message")),
		at(s+"certificate-bundle", "MergeManualRequest.Merged", put("enabled", "attributes", "enabled")),
		at(s+"certificate-bundle", "MergeManualRequest.Version", put(nil, "attributes")),
		at(s+"certificate-bundle", "ImportPFX.Imported", put(nil, "kid")),
		at(s+"certificate-policy", "FirstVersion.Policy", put("12", "x509_props", "validity_months")),
		at(s+"certificate-policy", "ChangedCertificate.PolicyAfter", put("2048", "key_props", "key_size")),
		at(s+"certificate-list", "NextVersion.Versions", put("none", "value")),
		at(s+"certificate-list", "APIVersions.Listed", put(nil, "value")),
		at(s+"deleted-certificate-bundle", "DeletedName.Deleted", put(nil, "recoveryId")),
		at(s+"deleted-certificate-bundle", "DeletedName.DeletedLooks", put("soon", "scheduledPurgeDate")),
		at(s+"issuer-bundle", "RequestFromOwnIssuer.IssuerRead", put(7, "provider")),
		at(s+"error", "DeletePending.After", text(`not found`)),
		at(s+"error", "DeletePending.After", text(`<html><body>Not Found</body></html>`)),
		at(s+"error", "DeletePending.After", text(`{"code":"PendingCertificateNotFound","message":"gone"}`)),
		at(s+"error", "DeletePending.After", put(nil, "error", "message")),
		at(s+"error", "DeletePending.After", put(404, "error", "code")),
		at(s+"error", "DeletePending.After", text(``)),
		at(s+"error-code", "MergeRefused.Foreign", code("")),
		at(s+"error-inner", "DeletedName.CreatedAgain", put("ObjectIsDeletedButRecoverable", "error", "innererror")),
		at(s+"unauthorized-error", "Authentication.ReadWithout", answer(http.StatusUnauthorized, "")),
		at(s+"declared", "CreateManually.Created", status(http.StatusCreated)),
		at(s+"declared", "CreateManually.Read", status(http.StatusAccepted)),
		at(s+"declared", "CreateManually.Read", status(http.StatusFound)),
		at(s+"no-server-fault", "MergeRefused.Garbage", status(http.StatusInternalServerError)),
		at(s+"content-type", "CreateManually.Read", header("Content-Type", "text/plain")),
		at(s+"content-type", "DeletePending.After", header("Content-Type", "")),
		at(s+"charset", "CreateManually.Read", header("Content-Type", "application/json")),
		at(s+"well-formed", "CreateManually.Read", answer(http.StatusOK, `{"status":"inProgress"`)),
		at(s+"well-formed", "CreateManually.Read", answer(http.StatusOK, `{"status":"inProgress"}{}`)),
		at(s+"newer-members", "CreateManually.Read", put(true, "preserveCertOrder")),
	}
}

func brokenHeaders() []broken {
	const s = "every-answer/"
	return []broken{
		at(s+"x-ms-request-id", "CreateManually.Read", header("x-ms-request-id", "")),
		at(s+"x-ms-request-id", "CreateManually.Read", header("x-ms-request-id", "42")),
		{rule: s + "x-ms-request-id-unique", step: "CreateManually.Read", borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
			t.Helper()
			return header("x-ms-request-id", r.exchange(t, "DeletePending", "After").Response.Header.Get("x-ms-request-id"))
		}},
		at(s+"cache-control", "CreateManually.Read", header("Cache-Control", "max-age=60")),
		at(s+"nosniff", "CreateManually.Read", header("X-Content-Type-Options", "")),
		at(s+"strict-transport-security", "CreateManually.Read", header("Strict-Transport-Security", "")),
		at(s+"location-only-where-due", "CreateManually.Read", header("Location", "https://elsewhere.example/")),
		at(s+"retry-after", "CreateManually.Created", header("Retry-After", "soon")),
		at(s+"retry-after", "CreateManually.Created", header("Retry-After", "-1")),
	}
}

func brokenTruths() []broken {
	const s = "every-answer/"
	return []broken{
		at(s+"certificate-id", "MergeManualRequest.Current", put("https://elsewhere.example/certificates/rehearsal-merge/0", "id")),
		at(s+"certificate-id", "ImportPFX.Current", rewrite("/certificates/rehearsal-pfx/", "/certificates/another/")),
		at(s+"list-id", "NextVersion.Versions", rewrite("/certificates/rehearsal-next/", "/certificates/another/")),
		at(s+"list-id", "APIVersions.Listed", put([]any{map[string]any{"id": "https://elsewhere.example/certificates/any"}}, "value")),
		at(s+"list-id", "APIVersions.Listed", put([]any{map[string]any{}}, "value")),
		at(s+"key-id", "MergeManualRequest.Version", otherVersion("kid")),
		at(s+"secret-id", "MergeManualRequest.Version", rewrite("/secrets/rehearsal-merge/", "/secrets/another/")),
		at(s+"policy-id", "FirstVersion.Policy", put("https://elsewhere.example/policy", "id")),
		at(s+"policy-id", "MergeManualRequest.Merged", put(nil, "policy", "id")),
		at(s+"pending-id", "CreateManually.Read", rewrite("rehearsal-manual/pending", "another/pending")),
		at(s+"pending-id", "MergeManualRequest.Current", put("https://elsewhere.example/pending", "pending", "id")),
		at(s+"recovery-id", "DeletedName.Deleted", rewrite("/deletedcertificates/", "/certificates/")),
		at(s+"identifier-form", "FirstVersion.Policy", rewrite("/policy\"", "/policy?api-version=7.4\"")),
		at(s+"identifier-form", "MergeManualRequest.Version", put("https://any.example/keys/any/", "kid")),
		at(s+"version-form", "MergeManualRequest.Version", rewrite("/certificates/rehearsal-merge/", "/certificates/rehearsal-merge/v1-")),
		at(s+"times", "MergeManualRequest.Version", put(1700000000000, "attributes", "created")),
		at(s+"times", "MergeManualRequest.Version", put("1700000000", "attributes", "updated")),
		at(s+"times", "FirstVersion.Policy", put(1.5, "attributes", "updated")),
		at(s+"times", "DeletedName.Deleted", put("2030-01-01", "deletedDate")),
		at(s+"created-updated", "MergeManualRequest.Version", shifted(10, "attributes", "created")),
		at(s+"validity", "MergeManualRequest.Version", shifted(1, "attributes", "exp")),
		at(s+"validity", "ImportPFX.Current", put(nil, "attributes", "nbf")),
		at(s+"cer", "MergeManualRequest.Version", put("-----BEGIN CERTIFICATE-----", "cer")),
		at(s+"x5t", "MergeManualRequest.Version", put(strings.Repeat("0", 40), "x5t")),
		at(s+"x5t", "NextVersion.Earlier", put("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "x5t")),
		at(s+"csr", "CreateManually.Read", spoiledSignature),
		at(s+"csr", "CreateManually.Read", put("PCKS10", "csr")),
		at(s+"version-kept", "MergeManualRequest.Version", anotherCertificate),
		at(s+"recovery-days", "MergeManualRequest.Version", put(3, "attributes", "recoverableDays")),
		at(s+"purge-date", "DeletedName.Deleted", shifted(86400, "scheduledPurgeDate")),
	}
}

func TestEveryRuleOfTheRestFallsWhenItsAnswerIsBroken(t *testing.T) {
	r := rehearse(t, reference(t, refvault.Observed), everywhere()...)
	cases := slices.Concat(
		brokenMergesOnIssuer(), brokenCancellations(), brokenDeletions(), brokenManualCreations(), brokenMerges(),
		brokenVersions(), brokenImports(), brokenAuthentication(), brokenAPIVersions(), brokenForms(), brokenHeaders(),
		brokenTruths(),
	)
	seen := map[string]bool{}
	for _, b := range cases {
		seen[b.rule] = true
		t.Run(b.rule+" at "+b.step, func(t *testing.T) { falls(t, r, b) })
	}
	for _, rule := range r.rules(append(changingScenarios(), "every-answer")...) {
		if !seen[rule] {
			t.Errorf("no broken answer is made for %s", rule)
		}
	}
}

// falls breaks one answer and sees the rule fall for it, with a finding that says why.
func falls(t *testing.T, r *rehearsal, b broken) {
	t.Helper()
	spec, ok := r.book.Spec(b.rule)
	if !ok {
		t.Fatal("the rule has no spec")
	}
	play, step, edit := spec.Play, b.step, b.edit
	if play == "" {
		play, step, _ = strings.Cut(b.step, ".")
	}
	if b.borrow != nil {
		edit = b.borrow(t, r)
	}
	changed, err := r.edited(play, step, func(response *vault.Response) { edit(t, response) })
	if err != nil {
		t.Fatal(err)
	}
	finding := changed.judge(t, b.rule, scenarios.Either)
	if finding.Kind != specs.Broken {
		t.Fatalf("the rule is %s: %s", finding.Kind, finding.Text())
	}
	if finding.Expected == "" || finding.Got == "" || finding.Exchange == nil {
		t.Errorf("the finding does not say what was expected of which exchange and what came: %+v", finding)
	}
}
