package model

import (
	"slices"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Topics lists all topics.
func Topics() []Topic {
	return []Topic{
		TopicStates, TopicConflict, TopicIdentity, TopicPending, TopicGone, TopicVersions, TopicUpdates, TopicPolicy, TopicDeletion, TopicIssuers,
		TopicContacts,
	}
}

// scope is which exchanges a topic is about: after an accepted request of one of the first operations, the response to one of
// the second is judged by it.
type scope struct{ opens, judges []string }

// scopes says of each topic what it is about. A history without both shows nothing of the topic, so it cannot hold there.
func scopes() map[Topic]scope {
	requests := []string{
		vault.CreateCertificate, vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation,
	}
	pending := append(slices.Clone(requests), vault.MergeCertificate)
	bundles := []string{
		vault.GetCertificate, vault.UpdateCertificate, vault.ImportCertificate, vault.MergeCertificate,
		vault.RecoverDeletedCertificate, vault.RestoreCertificate, vault.DeleteCertificate, vault.GetDeletedCertificate,
	}
	versions := append(slices.Clone(bundles), vault.GetCertificateVersions, vault.GetCertificates)
	policies := append([]string{vault.GetCertificatePolicy, vault.UpdateCertificatePolicy}, bundles...)
	deletions := []string{
		vault.DeleteCertificate, vault.GetDeletedCertificate, vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate,
	}
	issuers := []string{
		vault.SetCertificateIssuer, vault.GetCertificateIssuer, vault.UpdateCertificateIssuer, vault.DeleteCertificateIssuer,
	}
	contacts := []string{vault.SetCertificateContacts, vault.GetCertificateContacts, vault.DeleteCertificateContacts}
	return map[Topic]scope{
		TopicStates:   {requests, pending},
		TopicIdentity: {requests, pending},
		TopicPending:  {requests, pending},
		TopicConflict: {
			[]string{vault.CreateCertificate, vault.GetCertificateOperation},
			[]string{vault.CreateCertificate, vault.ImportCertificate, vault.MergeCertificate},
		},
		TopicGone: {
			[]string{
				vault.DeleteCertificateOperation, vault.DeleteCertificate, vault.PurgeDeletedCertificate,
				vault.ImportCertificate, vault.RestoreCertificate,
			},
			append(slices.Clone(pending), vault.DeleteCertificate, vault.RestoreCertificate),
		},
		TopicVersions: {append(slices.Clone(versions), vault.CreateCertificate), versions},
		TopicUpdates:  {append(slices.Clone(versions), vault.CreateCertificate), versions},
		TopicPolicy:   {append(slices.Clone(policies), vault.CreateCertificate), policies},
		TopicDeletion: {deletions, append(slices.Clone(deletions),
			vault.GetCertificate, vault.CreateCertificate, vault.ImportCertificate, vault.GetCertificates, vault.GetDeletedCertificates)},
		TopicIssuers:  {issuers, append(slices.Clone(issuers), vault.GetCertificateIssuers)},
		TopicContacts: {contacts, contacts},
	}
}

// met notes what an exchange shows of the topics.
func (j *Judge) met(h *history, o *observation) {
	if o.lost() {
		return
	}
	for topic, of := range j.scopes {
		if !j.reached[topic] && h.opened[topic] && slices.Contains(of.judges, o.Operation) {
			j.reached[topic] = true
		}
		if o.accepted() && slices.Contains(of.opens, o.Operation) {
			h.opened[topic] = true
		}
	}
}

// Reached reports whether the exchanges so far show a topic: whether the name of one had an exchange of the topic before it. A
// topic that was not reached was not judged, which is not the same as that nothing was found.
func (j *Judge) Reached(topic Topic) bool { return j.reached[topic] }
