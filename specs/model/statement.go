package model

import (
	"fmt"
	"slices"
)

// Level is how much a statement weighs, as docs/contract.md has it.
type Level string

// The levels of statements that the model judges by.
const (
	Must   Level = "must"
	Should Level = "should"
)

// Topic is what of a history a statement is about.
type Topic string

// The topics. Each is one rule of the scenario "history".
const (
	// TopicStates is which state of the pending object may follow which.
	TopicStates Topic = "states"
	// TopicConflict is one request at a time for each name.
	TopicConflict Topic = "conflict"
	// TopicIdentity is what stays the same in a request, and what no later request repeats.
	TopicIdentity Topic = "identity"
	// TopicPending is whether the pending object is there.
	TopicPending Topic = "pending"
	// TopicGone is that nothing is found that was deleted or never made.
	TopicGone Topic = "gone"
	// TopicVersions is that versions are kept, and the last one is current.
	TopicVersions Topic = "versions"
	// TopicUpdates is that an update changes what it names and nothing else.
	TopicUpdates Topic = "updates"
	// TopicPolicy is the one policy of a name.
	TopicPolicy Topic = "policy"
	// TopicDeletion is deleting, recovering and purging.
	TopicDeletion Topic = "deletion"
	// TopicIssuers is the issuers of the vault.
	TopicIssuers Topic = "issuers"
	// TopicContacts is the contacts of the vault.
	TopicContacts Topic = "contacts"
)

// Statement is a statement of docs/contract.md.
type Statement struct {
	ID    string
	Level Level
	Topic Topic
	// Text says it in the words of a history.
	Text string
}

// Statements lists every statement that the model judges by.
func Statements() []Statement { return slices.Concat(ofPending(), ofCertificates()) }

// ofPending are the statements of part A, on requests and their pending objects.
func ofPending() []Statement {
	return []Statement{
		{"SC-01-13", Should, TopicStates, "a request in progress has no error"},
		{"SC-02-01", Must, TopicPending, "the pending object of a request in progress can be read"},
		{"SC-02-03", Must, TopicPending, "a read with another request_id returns 404"},
		{"SC-02-04", Must, TopicIdentity, "a request in progress keeps the id, csr and request_id that its create returned"},
		{"SC-02-05", Must, TopicStates, "cancellation_requested is false unless a cancellation was requested"},
		{"SC-03-01", Must, TopicPending, "the pending object outlives the completion"},
		{"SC-03-06", Must, TopicIdentity, "a request that ended keeps its request_id and id"},
		{"SC-03-09", Must, TopicVersions, "a completed request makes a new version, which is the current one"},
		{"SC-03-10", Must, TopicVersions, "the certificate of the new version has the public key of the csr"},
		{"SC-03-08", Should, TopicStates, "a completed request has no error, and cancellation_requested is false unless a cancellation was requested"},
		{"SC-04-01", Must, TopicPending, "the pending object of a cancelled or failed request can be read"},
		{"SC-04-10", Should, TopicStates, "a failure by itself does not set cancellation_requested"},
		{"SC-04-11", Must, TopicConflict, "a failed or cancelled request is no conflict"},
		{"SC-04-12", Must, TopicConflict, "a merge after a failure or a cancellation is allowed"},
		{"SC-04-13", Must, TopicStates, "completed, failed and cancelled are end states"},
		{"SC-05-01", Must, TopicPending, "a deleted pending object cannot be read"},
		{"SC-05-03", Must, TopicIdentity, "after a newer create, reads show the newer request"},
		{"SC-05-04", Must, TopicIdentity, "each create has a request_id of its own"},
		{"SC-05-06", Should, TopicGone, "a name that was never used has no pending object"},
		{"SC-06-01", Must, TopicConflict, "a create while a request is in progress returns 409"},
		{"SC-06-02", Must, TopicConflict, "an import while a request is in progress returns 409"},
		{"SC-06-06", Must, TopicStates, "a pending object is in progress, cancelled, failed or completed"},
		{"SC-06-07", Must, TopicConflict, "a merge ends the conflict"},
		{"SC-06-08", Must, TopicConflict, "deleting the pending object ends the conflict"},
		{"SC-06-09", Must, TopicConflict, "the conflict ends when the request ends"},
		{"SC-06-11", Must, TopicConflict, "the conflict concerns one name only"},
		{"SC-07-01", Must, TopicConflict, "a merge while an issuer is at work returns 403"},
		{"SC-08-01", Must, TopicPending, "a PATCH of a pending object finds it"},
		{"SC-08-02", Must, TopicStates, "a requested cancellation shows while the request is in progress or cancelled"},
		{"SC-08-05", Must, TopicStates, "a PATCH of a request that has ended is rejected"},
		{"SC-09-01", Must, TopicPending, "a DELETE of a pending object finds it"},
		{"SC-09-02", Must, TopicIdentity, "a DELETE returns the operation that is deleted"},
		{"SC-09-05", Must, TopicPending, "a deleted pending object cannot be read"},
		{"SC-09-09", Should, TopicGone, "a second DELETE returns 404"},
		{"SC-09-12", Should, TopicVersions, "the certificate of a request that is deleted in progress is not created"},
		{"SC-10-07", Should, TopicStates, "a manual request stays in progress until it is merged, cancelled or deleted"},
		{"SC-11-01", Must, TopicPending, "a merge of a pending request finds it"},
		{"SC-11-05", Must, TopicVersions, "a merged version has the certificate that was sent"},
		{"SC-11-15", Must, TopicIdentity, "a merge of a certificate for another key is rejected"},
		{"SC-11-17", Should, TopicStates, "after a merge the pending object is completed"},
		{"SC-11-18", Should, TopicGone, "a merge without a pending object returns 404"},
		{"SC-12-07", Must, TopicPolicy, "a create replaces the policy if it has one, and keeps it otherwise"},
		{"SC-12-08", Must, TopicVersions, "while a request is in progress the current version stays the same"},
	}
}

