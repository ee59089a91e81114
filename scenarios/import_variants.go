package scenarios

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// These keys were made once, because making an RSA key takes as long as a hundred requests and a large one as long as a run.
// They are in PKCS#8, anybody may know them, and they protect nothing. No play looks at the keys of another.
var (
	//go:embed keys/rsa2048.der
	rsa2048 []byte
	//go:embed keys/rsa3072.der
	rsa3072 []byte
	//go:embed keys/rsa4096.der
	rsa4096 []byte
	// The second file is the key of the first one, encrypted with a password.
	//go:embed keys/ec256.der
	ec256 []byte
	//go:embed keys/ec256-encrypted.der
	ec256Encrypted []byte
)

// ImportVariants imports files that differ in their key, in their password or in their chain, each under a name of its own.
// All but the last are legal.
type ImportVariants struct {
	// Plain and PlainPEM are the common forms, with an EC key on P-256.
	Plain      *vault.Exchange
	PlainPEM   *vault.Exchange
	RSA3072    *vault.Exchange
	RSA4096    *vault.Exchange
	P384       *vault.Exchange
	P521       *vault.Exchange
	NoPassword *vault.Exchange
	PEMChain   *vault.Exchange
	PEM384     *vault.Exchange
	PEM521     *vault.Exchange
	// Encrypted is a PEM with an encrypted key, which no vault can read.
	Encrypted *vault.Exchange
	// Tagged is an import of a certificate for five months, with tags; Untagged imports another one under its name without.
	Tagged       *vault.Exchange
	Untagged     *vault.Exchange
	UntaggedRead *vault.Exchange
}

// Play leaves the policy out where the format does not need one, since the vault makes it from the file.
func (p *ImportVariants) Play(ctx context.Context, env *Env) error {
	for _, variant := range []struct {
		purpose string
		step    **vault.Exchange
		key     func() (crypto.Signer, error)
		file    func(made *material) (vault.ImportParameters, error)
	}{
		{"variant", &p.Plain, newECKey, pfxWith(importPassword)},
		{"variantpem", &p.PlainPEM, newECKey, plainPEM},
		{"variant3072", &p.RSA3072, known(rsa3072), pfxWith(importPassword)},
		{"variant4096", &p.RSA4096, known(rsa4096), pfxWith(importPassword)},
		{"variant384", &p.P384, newKeyOn(elliptic.P384()), pfxWith(importPassword)},
		{"variant521", &p.P521, newKeyOn(elliptic.P521()), pfxWith(importPassword)},
		{"variantopen", &p.NoPassword, newECKey, pfxWith("")},
		{"variantchain", &p.PEMChain, newECKey, (*material).pemChain},
		{"variantpem384", &p.PEM384, newKeyOn(elliptic.P384()), plainPEM},
		{"variantpem521", &p.PEM521, newKeyOn(elliptic.P521()), plainPEM},
		{"variantencrypted", &p.Encrypted, known(ec256), func(made *material) (vault.ImportParameters, error) {
			return made.pemFile("ENCRYPTED PRIVATE KEY", ec256Encrypted), nil
		}},
	} {
		name, err := env.Name(variant.purpose)
		if err != nil {
			return err
		}
		key, err := variant.key()
		if err != nil {
			return err
		}
		now := env.Clock.Now()
		made, err := certify(key, importTemplate("variant.example.com", now), now)
		if err != nil {
			return err
		}
		file, err := variant.file(made)
		if err != nil {
			return err
		}
		*variant.step = env.Vault.ImportCertificate(ctx, name, file)
	}
	return p.tags(ctx, env)
}

// tags imports a certificate with tags, and the next one under the same name without.
func (p *ImportVariants) tags(ctx context.Context, env *Env) error {
	name, err := env.Name("varianttagged")
	if err != nil {
		return err
	}
	for _, version := range []struct {
		tags map[string]string
		step **vault.Exchange
	}{{map[string]string{"version": "first"}, &p.Tagged}, {nil, &p.Untagged}} {
		key, err := newECKey()
		if err != nil {
			return err
		}
		now := env.Clock.Now()
		template := importTemplate("tagged.example.com", now)
		template.NotAfter = now.AddDate(0, 5, 0).UTC().Truncate(time.Second)
		made, err := certify(key, template, now)
		if err != nil {
			return err
		}
		file, err := made.pfx(importPassword, false)
		if err != nil {
			return err
		}
		file.Tags = version.tags
		*version.step = env.Vault.ImportCertificate(ctx, name, file)
	}
	p.UntaggedRead = env.Vault.GetCertificate(ctx, name)
	return nil
}

// pfxWith writes a PFX with a password; an empty one is left out of the request.
func pfxWith(password string) func(made *material) (vault.ImportParameters, error) {
	return func(made *material) (vault.ImportParameters, error) { return made.pfx(password, false) }
}

// plainPEM writes PEM of the leaf and its key.
func plainPEM(made *material) (vault.ImportParameters, error) { return asPEM(made, "") }

// pemChain is PEM of the leaf, its key and the certificates above it.
func (m *material) pemChain() (vault.ImportParameters, error) {
	file, err := asPEM(m, "")
	for _, above := range m.chain {
		file.Value += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: above.Raw}))
		file.Certificates = append(file.Certificates, above.Raw)
	}
	return file, err
}

// known reads a key that was made before.
func known(der []byte) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) {
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, fmt.Errorf("reading a key: %w", err)
		}
		return key.(crypto.Signer), nil //nolint:forcetypeassert // as it was written
	}
}

func newKeyOn(curve elliptic.Curve) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making an EC key: %w", err)
		}
		return key, nil
	}
}
