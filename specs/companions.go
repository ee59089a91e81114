package specs

import (
	"crypto/ecdsa"
	"encoding/base64"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func companions(s *Suite) {
	companionKey(s)
	companionSecret(s)
	companionForms(s)
	companionImport(s)
	companionSwitched(s)
	companionRenewed(s)
	companionDeleted(s)
	companionChanges(s)
	companionNames(s)
}

// companion is what kid or sid of a certificate leads to.
type companion struct {
	made    []*vault.Exchange
	read, e *vault.Exchange
	link    string // kid or sid
}

// requireNamed needs a certificate that was made and has the link.
func (c *Check) requireNamed(of companion) {
	if of.read == nil {
		c.requireSuccess(scenarios.Last(of.made))
	}
	c.requireBody(of.read)
	c.requireMember(of.read, of.link)
}

// requireCompanion needs what the link leads to, or what was read without it.
func (c *Check) requireCompanion(of companion) {
	if !of.e.Succeeded() {
		c.requireNamed(of)
	}
	c.requireBody(of.e)
}

// atKid is what kid leads to, atSid what sid leads to.
func atKid(p *scenarios.CompanionsRead) companion { return companion{p.Made, p.Read, p.Key, "kid"} }

func atSid(p *scenarios.CompanionsRead) companion {
	return companion{p.Made, p.Read, p.Secret, "sid"}
}

// keyOf is the key at kid or, where kid leads to none, the key of the certificate's name.
func keyOf(p *scenarios.CompanionsRead) companion {
	if scenarios.ShowsKey(p.NamedKey) && !scenarios.ShowsKey(p.Key) {
		return companion{p.Made, p.Read, p.NamedKey, "kid"}
	}
	return atKid(p)
}

// secretOf is the secret at sid or, where sid leads to none, the secret of the certificate's name.
func secretOf(p *scenarios.CompanionsRead) companion {
	if scenarios.ShowsSecret(p.NamedSecret) && !scenarios.ShowsSecret(p.Secret) {
		return companion{p.Made, p.Read, p.NamedSecret, "sid"}
	}
	return atSid(p)
}

func companionKey(s *Suite) {
	rule(s, "companions/key-status", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireNamed(atKid(p))
		c.Accepts(p.Key, match.Status())
	})
	rule(s, "companions/key-kid", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(atKid(p))
		c.Expect(p.Key, match.Equal(p.Read.Text("kid"), "key", "kid"))
	})
	rule(s, "companions/key-type", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(keyOf(p))
		c.Expect(keyOf(p).e, match.KeyTypeOf(c.certificateOf(p.Read)))
	})
	rule(s, "companions/key-public", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(keyOf(p))
		c.Expect(keyOf(p).e, match.PublicKeyIs(c.certificateOf(p.Read)))
	})
	rule(s, "companions/key-private", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(keyOf(p))
		c.Expect(keyOf(p).e, match.NoPrivateMembers())
	})
	defaults := []string{"sign", "verify", "wrapKey", "unwrapKey"}
	rule(s, "companions/key-operations", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(keyOf(p))
		c.Expect(keyOf(p).e, match.Includes(defaults, "key", "key_ops"))
	})
	rule(s, "companions/key-operations-only", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(keyOf(p))
		c.Expect(keyOf(p).e, match.Set(defaults, "key", "key_ops"))
	})
	rule(s, "companions/key-by-name", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(atKid(p))
		c.returned(p.NamedKey)
		c.Expect(p.NamedKey, match.SameMember(p.Key, "key"))
	})
	for _, kind := range []struct {
		managed, attributes string
		of                  func(p *scenarios.CompanionsRead) companion
	}{
		{"companions/key-managed", "companions/key-attributes", keyOf}, {"companions/secret-managed", "companions/secret-attributes", secretOf},
	} {
		of := kind.of
		rule(s, kind.managed, func(c *Check, p *scenarios.CompanionsRead) {
			c.requireCompanion(of(p))
			c.Expect(of(p).e, match.Equal(true, "managed"))
		})
		rule(s, kind.attributes, func(c *Check, p *scenarios.CompanionsRead) {
			c.requireCompanion(of(p))
			if p.Read.Member("attributes") == nil { // it was not made disabled
				c.requireBody(p.Read)
				c.Expect(of(p).e, match.Equal(true, "attributes", "enabled"))
				return
			}
			for _, name := range []string{"enabled", "nbf", "exp"} {
				c.expectSameMembers(p.Read, of(p).e, []string{"attributes", name})
			}
		})
	}
	rule(s, "companions/key-without-token", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(atKid(p))
		c.Accepts(p.TokenlessKey, match.Status())
	})
}

