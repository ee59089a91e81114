package fault

import "github.com/kvconform/kvconform/refvault/tamper"

// wrong is a fault that answers one status where another is right.
func wrong(id, title string, on tamper.On, right, status int, breaks ...string) Fault {
	return edits(id, title, on, tamper.OnStatus(right, tamper.Status(status)), breaks...)
}

// statuses are wrong statuses on answers that are right otherwise.
func statuses() []Fault {
	created := []string{
		"request-from-issuer/create-status", "create-manually/status", "create-manually/issuer-omitted-status",
		"request-from-issuer/issuer-referenced", "every-answer/declared",
	}
	merged := []string{
		"merge-manual-request/status", "merge-manual-request/chain-status", "every-answer/declared",
		"merge-on-issuer-request/after-cancellation-status", "merge-on-issuer-request/after-failure-status",
		"read-cancelled-or-failed/merge-after-failed", "read-cancelled-or-failed/merge-after-cancelled",
	}
	imported := []string{
		"import-certificate/pfx-status", "import-certificate/pem-status",
		"conflict-while-in-progress/delete-ends-it-for-import", "conflict-while-in-progress/other-name-import",
		"read-cancelled-or-failed/import-after-failed", "read-cancelled-or-failed/import-after-cancelled",
		"read-deleted-or-overwritten/import-overwrites", "delete-pending/import-after", "every-answer/declared",
	}
	return []Fault{
		wrong("create-answers-200", "a create answers 200 instead of 202", tamper.Create(), 202, 200, created...),
		wrong("create-answers-201", "a create answers 201 instead of 202", tamper.Create(), 202, 201, created...),
		wrong("merge-answers-200", "a merge answers 200 instead of 201", tamper.Merge(), 201, 200, merged...),
		wrong("merge-answers-202", "a merge answers 202 instead of 201", tamper.Merge(), 201, 202, merged...),
		wrong("import-answers-201", "an import answers 201 instead of 200", tamper.Import(), 200, 201, imported...),
		wrong("import-answers-202", "an import answers 202 instead of 200", tamper.Import(), 200, 202, imported...),
		wrong("read-pending-answers-202", "a read of the pending object answers 202 instead of 200", tamper.ReadPending(), 200, 202,
			"read-in-progress/status", "read-in-progress/filter-match-status", "read-completed/status",
			"read-completed/filter-match", "create-manually/location-followed", "read-cancelled-or-failed/failed-status",
			"read-cancelled-or-failed/cancelled-status", "read-deleted-or-overwritten/overwritten-read-filter",
			"api-version/accepted", "authentication/token-accepted", "every-answer/declared"),
		wrong("delete-pending-answers-202", "a deletion of the pending object answers 202 instead of 200", tamper.DeletePending(), 200, 202,
			"delete-pending/status", "delete-pending/completed-status", "delete-pending/request-id-accepted"),
		edits("delete-pending-answers-204", "a deletion of the pending object answers 204 without a body", tamper.DeletePending(),
			tamper.OnStatus(200, tamper.Status(204), tamper.Body("", "")),
			"delete-pending/status", "delete-pending/completed-status"),
		wrong("cancel-answers-202", "a cancellation answers 202 instead of 200", tamper.PatchPending(), 200, 202,
			"cancel-in-progress/status", "cancel-in-progress/request-id-accepted"),
		edits("cancel-answers-204", "a cancellation answers 204 without a body", tamper.PatchPending(),
			tamper.OnStatus(200, tamper.Status(204), tamper.Body("", "")),
			"cancel-in-progress/status"),
		wrong("read-certificate-answers-202", "a read of a certificate answers 202 instead of 200", tamper.ReadBundle(), 200, 202,
			"read-completed/target-read", "read-deleted-or-overwritten/completed-deleted-certificate",
			"import-certificate/current", "import-certificate/again-earlier", "issue-next-version/first-current",
			"merge-manual-request/location-followed", "merge-manual-request/readable-version", "api-version/target"),
		wrong("policy-answers-202", "a read of a policy answers 202 instead of 200", tamper.ReadPolicy(), 200, 202,
			"import-certificate/policy-stored"),
		wrong("policy-patch-answers-202", "a patch of a policy answers 202 instead of 200", tamper.PatchPolicy(), 200, 202,
			"issue-next-version/policy-patch-status"),
		wrong("update-answers-202", "an update of a certificate answers 202 instead of 200", tamper.UpdateCertificate(), 200, 202,
			"issue-next-version/update-enabled"),
		wrong("issuer-set-answers-201", "setting an issuer answers 201 instead of 200", tamper.SetIssuer(), 200, 201,
			"request-from-issuer/issuer-set"),
		wrong("followed-location-answers-202", "a read with the own request_id answers 202 instead of 200",
			tamper.ReadPending().And(tamper.Filtered()), 200, 202,
			"read-in-progress/filter-match-status", "create-manually/location-followed", "api-version/location",
			"read-completed/filter-match", "read-deleted-or-overwritten/overwritten-read-filter"),
	}
}

