package refvault_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// of is the path of what a bundle's kid or sid names.
func (b *bench) of(bundle *reply, member string) string {
	return strings.TrimPrefix(bundle.text(member), b.server.URL)
}

func (b *bench) completedWith(name string, change func(policy map[string]any)) *reply {
	b.t.Helper()
	body := createBody("Self")
	change(body["policy"].(map[string]any))
	b.send(http.MethodPost, "/certificates/"+name+"/create", body).must(http.StatusAccepted)
	b.clock.Advance(time.Second)
	return b.send(http.MethodGet, "/certificates/"+name, nil).must(http.StatusOK)
}

func TestKeyOfACertificate(t *testing.T) {
	b := newBench(t, nil)
	made := b.completed("Cert")
	key := b.send(http.MethodGet, b.of(made, "kid"), nil).must(http.StatusOK).hasExactly("key", "attributes", "managed")
	if key.at("managed") != true || key.text("key", "kid") != made.text("kid") || key.text("key", "kty") != "EC" || key.text("key", "crv") != "P-256" ||
		key.number("attributes", "exp") != made.number("attributes", "exp") {
		t.Errorf("key: %s", key.Text)
	}
	number := func(member string) *big.Int {
		bytes, err := base64.RawURLEncoding.DecodeString(key.text("key", member))
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(bytes)
	}
	public := parseCER(t, made).PublicKey.(*ecdsa.PublicKey)
	if public.X.Cmp(number("x")) != 0 || public.Y.Cmp(number("y")) != 0 { //nolint:staticcheck // compared as JWK has them
		t.Error("the key is not that of the certificate")
	}
	if got := b.send(http.MethodGet, "/keys/cert", nil).must(http.StatusOK).Text; got != key.Text {
		t.Errorf("without a version: %s, want %s", got, key.Text)
	}
}

func TestSecretOfACertificate(t *testing.T) {
	const pemType = "application/x-pem-file"
	for _, test := range []struct {
		name, contentType string
		exportable        bool
	}{
		{"PKCS#12", "application/x-pkcs12", true},
		{"PKCS#12 without a key", "application/x-pkcs12", false},
		{"PEM", pemType, true},
		{"PEM without a key", pemType, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, nil)
			made := b.completedWith("Cert", func(policy map[string]any) {
				policy["key_props"].(map[string]any)["exportable"] = test.exportable
				policy["secret_props"] = map[string]any{"contentType": test.contentType}
			})
			secret := b.send(http.MethodGet, b.of(made, "sid"), nil).must(http.StatusOK).
				hasExactly("value", "contentType", "id", "managed", "attributes", "kid")
			if secret.text("contentType") != test.contentType || secret.text("kid") != made.text("kid") || secret.text("id") != made.text("sid") {
				t.Errorf("secret: %s", secret.Text)
			}
			leaf, key := openSecret(t, secret)
			if !leaf.Equal(parseCER(t, made)) {
				t.Error("the secret has another certificate")
			}
			if (key != nil) != test.exportable || key != nil && !key.Public().(*ecdsa.PublicKey).Equal(leaf.PublicKey) {
				t.Errorf("the secret has the key %v", key)
			}
		})
	}
}

// openSecret reads the value of a secret: the first certificate, and the key if there is one.
func openSecret(t *testing.T, secret *reply) (leaf *x509.Certificate, key crypto.Signer) {
	t.Helper()
	value := secret.text("value")
	if secret.text("contentType") == "application/x-pkcs12" {
		der, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			t.Fatal(err)
		}
		private, leaf, _, err := pkcs12.DecodeChain(der, "")
		if err == nil {
			return leaf, private.(crypto.Signer)
		}
		certs, err := pkcs12.DecodeTrustStore(der, "")
		if err != nil {
			t.Fatal(err)
		}
		return certs[0], nil
	}
	for block, rest := pem.Decode([]byte(value)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" && leaf == nil {
			parsed, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			leaf = parsed
		}
		if block.Type == "PRIVATE KEY" {
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			key = parsed.(crypto.Signer)
		}
	}
	return leaf, key
}

