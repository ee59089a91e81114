package specs

import (
	"crypto/x509"
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func importCertificate(s *Suite) {
	rule(s, "import-certificate/pfx-status", func(c *Check, p *scenarios.ImportPFX) { c.Accepts(p.Imported, match.Status()) })
	rule(s, "import-certificate/pem-status", func(c *Check, p *scenarios.ImportPEM) { c.Accepts(p.Imported, match.Status()) })
	rule(s, "import-certificate/accepted", func(c *Check, p *scenarios.FormsOfImport) {
		tried := []*vault.Exchange{p.PEM, p.RSAPFX, p.ECPFX}
		at := slices.IndexFunc(tried, (*vault.Exchange).Succeeded)
		imported := tried[max(at, 0)]
		c.Accepts(imported, match.Accepted())
		if p.Read.Succeeded() { // a certificate that cannot be read is a failure of other rules
			c.Expect(p.Read, match.Carries(importedLeaf(imported)))
		}
	})
	importedBundle(s)
	importedPolicy(s)
	importedOthers(s)
	importsRefused(s)
	importedAgain(s)
}

// importedThat adds a rule about the bundle that the import of a PFX answered with.
func importedThat(s *Suite, id string, wanted func(c *Check, p *scenarios.ImportPFX, leaf *x509.Certificate) match.Test) {
	rule(s, id, func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		leaf := leafOf(c, importedLeaf(p.Imported))
		c.Expect(p.Imported, wanted(c, p, leaf))
	})
}

func importedBundle(s *Suite) {
	importedThat(s, "import-certificate/no-location", func(*Check, *scenarios.ImportPFX, *x509.Certificate) match.Test {
		return match.NoHeader("Location")
	})
	rule(s, "import-certificate/complete", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		for _, member := range []string{"id", "kid", "sid", "x5t", "cer", "attributes"} {
			c.Expect(p.Imported, match.Present(member))
		}
	})
	importedThat(s, "import-certificate/no-pending-member", func(c *Check, p *scenarios.ImportPFX, _ *x509.Certificate) match.Test {
		c.requireNeeds(p.Imported.Text("sid") != "")
		return match.Absent("pending")
	})
	importedThat(s, "import-certificate/cer", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.Carries(leaf.Raw)
	})
	importedThat(s, "import-certificate/x5t", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.ThumbprintOf(leaf.Raw)
	})
	rule(s, "import-certificate/validity", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		leaf := leafOf(c, importedLeaf(p.Imported))
		c.Expect(p.Imported, match.Begins(leaf))
		c.Expect(p.Imported, match.Ends(leaf))
	})
	rule(s, "import-certificate/identifiers", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		name := match.Name(p.Imported)
		c.Expect(p.Imported, match.VersionID(c.Facts.IDBase, name))
		c.Expect(p.Imported, match.Beside(c.Facts.IDBase, "kid", "keys", name))
		c.Expect(p.Imported, match.Beside(c.Facts.IDBase, "sid", "secrets", name))
	})
	importedThat(s, "import-certificate/enabled", func(c *Check, p *scenarios.ImportPFX, _ *x509.Certificate) match.Test {
		c.requireNeeds(asked(p.Imported, "attributes", "enabled") == nil)
		return match.Equal(true, "attributes", "enabled")
	})
	rule(s, "import-certificate/tags", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		c.requireNeeds(len(askedTags(p.Imported)) > 0)
		c.Expect(p.Imported, match.Tags(askedTags(p.Imported)))
		c.requireBody(p.Current)
		c.Expect(p.Current, match.Tags(askedTags(p.Imported)))
	})
	rule(s, "import-certificate/current", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		c.Accepts(p.Current, match.Status())
		c.Expect(p.Current, match.SameMember(p.Imported, "id"))
		c.Expect(p.Current, match.Carries(importedLeaf(p.Imported)))
	})
	rule(s, "import-certificate/no-pending-object", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		c.requireBody(p.Current)
		c.Accepts(p.Pending, match.Status())
	})
}

func importedPolicy(s *Suite) {
	importedThat(s, "import-certificate/policy-subject", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.PolicySubjectOf(leaf, "policy")
	})
	importedThat(s, "import-certificate/policy-key", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.PolicyKey(leaf, "policy")
	})
	importedThat(s, "import-certificate/policy-exportable", func(*Check, *scenarios.ImportPFX, *x509.Certificate) match.Test {
		return match.Equal(true, "policy", "key_props", "exportable")
	})
	for id, path := range map[string][]string{
		"import-certificate/policy-issuer":       {"policy", "issuer", "name"},
		"import-certificate/policy-content-type": {"policy", "secret_props", "contentType"},
	} {
		rule(s, id, func(c *Check, p *scenarios.ImportPFX) {
			c.requireBody(p.Imported)
			c.Accepts(p.Imported, match.TextAt(path...))
		})
	}
	importedThat(s, "import-certificate/policy-names", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.Set(leaf.DNSNames, "policy", "x509_props", "sans", "dns_names")
	})
	importedThat(s, "import-certificate/policy-ekus", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.Set(match.ExtendedKeyUsages(leaf), "policy", "x509_props", "ekus")
	})
	importedThat(s, "import-certificate/policy-key-usage", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.Set(match.KeyUsages(leaf), "policy", "x509_props", "key_usage")
	})
	importedThat(s, "import-certificate/policy-lifetime-action", func(*Check, *scenarios.ImportPFX, *x509.Certificate) match.Test {
		return match.OneLifetimeAction("EmailContacts", 80, "policy")
	})
	rule(s, "import-certificate/policy-stored", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		c.Accepts(p.Policy, match.Status())
		c.Expect(p.Policy, match.SamePolicy(p.Imported, []string{"policy"}))
	})
}

