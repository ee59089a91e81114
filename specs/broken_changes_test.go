package specs_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// code answers with another error code.
func code(text string) func(*testing.T, *vault.Response) { return put(text, "error", "code") }

// from is an answer made wrong by a member that another exchange of the rehearsal answered.
func from(rule, step, play, otherStep string, path ...string) broken {
	return broken{rule: rule, step: step, borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		decoded, err := r.exchange(t, play, otherStep).Response.JSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range path {
			object, _ := decoded.(map[string]any)
			decoded = object[name]
		}
		if decoded == nil {
			t.Fatalf("%s.%s has no %s", play, otherStep, strings.Join(path, "."))
		}
		return put(decoded, path...)
	}}
}

// whole is an answer replaced by that of another exchange of the rehearsal.
func whole(rule, step, play, otherStep string) broken {
	return broken{rule: rule, step: step, borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		other := r.exchange(t, play, otherStep).Response
		return answer(other.Status, string(other.Body))
	}}
}

// carrying is an answer whose cer is the leaf that a merge of the rehearsal sent.
func carrying(rule, step, play, merge string) broken {
	return broken{rule: rule, step: step, borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		var body struct {
			X5C []string `json:"x5c"`
		}
		if err := json.Unmarshal(r.exchange(t, play, merge).Request.Body, &body); err != nil || len(body.X5C) == 0 {
			t.Fatalf("no leaf in the merge: %v", err)
		}
		return put(body.X5C[0], "cer")
	}}
}

// shifted adds to a member that is a whole number.
func shifted(by int64, path ...string) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		value, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range path {
			object, _ := value.(map[string]any)
			value = object[name]
		}
		number, ok := value.(json.Number)
		if !ok {
			t.Fatalf("%s is no number", strings.Join(path, "."))
		}
		whole, err := number.Int64()
		if err != nil {
			t.Fatal(err)
		}
		put(whole+by, path...)(t, r)
	}
}

// unpadded takes the padding off a member in base64, or spoils one that has none.
func unpadded(member string) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		decoded, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := decoded.(map[string]any)[member].(string)
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(der) == 0 {
			t.Fatalf("%s cannot be read: %v", member, err)
		}
		put(base64.RawURLEncoding.EncodeToString(append(der, 0xff)), member)(t, r)
	}
}

// twice repeats the first item of a list.
func twice(t *testing.T, r *vault.Response) {
	t.Helper()
	decoded, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	list, _ := decoded.(map[string]any)["value"].([]any)
	if len(list) == 0 {
		t.Fatal("the list is empty")
	}
	put(append(list, list[0]), "value")(t, r)
}

// otherVersion changes the version at the end of an identifier.
func otherVersion(member string) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		decoded, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		id, _ := decoded.(map[string]any)[member].(string)
		at := strings.LastIndex(id, "/")
		put(id[:at+1]+strings.Repeat("9", 32), member)(t, r)
	}
}

func brokenMergesOnIssuer() []broken {
	const s = "merge-on-issuer-request/"
	cases := []broken{
		at(s+"status", "Merged", status(http.StatusCreated)),
		at(s+"status", "Merged", status(http.StatusConflict)),
		at(s+"code", "Merged", code("Conflict")),
		at(s+"code", "Merged", answer(http.StatusForbidden, "forbidden")),
		at(s+"pending-status", "After", put("completed", "status")),
		at(s+"pending-status", "After", gone()),
		at(s+"pending-request-id", "After", put("other", "request_id")),
		at(s+"pending-csr", "After", csr(nil)),
		carrying(s+"certificate-untouched", "Certificate", "MergeOnIssuerRequest", "Merged"),
	}
	for prefix, before := range map[string]string{"after-cancellation": "cancelled", "after-failure": "failed"} {
		cases = append(cases,
			at(s+prefix+"-status", "Merged", status(http.StatusOK)),
			at(s+prefix+"-status", "Merged", status(http.StatusForbidden)),
			at(s+prefix+"-certificate", "Merged", anotherCertificate),
			at(s+prefix+"-certificate", "Certificate", anotherCertificate),
			at(s+prefix+"-certificate", "Certificate", put(nil, "cer")),
			at(s+prefix+"-completed", "After", put(before, "status")),
			at(s+prefix+"-completed", "After", put("other", "request_id")),
		)
	}
	return cases
}

func brokenCancellations() []broken {
	const s = "cancel-in-progress/"
	return []broken{
		at(s+"status", "Asked", status(http.StatusAccepted)),
		at(s+"status", "Asked", status(http.StatusNoContent)),
		at(s+"operation", "Asked", put(nil, "id")),
		at(s+"operation", "Asked", rewrite("rehearsal-cancel/pending", "another/pending")),
		at(s+"requested", "Asked", put(false, "cancellation_requested")),
		at(s+"requested", "Asked", put("true", "cancellation_requested")),
		at(s+"requested-later", "After", put(false, "cancellation_requested")),
		at(s+"requested-later", "After", put(nil, "cancellation_requested")),
		at(s+"still-in-progress", "Asked", put("cancelled", "status")),
		at(s+"outcome", "Looks", put("revoked", "status")),
		at(s+"outcome", "Looks", put(nil, "status")),
		at(s+"request-id", "Asked", put("other", "request_id")),
		at(s+"csr", "Asked", csr(nil)),
		at(s+"late-refused", "Cancelled", status(http.StatusOK)),
		at(s+"late-refused", "Cancelled", status(http.StatusInternalServerError)),
		at(s+"late-status", "Cancelled", status(http.StatusNotFound)),
		at(s+"late-status", "Cancelled", status(http.StatusConflict)),
		at(s+"late-unchanged", "After", put("cancelled", "status")),
		at(s+"late-unchanged", "After", put(true, "cancellation_requested")),
		at(s+"request-id-accepted", "Matched", status(http.StatusNotFound)),
		at(s+"request-id-mismatch", "Mismatched", status(http.StatusOK)),
		at(s+"request-id-mismatch", "Mismatched", status(http.StatusBadRequest)),
		at(s+"request-id-mismatch-unchanged", "AfterMismatched", put(true, "cancellation_requested")),
		at(s+"request-id-mismatch-unchanged", "AfterMismatched", put("cancelled", "status")),
		at(s+"member-required", "MemberLeftOut", status(http.StatusOK)),
		at(s+"member-required-unchanged", "AfterLeftOut", put(true, "cancellation_requested")),
		at(s+"nothing-pending", "CancelledDeleted", status(http.StatusOK)),
		at(s+"nothing-pending", "CancelledDeleted", status(http.StatusInternalServerError)),
		at(s+"false-status", "NotRequested", status(http.StatusBadRequest)),
	}
}

