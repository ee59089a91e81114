package refvault

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// maxPassword is the documented limit, in characters.
const maxPassword = 200

type importParameters struct {
	Value             string              `json:"value"`
	Password          string              `json:"pwd"`
	Policy            *policy             `json:"policy"`
	Attributes        requestedAttributes `json:"attributes"`
	Tags              map[string]string   `json:"tags"`
	PreserveCertOrder *bool               `json:"preserveCertOrder"`
}

// importCertificate is ImportCertificate. It is done at once and leaves no operation, not even one that was over.
func (v *Vault) importCertificate(c *call) (*response, error) {
	var body importParameters
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	if body.Value == "" {
		return nil, badParameter("The member value is required.")
	}
	if len([]rune(body.Password)) > maxPassword {
		return nil, badParameter("The member pwd is longer than %d characters.", maxPassword)
	}
	if err := checkTags(body.Tags); err != nil {
		return nil, err
	}
	cert := v.named(c.name, c.now)
	if err := v.refuseOverwriting(cert); err != nil {
		return nil, err
	}
	if err := v.refuseTaken(cert, c.name); err != nil {
		return nil, err
	}
	content, err := readImport(body.Value, body.Password)
	if err != nil {
		return nil, badParameter("The member value is not valid: %v.", err)
	}
	if content.leaf.NotAfter.Before(c.now) {
		return nil, badParameter("The member value is not valid: the certificate expired on %s.",
			content.leaf.NotAfter.Format(time.DateOnly))
	}
	derived, err := content.policy(body.Policy)
	if err != nil {
		return nil, badParameter("The member policy does not fit the certificate: %v.", err)
	}
	if _, err := v.outcomeOf(derived.Issuer.Name); err != nil {
		return nil, err
	}
	imported, err := v.newVersion(content.leaf.Raw, content.key, c.now)
	if err != nil {
		return nil, err
	}
	imported.enabled = body.Attributes.Enabled == nil || *body.Attributes.Enabled
	imported.tags = maps.Clone(body.Tags)
	imported.keepOrder = body.PreserveCertOrder
	imported.kept = derived.kept()
	imported.kept.Chain = content.chain
	if cert == nil {
		cert = &certificate{name: c.name, rsaKeys: keySet{}}
		v.certificates[strings.ToLower(c.name)] = cert
	}
	if key, isRSA := content.key.(*rsa.PrivateKey); isRSA {
		cert.rsaKeys.add(key)
	}
	derived.stamp(cert.policy, c.now)
	cert.policy = derived
	cert.add(imported)
	cert.forget()
	return ok(v.currentBundle(c, cert)), nil
}

// importContent is what an import brought: the certificate, its private key and the form that they came in.
type importContent struct {
	leaf        *x509.Certificate
	chain       [][]byte // all certificates in DER, as they were sent
	key         crypto.Signer
	contentType string
}

func readImport(value, password string) (*importContent, error) {
	if strings.Contains(value, "-----BEGIN ") {
		return readPEM([]byte(value))
	}
	der, err := anyBase64(value)
	if err != nil {
		return nil, errors.New("it is neither base64 nor PEM")
	}
	// The service calls both PEM and base64 of PEM accepted formats (Azure-Samples/ms-identity-python-daemon#21, 2023); the
	// Python client library sends the latter.
	if bytes.Contains(der, []byte("-----BEGIN ")) {
		return readPEM(der)
	}
	return readPKCS12(der, password)
}

// anyBase64 takes both alphabets, with padding and without: early clients sent base64url.
func anyBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/", "\r", "", "\n", "", "=", "").Replace(text)
	der, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("decoding base64: %w", err)
	}
	return der, nil
}

func readPKCS12(der []byte, password string) (*importContent, error) {
	key, leaf, chain, err := pkcs12.DecodeChain(der, password)
	if err != nil {
		return nil, fmt.Errorf("it is no PKCS#12 that the password opens: %w", err)
	}
	return newImportContent(key, append([]*x509.Certificate{leaf}, chain...), contentPKCS12)
}

// readPEM takes certificates and one PKCS#8 key that is not encrypted, in any order.
func readPEM(text []byte) (*importContent, error) {
	var key any
	var certs []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("a certificate in it cannot be read: %w", err)
			}
			certs = append(certs, cert)
		case "PRIVATE KEY":
			if key != nil {
				return nil, errors.New("it holds more than one private key")
			}
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("the private key in it is no PKCS#8: %w", err)
			}
			key = parsed
		default:
			return nil, fmt.Errorf("it holds a block %q; the private key has to be PKCS#8 without encryption", block.Type)
		}
	}
	return newImportContent(key, certs, contentPEM)
}

