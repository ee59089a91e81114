package specs

import (
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// having narrows responses down to those with a member.
func having(concerns func(e *vault.Exchange) bool, members ...string) func(e *vault.Exchange) bool {
	return func(e *vault.Exchange) bool {
		if !concerns(e) {
			return false
		}
		_, err := match.At(e, members...)
		return err == nil
	}
}

func everyIdentifier(s *Suite) {
	id := func(name string, concerns func(e *vault.Exchange) bool, wanted func(base, certificate string) match.Test) {
		each(s, name, concerns, func(c *Check, e *vault.Exchange) {
			c.Expect(e, wanted(c.Facts.IDBase, certificateIn(e)))
		})
	}
	id("every-answer/certificate-id", anyBundle(), match.VersionID)
	id("every-answer/key-id", having(anyBundle(), "kid"), func(base, name string) match.Test {
		return match.VersionOf(base, "kid", "keys", name)
	})
	id("every-answer/secret-id", having(anyBundle(), "sid"), func(base, name string) match.Test {
		return match.VersionOf(base, "sid", "secrets", name)
	})
	keyed, secret := having(anyBundle(), "kid"), having(anyBundle(), "sid")
	linked := func(e *vault.Exchange) bool { return keyed(e) || secret(e) }
	each(s, "every-answer/same-version", linked, func(c *Check, e *vault.Exchange) { c.Expect(e, match.SameVersion("kid", "sid")) })
	id("every-answer/recovery-id", having(of(deletedOperations()...), "recoveryId"), func(base, name string) match.Test {
		return match.ID(base, "recoveryId", "deletedcertificates", name)
	})
	lists := of(vault.GetCertificates, vault.GetCertificateVersions)
	each(s, "every-answer/list-id", lists, func(c *Check, e *vault.Exchange) {
		c.Need(len(items([]*vault.Exchange{e})) > 0, "%s", c.needs())
		if e.Operation == vault.GetCertificateVersions {
			c.Expect(e, match.ItemsOf(c.Facts.IDBase, match.Name(e)))
			return
		}
		c.Expect(e, match.Items(c.Facts.IDBase))
	})
	each(s, "every-answer/policy-id", func(e *vault.Exchange) bool { return policyPath(e) != nil }, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.ID(c.Facts.IDBase, strings.Join(append(*policyPath(e), "id"), "."), "certificates", certificateIn(e), "policy"))
	})
	each(s, "every-answer/pending-id", func(e *vault.Exchange) bool { return pendingID(e) != "" }, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.ID(c.Facts.IDBase, pendingID(e), "certificates", certificateIn(e), "pending"))
	})
	each(s, "every-answer/identifier-form", func(e *vault.Exchange) bool { return e.Succeeded() && hasBody(e) }, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.PlainIdentifiers())
	})
	each(s, "every-answer/version-form", having(anyBundle(), "id"), func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.VersionForm())
	})
}

// certificateIn is the certificate's name in the path of the request, also where that is of a deleted one. The path of a
// restore has none: any name that the id has will do.
func certificateIn(e *vault.Exchange) string {
	if e.Operation == vault.RestoreCertificate {
		id := scenarios.CertificateOf(e)
		return id[strings.LastIndex(id, "/")+1:]
	}
	if _, after, found := strings.Cut(e.Request.URL, "/deletedcertificates/"); found {
		name, _, _ := strings.Cut(after, "?")
		return strings.TrimSuffix(strings.TrimSuffix(name, "/"), "/recover")
	}
	return match.Name(e)
}

// What follows is asked of every response, some of it by several rules.
var (
	isPolicy      = of(policyOperations()...)
	isPending     = of(pendingOperations()...)
	hasPolicy     = having(anyBundle(), "policy")
	hasPending    = having(anyBundle(), "pending")
	hasAttributes = having(of(attributed()...), "attributes")
)

// policyPath is where a response has a policy: nil where it has none, empty where it is one.
func policyPath(e *vault.Exchange) *[]string {
	switch {
	case isPolicy(e):
		return &[]string{}
	case hasPolicy(e):
		return &[]string{"policy"}
	default:
		return nil
	}
}

// pendingID is the member that has the id of a pending object; "" if the response has none.
func pendingID(e *vault.Exchange) string {
	switch {
	case isPending(e):
		return "id"
	case hasPending(e):
		return "pending.id"
	default:
		return ""
	}
}