func brokenDeletions() []broken {
	const s = "delete-pending/"
	return []broken{
		at(s+"status", "Deleted", status(http.StatusNoContent)),
		at(s+"status", "Deleted", status(http.StatusAccepted)),
		at(s+"body", "Deleted", answer(http.StatusOK, `{"status":"inProgress",}`)),
		at(s+"body", "Deleted", answer(http.StatusOK, ``)),
		at(s+"id", "Deleted", put("https://elsewhere.example/pending", "id")),
		at(s+"issuer", "Deleted", put("Self", "issuer", "name")),
		at(s+"csr", "Deleted", csr(nil)),
		at(s+"request-id", "Deleted", put("other", "request_id")),
		at(s+"state", "Deleted", put("cancelled", "status")),
		at(s+"cancellation-kept", "Deleted", put(false, "cancellation_requested")),
		at(s+"completed-status", "Deleted", status(http.StatusConflict)),
		at(s+"completed-state", "Deleted", put("inProgress", "status")),
		at(s+"completed-certificate", "Current", gone()),
		at(s+"completed-certificate", "Current", anotherCertificate),
		at(s+"gone-status", "After", found()),
		at(s+"gone-status", "After", status(http.StatusGone)),
		at(s+"gone-code", "After", code("CertificateNotFound")),
		at(s+"gone-code", "After", answer(http.StatusNotFound, "<html>")),
		at(s+"gone-by-request-id", "AfterByRequestID", found()),
		at(s+"create-after", "CreatedAgain", status(http.StatusConflict)),
		from(s+"create-after-request-id", "CreatedAgain", "DeletePending", "Before", "request_id"),
		at(s+"import-after", "Imported", status(http.StatusConflict)),
		at(s+"request-id-accepted", "Deleted", status(http.StatusNotFound)),
		at(s+"request-id-mismatch", "Mismatched", status(http.StatusBadRequest)),
		at(s+"request-id-mismatch-keeps", "AfterMismatched", gone()),
		at(s+"again-status", "DeletedAgain", status(http.StatusOK)),
		at(s+"again-code", "DeletedAgain", code("CertificateNotFound")),
		at(s+"not-created", "Certificate", put(true, "attributes", "enabled")),
		whole(s+"not-created", "Certificate", "NextVersion", "First"),
	}
}

func brokenManualCreations() []broken {
	const s = "create-manually/"
	return []broken{
		at(s+"status", "Created", status(http.StatusCreated)),
		at(s+"location", "Created", header("Location", "")),
		at(s+"location", "Created", location(func(u *url.URL) { u.Host = "elsewhere.example" })),
		at(s+"location", "Created", header("Location", "/certificates/rehearsal-manual/pending")),
		at(s+"location-api-version", "Created", locationQuery("api-version", "7.0")),
		at(s+"location-request-id", "Created", locationQuery("request_id", "other")),
		at(s+"location-followed", "Followed", gone()),
		at(s+"location-followed", "Followed", put("other", "request_id")),
		at(s+"id", "Created", rewrite("/pending\"", "/pending?api-version=7.4\"")),
		at(s+"id", "Created", put(nil, "id")),
		at(s+"issuer", "Created", put("Self", "issuer", "name")),
		at(s+"issuer", "Created", put(nil, "issuer")),
		at(s+"issuer-omitted-status", "Created", status(http.StatusBadRequest)),
		at(s+"issuer-omitted", "Created", put("Self", "issuer", "name")),
		at(s+"issuer-omitted-policy", "Policy", put("", "issuer", "name")),
		at(s+"issuer-omitted-policy", "Policy", put(nil, "issuer")),
		at(s+"issuer-unnamed", "Unnamed", put(nil, "issuer", "name")),
		at(s+"state", "Created", put("completed", "status")),
		at(s+"status-details", "Created", put(nil, "status_details")),
		at(s+"cancellation-not-requested", "Created", put(true, "cancellation_requested")),
		at(s+"stays-in-progress", "Later", put("completed", "status")),
		at(s+"read-request-id", "Read", put("other", "request_id")),
		at(s+"read-request-id", "Later", put("other", "request_id")),
		at(s+"csr", "Created", put("-----BEGIN CERTIFICATE REQUEST-----", "csr")),
		at(s+"csr", "Created", unpadded("csr")),
		at(s+"csr-signature", "Created", spoiledSignature),
		at(s+"csr-subject", "Created", csr(nil)),
		at(s+"csr-key", "Created", csr(nil)),
		at(s+"csr-names", "Created", csr(nil)),
		from(s+"csr-ec-key", "Elliptic", "CreateManually", "Created", "csr"),
		at(s+"csr-kept", "Read", csr(nil)),
		at(s+"csr-kept", "Later", csr(nil)),
	}
}