func importedOthers(s *Suite) {
	rule(s, "import-certificate/pem-cer", func(c *Check, p *scenarios.ImportPEM) {
		c.requireBody(p.Imported)
		c.Expect(p.Imported, match.Carries(importedLeaf(p.Imported)))
	})
	rule(s, "import-certificate/policy-pem-content-type", func(c *Check, p *scenarios.ImportPEM) {
		c.requireBody(p.Imported)
		c.Accepts(p.Imported, match.TextAt("policy", "secret_props", "contentType"))
	})
	rule(s, "import-certificate/pkcs1-refused", func(c *Check, p *scenarios.ImportPEM) {
		c.requireBody(p.Imported)
		c.Accepts(p.PKCS1, match.StatusClass())
	})
	rule(s, "import-certificate/ec-cer", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Elliptic)
		c.Expect(p.Elliptic, match.Carries(importedLeaf(p.Elliptic)))
	})
	rule(s, "import-certificate/policy-ec-key", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Elliptic)
		c.Expect(p.Elliptic, match.PolicyKey(leafOf(c, importedLeaf(p.Elliptic)), "policy"))
	})
	rule(s, "import-certificate/chain-cer", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Chain)
		c.Expect(p.Chain, match.Carries(importedLeaf(p.Chain)))
	})
	rule(s, "import-certificate/enabled-false", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Disabled)
		c.Expect(p.Disabled, match.Equal(false, "attributes", "enabled"))
	})
}

func importsRefused(s *Suite) {
	steps := map[string]func(p *scenarios.ImportAgain) *vault.Exchange{
		"import-certificate/value-missing":       func(p *scenarios.ImportAgain) *vault.Exchange { return p.ValueLeftOut },
		"import-certificate/private-key-missing": func(p *scenarios.ImportAgain) *vault.Exchange { return p.KeyLeftOut },
		"import-certificate/password-wrong":      func(p *scenarios.ImportAgain) *vault.Exchange { return p.WrongPassword },
		"import-certificate/garbage":             func(p *scenarios.ImportAgain) *vault.Exchange { return p.Garbage },
		"import-certificate/policy-mismatch":     func(p *scenarios.ImportAgain) *vault.Exchange { return p.PolicyMismatch },
		"import-certificate/expired":             func(p *scenarios.ImportAgain) *vault.Exchange { return p.Expired },
		"import-certificate/password-length":     func(p *scenarios.ImportAgain) *vault.Exchange { return p.LongPassword },
	}
	for id, step := range steps {
		rule(s, id, func(c *Check, p *scenarios.ImportAgain) {
			c.requireBody(p.First)
			c.requireOnlyFlaw(step(p), p.Again)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	rule(s, "import-certificate/refused-unchanged", func(c *Check, p *scenarios.ImportAgain) {
		c.requireBody(p.First)
		for _, step := range []*vault.Exchange{
			p.ValueLeftOut, p.KeyLeftOut, p.WrongPassword, p.Garbage, p.PolicyMismatch, p.Expired,
		} {
			c.requireRefused(step)
		}
		c.Expect(p.Unchanged, match.HasStatus(http.StatusOK))
		c.Expect(p.Unchanged, match.SameMember(p.First, "id"))
		c.Expect(p.Unchanged, match.Carries(importedLeaf(p.First)))
	})
}

func importedAgain(s *Suite) {
	rule(s, "import-certificate/again", func(c *Check, p *scenarios.ImportAgain) {
		c.requireBody(p.First)
		c.Accepts(p.Again, match.Status())
		c.Expect(p.Again, match.OtherMember(p.First, "id"))
		c.Expect(p.Current, match.SameMember(p.Again, "id"))
		c.Expect(p.Current, match.Carries(importedLeaf(p.Again)))
	})
	rule(s, "import-certificate/again-earlier", func(c *Check, p *scenarios.ImportAgain) {
		c.requireBody(p.First)
		c.requireBody(p.Again)
		c.Accepts(p.Earlier, match.Status())
		c.Expect(p.Earlier, match.Carries(importedLeaf(p.First)))
	})
	rule(s, "import-certificate/deleted-name-refused", func(c *Check, p *scenarios.ImportDeletedName) {
		c.requireBody(p.Imported)
		c.requireSuccess(p.Deleted)
		c.requireSuccess(Last(p.DeletedLooks))
		c.Accepts(p.Again, match.Status())
	})
}
