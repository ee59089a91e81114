package vault_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// pair is a private key with a certificate for it.
type pair struct {
	key  *ecdsa.PrivateKey
	leaf *x509.Certificate
}

func newPair(t *testing.T) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{key, leaf}
}

func encodeBlocks(blocks ...*pem.Block) string {
	var text strings.Builder
	for _, block := range blocks {
		_ = pem.Encode(&text, block)
	}
	return text.String()
}

func (p pair) pkcs8(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestContentOfTheValueOfASecret(t *testing.T) {
	p, above := newPair(t), newPair(t)
	chain := []*x509.Certificate{above.leaf}
	file := func(der []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(der)
	}
	cert, key := &pem.Block{Type: "CERTIFICATE", Bytes: p.leaf.Raw}, &pem.Block{Type: "PRIVATE KEY", Bytes: p.pkcs8(t)}
	for _, test := range []struct {
		name, value, form  string
		certificates, keys int
		problem            bool
	}{
		{"PKCS#12, older ciphers", file(pkcs12.LegacyDES.Encode(p.key, p.leaf, chain, "")), vault.FormPKCS12, 2, 1, false},
		{"PKCS#12, newer ciphers", file(pkcs12.Modern.Encode(p.key, p.leaf, nil, "")), vault.FormPKCS12, 1, 1, false},
		{"PKCS#12, no cipher", file(pkcs12.Passwordless.Encode(p.key, p.leaf, chain, "")), vault.FormPKCS12, 2, 1, false},
		{"PKCS#12 of certificates, older ciphers", file(pkcs12.LegacyDES.EncodeTrustStore([]*x509.Certificate{p.leaf, above.leaf}, "")), vault.FormPKCS12, 2, 0, false},
		{"PKCS#12 of certificates, newer ciphers", file(pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{p.leaf}, "")), vault.FormPKCS12, 1, 0, false},
		{"PKCS#12 with a password", file(pkcs12.Modern.Encode(p.key, p.leaf, nil, "secret")), vault.FormPKCS12, 0, 0, true},
		{"base64 of something else", base64.StdEncoding.EncodeToString([]byte("something")), "", 0, 0, true},
		{"base64 of a sequence", base64.StdEncoding.EncodeToString([]byte{0x30, 0}), vault.FormPKCS12, 0, 0, true},
		{"text", "something!", "", 0, 0, true},
		{"nothing", "", "", 0, 0, true},
		{"PEM", encodeBlocks(key, cert), vault.FormPEM, 1, 1, false},
		{"PEM of a certificate", encodeBlocks(cert), vault.FormPEM, 1, 0, false},
		{"PEM that breaks off", "-----BEGIN PRIVATE KEY-----\nabc", vault.FormPEM, 0, 0, true},
		{"PEM with a broken key", encodeBlocks(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}, cert), vault.FormPEM, 1, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := vault.ReadContent(test.value)
			if got.Form != test.form || len(got.Certificates) != test.certificates || len(got.Keys) != test.keys || (got.Problem != "") != test.problem {
				t.Fatalf("form %q, %d certificates, %d keys, problem %q", got.Form, len(got.Certificates), len(got.Keys), got.Problem)
			}
			if test.certificates > 0 && string(got.Certificates[0]) != string(p.leaf.Raw) {
				t.Error("the first certificate is not the leaf")
			}
			if test.keys == 0 {
				return
			}
			public, err := x509.ParsePKIXPublicKey(got.Keys[0])
			if err != nil || !p.key.PublicKey.Equal(public) {
				t.Errorf("the key is not that of the value: %v", err)
			}
		})
	}
}

// TestNoExchangeKeepsAPrivateKey reads secrets and keys in every form in which a vault might return them, and looks for the
// private key in what is kept.
func TestNoExchangeKeepsAPrivateKey(t *testing.T) {
	p := newPair(t)
	file, err := pkcs12.Modern.Encode(p.key, p.leaf, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	private := base64.RawURLEncoding.EncodeToString(p.key.D.FillBytes(make([]byte, 32))) //nolint:staticcheck // as JWK has it
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaPrivate := base64.RawURLEncoding.EncodeToString(rsaKey.D.Bytes())
	pemText := encodeBlocks(&pem.Block{Type: "PRIVATE KEY", Bytes: p.pkcs8(t)})
	value := base64.StdEncoding.EncodeToString(file)
	secretIn := func(members map[string]any) string {
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, test := range []struct {
		name, path, body, leaks string
	}{
		{"a secret", "/secrets/a", secretIn(map[string]any{"value": value, "id": "an id"}), value},
		{"a secret of PEM", "/secrets/a", secretIn(map[string]any{"value": pemText}), strings.Split(pemText, "\n")[1]},
		{"a secret that comes twice", "/secrets/a", secretIn(map[string]any{"value": value, "tags": map[string]any{"a": value}, "id": "x" + value}), value},
		{"a secret under another name", "/secrets/a", secretIn(map[string]any{"Value": value}), value},
		{"a secret in an error", "/secrets/a", secretIn(map[string]any{"error": map[string]any{"message": value}}), value},
		{"a secret in an envelope", "/secrets/a", secretIn(map[string]any{"data": map[string]any{"value": value}}), value},
		{"a secret that is not JSON", "/secrets/a", value, value},
		{"a secret in broken JSON", "/secrets/a", `{"value":"` + value + `",`, value},
		{"a list of secrets", "/secrets/a", `[{"value":"` + value + `"},{}]`, value},
		{"a key", "/keys/a", secretIn(map[string]any{"key": map[string]any{"kty": "EC", "d": private}}), private},
		{"a key without its object", "/keys/a", secretIn(map[string]any{"kty": "EC", "d": private}), private},
		{"an RSA key under a known name", "/keys/a", secretIn(map[string]any{"key": map[string]any{"kty": "RSA", "d": rsaPrivate, "p": "pppppppp"}}), rsaPrivate},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Echo", test.leaks)
				w.Header().Set("Location", test.leaks)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			endpoint, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			client := vault.NewClient(vault.Options{Endpoint: endpoint, APIVersion: "7.4"})
			e := client.GetSecret(t.Context(), "a")
			if strings.HasPrefix(test.path, "/keys") {
				e = client.GetKey(t.Context(), "a")
				e.Response.Header.Del("Location") // nothing tells this part of a key from other text
			}
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), test.leaks) {
				t.Errorf("the exchange keeps the private key: %s", text)
			}
		})
	}
}

func TestKeysAndSecretsTakeATokenOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen[r.URL.Path] = r.Header.Get("Authorization")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	read := func(options vault.Options) map[string]string {
		options.Endpoint, options.APIVersion = endpoint, "7.4"
		client := vault.NewClient(options)
		clear(seen)
		client.GetCertificate(t.Context(), "a")
		client.GetKey(t.Context(), "a")
		client.GetSecret(t.Context(), "a")
		client.Follow(t.Context(), vault.GetSecret, server.URL+"/secrets/a/1")
		return seen
	}
	const first, second = vault.StaticToken("certificates"), vault.StaticToken("companions")
	for path, want := range map[string]string{"/certificates/a": "Bearer certificates", "/keys/a": "Bearer companions", "/secrets/a": "Bearer companions", "/secrets/a/1": "Bearer companions"} {
		if got := read(vault.Options{Credential: first, Companions: second})[path]; got != want {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
	}
	for path := range read(vault.Options{Credential: first}) {
		if got := seen[path]; got != "Bearer certificates" {
			t.Errorf("without a token of their own, %s has %q", path, got)
		}
	}
}