// newImportContent picks the certificate that the key is for.
func newImportContent(key any, certs []*x509.Certificate, contentType string) (*importContent, error) {
	signer, isSigner := key.(crypto.Signer)
	if !isSigner {
		return nil, errors.New("it holds no private key")
	}
	var chain [][]byte
	for _, cert := range certs {
		chain = append(chain, cert.Raw)
	}
	for _, cert := range certs {
		if samePublicKey(cert.PublicKey, signer.Public()) {
			return &importContent{leaf: cert, chain: chain, key: signer, contentType: contentType}, nil
		}
	}
	return nil, errors.New("it holds no certificate for its private key")
}

// policy derives a policy from the certificate. Of the policy sent, nil for none, it takes what an X.509 certificate
// does not tell, and refuses what contradicts it; the subject and other X.509 properties are not looked at.
func (content *importContent) policy(sent *policy) (*policy, error) {
	derived, err := content.x509Policy()
	if err != nil {
		return nil, err
	}
	if sent == nil {
		sent = &policy{}
	}
	if k := sent.KeyProps; k != nil {
		if err := derived.KeyProps.refuseOther(k); err != nil {
			return nil, err
		}
		derived.KeyProps.Exportable, derived.KeyProps.ReuseKey = k.Exportable, k.ReuseKey
	}
	if s := sent.SecretProps; s != nil && s.ContentType != "" && s.ContentType != content.contentType {
		return nil, fmt.Errorf("the content is %s, not %s", content.contentType, s.ContentType)
	}
	derived.Issuer, derived.LifetimeActions, derived.Attributes = sent.Issuer, sent.LifetimeActions, sent.Attributes
	for _, complete := range []func() error{
		derived.completeIssuer, derived.completeKey, derived.completeLifetime,
	} {
		if err := complete(); err != nil {
			return nil, err
		}
	}
	return derived, nil
}

// refuseOther compares a key that is there with one that a policy asks for.
func (k *keyProps) refuseOther(asked *keyProps) error {
	switch {
	case asked.Type != "" && asked.Type != k.Type:
		return fmt.Errorf("the key is %s, not %s", k.Type, asked.Type)
	case asked.Size != nil && *asked.Size != *k.Size:
		return fmt.Errorf("the key has %d bits, not %d", *k.Size, *asked.Size)
	case asked.Curve != "" && asked.Curve != k.Curve:
		return fmt.Errorf("the key is on the curve %q, not %s", k.Curve, asked.Curve)
	}
	return nil
}

func (content *importContent) x509Policy() (*policy, error) {
	key, err := publicKeyProps(content.leaf.PublicKey)
	if err != nil {
		return nil, err
	}
	subject, err := subjectText(content.leaf.RawSubject)
	if err != nil {
		return nil, err
	}
	months := validityMonths(content.leaf)
	return &policy{
		KeyProps:    &key,
		SecretProps: &secretProps{ContentType: content.contentType},
		X509Props: &x509Props{
			Subject:          subject,
			SANs:             alternativeNames(content.leaf),
			EKUs:             extendedKeyUsages(content.leaf),
			KeyUsage:         keyUsageNames(content.leaf.KeyUsage),
			ValidityMonths:   &months,
			BasicConstraints: &basicConstraints{CA: content.leaf.IsCA},
		},
	}, nil
}

// validityMonths counts the whole months of a certificate's life, at least one.
func validityMonths(cert *x509.Certificate) int {
	months := 1
	for months < maxMonths && !addMonths(cert.NotBefore, months+1).After(cert.NotAfter) {
		months++
	}
	return months
}

func alternativeNames(cert *x509.Certificate) *subjectAlternativeNames {
	sans := &subjectAlternativeNames{
		Emails: cert.EmailAddresses, DNSNames: cert.DNSNames, UPNs: principalNames(cert),
	}
	for _, uri := range cert.URIs {
		sans.URIs = append(sans.URIs, uri.String())
	}
	for _, address := range cert.IPAddresses {
		sans.IPAddresses = append(sans.IPAddresses, address.String())
	}
	if sans.empty() {
		return nil
	}
	return sans
}

// extendedKeyUsages reads the object identifiers themselves, which crypto/x509 keeps only for those unknown to it.
func extendedKeyUsages(cert *x509.Certificate) []string {
	usages := []string{}
	for _, extension := range cert.Extensions {
		if !extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37}) {
			continue
		}
		var oids []asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(extension.Value, &oids); err != nil {
			continue // it was parsed before
		}
		for _, oid := range oids {
			usages = append(usages, oid.String())
		}
	}
	return usages
}
