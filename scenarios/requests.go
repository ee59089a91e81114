package scenarios

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// The issuer names that every vault knows without an issuer object.
const (
	// Unknown leaves the signing to the client.
	Unknown = "Unknown"
	// Self makes the vault sign with the certificate's own key.
	Self = "Self"
)

// requestOf is a create with a policy of the least members: a subject and an issuer.
func requestOf(subject, issuer string) vault.CreateParameters {
	policy := &vault.Policy{X509Properties: &vault.X509Properties{Subject: subject}}
	if issuer != "" {
		policy.Issuer = &vault.Issuer{Name: issuer}
	}
	return vault.CreateParameters{Policy: policy}
}

// ManualRequest is a create whose certificate the client has signed itself: issuer Unknown.
func ManualRequest(subject string) vault.CreateParameters { return requestOf(subject, Unknown) }

// IssuerRequest is a create that an issuer of the vault signs.
func IssuerRequest(subject, issuer string) vault.CreateParameters { return requestOf(subject, issuer) }

// PEM is an import of a new self-signed certificate with its key, as PEM text.
func (env *Env) PEM(subject string) (vault.ImportParameters, error) {
	return pemOf(subject, env.Clock.Now())
}

// pemOf is PEM of a certificate that was made at a time.
func pemOf(subject string, made time.Time) (vault.ImportParameters, error) {
	key, certificate, err := selfSigned(subject, made)
	if err != nil {
		return vault.ImportParameters{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return vault.ImportParameters{}, fmt.Errorf("writing a key as PKCS#8: %w", err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	return vault.ImportParameters{
		Value: text,
		Policy: &vault.Policy{
			KeyProperties:    &vault.KeyProperties{KeyType: "EC", Curve: "P-256"},
			SecretProperties: &vault.SecretProperties{ContentType: "application/x-pem-file"},
		},
		Certificates: [][]byte{certificate.Raw},
		Throwaway:    true,
	}, nil
}

// selfSigned makes a certificate for 90 days, to be imported. The subject is CN=… alone.
func selfSigned(subject string, now time.Time) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: strings.TrimPrefix(subject, "CN=")},
		NotBefore:    now.Add(-time.Hour).UTC().Truncate(time.Second),
		NotAfter:     now.AddDate(0, 0, 90).UTC().Truncate(time.Second),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("signing a certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return key, certificate, nil
}
