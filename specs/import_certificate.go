package specs

import (
	"crypto/x509"
	"net/http"

	"github.com/onsi/gomega/types"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func importCertificate(b *Book) {
	rule(b, "import-certificate/pfx-status", func(c *Case, p *scenarios.ImportPFX) { c.Accepts(p.Imported, match.Status()) })
	rule(b, "import-certificate/pem-status", func(c *Case, p *scenarios.ImportPEM) { c.Accepts(p.Imported, match.Status()) })
	importedBundle(b)
	importedPolicy(b)
	importedOthers(b)
	importsRefused(b)
	importedAgain(b)
}

// importedThat adds a rule about the bundle that the import of a PFX answered with.
func importedThat(b *Book, id string, wanted func(c *Case, p *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher) {
	rule(b, "import-certificate/"+id, func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		leaf := leafOf(c, importedLeaf(p.Imported))
		c.Expect(p.Imported).To(wanted(c, p, leaf))
	})
}

func importedBundle(b *Book) {
	importedThat(b, "no-location", func(*Case, *scenarios.ImportPFX, *x509.Certificate) types.GomegaMatcher {
		return match.NoHeader("Location")
	})
	rule(b, "import-certificate/complete", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		for _, member := range []string{"id", "kid", "sid", "x5t", "cer", "attributes"} {
			c.Expect(p.Imported).To(match.Present(member))
		}
	})
	importedThat(b, "no-pending-member", func(c *Case, p *scenarios.ImportPFX, _ *x509.Certificate) types.GomegaMatcher {
		c.given(p.Imported.Text("sid") != "")
		return match.Absent("pending")
	})
	importedThat(b, "cer", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.Carries(leaf.Raw)
	})
	importedThat(b, "x5t", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.ThumbprintOf(leaf.Raw)
	})
	rule(b, "import-certificate/validity", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		leaf := leafOf(c, importedLeaf(p.Imported))
		c.Expect(p.Imported).To(match.Begins(leaf))
		c.Expect(p.Imported).To(match.Ends(leaf))
	})
	rule(b, "import-certificate/identifiers", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		name := match.Name(p.Imported)
		c.Expect(p.Imported).To(match.VersionID(c.Facts.IDBase, name))
		c.Expect(p.Imported).To(match.Beside(c.Facts.IDBase, "kid", "keys", name))
		c.Expect(p.Imported).To(match.Beside(c.Facts.IDBase, "sid", "secrets", name))
	})
	importedThat(b, "enabled", func(c *Case, p *scenarios.ImportPFX, _ *x509.Certificate) types.GomegaMatcher {
		c.given(asked(p.Imported, "attributes", "enabled") == nil)
		return match.Equal(true, "attributes", "enabled")
	})
	rule(b, "import-certificate/tags", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		c.given(len(askedTags(p.Imported)) > 0)
		c.Expect(p.Imported).To(match.Tags(askedTags(p.Imported)))
		c.ok(p.Current)
		c.Expect(p.Current).To(match.Tags(askedTags(p.Imported)))
	})
	rule(b, "import-certificate/current", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		c.Accepts(p.Current, match.Status())
		c.Expect(p.Current).To(match.SameMember(p.Imported, "id"))
		c.Expect(p.Current).To(match.Carries(importedLeaf(p.Imported)))
	})
	rule(b, "import-certificate/no-pending-object", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		c.ok(p.Current)
		c.Accepts(p.Pending, match.Status())
	})
}

func importedPolicy(b *Book) {
	importedThat(b, "policy-subject", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.PolicySubjectOf(leaf, "policy")
	})
	importedThat(b, "policy-key", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.PolicyKey(leaf, "policy")
	})
	importedThat(b, "policy-exportable", func(*Case, *scenarios.ImportPFX, *x509.Certificate) types.GomegaMatcher {
		return match.Equal(true, "policy", "key_props", "exportable")
	})
	for id, path := range map[string][]string{
		"policy-issuer":       {"policy", "issuer", "name"},
		"policy-content-type": {"policy", "secret_props", "contentType"},
	} {
		rule(b, "import-certificate/"+id, func(c *Case, p *scenarios.ImportPFX) {
			c.ok(p.Imported)
			c.Accepts(p.Imported, match.TextAt(path...))
		})
	}
	importedThat(b, "policy-names", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.Set(leaf.DNSNames, "policy", "x509_props", "sans", "dns_names")
	})
	importedThat(b, "policy-ekus", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.Set(match.ExtendedKeyUsages(leaf), "policy", "x509_props", "ekus")
	})
	importedThat(b, "policy-key-usage", func(_ *Case, _ *scenarios.ImportPFX, leaf *x509.Certificate) types.GomegaMatcher {
		return match.Set(match.KeyUsages(leaf), "policy", "x509_props", "key_usage")
	})
	importedThat(b, "policy-lifetime-action", func(*Case, *scenarios.ImportPFX, *x509.Certificate) types.GomegaMatcher {
		return match.OneLifetimeAction("EmailContacts", 80, "policy")
	})
	rule(b, "import-certificate/policy-stored", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Imported)
		c.Accepts(p.Policy, match.Status())
		c.Expect(p.Policy).To(match.SamePolicy(p.Imported, []string{"policy"}))
	})
}

