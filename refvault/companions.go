package refvault

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// kept is what a version keeps for its key and its secret. It comes from the policy with which the version was requested: a
// later change of the policy does not touch it.
type kept struct {
	Exportable  bool
	ContentType string
	KeyType     string
	Operations  []string
	// Chain is every certificate in DER, in the order in which it was merged or imported; nil if there is the leaf alone.
	Chain [][]byte
}

// kept is what the versions of a complete policy keep.
func (p *policy) kept() kept {
	return kept{
		Exportable: p.KeyProps.Exportable == nil || *p.KeyProps.Exportable, ContentType: p.SecretProps.ContentType,
		KeyType: p.KeyProps.Type, Operations: keyOperations(p.X509Props.KeyUsage, isEC(p.KeyProps.Type)),
	}
}

// keyOperations maps the usage of a certificate to the operations of its key. An EC key signs and verifies only.
func keyOperations(usage []string, elliptic bool) []string {
	mapped := map[string][]string{
		"dataEncipherment": {"encrypt", "decrypt"}, "encipherOnly": {"encrypt"}, "decipherOnly": {"decrypt"},
		"keyEncipherment":  {"wrapKey", "unwrapKey"},
		"digitalSignature": {"sign", "verify"}, "nonRepudiation": {"sign", "verify"},
		"keyCertSign": {"sign", "verify"}, "cRLSign": {"sign", "verify"},
	}
	operations := []string{}
	for _, name := range []string{"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"} {
		if elliptic && name != "sign" && name != "verify" {
			continue
		}
		if slices.ContainsFunc(usage, func(u string) bool { return slices.Contains(mapped[u], name) }) {
			operations = append(operations, name)
		}
	}
	return operations
}

// keyBundle is the API's KeyBundle of a certificate.
type keyBundle struct {
	Key        jsonWebKey        `json:"key"`
	Attributes attributes        `json:"attributes"`
	Tags       map[string]string `json:"tags,omitzero"`
	Managed    bool              `json:"managed"`
}

// jsonWebKey is the public half of a key (RFC 7517): binary members are base64url without padding.
type jsonWebKey struct {
	KID        string   `json:"kid"`
	Type       string   `json:"kty"`
	Operations []string `json:"key_ops"`
	N          string   `json:"n,omitempty"`
	E          string   `json:"e,omitempty"`
	Curve      string   `json:"crv,omitempty"`
	X          string   `json:"x,omitempty"`
	Y          string   `json:"y,omitempty"`
}

// secretBundle is the API's SecretBundle of a certificate.
type secretBundle struct {
	Value       string            `json:"value"`
	ContentType string            `json:"contentType"`
	ID          string            `json:"id"`
	Managed     bool              `json:"managed"`
	Attributes  attributes        `json:"attributes"`
	Tags        map[string]string `json:"tags,omitzero"`
	KID         string            `json:"kid"`
}

func isSecret(c *call) bool {
	segments, _ := pathSegments(c.request.URL) // they were split before
	return len(segments) > 0 && strings.EqualFold(segments[0], "secrets")
}

// companionMissing is the refusal of a key or a secret that is not there.
func companionMissing(c *call) *refusal {
	what, code := "key", codeKeyMissing
	if isSecret(c) {
		what, code = "secret", codeSecretMissing
	}
	return &refusal{
		status: http.StatusNotFound, code: code,
		message: fmt.Sprintf("There is no %s %s in this vault.", what, strings.Trim(c.name+"/"+c.version, "/")),
	}
}

// companion is the version whose key or secret a call names. A certificate that never was completed has a disabled one.
func (v *Vault) companion(c *call) (*certificate, *version, error) {
	cert, err := v.live(c)
	if err != nil {
		return nil, nil, companionMissing(c)
	}
	shown := cert.current()
	if c.version != "" {
		shown = cert.versionWithID(c.version)
	}
	if shown == nil {
		return nil, nil, companionMissing(c)
	}
	return cert, shown, nil
}

