package specs

import (
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// operationRules are the rules about one operation that lacks a token, and that lacks an api-version.
type operationRules struct{ operation, withoutToken, withoutVersion string }

// operationsAlone are the operations that no other play sends without a token and without an api-version.
func operationsAlone() []operationRules {
	return []operationRules{
		{vault.GetCertificate, "authentication/without-read", "api-version/without-read"},
		{vault.GetCertificateVersions, "authentication/without-versions", "api-version/without-versions"},
		{vault.GetCertificatePolicy, "authentication/without-policy", "api-version/without-policy"},
		{vault.UpdateCertificatePolicy, "authentication/without-policy-update", "api-version/without-policy-update"},
		{vault.UpdateCertificate, "authentication/without-update", "api-version/without-update"},
		{vault.DeleteCertificate, "authentication/without-deletion", "api-version/without-deletion"},
		{vault.GetDeletedCertificates, "authentication/without-deleted-list", "api-version/without-deleted-list"},
		{vault.GetDeletedCertificate, "authentication/without-deleted-read", "api-version/without-deleted-read"},
		{vault.RecoverDeletedCertificate, "authentication/without-recovery", "api-version/without-recovery"},
		{vault.PurgeDeletedCertificate, "authentication/without-purge", "api-version/without-purge"},
		{vault.BackupCertificate, "authentication/without-backup", "api-version/without-backup"},
		{vault.RestoreCertificate, "authentication/without-restore", "api-version/without-restore"},
		{vault.GetCertificateContacts, "authentication/without-contacts", "api-version/without-contacts"},
		{vault.GetCertificateIssuers, "authentication/without-issuers", "api-version/without-issuers"},
		{vault.GetCertificateIssuer, "authentication/without-issuer", "api-version/without-issuer"},
	}
}

// withoutToken are the rules about the operations that lack a token alone.
func withoutToken(s *Suite) {
	for _, of := range operationsAlone() {
		rule(s, of.withoutToken, func(c *Check, p *scenarios.EveryOperation) {
			for _, e := range offered(c, p.Current, p.WithoutToken, of.operation) {
				c.Accepts(e, match.Status())
			}
		})
	}
	rule(s, "authentication/forged-everywhere", func(c *Check, p *scenarios.EveryOperation) {
		for _, e := range served(c, p.Current, p.ForgedToken, http.StatusNotFound) {
			c.Accepts(e, match.Status())
		}
	})
	rule(s, "authentication/challenge-everywhere", func(c *Check, p *scenarios.EveryOperation) {
		for _, e := range served(c, p.Current, p.WithoutToken, http.StatusNotFound) {
			if e.Status() == http.StatusUnauthorized { // another status breaks the rule about its operation
				c.Expect(e, match.BearerChallenge())
			}
		}
	})
	rule(s, "authentication/nothing-changed", func(c *Check, p *scenarios.EveryOperation) {
		unchanged(c, p.Current, slices.Concat(p.WithoutToken, p.ForgedToken), p.AfterToken)
	})
}

// withoutVersion are the rules about the operations that lack an api-version alone.
func withoutVersion(s *Suite) {
	for _, of := range operationsAlone() {
		rule(s, of.withoutVersion, func(c *Check, p *scenarios.EveryOperation) {
			for _, e := range offered(c, p.Current, p.WithoutVersion, of.operation) {
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

// served are the requests of operations that the target has: those that it claims, without those that return a status by
// which there is no such route.
func served(c *Check, current *vault.Exchange, sent []*vault.Exchange, gone ...int) []*vault.Exchange {
	c.requireBody(current)
	gone = append(gone, http.StatusMethodNotAllowed, http.StatusNotImplemented)
	list := slices.DeleteFunc(slices.Clone(sent), func(e *vault.Exchange) bool {
		return e.Failure != nil && e.Failure.Kind == vault.NotClaimed || slices.Contains(gone, e.Status())
	})
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
