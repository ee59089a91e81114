package specs_test

import (
	"net/http"
)

func brokenMergesOnIssuer() []broken {
	const s = "merge-on-issuer-request/"
	cases := []broken{
		at(s+"code", "Merged", answer(http.StatusForbidden, "forbidden")),
		at(s+"pending-status", "After", put("completed", "status")),
		at(s+"pending-status", "After", gone()),
		at(s+"pending-request-id", "After", put("other", "request_id")),
		at(s+"pending-csr", "After", csr(nil)),
		carrying(s+"certificate-untouched", "Certificate", "MergeOnIssuerRequest", "Merged"),
	}
	for prefix, before := range map[string]string{"after-cancellation": "cancelled", "after-failure": "failed"} {
		cases = append(cases,
			at(s+prefix+"-certificate", "Merged", anotherCertificate),
			at(s+prefix+"-certificate", "Certificate", anotherCertificate),
			at(s+prefix+"-certificate", "Certificate", put(nil, "cer")),
			at(s+prefix+"-completed", "After", put(before, "status")),
		)
	}
	return cases
}

func brokenCancellations() []broken {
	const s = "cancel-in-progress/"
	return []broken{
		at(s+"outcome", "Polls", put(nil, "status")),
		at(s+"late-unchanged", "After", put("cancelled", "status")),
		at(s+"late-unchanged", "After", put(true, "cancellation_requested")),
		at(s+"request-id-mismatch-unchanged", "AfterMismatched", put(true, "cancellation_requested")),
		at(s+"request-id-mismatch-unchanged", "AfterMismatched", put("cancelled", "status")),
		at(s+"member-required", "MemberLeftOut", status(http.StatusOK)),
		at(s+"member-required-unchanged", "AfterLeftOut", put(true, "cancellation_requested")),
		at(s+"false-status", "NotRequested", status(http.StatusBadRequest)),
	}
}

func brokenDeletions() []broken {
	const s = "delete-pending/"
	return []broken{
		at(s+"completed-certificate", "Current", gone()),
		at(s+"completed-certificate", "Current", anotherCertificate),
		at(s+"gone-code", "After", answer(http.StatusNotFound, "<html>")),
		at(s+"create-after", "CreatedAgain", status(http.StatusConflict)),
		at(s+"request-id-mismatch-keeps", "AfterMismatched", gone()),
		at(s+"not-created", "Certificate", put(true, "attributes", "enabled")),
		whole(s+"not-created", "Certificate", "NextVersion", "First"),
	}
}

func brokenManualCreations() []broken {
	const s = "create-manually/"
	return []broken{
		at(s+"name-case", "OtherCase", gone()),
		at(s+"policy-readable", "Policy", gone()),
		at(s+"listed-with-pending", "ListedPending", status(http.StatusInternalServerError)),
		at(s+"not-listed", "Listed", put([]any{map[string]any{"id": "https://any/certificates/rehearsal-unfinished"}}, "value")),
		at(s+"unfinished-deleted", "Deleted", gone()),
		at(s+"issuer-unnamed", "Unnamed", put(nil, "issuer", "name")),
		at(s+"read-request-id", "Read", put("other", "request_id")),
		at(s+"read-request-id", "Later", put("other", "request_id")),
		at(s+"csr-kept", "Later", csr(nil)),
	}
}

func brokenMerges() []broken {
	const s = "merge-manual-request/"
	return []broken{
		at(s+"location-followed", "Followed", otherVersion("id")),
		at(s+"policy-attributes", "Merged", put(nil, "policy", "attributes", "created")),
		at(s+"policy-attributes", "Merged", put(1700000000, "policy", "attributes", "exp")),
		at(s+"foreign-key-unchanged", "AfterForeign", put("failed", "status")),
		at(s+"foreign-key-unchanged", "AfterForeign", csr(nil)),
		at(s+"x5c-refused-unchanged", "AfterRefusals", put("completed", "status")),
		at(s+"x5c-refused-unchanged", "AfterRefusals", gone()),
		at(s+"tags", "Current", put("other", "tags", "purpose")),
		at(s+"chain-cer", "Current", anotherCertificate),
		at(s+"completed", "Pending", put("inProgress", "status")),
		at(s+"current", "Current", otherVersion("id")),
		at(s+"current", "Current", anotherCertificate),
		at(s+"readable-version", "Version", otherVersion("id")),
		at(s+"future-status", "Merged", status(http.StatusBadRequest)),
	}
}

func brokenVersions() []broken {
	const s = "issue-next-version/"
	return []broken{
		at("update-certificate/repeated", "Repeated", answer(http.StatusConflict, `{"error":{"code":"Conflict","message":"no"}}`)),
		at("update-certificate/repeated", "RepeatedRead", put("AAAA", "cer")),
		at("backup-certificate/restore-pending", "Restored", put(map[string]any{"id": "x"}, "pending")),
		at(s+"recovered", "Recovered", gone()),
		at(s+"first-accepted", "Created", answer(http.StatusAccepted, "[]")),
		at(s+"incomplete-first-version", "Current", put(true, "attributes", "enabled")),
		whole(s+"incomplete-first-version", "Current", "NextVersion", "First"),
		at(s+"next-without-policy", "CreatedNext", status(http.StatusBadRequest)),
		at(s+"next-completes", "NextPolls", put("failed", "status")),
		from(s+"next-key", "Second", "NextVersion", "First", "cer"),
		whole(s+"earlier-readable", "Earlier", "NextVersion", "Second"),
		at(s+"update-tags-kept", "AfterUpdate", put(nil, "tags")),
		at(s+"slash", "WithSlash", otherVersion("id")),
		at(s+"replace-policy-status", "CreatedNext", status(http.StatusConflict)),
		at(s+"replace-policy", "Policy", put("Self", "issuer", "name")),
		at(s+"current-kept", "During", otherVersion("id")),
		at(s+"current-kept", "During", gone()),
		at(s+"current-kept-certificate", "During", anotherCertificate),
		whole(s+"merged-current", "After", "NextVersionByHand", "Before"),
		at(s+"merged-current", "After", anotherCertificate),
		at(s+"policy-patch-sets", "PolicyAfter", put(2048, "key_props", "key_size")),
		at(s+"policy-patch-keeps", "PolicyAfter", put(nil, "x509_props", "subject")),
		at(s+"policy-patch-keeps", "PolicyAfter", put("Unknown", "issuer", "name")),
		at(s+"policy-patch-later-only", "AfterPatch", otherVersion("id")),
		at(s+"policy-patch-later-only", "AfterPatch", anotherCertificate),
		at(s+"update-kept", "AfterUpdate", otherVersion("id")),
		at(s+"deleted-name-refused", "CreatedAgain", status(http.StatusAccepted)),
	}
}

func brokenImports() []broken {
	const s = "import-certificate/"
	return []broken{
		at(s+"chain-accepted", "Chain", answer(http.StatusOK, "[]")),
		at(s+"ec-accepted", "Elliptic", answer(http.StatusOK, "[]")),
		at(s+"pfx-modern", "Modern", answer(http.StatusOK, "[]")),
		at(s+"tags", "Current", put("other", "tags", "purpose")),
		at(s+"refused-unchanged", "Unchanged", otherVersion("id")),
		at(s+"refused-unchanged", "Unchanged", anotherCertificate),
		at(s+"again", "Again", status(http.StatusConflict)),
		whole(s+"again", "Again", "ImportAgain", "First"),
		whole(s+"again", "Current", "ImportAgain", "First"),
	}
}
