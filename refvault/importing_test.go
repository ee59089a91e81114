package refvault_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// A leaf is a certificate made by a test, with its key.
type leaf struct {
	key  crypto.Signer
	cert *x509.Certificate
}

// newLeaf makes a self-signed certificate, valid for a year around the benches' start unless change says otherwise.
func newLeaf(t *testing.T, key crypto.Signer, change func(*x509.Certificate)) *leaf {
	t.Helper()
	if key == nil {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imported.example"},
		NotBefore: start, NotAfter: start.AddDate(1, 0, 0),
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &leaf{key: key, cert: cert}
}

func (l *leaf) pfx(t *testing.T, encoder *pkcs12.Encoder, password string, chain ...*x509.Certificate) string {
	t.Helper()
	der, err := encoder.Encode(l.key, l.cert, chain, password)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func (l *leaf) certificatePEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.cert.Raw}))
}

func (l *leaf) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(l.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func importBody(t *testing.T) map[string]any {
	t.Helper()
	return map[string]any{"value": newLeaf(t, nil, nil).pfx(t, pkcs12.Modern, "secret"), "pwd": "secret"}
}

func TestImportTakesEveryFormOfContent(t *testing.T) {
	l := newLeaf(t, nil, nil)
	ca := newLeaf(t, nil, func(c *x509.Certificate) { c.Subject.CommonName = "A CA" })
	pemPolicy := map[string]any{"secret_props": map[string]any{"contentType": "application/x-pem-file"}}
	standard := l.pfx(t, pkcs12.Modern, "secret")
	for name, body := range map[string]map[string]any{
		"modern PFX":               {"value": standard, "pwd": "secret"},
		"PFX with 3DES":            {"value": l.pfx(t, pkcs12.LegacyDES, "secret"), "pwd": "secret"},
		"PFX with RC2":             {"value": l.pfx(t, pkcs12.LegacyRC2, "secret"), "pwd": "secret"},
		"PFX without a password":   {"value": l.pfx(t, pkcs12.Modern, "")},
		"PFX with a chain":         {"value": l.pfx(t, pkcs12.Modern, "", ca.cert)},
		"PFX in base64url":         {"value": strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(standard), "pwd": "secret"},
		"PEM":                      {"value": l.certificatePEM() + l.keyPEM(t), "policy": pemPolicy},
		"PEM in base64":            {"value": base64.StdEncoding.EncodeToString([]byte(l.certificatePEM() + l.keyPEM(t))), "policy": pemPolicy},
		"PEM with the key first":   {"value": l.keyPEM(t) + l.certificatePEM(), "policy": pemPolicy},
		"PEM with a chain":         {"value": l.certificatePEM() + ca.certificatePEM() + l.keyPEM(t), "policy": pemPolicy},
		"PEM with the chain first": {"value": ca.certificatePEM() + l.certificatePEM() + l.keyPEM(t), "policy": pemPolicy},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			r := b.send(http.MethodPost, "/certificates/a/import", body).must(http.StatusOK)
			r.hasExactly("id", "kid", "sid", "x5t", "cer", "attributes", "policy")
			if r.Header.Get("Location") != "" {
				t.Errorf("Location %q", r.Header.Get("Location"))
			}
			if got := r.text("cer"); got != base64.StdEncoding.EncodeToString(l.cert.Raw) {
				t.Errorf("another certificate: %s", got)
			}
			if r.number("attributes", "nbf") != l.cert.NotBefore.Unix() || r.number("attributes", "exp") != l.cert.NotAfter.Unix() {
				t.Errorf("validity: %s", r.Text)
			}
			want := "application/x-pkcs12"
			if strings.HasPrefix(name, "PEM") {
				want = "application/x-pem-file"
			}
			if got := r.text("policy", "secret_props", "contentType"); got != want {
				t.Errorf("contentType %q, want %q", got, want)
			}
			b.pending("a").refused(http.StatusNotFound, "PendingCertificateNotFound")
		})
	}
}

func TestImportRefusesWhatItCannotUse(t *testing.T) {
	l, other := newLeaf(t, nil, nil), newLeaf(t, nil, nil)
	expired := newLeaf(t, nil, func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(time.Hour) })
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(l.key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{l.cert}, "")
	if err != nil {
		t.Fatal(err)
	}
	pfx := l.pfx(t, pkcs12.Modern, "secret")
	key := func(props map[string]any) map[string]any {
		return map[string]any{"value": pfx, "pwd": "secret", "policy": map[string]any{"key_props": props}}
	}
	for name, body := range map[string]map[string]any{
		"no value":                {},
		"value of another type":   {"value": 1},
		"garbage":                 {"value": "not base64!"},
		"base64 of garbage":       {"value": "Z2FyYmFnZQ=="},
		"wrong password":          {"value": pfx, "pwd": "other"},
		"password too long":       {"value": pfx, "pwd": strings.Repeat("a", 201)},
		"no password":             {"value": pfx},
		"certificate without key": {"value": l.certificatePEM()},
		"PFX without key":         {"value": base64.StdEncoding.EncodeToString(trust)},
		"certificate alone":       {"value": base64.StdEncoding.EncodeToString(l.cert.Raw)},
		"key without certificate": {"value": l.keyPEM(t)},
		"key of another":          {"value": l.certificatePEM() + other.keyPEM(t)},
		"two keys":                {"value": l.certificatePEM() + l.keyPEM(t) + other.keyPEM(t)},
		"key that is no PKCS#8":   {"value": l.certificatePEM() + string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}))},
		"expired":                 {"value": expired.pfx(t, pkcs12.Modern, "")},
		"small RSA key":           {"value": newLeaf(t, small, nil).pfx(t, pkcs12.Modern, "")},
		"unsupported curve":       {"value": newLeaf(t, p224, nil).pfx(t, pkcs12.Modern, "")},
		"policy for RSA":          key(map[string]any{"kty": "RSA"}),
		"policy for another size": key(map[string]any{"key_size": 384}),
		"policy for another curve": key(map[string]any{
			"kty": "EC", "crv": "P-384",
		}),
		"policy for PEM": {"value": pfx, "pwd": "secret", "policy": map[string]any{
			"secret_props": map[string]any{"contentType": "application/x-pem-file"},
		}},
		"policy for an unknown issuer": {"value": pfx, "pwd": "secret", "policy": map[string]any{"issuer": map[string]any{"name": "nobody"}}},
		"sixteen tags":                 {"value": pfx, "pwd": "secret", "tags": manyTags(16)},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.send(http.MethodPost, "/certificates/a/import", body).refused(http.StatusBadRequest, "BadParameter")
			b.send(http.MethodGet, "/certificates/a", nil).refused(http.StatusNotFound, "CertificateNotFound")
		})
	}
}

