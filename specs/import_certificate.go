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
	importedVariants(s)
	importsRefused(s)
	importedAgain(s)
}

// importedThat adds a rule about the bundle that the import returned.
func importedThat(s *Suite, id string, wanted func(c *Check, p *scenarios.ImportPFX, leaf *x509.Certificate) match.Test) {
	rule(s, id, func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		leaf := leafOf(c, importedLeaf(p.Taken()))
		c.Expect(p.Taken(), wanted(c, p, leaf))
	})
}

func importedBundle(s *Suite) {
	rule(s, "import-certificate/complete", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		for _, member := range []string{"id", "kid", "sid", "x5t", "cer", "attributes"} {
			c.Expect(p.Taken(), match.Present(member))
		}
	})
	importedThat(s, "import-certificate/no-pending-member", func(c *Check, p *scenarios.ImportPFX, _ *x509.Certificate) match.Test {
		c.requireNeeds(p.Taken().Text("sid") != "")
		return match.Absent("pending")
	})
	importedThat(s, "import-certificate/cer", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.Carries(leaf.Raw)
	})
	importedThat(s, "import-certificate/x5t", func(_ *Check, _ *scenarios.ImportPFX, leaf *x509.Certificate) match.Test {
		return match.ThumbprintOf(leaf.Raw)
	})
	rule(s, "import-certificate/validity", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		leaf := leafOf(c, importedLeaf(p.Taken()))
		c.Expect(p.Taken(), match.Begins(leaf))
		c.Expect(p.Taken(), match.Ends(leaf))
	})
	rule(s, "import-certificate/identifiers", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		name := match.Name(p.Taken())
		c.Expect(p.Taken(), match.VersionID(c.Facts.IDBase, name))
		c.Expect(p.Taken(), match.VersionOf(c.Facts.IDBase, "kid", "keys", name))
		c.Expect(p.Taken(), match.VersionOf(c.Facts.IDBase, "sid", "secrets", name))
	})
	importedThat(s, "import-certificate/enabled", func(c *Check, p *scenarios.ImportPFX, _ *x509.Certificate) match.Test {
		c.requireNeeds(asked(p.Taken(), "attributes", "enabled") == nil)
		return match.Equal(true, "attributes", "enabled")
	})
	rule(s, "import-certificate/tags", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		c.requireNeeds(len(askedTags(p.Taken())) > 0)
		c.Expect(p.Taken(), match.Tags(askedTags(p.Taken())))
		c.requireBody(p.Current)
		c.Expect(p.Current, match.Tags(askedTags(p.Taken())))
	})
	rule(s, "import-certificate/current", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		c.Accepts(p.Current, match.Status())
		c.Expect(p.Current, match.SameMember(p.Taken(), "id"))
		c.Expect(p.Current, match.Carries(importedLeaf(p.Taken())))
	})
	rule(s, "import-certificate/no-pending-object", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
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
	rule(s, "import-certificate/policy-issuer", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Taken())
		c.Accepts(p.Taken(), match.IssuerAt("policy", "issuer", "name"))
	})
	rule(s, "import-certificate/policy-content-type", func(c *Check, p *scenarios.ImportPFX) {
		c.requireBody(p.Imported)
		c.Accepts(p.Imported, match.TextAt("policy", "secret_props", "contentType"))
	})
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
		c.requireBody(p.Taken())
		c.Accepts(p.Policy, match.Status())
		c.Expect(p.Policy, match.SamePolicy(p.Taken(), []string{"policy"}))
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
	for id, step := range map[string]func(p *scenarios.ImportPFX) *vault.Exchange{
		"import-certificate/ec-accepted":    func(p *scenarios.ImportPFX) *vault.Exchange { return p.Elliptic },
		"import-certificate/chain-accepted": func(p *scenarios.ImportPFX) *vault.Exchange { return p.Chain },
		"import-certificate/pfx-modern":     func(p *scenarios.ImportPFX) *vault.Exchange { return p.Modern },
	} {
		rule(s, id, func(c *Check, p *scenarios.ImportPFX) {
			c.requireControl(step(p), p.Imported) // a vault that takes no PFX at all has failed the rule that says so
			c.Accepts(step(p), match.Accepted())
		})
	}
	for id, step := range map[string]func(p *scenarios.ImportPFX) *vault.Exchange{
		"import-certificate/disabled-accepted":         func(p *scenarios.ImportPFX) *vault.Exchange { return p.Disabled },
		"import-certificate/lifetime-actions-accepted": func(p *scenarios.ImportPFX) *vault.Exchange { return p.WithActions },
	} {
		rule(s, id, func(c *Check, p *scenarios.ImportPFX) {
			c.requireControl(step(p), p.Taken())
			c.Accepts(step(p), match.Accepted())
		})
	}
	rule(s, "import-certificate/lifetime-actions", func(c *Check, p *scenarios.ImportPFX) {
		c.requireSuccess(p.WithActions)
		want := asked(p.WithActions, "policy", "lifetime_actions")
		c.requireNeeds(want != nil)
		c.Expect(p.WithActions, match.SameJSON(want, "policy", "lifetime_actions"))
		c.Expect(p.Actions, match.HasStatus(http.StatusOK))
		c.Expect(p.Actions, match.SameJSON(want, "lifetime_actions"))
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
		c.requireSuccess(scenarios.Last(p.DeletedPolls))
		c.Accepts(p.Again, match.Status())
	})
}
