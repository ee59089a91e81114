package match_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"testing"

	"github.com/kvconform/kvconform/specs/match"
)

// The names of every kind are told apart, and a name that is missing or that nobody asked for is found.
func TestAlternativeNamesAreReadByTheirKind(t *testing.T) {
	csr := requestWith(t,
		asn1.RawValue{FullBytes: otherName(t, "ada@corp.example.com")},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, Bytes: []byte("ada@example.com")},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte("a.example.com")},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte("https://a.example.com/x")},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 7, Bytes: []byte{192, 0, 2, 7}},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 7, Bytes: []byte{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
	)
	e := answered(202, `{"csr":"`+csr+`"}`)
	for _, test := range []struct {
		kind match.NameKind
		want []string
		ok   bool
	}{
		{match.UPNs, []string{"ada@corp.example.com"}, true},
		{match.UPNs, []string{"ada@example.com"}, false},
		{match.Emails, []string{"ada@example.com"}, true},
		{match.Emails, nil, false},
		{match.DNSNames, []string{"a.example.com"}, true},
		{match.DNSNames, []string{"a.example.com", "b.example.com"}, false},
		{match.URIs, []string{"https://a.example.com/x"}, true},
		{match.IPAddresses, []string{"2001:0db8::1", "192.0.2.7"}, true},
		{match.IPAddresses, []string{"192.0.2.7"}, false},
	} {
		failure := match.CSRNames(test.kind, test.want)(e)
		if (failure == nil) != test.ok {
			t.Errorf("%s %v: %v", test.kind, test.want, failure)
		}
	}
}

func otherName(t *testing.T, upn string) []byte {
	t.Helper()
	name, err := asn1.MarshalWithParams(upn, "utf8")
	if err != nil {
		t.Fatal(err)
	}
	der, err := asn1.MarshalWithParams(struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}{
		asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3},
		asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: name},
	}, "tag:0")
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func requestWith(t *testing.T, names ...asn1.RawValue) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	value, err := asn1.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}
