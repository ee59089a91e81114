package match

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// negative is a certificate for 127.0.0.1 whose serial number is below zero, as the service has imported some.
const negative = "MIIDDjCCAfagAwIBAgII/ty6mHZUMhEwDQYJKoZIhvcNAQELBQAwFDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyNTEwMTcwMVoXDTI2MTIyNTEwMTcwMVowFDESMBAGA1UEAwwJbG9jYWxob3N0MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA69+g7q1Tm9G7kpo5rVipIcnllI1u5B1X7FV2WHwchcGi4m+xIavE/69gWPmRzpcMrj5r5eIH/DexrAHRN1ZC8jcxu2w2oPiYzadLM4neQrJ+e0s9ZrCXFehcPaG3gbRvk68X7IyM4BIlOU3n1PiGnu2tH7XWyrRwkAqSea12SYFnEenpSBM2tITPTT2nKpPG/+0180Q67W0NP+4+k0/chsCSvDUBph/r9Jxc21DFD/H/gWTeyGD96XW57uyYgpfkLkM3wkKN2OwuYxD9SFX/rr/yVDw8inoreGeMXFbB65zDFsGZC6feWKoby9ss0hun/xddnyP0IouEohq2CC67bwIDAQABo2QwYjAdBgNVHQ4EFgQUVuwM75CTC9hRugjodcbekp4KEzEwHwYDVR0jBBgwFoAUVuwM75CTC9hRugjodcbekp4KEzEwDwYDVR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMA0GCSqGSIb3DQEBCwUAA4IBAQAfAVyYz3ewryRFJaXI4hv8HQz8AC1ls6Y6rQPnH+QJez1OJK3JAOFYkPBQkhqB8neCx/lEXGinKQtPdkaf8lKdWfWMAV2yhA2EHD047Y5rtIs3OG8Hqtp/6pK259x6QP3RFCN4rIDDZ0QI+4eBMN3xRgP2uHpTfpodSbCjODQK2P6YmxNyR6LRBMa+IMIVXX6siQfYoMZ2NGHrfTYAujENAYZLM8gD5qMg0AITnqJJuc3chqkQuNH6LGFjD+nD4yC20RA1om/wPAXSSKn1tLV91XggSus+6VVa3PlaeJLl5n5veP9SCcwiKWFLHYHQX4XNtUfPOcruhR43tftQAusN"

func shows(member string, der []byte) *vault.Exchange {
	body, _ := json.Marshal(map[string]string{member: base64.StdEncoding.EncodeToString(der)})
	return &vault.Exchange{Response: &vault.Response{Status: http.StatusOK, Header: http.Header{}, Body: body}}
}

func TestACertificateWithANegativeSerialNumberIsOne(t *testing.T) {
	der, err := base64.StdEncoding.DecodeString(negative)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		t.Fatal("crypto/x509 reads it, so it shows nothing")
	}
	e := shows("cer", der)
	for name, test := range map[string]Test{
		"parses": CertificateParses(), "self-signed": SelfSigned(), "subject": CertificateSubject("CN=localhost"),
	} {
		if failure := test(e); failure != nil {
			t.Errorf("%s: %v", name, failure)
		}
	}
	certificate, err := Certificate(e)
	if err != nil {
		t.Fatal(err)
	}
	if got := KeyKind(certificate.PublicKey); got != "RSA 2048" || certificate.NotAfter.Year() != 2026 {
		t.Errorf("got a key %s and a validity to %s", got, certificate.NotAfter)
	}
	der[len(der)-1] ^= 1
	if SelfSigned()(shows("cer", der)) == nil {
		t.Error("a wrong signature is accepted")
	}
}

// Only the rule about the names fails by a malformed extension of names.
func TestARequestWithMalformedNamesIsOne(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:         pkix.Name{CommonName: "a.example"},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x0c, 1, 'x'}}},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParseCertificateRequest(der); err == nil {
		t.Fatal("crypto/x509 reads it, so it shows nothing")
	}
	e := shows("csr", der)
	for name, test := range map[string]Test{
		"parses": CSRParses(), "signed": CSRSigned(), "subject": CSRSubject("CN=a.example"), "key": CSRKey("EC P-256"),
	} {
		if failure := test(e); failure != nil {
			t.Errorf("%s: %v", name, failure)
		}
	}
	if CSRDNSNames([]string{"a.example"})(e) == nil {
		t.Error("the names of a malformed extension are accepted")
	}
	der[len(der)-1] ^= 1
	if CSRSigned()(shows("csr", der)) == nil {
		t.Error("a wrong signature is accepted")
	}
}

func TestWhatIsNoStructureIsRefused(t *testing.T) {
	for name, der := range map[string][]byte{"nothing": nil, "a text": []byte("a signing request"), "an empty sequence": {0x30, 0}} {
		if CertificateParses()(shows("cer", der)) == nil || CSRParses()(shows("csr", der)) == nil {
			t.Errorf("%s is read as a certificate or a request", name)
		}
	}
}

// A key that this build cannot compute with is named, and what needs it is not judged.
func TestAKeyOnAnotherCurveIsNamed(t *testing.T) {
	spki, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1},
			Parameters: asn1.RawValue{FullBytes: []byte{6, 5, 0x2b, 0x81, 4, 0, 10}},
		},
		asn1.BitString{Bytes: make([]byte, 65), BitLength: 65 * 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := keyIn(spki)
	if err != nil || KeyKind(key) != "EC P-256K" {
		t.Fatalf("got %v (%v)", key, err)
	}
	failure := signature("a signature", "/csr", key, x509.ECDSAWithSHA256, func() error { return fmt.Errorf("tried") })
	if failure == nil || !failure.Unreadable {
		t.Errorf("got %v, want what cannot be read", failure)
	}
}
