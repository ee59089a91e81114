package scenarios

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Authority is a certificate authority to throw away: it signs what the vault requests, as the CA of a user would.
type Authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

// NewAuthority makes an authority whose certificates are valid from an hour before now.
func NewAuthority(now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "kvconform throw-away CA"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(1, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the authority's certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the authority's certificate: %w", err)
	}
	return &Authority{key: key, certificate: certificate}, nil
}

// Certificate is the authority's own certificate in DER.
func (a *Authority) Certificate() []byte { return a.certificate.Raw }

// Sign issues a leaf for a public key and a subject in DER, valid for 90 days from an hour before now.
func (a *Authority) Sign(public crypto.PublicKey, rawSubject []byte, now time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: serial,
		RawSubject:   rawSubject,
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(0, 0, 90),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.certificate, public, a.key)
	if err != nil {
		return nil, fmt.Errorf("signing a leaf: %w", err)
	}
	return der, nil
}

// SignRequest signs the request of an operation as a user's CA would: a leaf for the CSR's key and subject. It reads no
// more of the CSR than that, so that a fault elsewhere in it hides nothing else. Where not even that can be read the leaf
// is for a key of the client's own: a vault that takes it shows what a merge does, and one that refuses it is right, which
// Signable tells.
func (env *Env) SignRequest(a *Authority, responses ...*vault.Exchange) ([]byte, error) {
	request, err := readRequest(responses...)
	if err != nil {
		return env.foreignLeaf(responses...)
	}
	leaf, err := a.Sign(request.key, request.subject, env.Clock.Now())
	if err != nil {
		return nil, env.unsignable(responses[0], err)
	}
	return leaf, nil
}

func (env *Env) unsignable(e *vault.Exchange, err error) error {
	const want = "a csr that a CA can sign"
	return &Unreached{Reason: fmt.Sprintf("needs %s to return %s; %v", e.Operation, want, err), Exchange: e, Want: want}
}

// Signable reports whether the csr of the first of some responses that has one can be signed: a merge was then made for the
// key that the vault asked for.
func Signable(responses ...*vault.Exchange) bool {
	_, err := readRequest(responses...)
	return err == nil
}

// SignOnce signs the request of an operation by an authority made for it alone. It returns the leaf and the authority's
// own certificate.
func (env *Env) SignOnce(responses ...*vault.Exchange) (leaf, authority []byte, err error) {
	ca, err := NewAuthority(env.Clock.Now())
	if err != nil {
		return nil, nil, err
	}
	if leaf, err = env.SignRequest(ca, responses...); err != nil {
		return nil, nil, err
	}
	return leaf, ca.Certificate(), nil
}
