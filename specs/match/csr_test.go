package match_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// requested makes a certificate request in DER.
func requested(t *testing.T, key crypto.Signer, template *x509.CertificateRequest) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func withMember(name string, der []byte) *vault.Exchange {
	return answered(202, `{"`+name+`":"`+base64.StdEncoding.EncodeToString(der)+`"}`)
}

func extension(t *testing.T, value any, oid ...int) pkix.Extension {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: oid, Value: der}
}

func TestMatchersOfTheCSR(t *testing.T) {
	key := newKey(t)
	plain := requested(t, key, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "a.example", Organization: []string{"O"}, Country: []string{"CH"}},
	})
	full := requested(t, key, &x509.CertificateRequest{
		DNSNames: []string{"a.example", "b.example"},
		ExtraExtensions: []pkix.Extension{
			extension(t, []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 1}}, 2, 5, 29, 37),
			extension(t, asn1.BitString{Bytes: []byte{0xa0}, BitLength: 3}, 2, 5, 29, 15),
			extension(t, struct{}{}, 2, 5, 29, 19),
		},
	})
	authority := requested(t, key, &x509.CertificateRequest{ExtraExtensions: []pkix.Extension{
		extension(t, struct{ IsCA bool }{true}, 2, 5, 29, 19),
	}})
	spoiled := append([]byte(nil), plain...)
	spoiled[len(spoiled)-1] ^= 1
	serverAuth, usage := []string{"1.3.6.1.5.5.7.3.1"}, []string{"keyEncipherment", "digitalSignature"}

	for _, m := range []struct {
		name string
		test match.Test
		der  []byte
		want bool
	}{
		{"parses", match.CSRParses(), plain, true},
		{"does not parse", match.CSRParses(), plain[:20], false},
		{"something follows", match.CSRParses(), append(append([]byte(nil), plain...), 0), false},
		{"is signed", match.CSRSigned(), plain, true},
		{"is not signed", match.CSRSigned(), spoiled, false},
		{"has the subject in any order", match.CSRSubject("C=CH, O=O,CN=a.example"), plain, true},
		{"lacks a name of the subject", match.CSRSubject("C=CH, O=O, OU=U, CN=a.example"), plain, false},
		{"has a name beyond the subject", match.CSRSubject("CN=a.example"), plain, false},
		{"has the key", match.CSRKey("EC P-256"), plain, true},
		{"has another key", match.CSRKey("RSA 2048"), plain, false},
		{"has the names in any order", match.CSRDNSNames([]string{"b.example", "a.example"}), full, true},
		{"lacks names", match.CSRDNSNames([]string{"a.example"}), plain, false},
		{"has names beyond", match.CSRDNSNames([]string{"a.example"}), full, false},
		{"has the extended usages", match.CSRExtendedKeyUsages(serverAuth), full, true},
		{"lacks the extended usages", match.CSRExtendedKeyUsages(serverAuth), plain, false},
		{"has other extended usages", match.CSRExtendedKeyUsages([]string{"1.3.6.1.5.5.7.3.2"}), full, false},
		{"has the usages", match.CSRKeyUsage(usage), full, true},
		{"has usages beyond", match.CSRKeyUsage(usage[:1]), full, false},
		{"lacks the usages", match.CSRKeyUsage(usage), plain, false},
		{"says that it is no authority", match.CSRNotAuthority(), full, true},
		{"says nothing of authority", match.CSRNotAuthority(), plain, true},
		{"asks for an authority", match.CSRNotAuthority(), authority, false},
	} {
		t.Run(m.name, func(t *testing.T) {
			matching{m.name, m.test, withMember("csr", m.der), m.want, "/csr"}.check(t)
		})
	}
	for name, text := range map[string]string{
		"base64url":      base64.URLEncoding.EncodeToString([]byte{0xff, 0xff, 0xff}),
		"no padding":     base64.RawStdEncoding.EncodeToString(plain[:len(plain)-len(plain)%3-1]),
		"line breaks":    base64.StdEncoding.EncodeToString(plain) + `\r\n`,
		"PEM":            `-----BEGIN CERTIFICATE REQUEST-----`,
		"an empty text ": "",
	} {
		matching{name, match.CSRParses(), answered(202, `{"csr":"`+text+`"}`), false, "/csr"}.check(t)
	}
}

func TestTheCertificateHasTheKeyOfTheRequest(t *testing.T) {
	key := newKey(t)
	request, err := x509.ParseCertificateRequest(requested(t, key, &x509.CertificateRequest{}))
	if err != nil {
		t.Fatal(err)
	}
	issue := func(key *ecdsa.PrivateKey) []byte {
		template := &x509.Certificate{SerialNumber: big.NewInt(1)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	matching{"its key", match.PublicKeyOf(request), withMember("cer", issue(key)), true, ""}.check(t)
	matching{"another key", match.PublicKeyOf(request), withMember("cer", issue(newKey(t))), false, "/cer"}.check(t)
	matching{"no certificate", match.PublicKeyOf(request), withMember("cer", []byte("no")), false, "/cer"}.check(t)
	matching{"no cer", match.PublicKeyOf(request), answered(200, `{}`), false, "/cer"}.check(t)
}
