package specs_test

import (
	"net/http"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

func brokenRequests() []broken {
	const s = "request-from-issuer/"
	return []broken{
		at(s+"issuer-gone", "IssuerGone", status(http.StatusOK)),
		at(s+"least-policy-accepted", "Minimal", status(http.StatusBadRequest)),
		at(s+"unknown-issuer-starts-nothing", "UnknownPending", found()),
		at(s+"issuer-password-kept", "IssuerRead", put("kvconform-no-such-password", "credentials", "pwd")),
		at(s+"issuer-password-kept", "IssuerSet", put("kvconform-no-such-password", "credentials", "pwd")),
		at(s+"retry-after", "Created", header("Retry-After", "")),
		at(s+"retry-after", "Created", header("Retry-After", "soon")),
	}
}

func brokenReads() []broken {
	const s = "read-in-progress/"
	return []broken{
		at(s+"filter-match-body", "Matched", put("completed", "status")),
		at(s+"filter-mismatch-code", "Mismatched", put(nil, "error", "code")),
		at(s+"filter-mismatch-keeps", "ReadAfter", gone()),
		at(s+"filter-mismatch-keeps", "ReadAfter", put("cancelled", "status")),
		at(s+"filter-mismatch-keeps", "ReadAfter", put("other", "request_id")),
		at(s+"request-id-unchanged", "Read", put("other", "request_id")),
		at(s+"own-operation", "OtherRead", rewrite("rehearsal-other", "rehearsal-reading")),
		at(s+"state", "Read", put(nil, "status")),
		at(s+"repeatable", "ReadAgain", put("another explanation", "status_details")),
		at(s+"repeatable", "ReadAgain", gone()),
		at(s+"retry-after", "Read", header("Retry-After", "")),
	}
}

func brokenCompletions() []broken {
	const s = "read-completed/"
	return []broken{
		at(s+"state-lasts", "Later", put("inProgress", "status")),
		at(s+"state-lasts", "Later", gone()),
		at(s+"same-request-throughout", "Polls", put("https://any/certificates/any/pending", "id")),
		at(s+"target-query", "Polls",
			rewrite("/certificates/rehearsal-completed\"", "/certificates/rehearsal-completed?version=1\"")),
		at(s+"status-details", "Polls", put("done", "status_details")),
		at(s+"current-version", "Current", status(404)),
		at(s+"current-version", "Current", put(nil, "kid")),
		at(s+"current-version", "Current", func(t *testing.T, r *vault.Response) { put(withoutVersion(t, r), "id")(t, r) }),
		at(s+"version-listed", "Versions", status(404)),
		at(s+"version-read", "Version", anotherCertificate),
	}
}

func brokenEnds() []broken {
	const s = "read-cancelled-or-failed/"
	lastly := func(rule, step string, edit func(*testing.T, *vault.Response)) broken { return at(s+rule, step, edit) }
	cases := []broken{
		lastly("patch-after-cancelled", "CancelledAgain", status(http.StatusOK)),
		lastly("failed-not-cancellable", "CancelledLate", status(200)),
		lastly("failed-status-details", "Polls", put("it broke", "status_details")),
		lastly("cancelled-no-error", "Polls", put(map[string]any{"code": "x", "message": "y"}, "error")),
		lastly("cancelled-status-details", "Polls", put("it was cancelled", "status_details")),
	}
	for _, end := range []string{"failed", "cancelled"} {
		cases = append(cases,
			lastly(end+"-no-certificate", "Certificate", put("AAAA", "cer")),
			lastly(end+"-lasts", "Later", put("inProgress", "status")),
			lastly(end+"-lasts", "Later", gone()),
			lastly("create-after-"+end, "CreatedAfter", status(409)),
		)
	}
	return cases
}

func brokenOverwriting() []broken {
	const s = "read-deleted-or-overwritten/"
	return []broken{
		at(s+"deleted-code", "ReadAfter", answer(404, "not found")),
		at(s+"deleted-stays-gone", "OldFilter", found()),
		at(s+"completed-deleted-certificate", "Certificate", put(nil, "cer")),
		at(s+"overwrite-status", "Overwriting", status(409)),
		at(s+"overwrite-status", "Overwriting", status(200)),
		{rule: s + "deleted-stays-gone", step: "Recreated", borrow: requestIDOf("DeletedRequest", "Created")},
		at(s+"overwrite-fresh", "Overwriting", put("completed", "status")),
		at(s+"overwrite-no-outcome", "Overwriting", put("https://any/certificates/any", "target")),
		at(s+"overwrite-csr", "Overwriting", csr(nil)),
		at(s+"overwritten-read", "NewRead", gone()),
		at(s+"overwritten-read", "NewRead", put("other", "request_id")),
		at(s+"not-overwritten-in-progress", "Kept", gone()),
		at(s+"not-overwritten-in-progress", "Kept", put("other", "request_id")),
		at(s+"import-old-pending", "ReadAfter", status(500)),
	}
}

func brokenConflicts() []broken {
	const s = "conflict-while-in-progress/"
	return []broken{
		at(s+"import-code", "Imported", put(nil, "error", "code")),
		at(s+"create-keeps-request", "Between", put("other", "request_id")),
		at(s+"create-keeps-request", "Between", csr(nil)),
		at(s+"create-keeps-request", "Between", gone()),
		at(s+"create-keeps-state", "Between", put("cancelled", "status")),
		at(s+"create-keeps-state", "Between", put(true, "cancellation_requested")),
		at(s+"create-keeps-policy", "PolicyAfter", put("CN=another.example", "x509_props", "subject")),
		at(s+"import-keeps-request", "After", put("other", "request_id")),
		at(s+"import-keeps-state", "After", put("completed", "status")),
		at(s+"import-keeps-state", "After", put("https://any/certificates/any", "target")),
		{rule: s + "import-makes-no-version", step: "Certificate", borrow: importedCertificate},
		at(s+"states-known", "DeletedRequest.Deleted", put("deleted", "status")),
		at(s+"states-known", "OverwrittenRequest.NewRead", put(1, "status")),
		at(s+"merge-ends-it", "CreatedAfter", status(409)),
		at(s+"delete-ends-it", "CreatedAfter", status(409)),
		at(s+"issuer-delete-ends-it", "CreatedAfter", status(409)),
		at(s+"waiting-ends-it", "CreatedAfter", status(409)),
		at(s+"other-name-create", "OtherCreated", status(409)),
	}
}
