package match

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// The parsers of crypto/x509 refuse a whole certificate or request for one extension that they cannot read, for a serial
// number that is negative or for a key on a curve that they do not know. What follows reads the outer structure by
// itself, so that only the rule about an extension fails by that extension.

// parseCertificate reads an X.509 certificate, as crypto/x509 does where that can.
func parseCertificate(der []byte) (*x509.Certificate, error) {
	certificate, strict := x509.ParseCertificate(der)
	if strict == nil {
		return certificate, nil
	}
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var tbs struct {
		Version    int `asn1:"optional,explicit,default:0,tag:0"`
		Serial     *big.Int
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		Validity   struct{ NotBefore, NotAfter time.Time }
		Subject    asn1.RawValue
		Key        asn1.RawValue
		IssuerID   asn1.BitString   `asn1:"optional,tag:1"`
		SubjectID  asn1.BitString   `asn1:"optional,tag:2"`
		Extensions []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
	}
	if err := whole(der, &outer); err != nil {
		return nil, strict
	}
	if err := whole(outer.TBS.FullBytes, &tbs); err != nil {
		return nil, strict
	}
	read := &x509.Certificate{
		Raw: der, RawTBSCertificate: outer.TBS.FullBytes, RawSubject: tbs.Subject.FullBytes, RawIssuer: tbs.Issuer.FullBytes,
		RawSubjectPublicKeyInfo: tbs.Key.FullBytes, Version: tbs.Version + 1, SerialNumber: tbs.Serial,
		NotBefore: tbs.Validity.NotBefore, NotAfter: tbs.Validity.NotAfter, Extensions: tbs.Extensions,
		Signature: outer.Signature.RightAlign(), SignatureAlgorithm: signatureAlgorithm(outer.Algorithm.Algorithm),
	}
	var err error
	if read.Subject, err = nameIn(tbs.Subject.FullBytes); err != nil {
		return nil, strict
	}
	if read.Issuer, err = nameIn(tbs.Issuer.FullBytes); err != nil {
		return nil, strict
	}
	if read.PublicKey, err = keyIn(tbs.Key.FullBytes); err != nil {
		return nil, strict
	}
	read.DNSNames, read.KeyUsage = dnsNames(tbs.Extensions), keyUsage(tbs.Extensions)
	return read, nil
}

// parseRequest reads a PKCS#10 request, as crypto/x509 does where that can.
func parseRequest(der []byte) (*x509.CertificateRequest, error) {
	request, strict := x509.ParseCertificateRequest(der)
	if strict == nil {
		return request, nil
	}
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var tbs struct {
		Version    int
		Subject    asn1.RawValue
		Key        asn1.RawValue
		Attributes []asn1.RawValue `asn1:"tag:0,set"`
	}
	if err := whole(der, &outer); err != nil {
		return nil, strict
	}
	if err := whole(outer.TBS.FullBytes, &tbs); err != nil {
		return nil, strict
	}
	read := &x509.CertificateRequest{
		Raw: der, RawTBSCertificateRequest: outer.TBS.FullBytes, RawSubject: tbs.Subject.FullBytes,
		RawSubjectPublicKeyInfo: tbs.Key.FullBytes, Version: tbs.Version, Extensions: requested(tbs.Attributes),
		Signature: outer.Signature.RightAlign(), SignatureAlgorithm: signatureAlgorithm(outer.Algorithm.Algorithm),
	}
	var err error
	if read.Subject, err = nameIn(tbs.Subject.FullBytes); err != nil {
		return nil, strict
	}
	if read.PublicKey, err = keyIn(tbs.Key.FullBytes); err != nil {
		return nil, strict
	}
	read.DNSNames = dnsNames(read.Extensions)
	return read, nil
}

// whole unmarshals one value that nothing follows.
func whole(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow", len(rest))
	}
	return err
}

func nameIn(der []byte) (pkix.Name, error) {
	var sequence pkix.RDNSequence
	var name pkix.Name
	if err := whole(der, &sequence); err != nil {
		return name, err
	}
	name.FillFromRDNSequence(&sequence)
	return name, nil
}