// refusedStatuses are refusals with another status than theirs.
func refusedStatuses() []Fault {
	conflict := []string{
		"conflict-while-in-progress/create-status", "conflict-while-in-progress/refusal-lasts",
		"conflict-while-in-progress/issuer-create-status",
	}
	missing := []string{
		"read-deleted-or-overwritten/deleted-status", "read-deleted-or-overwritten/deleted-filter-status",
		"read-deleted-or-overwritten/completed-deleted-status", "read-deleted-or-overwritten/never-existed-status",
		"read-deleted-or-overwritten/overwritten-filter-status", "read-in-progress/filter-mismatch-status",
		"read-in-progress/filter-foreign-status", "read-completed/filter-mismatch", "delete-pending/gone-status",
		"delete-pending/gone-by-request-id", "import-certificate/no-pending-object", "api-version/create-nothing-made",
		"authentication/create-nothing-made",
	}
	return []Fault{
		wrong("create-conflict-answers-400", "a create that meets a request in progress answers 400", tamper.Create(), 409, 400, conflict...),
		wrong("create-conflict-answers-403", "a create that meets a request in progress answers 403", tamper.Create(), 409, 403, conflict...),
		wrong("create-conflict-answers-412", "a create that meets a request in progress answers 412", tamper.Create(), 409, 412, conflict...),
		wrong("import-conflict-answers-400", "an import that meets a request in progress answers 400", tamper.Import(), 409, 400,
			"conflict-while-in-progress/import-status", "import-certificate/deleted-name-refused"),
		wrong("missing-pending-answers-400", "a read of a pending object that is not there answers 400", tamper.ReadPending(), 404, 400, missing...),
		wrong("missing-pending-answers-410", "a read of a pending object that is not there answers 410", tamper.ReadPending(), 404, 410, missing...),
		wrong("missing-pending-answers-500", "a read of a pending object that is not there answers 500", tamper.ReadPending(), 404, 500,
			append([]string{"every-answer/no-server-fault"}, missing...)...),
		edits("missing-pending-answers-204", "a read of a pending object that is not there answers 204", tamper.ReadPending(),
			tamper.OnStatus(404, tamper.Status(204), tamper.Body("", "")), missing...),
		edits("missing-pending-answers-200-with-the-error", "a read of a pending object that is not there answers its error with 200",
			tamper.ReadPending(), tamper.OnStatus(404, tamper.Status(200)), missing...),
		wrong("merge-on-issuer-answers-409", "a merge on an issuer's request answers 409", tamper.Merge(), 403, 409,
			"merge-on-issuer-request/status"),
		wrong("merge-on-issuer-answers-400", "a merge on an issuer's request answers 400", tamper.Merge(), 403, 400,
			"merge-on-issuer-request/status"),
		wrong("late-cancellation-answers-404", "a cancellation that comes too late answers 404", tamper.PatchPending(), 403, 404,
			"cancel-in-progress/late-status"),
		wrong("late-cancellation-answers-409", "a cancellation that comes too late answers 409", tamper.PatchPending(), 403, 409,
			"cancel-in-progress/late-status"),
		wrong("late-cancellation-answers-500", "a cancellation that comes too late answers 500", tamper.PatchPending(), 403, 500,
			"cancel-in-progress/late-refused", "cancel-in-progress/late-status", "every-answer/no-server-fault"),
		wrong("cancellation-of-nothing-answers-200", "a cancellation where nothing is pending answers 200", tamper.PatchPending(), 404, 200,
			"cancel-in-progress/nothing-pending"),
		wrong("deletion-of-nothing-answers-200", "a deletion where nothing is pending answers 200", tamper.DeletePending(), 404, 200,
			"delete-pending/again-status", "delete-pending/request-id-mismatch"),
		edits("deletion-of-nothing-answers-204", "a deletion where nothing is pending answers 204", tamper.DeletePending(),
			tamper.OnStatus(404, tamper.Status(204), tamper.Body("", "")),
			"delete-pending/again-status", "delete-pending/request-id-mismatch"),
		wrong("merge-of-nothing-answers-400", "a merge where nothing is pending answers 400", tamper.Merge(), 404, 400,
			"merge-manual-request/nothing-pending"),
		wrong("merge-refusals-answer-422", "a merge of what cannot be merged answers 422", tamper.Merge(), 400, 422,
			"merge-manual-request/foreign-key-status"),
		wrong("merge-refusals-answer-500", "a merge of what cannot be merged answers 500", tamper.Merge(), 400, 500,
			"merge-manual-request/x5c-missing", "merge-manual-request/x5c-empty", "merge-manual-request/x5c-garbage",
			"merge-manual-request/foreign-key-refused", "merge-manual-request/foreign-key-status"),
		wrong("import-refusals-answer-500", "an import of what cannot be imported answers 500", tamper.Import(), 400, 500,
			"import-certificate/pkcs1-refused", "import-certificate/value-missing", "import-certificate/private-key-missing",
			"import-certificate/password-wrong", "import-certificate/garbage", "import-certificate/policy-mismatch",
			"import-certificate/expired", "import-certificate/password-length"),
		wrong("create-refusals-answer-500", "a create that cannot be carried out answers 500", tamper.Create(), 400, 500,
			"request-from-issuer/unknown-issuer-status", "issue-next-version/policy-required", "api-version/create-missing"),
		wrong("missing-version-answers-400", "a read of a version that is not there answers 400", tamper.ReadVersion(), 404, 400,
			"issue-next-version/version-unknown"),
		wrong("deleted-certificate-answers-410", "a read of a deleted certificate answers 410", tamper.ReadCertificate(), 404, 410,
			"issue-next-version/deleted-unreadable"),
	}
}