// getKey is GetKey of the key of a certificate.
func (v *Vault) getKey(c *call) (*response, error) {
	if found, is := v.readStandalone(c); is {
		return found, nil
	}
	cert, shown, err := v.companion(c)
	if err != nil {
		return nil, err
	}
	if shown.cer == nil {
		return nil, companionMissing(c)
	}
	key := jsonWebKey{
		KID: c.base + "/keys/" + cert.name + "/" + shown.id, Type: shown.kept.KeyType, Operations: shown.kept.Operations,
	}
	url := base64.RawURLEncoding.EncodeToString
	switch public := shown.key.Public().(type) {
	case *rsa.PublicKey:
		key.N, key.E = url(public.N.Bytes()), url(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := public.Bytes()
		if err != nil {
			return nil, fmt.Errorf("writing the key of version %s: %w", shown.id, err)
		}
		half := len(point) / 2 // a byte that says "uncompressed", then two coordinates
		key.X, key.Y = url(point[1:1+half]), url(point[1+half:])
		if props, err := publicKeyProps(public); err == nil {
			key.Curve = props.Curve
		}
	}
	return ok(&keyBundle{Key: key, Attributes: v.attributesOf(c, shown, true), Tags: shown.tags, Managed: true}), nil
}

// getSecret is GetSecret of the secret of a certificate.
func (v *Vault) getSecret(c *call) (*response, error) {
	if found, is := v.readStandalone(c); is {
		return found, nil
	}
	cert, shown, err := v.companion(c)
	if err != nil {
		return nil, err
	}
	if !shown.enabled || shown.cer == nil {
		refused := forbidden("Operation get is not allowed on a disabled secret.")
		refused.inner = innerSecretDisabled
		return nil, refused
	}
	value, err := shown.secret()
	if err != nil {
		return nil, err
	}
	return ok(&secretBundle{
		Value: value, ContentType: shown.kept.ContentType, ID: c.base + "/secrets/" + cert.name + "/" + shown.id, Managed: true,
		Attributes: v.attributesOf(c, shown, true), Tags: shown.tags, KID: c.base + "/keys/" + cert.name + "/" + shown.id,
	}), nil
}

// changeCompanion refuses to change or delete the key or the secret of a certificate.
func (v *Vault) changeCompanion(c *call) (*response, error) {
	if _, _, err := v.companion(c); err != nil {
		return nil, err
	}
	refused := forbidden("The object %s belongs to a certificate: change or delete that instead.", c.name)
	refused.inner = innerManagedKey
	if isSecret(c) {
		refused.inner = innerManagedSecret
	}
	return nil, refused
}

// secret is the value of a version's secret: the certificate with its chain, and the private key if it is exportable.
func (k *version) secret() (string, error) {
	leaf, err := x509.ParseCertificate(k.cer)
	if err != nil {
		return "", fmt.Errorf("reading the certificate of version %s: %w", k.id, err)
	}
	chain := []*x509.Certificate{leaf}
	leafAt := 0
	for i, der := range k.kept.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return "", fmt.Errorf("reading the chain of version %s: %w", k.id, err)
		}
		if cert.Equal(leaf) {
			leafAt = i
			continue
		}
		chain = append(chain, cert)
	}
	if k.kept.ContentType == contentPEM {
		if k.keepOrder != nil && *k.keepOrder {
			chain = slices.Insert(chain[1:], leafAt, leaf)
		}
		return k.pem(chain)
	}
	return k.pkcs12(chain)
}

func (k *version) pem(chain []*x509.Certificate) (string, error) {
	var text strings.Builder
	if k.kept.Exportable {
		der, err := x509.MarshalPKCS8PrivateKey(k.key)
		if err != nil {
			return "", fmt.Errorf("encoding the key of version %s: %w", k.id, err)
		}
		_ = pem.Encode(&text, &pem.Block{Type: "PRIVATE KEY", Bytes: der}) // a strings.Builder never fails
	}
	for _, cert := range chain {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	}
	return text.String(), nil
}

// pkcs12 writes with the older ciphers, which every client reads, and the empty password.
func (k *version) pkcs12(chain []*x509.Certificate) (string, error) {
	encoder := pkcs12.LegacyDES.WithIterations(1) // more would only cost time: the password protects nothing
	encode := func() ([]byte, error) { return encoder.EncodeTrustStore(chain, "") }
	if k.kept.Exportable {
		encode = func() ([]byte, error) { return encoder.Encode(k.key, chain[0], chain[1:], "") }
	}
	file, err := encode()
	if err != nil {
		return "", errors.Join(fmt.Errorf("writing the secret of version %s", k.id), err)
	}
	return base64.StdEncoding.EncodeToString(file), nil
}