func TestImportDerivesThePolicyFromTheCertificate(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	full := newLeaf(t, key, func(c *x509.Certificate) {
		c.Subject = pkix.Name{
			CommonName: "imported.example", Organization: []string{"Contoso, Ltd."}, Province: []string{"WA"}, Country: []string{"US"},
			ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "me@example"}},
		}
		c.DNSNames = []string{"imported.example", "other.example"}
		c.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCRLSign | x509.KeyUsageCertSign
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3, 4}}
		c.IsCA, c.BasicConstraintsValid = true, true
		c.NotAfter = c.NotBefore.AddDate(0, 18, 0)
	})
	b := newBench(t, nil)
	r := b.send(http.MethodPost, "/certificates/full/import", map[string]any{
		"value": full.pfx(t, pkcs12.Modern, ""), "attributes": map[string]any{"enabled": false}, "tags": map[string]string{"k": "v"},
		"policy": map[string]any{
			"issuer": map[string]any{"name": "Self"}, "key_props": map[string]any{"exportable": false},
			"x509_props": map[string]any{"subject": "CN=ignored"},
		},
	}).must(http.StatusOK)
	for _, test := range []struct {
		path string
		want any
	}{
		{"policy.x509_props.subject", `E=me@example, CN=imported.example, O="Contoso, Ltd.", S=WA, C=US`},
		{"policy.x509_props.validity_months", 18.0},
		{"policy.x509_props.basic_constraints.ca", true},
		{"policy.key_props.kty", "RSA"},
		{"policy.key_props.key_size", 2048.0},
		{"policy.key_props.exportable", false},
		{"policy.issuer.name", "Self"},
		{"attributes.enabled", false},
		{"tags.k", "v"},
	} {
		if got := r.at(strings.Split(test.path, ".")...); got != test.want {
			t.Errorf("%s is %v, want %v", test.path, got, test.want)
		}
	}
	for path, want := range map[string][]string{
		"policy.x509_props.key_usage":      {"cRLSign", "digitalSignature", "keyCertSign"},
		"policy.x509_props.ekus":           {"1.3.6.1.5.5.7.3.2", "1.2.3.4"},
		"policy.x509_props.sans.dns_names": {"imported.example", "other.example"},
	} {
		if got := texts(r.at(strings.Split(path, ".")...)); !slices.Equal(got, want) {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if got := actionOf(r, "policy"); got != "AutoRenew" {
		t.Errorf("lifetime action %q", got)
	}
}

func TestImportWithoutAPolicy(t *testing.T) {
	b := newBench(t, nil)
	bare := b.send(http.MethodPost, "/certificates/bare/import", importBody(t)).must(http.StatusOK)
	for _, member := range []string{"ekus", "key_usage"} {
		if list, isList := bare.at("policy", "x509_props", member).([]any); !isList || len(list) != 0 {
			t.Errorf("%s of a bare certificate: %s", member, bare.Text)
		}
	}
	if bare.text("policy", "issuer", "name") != "Unknown" || actionOf(bare, "policy") != "EmailContacts" {
		t.Errorf("issuer and action of a bare certificate: %s", bare.Text)
	}
	if bare.at("policy", "key_props", "exportable") != true {
		t.Errorf("an imported key is not exportable: %s", bare.Text)
	}
}

func TestImportMakesAVersionAndEndsWhatWasOver(t *testing.T) {
	b := newBench(t, nil)
	first := b.completed("a")
	second := b.send(http.MethodPost, "/certificates/a/import", importBody(t)).must(http.StatusOK)
	if second.text("id") == first.text("id") {
		t.Error("the import made no version of its own")
	}
	b.pending("a").refused(http.StatusNotFound, "PendingCertificateNotFound")
	if versions, _ := b.send(http.MethodGet, "/certificates/a/versions", nil).at("value").([]any); len(versions) != 2 {
		t.Errorf("%d versions, want 2", len(versions))
	}
}

// texts turns a decoded list into strings.
func texts(value any) []string {
	list, _ := value.([]any)
	var result []string
	for _, item := range list {
		text, _ := item.(string)
		result = append(result, text)
	}
	return result
}

// actionOf returns the type of the one lifetime action of the policy under path.
func actionOf(r *reply, path ...string) string {
	actions, _ := r.at(append(path, "lifetime_actions")...).([]any)
	if len(actions) != 1 {
		return ""
	}
	action := &reply{t: r.t, Body: actions[0].(map[string]any)}
	return action.text("action", "action_type")
}

func manyTags(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[strings.Repeat("k", i+1)] = "v"
	}
	return tags
}
