package scenarios

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// material is a key pair with its certificate, to be imported.
type material struct {
	key  crypto.Signer
	leaf *x509.Certificate
	// chain is what signed the leaf, without the leaf.
	chain []*x509.Certificate
}

func newECKey() (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making an EC key: %w", err)
	}
	return key, nil
}

// certify makes a certificate for a key, signed by an authority of its own. The template says the rest.
func certify(key crypto.Signer, template *x509.Certificate, now time.Time) (*material, error) {
	authority, err := NewAuthority(now)
	if err != nil {
		return nil, err
	}
	der, err := authority.issue(template, key.Public())
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return &material{key: key, leaf: leaf, chain: []*x509.Certificate{authority.certificate}}, nil
}

// pfx is an import of the leaf with its key, and with the chain where that is wanted.
func (m *material) pfx(password string, withChain bool) (vault.ImportParameters, error) {
	var chain []*x509.Certificate
	if withChain {
		chain = m.chain
	}
	// The older ciphers, for vaults that stand on an older library; those that know the newer ones read these as well.
	file, err := pkcs12.LegacyDES.Encode(m.key, m.leaf, chain, password)
	if err != nil {
		return vault.ImportParameters{}, fmt.Errorf("writing a PFX: %w", err)
	}
	certificates := [][]byte{m.leaf.Raw}
	for _, above := range chain {
		certificates = append(certificates, above.Raw)
	}
	return vault.ImportParameters{
		Value: base64.StdEncoding.EncodeToString(file), Password: password, Certificates: certificates, Throwaway: true,
	}, nil
}

// modernPFX is an import of the leaf with its key in a PFX as today's tools write it, with the ciphers of PBES2.
func (m *material) modernPFX(password string) (vault.ImportParameters, error) {
	file, err := pkcs12.Modern2023.Encode(m.key, m.leaf, nil, password)
	if err != nil {
		return vault.ImportParameters{}, fmt.Errorf("writing a PFX: %w", err)
	}
	return vault.ImportParameters{
		Value: base64.StdEncoding.EncodeToString(file), Password: password, Certificates: [][]byte{m.leaf.Raw}, Throwaway: true,
	}, nil
}

// pemFile is an import of the leaf as PEM, followed by a block with the key unless that is empty.
func (m *material) pemFile(keyType string, key []byte) vault.ImportParameters {
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.leaf.Raw}))
	if len(key) > 0 {
		text += string(pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: key}))
	}
	return vault.ImportParameters{
		Value:        text,
		Policy:       &vault.Policy{SecretProperties: &vault.SecretProperties{ContentType: "application/x-pem-file"}},
		Certificates: [][]byte{m.leaf.Raw},
		Throwaway:    true,
	}
}

// pkcs8 is the key as an unencrypted PKCS#8 structure.
func (m *material) pkcs8() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(m.key)
	if err != nil {
		return nil, fmt.Errorf("writing a key as PKCS#8: %w", err)
	}
	return der, nil
}

// pkcs1 is an RSA key as a PKCS#1 structure, empty for any other key.
func (m *material) pkcs1() []byte {
	if key, ok := m.key.(*rsa.PrivateKey); ok {
		return x509.MarshalPKCS1PrivateKey(key)
	}
	return nil
}
