package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// requestedCSR adds the specs of what a fresh operation's csr asks for.
func requestedCSR(s *Suite) {
	rule(s, "request-from-issuer/csr-encoding", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.CSRParses())
	})
	rule(s, "request-from-issuer/csr-signature", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Created)
		c.Expect(p.Created, match.CSRSigned())
	})
	rule(s, "request-from-issuer/csr-subject", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Created)
		c.Expect(p.Created, match.CSRSubject(requestedSubject(p.Created)))
	})
	rule(s, "request-from-issuer/csr-default-key", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Created)
		c.Expect(p.Created, match.CSRKey("RSA 2048"))
	})
	rule(s, "request-from-issuer/csr-requested-key", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Elliptic)
		curve, _ := asked(p.Elliptic, "policy", "key_props", "crv").(string)
		c.Expect(p.Elliptic, match.CSRKey("EC "+curve))
	})
	rule(s, "request-from-issuer/csr-subject-alternative-names", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Detailed)
		c.Expect(p.Detailed, match.CSRDNSNames(askedTexts(p.Detailed, "policy", "x509_props", "sans", "dns_names")))
	})
	rule(s, "request-from-issuer/csr-extended-key-usages", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Detailed)
		c.Expect(p.Detailed, match.CSRExtendedKeyUsages(askedTexts(p.Detailed, "policy", "x509_props", "ekus")))
	})
	rule(s, "request-from-issuer/csr-key-usage", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Detailed)
		c.Expect(p.Detailed, match.CSRKeyUsage(askedTexts(p.Detailed, "policy", "x509_props", "key_usage")))
	})
	rule(s, "request-from-issuer/csr-not-authority", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.readableCSR(p.Created)
		c.Expect(p.Created, match.CSRNotAuthority())
	})
}

// readableCSR needs a create that was accepted with a csr that parses.
func (c *Check) readableCSR(created *vault.Exchange) {
	c.requireAccepted(created)
	c.requireOf(created, func(e *vault.Exchange) bool {
		_, err := match.CSR(e)
		return err == nil
	}, "a csr that parses")
}

func requestedSubject(created *vault.Exchange) string {
	subject, _ := asked(created, "policy", "x509_props", "subject").(string)
	return subject
}

// askedTexts is a list of strings in the request's JSON.
func askedTexts(e *vault.Exchange, path ...string) []string {
	list, _ := asked(e, path...).([]any)
	var texts []string
	for _, value := range list {
		if text, ok := value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