func importedOthers(b *Book) {
	rule(b, "import-certificate/pem-cer", func(c *Case, p *scenarios.ImportPEM) {
		c.ok(p.Imported)
		c.Expect(p.Imported).To(match.Carries(importedLeaf(p.Imported)))
	})
	rule(b, "import-certificate/policy-pem-content-type", func(c *Case, p *scenarios.ImportPEM) {
		c.ok(p.Imported)
		c.Accepts(p.Imported, match.TextAt("policy", "secret_props", "contentType"))
	})
	rule(b, "import-certificate/pkcs1-refused", func(c *Case, p *scenarios.ImportPEM) {
		c.ok(p.Imported)
		c.Accepts(p.PKCS1, match.StatusClass())
	})
	rule(b, "import-certificate/ec-cer", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Elliptic)
		c.Expect(p.Elliptic).To(match.Carries(importedLeaf(p.Elliptic)))
	})
	rule(b, "import-certificate/policy-ec-key", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Elliptic)
		c.Expect(p.Elliptic).To(match.PolicyKey(leafOf(c, importedLeaf(p.Elliptic)), "policy"))
	})
	rule(b, "import-certificate/chain-cer", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Chain)
		c.Expect(p.Chain).To(match.Carries(importedLeaf(p.Chain)))
	})
	rule(b, "import-certificate/enabled-false", func(c *Case, p *scenarios.ImportPFX) {
		c.ok(p.Disabled)
		c.Expect(p.Disabled).To(match.Equal(false, "attributes", "enabled"))
	})
}

func importsRefused(b *Book) {
	steps := map[string]func(p *scenarios.ImportAgain) *vault.Exchange{
		"value-missing":       func(p *scenarios.ImportAgain) *vault.Exchange { return p.ValueLeftOut },
		"private-key-missing": func(p *scenarios.ImportAgain) *vault.Exchange { return p.KeyLeftOut },
		"password-wrong":      func(p *scenarios.ImportAgain) *vault.Exchange { return p.WrongPassword },
		"garbage":             func(p *scenarios.ImportAgain) *vault.Exchange { return p.Garbage },
		"policy-mismatch":     func(p *scenarios.ImportAgain) *vault.Exchange { return p.PolicyMismatch },
		"expired":             func(p *scenarios.ImportAgain) *vault.Exchange { return p.Expired },
		"password-length":     func(p *scenarios.ImportAgain) *vault.Exchange { return p.LongPassword },
	}
	for id, step := range steps {
		rule(b, "import-certificate/"+id, func(c *Case, p *scenarios.ImportAgain) {
			c.ok(p.First)
			c.alone(step(p), p.Again, http.StatusOK)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	rule(b, "import-certificate/refused-unchanged", func(c *Case, p *scenarios.ImportAgain) {
		c.ok(p.First)
		for _, step := range []*vault.Exchange{
			p.ValueLeftOut, p.KeyLeftOut, p.WrongPassword, p.Garbage, p.PolicyMismatch, p.Expired,
		} {
			c.refused(step)
		}
		c.Expect(p.Unchanged).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Unchanged).To(match.SameMember(p.First, "id"))
		c.Expect(p.Unchanged).To(match.Carries(importedLeaf(p.First)))
	})
}

func importedAgain(b *Book) {
	rule(b, "import-certificate/again", func(c *Case, p *scenarios.ImportAgain) {
		c.ok(p.First)
		c.Accepts(p.Again, match.Status())
		c.Expect(p.Again).To(match.OtherMember(p.First, "id"))
		c.Expect(p.Current).To(match.SameMember(p.Again, "id"))
		c.Expect(p.Current).To(match.Carries(importedLeaf(p.Again)))
	})
	rule(b, "import-certificate/again-earlier", func(c *Case, p *scenarios.ImportAgain) {
		c.ok(p.First)
		c.ok(p.Again)
		c.Accepts(p.Earlier, match.Status())
		c.Expect(p.Earlier).To(match.Carries(importedLeaf(p.First)))
	})
	rule(b, "import-certificate/deleted-name-refused", func(c *Case, p *scenarios.ImportDeletedName) {
		c.ok(p.Imported)
		c.ok(p.Deleted)
		c.ok(Last(p.DeletedLooks))
		c.Accepts(p.Again, match.Status())
	})
}