// requested are the extensions that a request asks for in its attribute extensionRequest.
func requested(attributes []asn1.RawValue) []pkix.Extension {
	for _, raw := range attributes {
		var attribute struct {
			Type   asn1.ObjectIdentifier
			Values [][]pkix.Extension `asn1:"set"`
		}
		if whole(raw.FullBytes, &attribute) == nil && attribute.Type.String() == "1.2.840.113549.1.9.14" && len(attribute.Values) > 0 {
			return attribute.Values[0]
		}
	}
	return nil
}

// dnsNames are the DNS names that can be read of the extension of alternative names.
func dnsNames(extensions []pkix.Extension) []string {
	var names []string
	for _, extension := range extensions {
		var values []asn1.RawValue
		if extension.Id.String() != "2.5.29.17" || whole(extension.Value, &values) != nil {
			continue
		}
		for _, value := range values {
			if value.Class == asn1.ClassContextSpecific && value.Tag == 2 {
				names = append(names, string(value.Bytes))
			}
		}
	}
	return names
}

func keyUsage(extensions []pkix.Extension) x509.KeyUsage {
	var usage x509.KeyUsage
	for _, extension := range extensions {
		var bits asn1.BitString
		if extension.Id.String() != "2.5.29.15" || whole(extension.Value, &bits) != nil {
			continue
		}
		for i := range 9 {
			usage |= x509.KeyUsage(bits.At(i)) << i
		}
	}
	return usage
}

// OddKey is a public key of a kind that this build cannot compute with.
type OddKey struct {
	Kind string
	der  []byte
}

// Equal reports whether two keys are written alike.
func (k OddKey) Equal(other crypto.PublicKey) bool {
	key, ok := other.(OddKey)
	return ok && bytes.Equal(k.der, key.der)
}

// keyIn reads a SubjectPublicKeyInfo; a key of an unknown kind is an OddKey.
func keyIn(der []byte) (crypto.PublicKey, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err == nil {
		return key, nil
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if err := whole(der, &info); err != nil {
		return nil, err
	}
	kind := info.Algorithm.Algorithm.String()
	var curve asn1.ObjectIdentifier
	if kind == "1.2.840.10045.2.1" && whole(info.Algorithm.Parameters.FullBytes, &curve) == nil {
		kind = "EC " + curve.String()
		if curve.String() == "1.3.132.0.10" {
			kind = "EC P-256K"
		}
	}
	return OddKey{Kind: kind, der: der}, nil
}

func signatureAlgorithm(oid asn1.ObjectIdentifier) x509.SignatureAlgorithm {
	return map[string]x509.SignatureAlgorithm{
		"1.2.840.113549.1.1.11": x509.SHA256WithRSA, "1.2.840.113549.1.1.12": x509.SHA384WithRSA,
		"1.2.840.113549.1.1.13": x509.SHA512WithRSA, "1.2.840.10045.4.3.2": x509.ECDSAWithSHA256,
		"1.2.840.10045.4.3.3": x509.ECDSAWithSHA384, "1.2.840.10045.4.3.4": x509.ECDSAWithSHA512,
	}[oid.String()]
}

// signature judges a signature made with a public key. Where this build cannot verify it, the rule is not judged.
func signature(expected, member string, key crypto.PublicKey, algorithm x509.SignatureAlgorithm, verify func() error) *Failure {
	if odd, ok := key.(OddKey); ok {
		return &Failure{Expected: expected, Got: "a key of the kind " + odd.Kind, Member: member, Unreadable: true}
	}
	if algorithm == x509.UnknownSignatureAlgorithm {
		return &Failure{Expected: expected, Got: "a signature of an algorithm that it does not know", Member: member, Unreadable: true}
	}
	if err := verify(); err != nil {
		return &Failure{Expected: expected, Got: fmt.Sprintf("its own key does not verify the signature: %v", err), Member: member}
	}
	return nil
}

// plain is an error of parsing in the words of a reader who does not know Go's parser.
func plain(err error) error {
	var structural asn1.StructuralError
	var syntax asn1.SyntaxError
	switch {
	case errors.As(err, &structural):
		return errors.New("it is DER of something else, or no DER")
	case errors.As(err, &syntax):
		return errors.New("its DER is broken")
	default:
		return err
	}
}