func companionSecret(s *Suite) {
	rule(s, "companions/secret-status", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireNamed(atSid(p))
		c.Accepts(p.Secret, match.Status())
	})
	for id, pair := range map[string][2]string{"companions/secret-id": {"id", "sid"}, "companions/secret-kid": {"kid", "kid"}} {
		rule(s, id, func(c *Check, p *scenarios.CompanionsRead) {
			c.requireCompanion(atSid(p))
			c.requireMember(p.Read, pair[1])
			c.Expect(p.Secret, match.Equal(p.Read.Text(pair[1]), pair[0]))
		})
	}
	rule(s, "companions/secret-content-type", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(secretOf(p))
		c.Expect(secretOf(p).e, match.Equal("application/x-pkcs12", "contentType"))
	})
	rule(s, "companions/secret-opens", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(secretOf(p))
		c.Expect(secretOf(p).e, match.Opens(vault.FormPKCS12))
	})
	rule(s, "companions/secret-leaf", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireContent(secretOf(p))
		c.Expect(secretOf(p).e, match.HoldsCertificates(c.certificateOf(p.Read).Raw))
	})
	rule(s, "companions/secret-chain", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireContent(secretOf(p))
		c.Expect(secretOf(p).e, match.HoldsCertificates(c.merged(p.Made)...))
	})
	rule(s, "companions/secret-key", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireContent(secretOf(p))
		c.Expect(secretOf(p).e, match.HoldsKeyOf(c.certificateOf(p.Read)))
	})
	rule(s, "companions/secret-by-name", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireContent(atSid(p))
		c.returned(p.NamedSecret)
		c.Expect(p.NamedSecret, match.SameContent(p.Secret))
	})
	rule(s, "companions/secret-without-token", func(c *Check, p *scenarios.CompanionsRead) {
		c.requireCompanion(atSid(p))
		c.Accepts(p.TokenlessSecret, match.Status())
	})
}

// requireContent needs a secret whose value can be read.
func (c *Check) requireContent(of companion) {
	c.requireCompanion(of)
	c.requireOf(of.e, opens, "a value that can be read")
}

func opens(e *vault.Exchange) bool {
	return e.Response.Content != nil && e.Response.Content.Problem == ""
}

// returned expects a success, and of a secret a value that can be read: anything else is the failure of rules of its own.
func (c *Check) returned(e *vault.Exchange) {
	c.Expect(e, match.Succeeds())
	if e.Operation == vault.GetSecret {
		c.requireOf(e, opens, "a value that can be read")
	}
}

// merged lists the certificates that a merge sent; a certificate that an issuer made has none.
func (c *Check) merged(made []*vault.Exchange) [][]byte {
	merge := scenarios.Last(made)
	c.requireSuccess(merge)
	sent, _ := asked(merge, "x5c").([]any)
	c.Need(len(sent) > 1, "%s", c.needs())
	var chain [][]byte
	for _, item := range sent {
		text, _ := item.(string)
		if der, err := base64.StdEncoding.DecodeString(text); err == nil {
			chain = append(chain, der)
		}
	}
	return chain
}

