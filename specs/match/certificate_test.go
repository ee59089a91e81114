package match_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// signed makes a certificate for 12 months, signed with its own key unless another one is given.
func signed(t *testing.T, key, signer crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	begins := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(5), NotBefore: begins, NotAfter: begins.AddDate(1, 0, 0),
		Subject:     pkix.Name{CommonName: "a.example", Organization: []string{"O"}},
		DNSNames:    []string{"a.example", "b.example"},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCRLSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// bundled is the bundle of a certificate, with some members changed; nil leaves one out.
func bundled(t *testing.T, certificate *x509.Certificate, changes map[string]any) *vault.Exchange {
	t.Helper()
	sum := sha1.Sum(certificate.Raw)
	const version = "0123456789abcdef0123456789abcdef"
	members := map[string]any{
		"id":  base + "/certificates/name/" + version,
		"kid": base + "/keys/name/" + version, "sid": base + "/secrets/name/" + version,
		"x5t": base64.RawURLEncoding.EncodeToString(sum[:]), "cer": base64.StdEncoding.EncodeToString(certificate.Raw),
		"attributes": map[string]any{
			"enabled": true, "nbf": certificate.NotBefore.Unix(), "exp": certificate.NotAfter.Unix(), "created": 1700000000, "updated": 1700000001,
		},
	}
	for name, value := range changes {
		members[name] = value
		if value == nil {
			delete(members, name)
		}
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return answered(200, string(body))
}

func TestMatchersOfTheCertificate(t *testing.T) {
	key := newKey(t)
	certificate := signed(t, key, key, nil)
	other := signed(t, newKey(t), newKey(t), func(c *x509.Certificate) { c.DNSNames, c.Subject.Organization = nil, nil })
	bundle, foreign := bundled(t, certificate, nil), bundled(t, other, nil)
	without := bundled(t, certificate, map[string]any{"cer": nil})
	urlAlphabet := bundled(t, certificate, map[string]any{"cer": base64.RawURLEncoding.EncodeToString(append(certificate.Raw, 0xfb, 0xff))})
	trailing := bundled(t, certificate, map[string]any{"cer": base64.StdEncoding.EncodeToString(append(certificate.Raw, 0))})
	early := answered(200, `{"attributes":{"enabled":true}}`)
	early.Request.URL = "https://vault.example/certificates/name?api-version=2015-06-01"
	for _, m := range []matching{
		{"a certificate", match.CertificateParses(), bundle, true, ""},
		{"no cer", match.CertificateParses(), without, false, "/cer"},
		{"the other alphabet", match.CertificateParses(), urlAlphabet, false, "/cer"},
		{"a byte too many", match.CertificateParses(), trailing, false, "/cer"},
		{"a cer that is an object", match.CertificateParses(), answered(200, `{"cer":{}}`), false, "/cer"},
		{"the bytes sent", match.Carries(certificate.Raw), bundle, true, ""},
		{"other bytes", match.Carries(certificate.Raw), foreign, false, "/cer"},
		{"not the bytes sent", match.CarriesNot(certificate.Raw), foreign, true, ""},
		{"not found", match.CarriesNot(certificate.Raw), answered(404, `{"error":{}}`), true, ""},
		{"the bytes after all", match.CarriesNot(certificate.Raw), bundle, false, "/cer"},
		{"a fault of the server", match.CarriesNot(certificate.Raw), answered(500, `{}`), false, ""},
		{"nothing issued, not found", match.NotIssued(), answered(404, `{}`), true, ""},
		{"nothing issued, disabled", match.NotIssued(), answered(200, `{"attributes":{"enabled":false}}`), true, ""},
		{"nothing issued, yet enabled", match.NotIssued(), answered(200, `{"attributes":{"enabled":true}}`), false, "/attributes/enabled"},
		{"nothing issued, enabled in an early version", match.NotIssued(), early, true, ""},
		{"issued", match.NotIssued(), bundle, false, "/cer"},
		{"signed with its own key", match.SelfSigned(), bundle, true, ""},
		{"signed with another key", match.SelfSigned(), foreign, false, "/cer"},
		{"the subject in another order", match.CertificateSubject("O=O,CN=a.example"), bundle, true, ""},
		{"another subject", match.CertificateSubject("CN=a.example"), bundle, false, "/cer"},
		{"a subject with a label of nobody", match.CertificateSubject("XX=a.example"), bundle, false, "/cer"},
		{"the names in another order", match.CertificateDNSNames([]string{"b.example", "a.example"}), bundle, true, ""},
		{"other names", match.CertificateDNSNames([]string{"a.example"}), bundle, false, "/cer"},
		{"valid for a year", match.ValidFor(12, time.Hour), bundle, true, ""},
		{"valid for longer", match.ValidFor(13, 48*time.Hour), bundle, false, "/cer"},
		{"another key", match.OtherKey(foreign), bundle, true, ""},
		{"the same key", match.OtherKey(bundle), bundle, false, "/cer"},
		{"no earlier certificate", match.OtherKey(without), bundle, false, "/cer"},
	} {
		t.Run(m.name, m.check)
	}
}

func TestMatchersOfTheThumbprint(t *testing.T) {
	key := newKey(t)
	certificate := signed(t, key, key, nil)
	sum := sha1.Sum(certificate.Raw)
	as := func(x5t any) *vault.Exchange { return bundled(t, certificate, map[string]any{"x5t": x5t}) }
	for _, m := range []matching{
		{"of the cer beside it", match.Thumbprint(), bundled(t, certificate, nil), true, ""},
		{"padded", match.Thumbprint(), as(base64.URLEncoding.EncodeToString(sum[:])), false, "/x5t"},
		{"in hexadecimal", match.Thumbprint(), as(hex.EncodeToString(sum[:])), false, "/x5t"},
		{"in another case", match.Thumbprint(), as(strings.ToUpper(base64.RawURLEncoding.EncodeToString(sum[:]))), false, "/x5t"},
		{"missing", match.Thumbprint(), as(nil), false, "/x5t"},
		{"a number", match.Thumbprint(), as(5), false, "/x5t"},
		{"of the certificate sent", match.ThumbprintOf(certificate.Raw), bundled(t, certificate, nil), true, ""},
		{"of another certificate", match.ThumbprintOf([]byte("another")), bundled(t, certificate, nil), false, "/x5t"},
	} {
		t.Run(m.name, m.check)
	}
}

func TestMatchersOfTheAttributes(t *testing.T) {
	key := newKey(t)
	certificate := signed(t, key, key, nil)
	with := func(name string, value any) *vault.Exchange {
		attributes := map[string]any{
			"nbf": certificate.NotBefore.Unix(), "exp": certificate.NotAfter.Unix(), "created": 1700000000, "updated": 1700000000,
		}
		attributes[name] = value
		return bundled(t, certificate, map[string]any{"attributes": attributes})
	}
	times := match.Seconds([]string{"attributes"}, "created", "updated", "absent")
	for _, m := range []matching{
		{"the dates of the cer", match.MirrorsValidity(), with("enabled", true), true, ""},
		{"a second later", match.MirrorsValidity(), with("nbf", certificate.NotBefore.Unix()+1), false, "/attributes/nbf"},
		{"in milliseconds", match.MirrorsValidity(), with("exp", certificate.NotAfter.UnixMilli()), false, "/attributes/exp"},
		{"as text", match.MirrorsValidity(), with("exp", "2027"), false, "/attributes/exp"},
		{"left out", match.MirrorsValidity(), with("nbf", nil), false, "/attributes/nbf"},
		{"in order", match.TimesInOrder("attributes"), with("updated", 1700000001), true, ""},
		{"at once", match.TimesInOrder("attributes"), with("updated", 1700000000), true, ""},
		{"out of order", match.TimesInOrder("attributes"), with("updated", 1699999999), false, "/attributes/created"},
		{"not there", match.TimesInOrder("attributes"), with("created", nil), false, "/attributes/created"},
		{"seconds", times, with("enabled", true), true, ""},
		{"milliseconds", times, with("created", 1700000000000), false, "/attributes/created"},
		{"a part of a second", times, with("updated", 1700000000.5), false, "/attributes/updated"},
		{"before 1970", times, with("updated", -1), false, "/attributes/updated"},
		{"a date", times, with("updated", "2023-11-14T22:13:20Z"), false, "/attributes/updated"},
	} {
		t.Run(m.name, m.check)
	}
}

func TestMatchersOfTheBundle(t *testing.T) {
	key := newKey(t)
	certificate := signed(t, key, key, nil)
	with := func(name string, value any) *vault.Exchange {
		return bundled(t, certificate, map[string]any{name: value})
	}
	kid := match.VersionOf(base, "kid", "keys", "name")
	pending := match.ID(base, "pending.id", "certificates", "name", "pending")
	for _, m := range []matching{
		{"the key beside", kid, with("tags", nil), true, ""},
		{"the name in another case", kid, with("kid", base+"/keys/NAME/0123456789abcdef0123456789abcdef"), true, ""},
		{"a key of another name", kid, with("kid", base+"/keys/other/0123456789abcdef0123456789abcdef"), false, "/kid"},
		{"a key of another version", kid, with("kid", base+"/keys/name/1123456789abcdef0123456789abcdef"), true, ""},
		{"with a slash at its end", kid, with("kid", base+"/keys/name/0123456789abcdef0123456789abcdef/"), true, ""},
		{"the same version", match.SameVersion("kid", "sid"), with("tags", nil), true, ""},
		{"another version", match.SameVersion("kid", "sid"), with("kid", base+"/keys/name/1123456789abcdef0123456789abcdef"), false, "/kid"},
		{"no version", match.SameVersion("kid", "sid"), with("id", base+"/certificates/name"), false, "/id"},
		{"a key without a version", kid, with("kid", base+"/keys/name"), false, "/kid"},
		{"no key", kid, with("kid", nil), false, "/kid"},
		{"the form of a version", match.VersionForm(), with("tags", nil), true, ""},
		{"a version in capitals", match.VersionForm(), with("id", base+"/certificates/name/"+strings.Repeat("A", 32)), false, "/id"},
		{"a version with dashes", match.VersionForm(), with("id", base+"/certificates/name/01234567-89ab-cdef-0123-456789abcdef"), false, "/id"},
		{"the pending object", pending, with("pending", map[string]any{"id": base + "/certificates/name/pending"}), true, ""},
		{"with a query", pending, with("pending", map[string]any{"id": base + "/certificates/name/pending?api-version=7.4"}), false, "/pending/id"},
		{"no pending object", pending, with("pending", nil), false, "/pending/id"},
		{"a pending object that is a text", pending, with("pending", "pending"), false, "/pending/id"},
	} {
		t.Run(m.name, m.check)
	}
}

func TestUsagesOfACertificateAreNamedAsPoliciesNameThem(t *testing.T) {
	key := newKey(t)
	certificate := signed(t, key, key, nil)
	if got := strings.Join(match.KeyUsages(certificate), " "); got != "cRLSign digitalSignature" {
		t.Errorf("the key usages are %s", got)
	}
	if got := strings.Join(match.ExtendedKeyUsages(certificate), " "); got != "1.3.6.1.5.5.7.3.1" {
		t.Errorf("the extended key usages are %s", got)
	}
}
