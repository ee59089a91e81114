package specs_test

import (
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

func brokenEnds() []broken {
	const s = "read-cancelled-or-failed/"
	lastly := func(rule, step string, edit func(*testing.T, *vault.Response)) broken { return at(s+rule, step, edit) }
	cases := []broken{
		lastly("failed-status", "Looks", status(500)),
		lastly("failed-status", "Looks", status(400)),
		lastly("failed-state", "Looks", put("error", "status")),
		lastly("failed-not-cancellable", "CancelledLate", status(200)),
		lastly("failed-state", "Looks", put("completed", "status")),
		lastly("failed-state-spelling", "Looks", put("Failed", "status")),
		lastly("failed-error", "Looks", put(nil, "error")),
		lastly("failed-error", "Looks", put("it broke", "error")),
		lastly("failed-error-code", "Looks", put(nil, "error", "code")),
		lastly("failed-error-code", "Looks", put(500, "error", "code")),
		lastly("failed-error-message", "Looks", put(nil, "error", "message")),
		lastly("failed-error-known", "Looks", put("Fehler des Ausstellers", "error", "code")),
		lastly("rejected-state", "Looks", put("completed", "status")),
		lastly("rejected-state", "Looks", put(nil, "error")),
		lastly("rejected-error-code", "Looks", put("Certificate issuer error", "error", "code")),
		lastly("failed-status-details", "Looks", put("it broke", "status_details")),
		lastly("failed-not-cancellation-requested", "Looks", put(true, "cancellation_requested")),
		lastly("cancelled-status", "Looks", status(410)),
		lastly("cancelled-state", "Looks", put("aborted", "status")),
		lastly("cancelled-state-spelling", "Looks", put("Cancelled", "status")),
		lastly("cancelled-flag", "Looks", put(false, "cancellation_requested")),
		lastly("cancelled-no-error", "Looks", put(map[string]any{"code": "x", "message": "y"}, "error")),
		lastly("cancelled-status-details", "Looks", put("it was cancelled", "status_details")),
	}
	for _, end := range []string{"failed", "cancelled"} {
		cases = append(cases,
			lastly(end+"-no-target", "Looks", put("https://any/certificates/any", "target")),
			lastly(end+"-no-certificate", "Certificate", put("AAAA", "cer")),
			lastly(end+"-same-request", "Looks", put("other", "request_id")),
			lastly(end+"-same-request", "Looks", put("https://any/certificates/any/pending", "id")),
			lastly(end+"-csr-unchanged", "Looks", csr(nil)),
			lastly(end+"-lasts", "Later", put("inProgress", "status")),
			lastly(end+"-lasts", "Later", gone()),
			lastly("create-after-"+end, "CreatedAfter", status(409)),
			lastly("import-after-"+end, "ImportedAfter", status(409)),
			lastly("merge-after-"+end, "MergedAfter", status(403)),
		)
	}
	return cases
}

func brokenOverwriting() []broken {
	const s = "read-deleted-or-overwritten/"
	return []broken{
		at(s+"deleted-status", "ReadAfter", found()),
		at(s+"deleted-status", "ReadAfter", status(410)),
		at(s+"deleted-filter-status", "FilteredAfter", found()),
		at(s+"deleted-code", "ReadAfter", put("CertificateNotFound", "error", "code")),
		at(s+"deleted-code", "ReadAfter", answer(404, "not found")),
		at(s+"deleted-message", "ReadAfter", put(nil, "error", "message")),
		at(s+"deleted-stays-gone", "OldFilter", found()),
		at(s+"completed-deleted-status", "ReadAfter", found()),
		at(s+"completed-deleted-certificate", "Certificate", status(404)),
		at(s+"completed-deleted-certificate", "Certificate", put(nil, "cer")),
		at(s+"overwrite-status", "Overwriting", status(409)),
		at(s+"overwrite-status", "Overwriting", status(200)),
		at(s+"overwrite-request-id", "Overwriting", put(nil, "request_id")),
		{rule: s + "overwrite-request-id", step: "Overwriting", borrow: requestIDOf("OverwrittenRequest", "Created")},
		{rule: s + "deleted-stays-gone", step: "Recreated", borrow: requestIDOf("DeletedRequest", "Created")},
		at(s+"overwrite-fresh", "Overwriting", put("completed", "status")),
		at(s+"overwrite-fresh", "Overwriting", put("https://any/certificates/any", "target")),
		at(s+"overwrite-csr", "Overwriting", csr(nil)),
		at(s+"overwritten-filter-status", "OldFilter", found()),
		at(s+"overwritten-code", "OldFilter", put("NotFound", "error", "code")),
		at(s+"overwritten-read", "NewRead", gone()),
		at(s+"overwritten-read", "NewRead", put("other", "request_id")),
		at(s+"overwritten-read-filter", "NewFilter", gone()),
		at(s+"not-overwritten-in-progress", "Kept", gone()),
		at(s+"not-overwritten-in-progress", "Kept", put("other", "request_id")),
		at(s+"never-existed-status", "NeverExisted", found()),
		at(s+"never-existed-code", "NeverExisted", put("NoSuchThing", "error", "code")),
		at(s+"import-overwrites", "Imported", status(409)),
		at(s+"import-old-pending", "ReadAfter", status(500)),
	}
}

func brokenConflicts() []broken {
	const s = "conflict-while-in-progress/"
	return []broken{
		at(s+"create-status", "CreatedAgain", status(202)),
		at(s+"create-status", "CreatedAgain", status(403)),
		at(s+"import-status", "Imported", status(200)),
		at(s+"create-code", "CreatedAgain", put("BadParameter", "error", "code")),
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
		at(s+"refusal-lasts", "CreatedThird", status(202)),
		at(s+"issuer-create-status", "CreatedAgain", status(202)),
		at(s+"states-known", "ReadCompleted.Looks", put("done", "status")),
		at(s+"states-known", "DeletedRequest.Deleted", put("deleted", "status")),
		at(s+"states-known", "OverwrittenRequest.NewRead", put(1, "status")),
		at(s+"merge-ends-it", "CreatedAfter", status(409)),
		at(s+"delete-ends-it", "CreatedAfter", status(409)),
		at(s+"delete-ends-it-for-import", "ImportedAfter", status(409)),
		at(s+"issuer-delete-ends-it", "CreatedAfter", status(409)),
		at(s+"waiting-ends-it", "CreatedAfter", status(409)),
		at(s+"other-name-create", "OtherCreated", status(409)),
		at(s+"other-name-import", "OtherImported", status(409)),
	}
}
