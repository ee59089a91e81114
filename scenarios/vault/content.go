package vault

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// The forms of the value of a certificate's secret.
const (
	FormPKCS12 = "PKCS#12"
	FormPEM    = "PEM"
)

// Content is what may be known of the value of a secret, which is not kept itself: the certificates, and for each private key
// its public half.
type Content struct {
	// Form is FormPKCS12 or FormPEM; "" if the value is neither.
	Form string `json:"form,omitempty"`
	// Problem says why the value, or a part of it, cannot be read.
	Problem string `json:"problem,omitempty"`
	// Unsupported is true if the value may be right and this build of kvconform cannot read it.
	Unsupported bool `json:"unsupported,omitempty"`
	// Certificates are in DER, in the order of the value.
	Certificates [][]byte `json:"certificates,omitempty"`
	// Keys are the public halves of the private keys, as DER of a SubjectPublicKeyInfo.
	Keys [][]byte `json:"keys,omitempty"`
	// Blocks are the types of the blocks of a PEM.
	Blocks []string `json:"blocks,omitempty"`
}

// ReadContent reads the value of a secret. A PKCS#12 is opened with the empty password.
func ReadContent(value string) *Content {
	if strings.Contains(value, "-----BEGIN ") {
		return readPEM(value)
	}
	file, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return &Content{Problem: "the value is neither PEM nor padded standard base64"}
	}
	if len(file) == 0 || file[0] != 0x30 { // every PKCS#12 is a SEQUENCE
		return &Content{Problem: "the value is base64 of no PKCS#12"}
	}
	content := &Content{Form: FormPKCS12}
	if err := content.open(file); err != nil {
		content.Problem = err.Error()
		var unknown pkcs12.NotImplementedError
		content.Unsupported = errors.As(err, &unknown)
	}
	return content
}

func readPEM(value string) *Content {
	content := &Content{Form: FormPEM}
	problem := func(err error, of string) {
		if err != nil && content.Problem == "" {
			content.Problem = "the block " + of + " cannot be read: " + err.Error()
		}
	}
	rest := []byte(value)
	for {
		block, more := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = more
		content.Blocks = append(content.Blocks, block.Type)
		switch block.Type {
		case "CERTIFICATE":
			_, err := x509.ParseCertificate(block.Bytes)
			problem(err, block.Type)
			content.Certificates = append(content.Certificates, block.Bytes)
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			problem(err, block.Type)
			problem(content.add(key), block.Type)
		case "RSA PRIVATE KEY":
			if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
				problem(content.add(key), block.Type)
			}
		case "EC PRIVATE KEY":
			if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
				problem(content.add(key), block.Type)
			}
		}
	}
	if bytes.Contains(rest, []byte("-----BEGIN ")) {
		content.Problem = "a block breaks off"
	}
	return content
}

// HasKey reports whether the value has a private key, readable or not.
func (c *Content) HasKey() bool {
	return len(c.Keys) > 0 || slices.ContainsFunc(c.Blocks, func(block string) bool { return strings.HasSuffix(block, "PRIVATE KEY") })
}

// add takes the public half of a private key.
func (c *Content) add(key any) error {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil // it could not be parsed, which is a problem already
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return fmt.Errorf("the public key cannot be written: %w", err)
	}
	c.Keys = append(c.Keys, der)
	return nil
}

// onlyCertificates is what go-pkcs12 says of a file that it opened and that has no private key.
const onlyCertificates = "pkcs12: private key missing"

// open reads a PKCS#12 with the empty password: one private key with certificates, or certificates alone.
func (c *Content) open(file []byte) error {
	key, leaf, chain, err := pkcs12.DecodeChain(file, "")
	switch {
	case err == nil:
		if err := c.add(key); err != nil {
			return err
		}
	case err.Error() == onlyCertificates:
		with, err := withKey(file)
		if err != nil {
			return fmt.Errorf("the PKCS#12 has no private key, and its certificates cannot be read: %w", err)
		}
		if _, leaf, chain, err = pkcs12.DecodeChain(with, ""); err != nil {
			return fmt.Errorf("the PKCS#12 has no private key, and its certificates cannot be read: %w", err)
		}
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return errors.New("the empty password does not open the PKCS#12")
	default:
		return fmt.Errorf("the PKCS#12 cannot be read: %w", err)
	}
	for _, certificate := range append([]*x509.Certificate{leaf}, chain...) {
		c.Certificates = append(c.Certificates, certificate.Raw)
	}
	return nil
}

// The parts of a PKCS#12 (RFC 7292) down to its list of safes. One without a MAC opens with the empty password alone.
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      asn1.RawValue `asn1:"optional"`
	}
	pfxWithoutMAC struct {
		Version  int
		AuthSafe contentInfo
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	safeBag struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue `asn1:"tag:0,explicit"`
	}
)

// withKey adds a key of no use to a PKCS#12 of certificates that the empty password opens, because the library returns
// certificates only beside a key.
func withKey(file []byte) ([]byte, error) {
	var whole pfx
	if rest, err := asn1.Unmarshal(file, &whole); err != nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.Join(errors.New("it is no PKCS#12"), err)
	}
	var safes []byte
	if _, err := asn1.Unmarshal(whole.AuthSafe.Content.Bytes, &safes); err != nil {
		return nil, fmt.Errorf("reading its safes: %w", err)
	}
	var list []asn1.RawValue
	if _, err := asn1.Unmarshal(safes, &list); err != nil {
		return nil, fmt.Errorf("reading its safes: %w", err)
	}
	safe, err := keySafe()
	if err != nil {
		return nil, err
	}
	full, err := asn1.Marshal(append(list, asn1.RawValue{FullBytes: safe}))
	if err != nil {
		return nil, fmt.Errorf("writing its safes: %w", err)
	}
	content, err := explicitOctets(full)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(pfxWithoutMAC{Version: whole.Version, AuthSafe: contentInfo{Type: whole.AuthSafe.Type, Content: content}})
}

// keySafe is a safe with a new key that is not encrypted.
func keySafe() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	bags, err := asn1.Marshal([]safeBag{{
		ID:    asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1},
		Value: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der},
	}})
	if err != nil {
		return nil, fmt.Errorf("writing a safe: %w", err)
	}
	content, err := explicitOctets(bags)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, Content: content})
}

// explicitOctets wraps an OCTET STRING in the tag [0].
func explicitOctets(value []byte) (asn1.RawValue, error) {
	octets, err := asn1.Marshal(value)
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("writing a safe: %w", err)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: octets}, nil
}