func TestSecretHasTheChain(t *testing.T) {
	b := newBench(t, nil)
	s := newSigner(t)
	body := createBody("Unknown")
	body["policy"].(map[string]any)["secret_props"] = map[string]any{"contentType": "application/x-pem-file"}
	created := b.send(http.MethodPost, "/certificates/a/create", body).must(http.StatusAccepted)
	leafText := s.sign(parseCSR(t, created.text("csr")).PublicKey)
	merged := b.merge("a", s.text(), leafText).must(http.StatusCreated)
	value := b.send(http.MethodGet, b.of(merged, "sid"), nil).must(http.StatusOK).text("value")
	var certs []string
	for block, rest := pem.Decode([]byte(value)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			certs = append(certs, base64.StdEncoding.EncodeToString(block.Bytes))
		}
	}
	if len(certs) != 2 || certs[0] != leafText || certs[1] != s.text() {
		t.Errorf("the secret has %d certificates, want the leaf before its authority", len(certs))
	}
}

func TestCompanionsOfWhatIsDisabledDeletedOrUnfinished(t *testing.T) {
	b := newBench(t, nil)
	made := b.completed("a")
	kid, sid := b.of(made, "kid"), b.of(made, "sid")
	b.send(http.MethodPatch, "/certificates/a", `{"attributes":{"enabled":false}}`).must(http.StatusOK)
	b.send(http.MethodGet, sid, nil).refused(http.StatusForbidden, "Forbidden")
	if key := b.send(http.MethodGet, kid, nil).must(http.StatusOK); key.at("attributes", "enabled") != false {
		t.Errorf("the key of a disabled certificate: %s", key.Text)
	}
	b.send(http.MethodPatch, "/certificates/a", `{"attributes":{"enabled":true}}`).must(http.StatusOK)
	secret := b.send(http.MethodGet, sid, nil).must(http.StatusOK)
	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK)
	b.send(http.MethodGet, kid, nil).refused(http.StatusNotFound, "KeyNotFound")
	b.send(http.MethodGet, sid, nil).refused(http.StatusNotFound, "SecretNotFound")
	b.send(http.MethodPost, "/deletedcertificates/a/recover", nil).must(http.StatusOK)
	if got := b.send(http.MethodGet, sid, nil).must(http.StatusOK).text("kid"); got != secret.text("kid") {
		t.Errorf("the secret of a recovered certificate names the key %q", got)
	}
	b.create("unfinished", "Unknown")
	b.send(http.MethodGet, "/secrets/unfinished", nil).refused(http.StatusForbidden, "Forbidden")
	b.send(http.MethodGet, "/keys/unfinished", nil).refused(http.StatusNotFound, "KeyNotFound")
}

func TestCompanionsCannotBeChanged(t *testing.T) {
	b := newBench(t, nil)
	made := b.completed("a")
	for _, request := range []struct{ method, path, inner string }{
		{http.MethodPut, "/secrets/a", "SecretManagedByKeyVault"},
		{http.MethodDelete, "/secrets/a", "SecretManagedByKeyVault"},
		{http.MethodPatch, b.of(made, "sid"), "SecretManagedByKeyVault"},
		{http.MethodPut, "/keys/a", "KeyManagedByKeyVault"},
		{http.MethodDelete, "/keys/a", "KeyManagedByKeyVault"},
		{http.MethodPatch, b.of(made, "kid"), "KeyManagedByKeyVault"},
	} {
		r := b.send(request.method, request.path, `{"value":"x"}`).refused(http.StatusForbidden, "Forbidden")
		if got := r.text("error", "innererror", "code"); got != request.inner {
			t.Errorf("%s %s: inner code %q, want %q", request.method, request.path, got, request.inner)
		}
	}
	b.send(http.MethodGet, b.of(made, "sid"), nil).must(http.StatusOK)
}