func everyTime(s *Suite) {
	timed := func(e *vault.Exchange) bool { return attributesPath(e) != nil }
	each(s, "every-answer/times", timed, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.Seconds(attributesPath(e), "created", "updated", "nbf", "exp"))
		if policy := policyPath(e); policy != nil {
			c.Expect(e, match.Seconds(append(*policy, "attributes"), "created", "updated"))
		}
		c.Expect(e, match.Seconds(nil, "deletedDate", "scheduledPurgeDate"))
		c.Expect(e, match.Dated(attributesPath(e), "created", "updated"))
		c.Expect(e, match.Dated(nil, "deletedDate"))
	})
	each(s, "every-answer/created-updated", timed, func(c *Check, e *vault.Exchange) {
		path := attributesPath(e)
		_, created := match.At(e, append(path, "created")...)
		_, updated := match.At(e, append(path, "updated")...)
		c.Need(created == nil && updated == nil, "attributes with created and updated")
		c.Expect(e, match.TimesInOrder(path...))
	})
	deleted := having(having(of(deletedOperations()...), "deletedDate"), "scheduledPurgeDate")
	each(s, "every-answer/purge-date", having(deleted, "attributes", "recoverableDays"), func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.PurgeDate(24*time.Hour))
	})
	each(s, "every-answer/purge-date-exact", having(deleted, "attributes", "recoverableDays"), func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.PurgeDate(time.Second))
	})
	each(s, "every-answer/recovery-days", having(anyBundle(), "attributes", "recoverableDays"), func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.RecoverableDays())
	})
}

// attributesPath is where a response has attributes; nil where it has none.
func attributesPath(e *vault.Exchange) []string {
	if hasAttributes(e) {
		return []string{"attributes"}
	}
	return nil
}

// attributed are the operations whose responses have attributes of their own.
func attributed() []string {
	operations := append(append(bundleOperations(), deletedOperations()...), policyOperations()...)
	return append(operations, vault.SetCertificateIssuer, vault.GetCertificateIssuer, vault.DeleteCertificateIssuer)
}

// everyLevel is the rule about the level of recovery, whose name says how many days a deleted certificate is kept.
func everyLevel(s *Suite) {
	levelled := having(having(anyBundle(), "attributes", "recoveryLevel"), "attributes", "recoverableDays")
	each(s, "every-answer/recovery-days-shown", having(anyBundle(), "attributes", "recoveryLevel"), func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.Present("attributes", "recoverableDays"))
	})
	each(s, "every-answer/recovery-level", levelled, func(c *Check, e *vault.Exchange) { c.Expect(e, match.RecoveryLevel()) })
}

func everyCertificate(s *Suite) {
	whole := having(anyBundle(), "cer")
	for id, concerned := range map[string]struct {
		concerns func(e *vault.Exchange) bool
		wanted   func() match.Test
	}{
		"every-answer/validity": {whole, match.MirrorsValidity},
		"every-answer/cer":      {whole, match.CertificateParses},
		"every-answer/x5t":      {having(whole, "x5t"), match.Thumbprint},
	} {
		wanted := concerned.wanted()
		each(s, id, concerned.concerns, func(c *Check, e *vault.Exchange) { c.Expect(e, wanted) })
	}
	each(s, "every-answer/csr", pendingCSR(), func(c *Check, e *vault.Exchange) {
		c.Expect(e, c.csrSigned)
	})
}

// pendingCSR concerns the pending objects that have a CSR.
func pendingCSR() func(*vault.Exchange) bool { return having(of(pendingOperations()...), "csr") }

// csrSigned is match.CSRSigned, once for all polls that return the same CSR: checking a signature costs more than all other rules
// about the response.
func (c *Check) csrSigned(e *vault.Exchange) *match.Failure {
	type csr string
	text, signed := e.Text("csr"), match.CSRSigned()
	if text == "" {
		return signed(e)
	}
	failure, _ := c.derived(csr(text), func() any { return signed(e) }).(*match.Failure)
	return failure
}

func everyVersionKept(s *Suite) {
	whole := having(having(anyBundle(), "cer"), "id")
	across(s, "every-answer/version-kept", func(e *vault.Exchange) string {
		if !whole(e) {
			return ""
		}
		return strings.ToLower(e.Text("id"))
	}, func(c *Check, first, second *vault.Exchange) {
		c.Expect(second, match.SameMember(first, "cer"))
	})
}
