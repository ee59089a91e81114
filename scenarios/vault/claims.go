package vault

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Feature is something that a vault may do without, in the words of the rules. The client sends no request that needs a
// feature which the target does not claim.
type Feature = string

// Apart is a client of the same vault, with the same token, whose exchanges nobody keeps: for cleaning up, which goes on where the
// plays have lost patience with the vault. A request of it takes no longer than limit.
func (c *Client) Apart(limit time.Duration) *Client {
	apart := *c
	apart.options.BoundSum = false
	apart.options.RequestTimeout = min(c.options.RequestTimeout, limit)
	apart.shared = &shared{token: c.shared.token}
	return &apart
}

// Without is a client of the same vault, with the same token and the same bounds, that sends no request which needs one of the features named:
// such an exchange has a NotClaimed failure.
func (c *Client) Without(features []Feature) *Client {
	return &Client{options: c.options, base: c.base, shared: c.shared, without: slices.Clone(features)}
}

// Claims reports whether the target claims a feature: for plays that have another way to what they need.
func (c *Client) Claims(feature Feature) bool { return !slices.Contains(c.without, feature) }

// unclaimed is the failure of a call that needs a feature which the target does not claim; nil if it needs none.
func (c *Client) unclaimed(k *call) *Failure {
	for _, feature := range needs(k) {
		if slices.Contains(c.without, feature) {
			return &Failure{Kind: NotClaimed, Message: fmt.Sprintf("not sent: the target does not claim %s", feature)}
		}
	}
	return nil
}

// needs lists the features that a call needs.
func needs(k *call) []Feature {
	var features []Feature
	switch k.operation {
	case CreateCertificate:
		features = append(features, "create")
	case ImportCertificate:
		features = append(features, "import")
	case MergeCertificate:
		features = append(features, "merge")
	case UpdateCertificateOperation:
		features = append(features, "cancel")
	case DeleteCertificateOperation:
		features = append(features, "delete-pending")
	case GetCertificatePolicy, UpdateCertificatePolicy:
		features = append(features, "policy")
	case GetCertificateVersions, UpdateCertificate:
		features = append(features, "versions")
	case GetCertificates:
		features = append(features, "list")
	case GetDeletedCertificates:
		features = append(features, "list", "delete", "soft-delete")
	case DeleteCertificate:
		features = append(features, "delete")
	case GetDeletedCertificate, RecoverDeletedCertificate:
		features = append(features, "delete", "soft-delete")
	case PurgeDeletedCertificate:
		features = append(features, "delete", "soft-delete", "purge")
	case BackupCertificate, RestoreCertificate:
		features = append(features, "backup")
	}
	if k.operation == SetCertificateContacts || k.operation == DeleteCertificateContacts {
		features = append(features, "contacts")
	}
	if strings.Contains(k.operation, "Issuer") {
		features = append(features, "issuers")
	}
	if slices.ContainsFunc(k.query, func(pair [2]string) bool { return pair[0] == "request_id" }) {
		features = append(features, "request-id-filter")
	}
	if k.content != nil {
		if create, ok := k.content.value.(CreateParameters); ok {
			features = append(features, issuerNeeds(create)...)
		}
	}
	return features
}

// issuerNeeds lists the features that a create needs for its issuer.
func issuerNeeds(create CreateParameters) []Feature {
	if create.Policy == nil || create.Policy.Issuer == nil {
		return nil
	}
	switch create.Policy.Issuer.Name {
	case "", "Unknown":
		return nil
	case "Self":
		return []Feature{"self-signed"}
	}
	return []Feature{"issuers"}
}
