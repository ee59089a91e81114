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
	apart.shared = &shared{token: c.shared.token, companions: c.shared.companions}
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

// needs lists the features that a call needs: for its operation, its query and its body.
func needs(k *call) []Feature {
	features := operationNeeds(k.operation)
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

// operationNeeds lists the features that every call of an operation needs.
func operationNeeds(operation string) []Feature {
	switch operation {
	case CreateCertificate:
		return []Feature{"create"}
	case ImportCertificate:
		return []Feature{"import"}
	case MergeCertificate:
		return []Feature{"merge"}
	case UpdateCertificateOperation:
		return []Feature{"cancel"}
	case DeleteCertificateOperation:
		return []Feature{"delete-pending"}
	case GetCertificatePolicy, UpdateCertificatePolicy:
		return []Feature{"policy"}
	case GetCertificateVersions, UpdateCertificate:
		return []Feature{"versions"}
	case GetCertificates:
		return []Feature{"list"}
	case GetDeletedCertificates:
		return []Feature{"list", "delete", "soft-delete"}
	case DeleteCertificate:
		return []Feature{"delete"}
	case GetDeletedCertificate, RecoverDeletedCertificate:
		return []Feature{"delete", "soft-delete"}
	case PurgeDeletedCertificate:
		return []Feature{"delete", "soft-delete", "purge"}
	case BackupCertificate, RestoreCertificate:
		return []Feature{"backup"}
	case SetCertificateContacts, DeleteCertificateContacts:
		return []Feature{"contacts"}
	}
	return familyNeeds(operation)
}

// familyNeeds lists the features that every operation on a kind of thing needs.
func familyNeeds(operation string) []Feature {
	switch {
	case strings.Contains(operation, "Issuer"):
		return []Feature{"issuers"}
	case strings.HasSuffix(operation, "Key"), strings.HasSuffix(operation, "Secret"):
		return []Feature{"companions"}
	}
	return nil
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
