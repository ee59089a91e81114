package refvault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// backdating is how long before its making a certificate becomes valid, so that clocks that lag accept it.
const backdating = 600 * time.Second

// A certificateRequest is what a policy asks of whoever signs.
type certificateRequest struct {
	subject    []byte // DER, not empty even if it names nothing
	extensions []pkix.Extension
	months     int
}

func newCertificateRequest(p *policy) (*certificateRequest, error) {
	subject, err := encodeSubject(p.X509Props.Subject)
	if err != nil {
		return nil, err
	}
	const emptySequence = 2 // bytes
	extensions, err := requestedExtensions(p.X509Props, len(subject) == emptySequence)
	if err != nil {
		return nil, err
	}
	return &certificateRequest{subject: subject, extensions: extensions, months: *p.X509Props.ValidityMonths}, nil
}

// pkcs10 returns the DER of the signing request for key, after edit, if there is one.
func (q *certificateRequest) pkcs10(key crypto.Signer, edit func(*x509.CertificateRequest)) ([]byte, error) {
	if known, ok := key.(remembered); ok && edit == nil {
		return known.request(q, func() ([]byte, error) { return q.signed(key, nil) })
	}
	return q.signed(key, edit)
}

// signed makes the DER of the signing request.
func (q *certificateRequest) signed(key crypto.Signer, edit func(*x509.CertificateRequest)) ([]byte, error) {
	request := &x509.CertificateRequest{RawSubject: q.subject, ExtraExtensions: slices.Clone(q.extensions)}
	if edit != nil {
		edit(request)
	}
	if odd, ok := key.(koblitzKey); ok {
		return odd.pkcs10(request)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, request, key)
	if err != nil {
		return nil, fmt.Errorf("making the signing request: %w", err)
	}
	return der, nil
}

func (q *certificateRequest) validity(now time.Time) (notBefore, notAfter time.Time) {
	now = now.UTC().Truncate(time.Second)
	return now.Add(-backdating), addMonths(now, q.months)
}

// addMonths counts calendar months; where the month is too short for the day, its last day counts.
func addMonths(t time.Time, months int) time.Time {
	moved := t.AddDate(0, months, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

func (q *certificateRequest) template(public crypto.PublicKey, ids *idSource, now time.Time) (*x509.Certificate, error) {
	identifier, err := keyIdentifier(public)
	if err != nil {
		return nil, err
	}
	notBefore, notAfter := q.validity(now)
	return &x509.Certificate{
		SerialNumber:    serialNumber(ids),
		RawSubject:      q.subject,
		NotBefore:       notBefore,
		NotAfter:        notAfter,
		SubjectKeyId:    identifier,
		AuthorityKeyId:  identifier, // overridden where somebody else signs
		ExtraExtensions: q.extensions,
	}, nil
}

// selfSign issues the certificate with its own key and returns its DER.
func (q *certificateRequest) selfSign(key crypto.Signer, ids *idSource, now time.Time) ([]byte, error) {
	template, err := q.template(key.Public(), ids, now)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate with its own key: %w", err)
	}
	return der, nil
}

// An authority is the one CA behind all simulated issuers.
type authority struct {
	key  crypto.Signer
	cert *x509.Certificate
}

func newAuthority(ids *idSource, now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the issuers' CA: %w", err)
	}
	identifier, err := keyIdentifier(key.Public())
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serialNumber(ids),
		Subject:               pkix.Name{CommonName: "Reference Vault Issuing CA", Organization: []string{"kvconform"}},
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.AddDate(100, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		SubjectKeyId:          identifier,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the issuers' CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("making the issuers' CA: %w", err)
	}
	return &authority{key: key, cert: cert}, nil
}

// sign issues a certificate for public and returns its DER.
func (a *authority) sign(q *certificateRequest, public crypto.PublicKey, ids *idSource, now time.Time) ([]byte, error) {
	template, err := q.template(public, ids, now)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, public, a.key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate: %w", err)
	}
	return der, nil
}

func serialNumber(ids *idSource) *big.Int {
	b := ids.bytes(16)
	b[0] = b[0]&0x7f | 0x40 // positive, and always of the same length
	return new(big.Int).SetBytes(b)
}

// keyIdentifier is the hash of the key's bits, without their algorithm (RFC 5280 4.2.1.2, method 1).
func keyIdentifier(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("reading the public key back: %w", err)
	}
	sum := sha1.Sum(info.Key.Bytes)
	return sum[:], nil
}

// samePublicKey compares keys whatever their type.
func samePublicKey(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

// publicKeyProps describes a key in the words of a policy, or tells why the vault cannot hold it.
func publicKeyProps(public crypto.PublicKey) (keyProps, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); isRSASize(bits) {
			return keyProps{Type: "RSA", Size: &bits}, nil
		}
		return keyProps{}, fmt.Errorf("an RSA key of %d bits is not supported", key.N.BitLen())
	case *ecdsa.PublicKey:
		for _, c := range curves() {
			if c.curve == key.Curve {
				bits := c.bits
				return keyProps{Type: "EC", Size: &bits, Curve: c.name}, nil
			}
		}
		return keyProps{}, fmt.Errorf("an EC key on the curve %s is not supported", key.Curve.Params().Name)
	}
	return keyProps{}, fmt.Errorf("a key of the type %T is not supported", public)
}