// ofCertificates are the statements of part B, on everything else that has a name.
func ofCertificates() []Statement {
	return []Statement{
		{"SC-11-08", Must, TopicUpdates, "a merged version is enabled unless a request says otherwise"},
		{"B-1-10", Should, TopicUpdates, "a new version is enabled as its create said"},
		{"B-1-14", Should, TopicVersions, "the list of versions keeps every version"},
		{"B-1-15", Must, TopicConflict, "a create with legal values is accepted"},
		{"B-2-04", Must, TopicConflict, "an import of a PFX or a PEM is accepted"},
		{"B-2-07", Must, TopicUpdates, "an import is enabled unless it says otherwise"},
		{"B-2-08", Must, TopicVersions, "an import makes a new version"},
		{"B-3-01", Must, TopicVersions, "a certificate can be read, and shows its current version"},
		{"B-3-02", Must, TopicVersions, "a version can be read, and does not change"},
		{"B-3-06", Must, TopicDeletion, "a deleted certificate cannot be read"},
		{"B-4-01", Must, TopicUpdates, "an update finds the version that it names"},
		{"B-4-02", Must, TopicUpdates, "enabled is as it was last set, and an update changes no other version"},
		{"B-4-03", Should, TopicUpdates, "tags are those last sent for the version"},
		{"B-5-01", Must, TopicPolicy, "the policy of a certificate can be read"},
		{"B-5-02", Must, TopicPolicy, "a PATCH of the policy sets what it sends and keeps the rest"},
		{"B-6-09", Must, TopicVersions, "a list holds each object once"},
		{"B-6-19", Should, TopicVersions, "the pages of a list hold each object once that is there throughout"},
		{"B-6-18", Should, TopicVersions, "the list of certificates has every name with a version, as reads show it"},
		{"B-7-01", Must, TopicDeletion, "a DELETE finds the certificate"},
		{"B-7-14", Must, TopicDeletion, "a certificate is deleted after it was made and changed"},
		{"B-7-05", Must, TopicDeletion, "nothing of a deleted name can be read"},
		{"B-7-07", Should, TopicGone, "a DELETE of a name that is not there returns 404"},
		{"B-7-08", Must, TopicDeletion, "a deleted certificate shows as it was deleted"},
		{"B-7-09", Must, TopicDeletion, "a recovery finds the deleted certificate and brings back all of it"},
		{"B-7-10", Must, TopicDeletion, "a purge is for good"},
		{"B-7-13", Must, TopicDeletion, "a create, import or restore of a deleted name returns 409"},
		{"B-8-04", Must, TopicDeletion, "a restore brings back all that was backed up"},
		{"B-8-05", Should, TopicGone, "a restore of a name that exists returns 409"},
		{"B-9-01", Must, TopicContacts, "the contacts are those that were last set"},
		{"B-9-02", Must, TopicContacts, "contacts that were set can be read"},
		{"B-9-03", Must, TopicContacts, "a DELETE returns the contacts, which cannot be read afterwards"},
		{"B-10-01", Must, TopicIssuers, "an issuer is as it was last set"},
		{"B-10-03", Must, TopicIssuers, "a PATCH of an issuer keeps what it does not send"},
		{"B-10-04", Must, TopicIssuers, "an issuer that was set can be read"},
		{"B-10-05", Must, TopicIssuers, "a deleted issuer cannot be read"},
		{"B-10-11", Should, TopicIssuers, "an issuer that is set again has nothing of the one before"},
		{"B-10-12", Should, TopicIssuers, "a change of an issuer keeps created and does not decrease updated"},
		{"B-10-10", Must, TopicIssuers, "the list of issuers has every issuer"},
		{"B-11-01", Should, TopicGone, "without a pending object GET, PATCH and DELETE return 404"},
		{"B-11-02", Should, TopicGone, "an import makes no pending object"},
		{"B-11-10", Should, TopicUpdates, "a version merged without tags has those of its create"},
		{"B-11-13", Should, TopicGone, "a PATCH or DELETE with another request_id returns 404 and changes nothing"},
	}
}

// statement finds a statement by its id; only those listed exist.
func statement(id string) Statement {
	for _, s := range Statements() {
		if s.ID == id {
			return s
		}
	}
	panic(fmt.Sprintf("the model has no statement %s", id)) // a test judges by every id that the code names
}
