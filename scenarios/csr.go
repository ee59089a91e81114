package scenarios

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// signingRequest is what a CA needs of a CSR.
type signingRequest struct {
	key     crypto.PublicKey
	subject []byte
}

// certificationRequest is the outer structure of PKCS#10 (RFC 2986, section 4). The attributes are left unread.
type certificationRequest struct {
	Info      certificationRequestInfo
	Algorithm asn1.RawValue
	Signature asn1.BitString
}

type certificationRequestInfo struct {
	Raw        asn1.RawContent
	Version    int
	Subject    asn1.RawValue
	PublicKey  asn1.RawValue
	Attributes asn1.RawValue `asn1:"optional,tag:0"`
}

// readRequest reads key and subject out of the csr of the first of some responses that has one. It takes more encodings
// than the documented one, since which is right is for a rule to say: PEM, the alphabet of URLs, white space, bytes after the structure.
func readRequest(responses ...*vault.Exchange) (*signingRequest, error) {
	text := loose("csr", responses...)
	if text == "" {
		return nil, errors.New("csr is missing")
	}
	der, err := lenientBase64(text)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	var request certificationRequest
	if _, err := asn1.Unmarshal(der, &request); err != nil {
		return nil, fmt.Errorf("csr is no PKCS#10 request: %w", err)
	}
	key, err := x509.ParsePKIXPublicKey(request.Info.PublicKey.FullBytes)
	if err != nil {
		return nil, fmt.Errorf("the key in csr cannot be read: %w", err)
	}
	return &signingRequest{key: key, subject: request.Info.Subject.FullBytes}, nil
}

func lenientBase64(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	text = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "").Replace(text)
	der, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, fmt.Errorf("csr is not base64: %w", err)
	}
	return der, nil
}
