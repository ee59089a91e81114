package specs_test

import (
	"net/http"
)

func brokenAuthentication() []broken {
	const s = "authentication/"
	const authority = `authorization="https://login.example/tenant"`
	return []broken{
		at(s+"cancel", "CancelledWithout", status(http.StatusOK)),
		at(s+"merge", "MergedWithout", status(http.StatusCreated)),
		at(s+"import", "ImportedWithout", status(http.StatusForbidden)),
		at(s+"challenge-host", "ReadWithout", challenge("Bearer "+authority+`, resource="https://vault.example"`)),
		at(s+"delete-nothing-deleted", "ReadAfterDeletion", gone()),
		at(s+"delete-nothing-deleted", "ReadAfterDeletion", put("other", "request_id")),
	}
}

func brokenAPIVersions() []broken {
	const s = "api-version/"
	return []broken{
		at(s+"delete-nothing-deleted", "ReadAfterDeletion", gone()),
	}
}

func brokenForms() []broken {
	const s = "every-answer/"
	return []broken{
		at(s+"operation-in-progress", "CreateManually.Read", put(nil, "request_id")),
		at(s+"operation-failed", "FailedRequest.Polls", put(nil, "error", "message")),
		at(s+"certificate-bundle", "MergeManualRequest.Merged", put("enabled", "attributes", "enabled")),
		at(s+"certificate-bundle", "MergeManualRequest.Version", put(nil, "attributes")),
		at(s+"certificate-bundle", "ImportPFX.Imported", put(nil, "kid")),
		at(s+"deleted-certificate-bundle", "DeletedName.DeletedPolls", put("soon", "scheduledPurgeDate")),
		at(s+"issuer-bundle", "RequestFromOwnIssuer.IssuerRead", put(7, "provider")),
		at(s+"issuer-list", "SetIssuers.Listed", put("none", "value")),
		at(s+"contact-list", "Contacts.Replaced", put(7, "contacts")),
		at(s+"contact-list", "Contacts.Replaced", put("https://elsewhere.example/certificates/contacts", "id")),
		at(s+"backup", "BackedUpCertificate.BackedUp", put("", "value")),
		at(s+"error", "DeletePending.After", put(404, "error", "code")),
		at(s+"content-type", "DeletePending.After", header("Content-Type", "")),
		at(s+"contacts", "Contacts", answer(http.StatusNotFound, `{"error":{"code":"CertificateNotFound","message":"none"}}`)),
		at(s+"newer-members", "CreateMembers.Policies", put(map[string]any{"certificateUsage": "x"}, "platformManaged")),
	}
}

func brokenHeaders() []broken {
	const s = "every-answer/"
	return []broken{
		at(s+"strict-transport-security", "CreateManually.Read", header("Strict-Transport-Security", "")),
		at(s+"location-only-where-due", "CreateManually.Read", header("Location", "https://elsewhere.example/")),
	}
}

func brokenTruths() []broken {
	const s = "every-answer/"
	return []broken{
		at(s+"list-id", "APIVersions.Listed",
			put([]any{map[string]any{"id": "https://elsewhere.example/certificates/any"}}, "value")),
		at(s+"list-id", "APIVersions.Listed", put([]any{map[string]any{}}, "value")),
		at(s+"policy-id", "FirstVersion.Policy", put("https://elsewhere.example/policy", "id")),
		at(s+"identifier-form", "MergeManualRequest.Version", put("https://any.example/keys/any/", "kid")),
		at(s+"times", "MergeManualRequest.Version", put("1700000000", "attributes", "updated")),
		at(s+"times", "FirstVersion.Policy", put(1.5, "attributes", "updated")),
		at(s+"times", "DeletedName.Deleted", put("2030-01-01", "deletedDate")),
	}
}
