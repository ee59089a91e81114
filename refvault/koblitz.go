package refvault

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	koblitz "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// The standard library knows no X.509 for the curve P-256K, so a vault that offers it signs the request by itself. It cannot
// certify such a key: that is left to whoever signs a manual request.

// koblitzKey is a private key on P-256K.
type koblitzKey struct{ private *secp256k1.PrivateKey }

// koblitzPublic is a public key on P-256K, as a SubjectPublicKeyInfo in DER.
type koblitzPublic []byte

// Equal reports whether two keys are the same.
func (k koblitzPublic) Equal(other crypto.PublicKey) bool {
	key, ok := other.(koblitzPublic)
	return ok && bytes.Equal(k, key)
}

func newKoblitzKey() (koblitzKey, error) {
	private, err := secp256k1.GeneratePrivateKey()
	if err != nil {
		return koblitzKey{}, fmt.Errorf("making a key on P-256K: %w", err)
	}
	return koblitzKey{private}, nil
}

// Public returns the public key.
func (k koblitzKey) Public() crypto.PublicKey {
	curve, err := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 132, 0, 10})
	if err != nil {
		panic(fmt.Sprintf("writing the curve P-256K: %v", err)) // it is a constant
	}
	point := k.private.PubKey().SerializeUncompressed()
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, Parameters: asn1.RawValue{FullBytes: curve}},
		asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	})
	if err != nil {
		panic(fmt.Sprintf("writing a key on P-256K: %v", err)) // nothing in it can be without form
	}
	return koblitzPublic(der)
}

// Sign signs a digest of 32 bytes.
func (k koblitzKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	return koblitz.Sign(k.private, digest).Serialize(), nil
}

// pkcs10 returns the DER of a signing request. The standard library writes it for another key, whose place this key takes.
func (k koblitzKey) pkcs10(request *x509.CertificateRequest) ([]byte, error) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key on P-256: %w", err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, request, other)
	if err != nil {
		return nil, fmt.Errorf("making the signing request: %w", err)
	}
	var outer struct {
		TBS struct {
			Version    int
			Subject    asn1.RawValue
			Key        asn1.RawValue
			Attributes asn1.RawValue
		}
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("reading the signing request: %w", err)
	}
	outer.TBS.Key = asn1.RawValue{FullBytes: k.Public().(koblitzPublic)} //nolint:forcetypeassert // as made above
	toSign, err := asn1.Marshal(outer.TBS)
	if err != nil {
		return nil, fmt.Errorf("writing the signing request: %w", err)
	}
	digest := sha256.Sum256(toSign)
	signature, err := k.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	outer.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	if der, err = asn1.Marshal(outer); err != nil {
		return nil, fmt.Errorf("writing the signing request: %w", err)
	}
	return der, nil
}
