package specs

import (
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// everyOperations are the operations that one rule each is about, by the end of its id.
func everyOperations() map[string]string {
	return map[string]string{
		"read": vault.GetCertificate, "versions": vault.GetCertificateVersions, "policy": vault.GetCertificatePolicy,
		"policy-update": vault.UpdateCertificatePolicy, "update": vault.UpdateCertificate, "deletion": vault.DeleteCertificate,
		"deleted-list": vault.GetDeletedCertificates, "deleted-read": vault.GetDeletedCertificate,
		"recovery": vault.RecoverDeletedCertificate, "purge": vault.PurgeDeletedCertificate,
		"backup": vault.BackupCertificate, "restore": vault.RestoreCertificate,
		"contacts": vault.GetCertificateContacts, "issuers": vault.GetCertificateIssuers, "issuer": vault.GetCertificateIssuer,
	}
}

// withoutToken are the rules about the operations that lack a token alone.
func withoutToken(s *Suite) {
	for end, operation := range everyOperations() {
		rule(s, "authentication/without-"+end, func(c *Check, p *scenarios.EveryOperation) {
			for _, e := range offered(c, p.Current, p.WithoutToken, operation) {
				c.Accepts(e, match.Status())
			}
		})
	}
	rule(s, "authentication/nothing-changed", func(c *Check, p *scenarios.EveryOperation) {
		unchanged(c, p.Current, p.WithoutToken, p.AfterToken)
	})
}

// withoutVersion are the rules about the operations that lack an api-version alone.
func withoutVersion(s *Suite) {
	for end, operation := range everyOperations() {
		rule(s, "api-version/without-"+end, func(c *Check, p *scenarios.EveryOperation) {
			for _, e := range offered(c, p.Current, p.WithoutVersion, operation) {
				c.Accepts(e, match.StatusClass())
			}
		})
	}
	rule(s, "api-version/nothing-changed", func(c *Check, p *scenarios.EveryOperation) {
		c.requireSuccess(p.AfterToken)
		unchanged(c, p.Current, p.WithoutVersion, p.AfterVersion)
	})
}

// offered are the requests of an operation, which the target has to have: one that is not there at all is a failure of the
// rules about it.
func offered(c *Check, current *vault.Exchange, sent []*vault.Exchange, operation string) []*vault.Exchange {
	c.requireBody(current)
	var list []*vault.Exchange
	for _, e := range sent {
		if e.Operation == operation {
			c.requireOf(e, func(e *vault.Exchange) bool {
				return !slices.Contains([]int{http.StatusMethodNotAllowed, http.StatusNotImplemented}, e.Status())
			}, "an operation that the target has")
			list = append(list, e)
		}
	}
	c.Need(len(list) > 0, "%s", c.needs())
	return list
}

// unchanged expects a certificate to be as it was before requests that had to be rejected.
func unchanged(c *Check, before *vault.Exchange, sent []*vault.Exchange, after *vault.Exchange) {
	c.requireBody(before)
	c.Need(len(sent) > 0, "%s", c.needs())
	c.Accepts(after, match.Status())
	c.expectSameMembers(before, after, sameBundle()...)
	if before.Member("policy") != nil {
		c.Expect(after, match.SamePolicy(before, []string{"policy"}, "policy"))
	}
}

// everyOnce are the rules about fields and members that come twice.
func everyOnce(s *Suite) {
	each(s, "every-answer/fields-once", anything, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.FieldsOnce("Content-Type", "Location", "Retry-After", "x-ms-request-id", "X-Content-Type-Options"))
	})
	each(s, "every-answer/members-once", hasBody, func(c *Check, e *vault.Exchange) { c.Expect(e, match.MembersOnce()) })
}