func companionForms(s *Suite) {
	kept := func(p *scenarios.CompanionForms) companion {
		return companion{p.Kept, p.KeptRead, p.KeptSecret, "sid"}
	}
	keptPEM := func(p *scenarios.CompanionForms) companion {
		return companion{p.KeptPEM, p.KeptPEMRead, p.KeptPEMSecret, "sid"}
	}
	asPEM := func(p *scenarios.CompanionForms) companion {
		return companion{p.PEM, p.PEMRead, p.PEMSecret, "sid"}
	}
	for id, of := range map[string]func(p *scenarios.CompanionForms) companion{
		"companions/not-exportable": kept, "companions/pem-not-exportable": keptPEM,
	} {
		rule(s, id, func(c *Check, p *scenarios.CompanionForms) {
			c.requireContent(of(p))
			c.Expect(of(p).e, match.HoldsNoKey())
		})
	}
	for id, of := range map[string]func(p *scenarios.CompanionForms) companion{
		"companions/not-exportable-leaf": kept, "companions/pem-not-exportable-leaf": keptPEM,
	} {
		rule(s, id, func(c *Check, p *scenarios.CompanionForms) {
			c.requireCompanion(of(p))
			c.Expect(of(p).e, match.HoldsCertificates(c.certificateOf(of(p).read).Raw))
		})
	}
	rule(s, "companions/pem-leaf", func(c *Check, p *scenarios.CompanionForms) {
		c.requireContent(asPEM(p))
		c.Expect(p.PEMSecret, match.HoldsCertificates(c.certificateOf(p.PEMRead).Raw))
	})
	rule(s, "companions/pem-content-type", func(c *Check, p *scenarios.CompanionForms) {
		c.requireCompanion(asPEM(p))
		c.Expect(p.PEMSecret, match.Equal("application/x-pem-file", "contentType"))
	})
	rule(s, "companions/pem-opens", func(c *Check, p *scenarios.CompanionForms) {
		c.requireCompanion(asPEM(p))
		c.Expect(p.PEMSecret, match.Opens(vault.FormPEM))
	})
	rule(s, "companions/pem-key", func(c *Check, p *scenarios.CompanionForms) {
		c.requireContent(asPEM(p))
		c.Expect(p.PEMSecret, match.HoldsKeyOf(c.certificateOf(p.PEMRead)))
		c.Expect(p.PEMSecret, match.KeyIsPKCS8())
	})
	rule(s, "companions/curve", func(c *Check, p *scenarios.CompanionForms) {
		c.requireCompanion(companion{p.PEM, p.PEMRead, p.PEMKey, "kid"})
		certificate := c.certificateOf(p.PEMRead)
		_, elliptic := certificate.PublicKey.(*ecdsa.PublicKey)
		c.requireNeeds(elliptic)
		c.Expect(p.PEMKey, match.CurveOf(certificate.PublicKey))
		c.Expect(p.PEMKey, match.PublicKeyIs(certificate))
	})
	rule(s, "companions/usage", func(c *Check, p *scenarios.CompanionForms) {
		c.requireCompanion(companion{p.Enciphering, p.EncipheringRead, p.EncipheringKey, "kid"})
		c.Expect(p.EncipheringKey, match.Includes([]string{"encrypt", "decrypt"}, "key", "key_ops"))
	})
	rule(s, "companions/usage-signing", func(c *Check, p *scenarios.CompanionForms) {
		c.requireCompanion(companion{p.Signing, p.SigningRead, p.SigningKey, "kid"})
		c.Expect(p.SigningKey, match.Includes([]string{"sign", "verify"}, "key", "key_ops"))
	})
}

func companionImport(s *Suite) {
	imported := func(p *scenarios.CompanionForms) companion {
		return companion{nil, p.Imported, p.ImportedSecret, "sid"}
	}
	rule(s, "companions/import-password", func(c *Check, p *scenarios.CompanionForms) {
		c.Got(p.Imported)
		c.requireCompanion(imported(p))
		c.Expect(p.ImportedSecret, match.Opens(vault.FormPKCS12))
	})
	rule(s, "companions/import-key", func(c *Check, p *scenarios.CompanionForms) {
		c.Got(p.Imported)
		c.requireContent(imported(p))
		c.Expect(p.ImportedSecret, match.HoldsKeyOf(c.certificateOf(p.Imported)))
	})
}
