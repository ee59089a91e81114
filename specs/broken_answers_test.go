package specs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// broken is one answer of a play made wrong in one way, and the rule that has to fall for it.
type broken struct {
	rule string
	step string
	edit func(*testing.T, *vault.Response)
	// borrow makes the edit, in place of edit, where it takes something from another exchange of the rehearsal.
	borrow func(*testing.T, *rehearsal) func(*testing.T, *vault.Response)
}

// at is an answer at a step of the rule's play made wrong.
func at(rule, step string, edit func(*testing.T, *vault.Response)) broken {
	return broken{rule: rule, step: step, edit: edit}
}

// status answers with another status.
func status(code int) func(*testing.T, *vault.Response) {
	return func(_ *testing.T, r *vault.Response) { r.Status = code }
}

// answer replaces status and body.
func answer(code int, body string) func(*testing.T, *vault.Response) {
	return func(_ *testing.T, r *vault.Response) { r.Status, r.Body = code, vault.Body(body) }
}

// put sets a member of the body, by its path; a nil value removes it.
func put(value any, path ...string) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		decoded, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		object, ok := decoded.(map[string]any)
		if !ok {
			t.Fatalf("the body is no object: %s", r.Body)
		}
		root := object
		for _, name := range path[:len(path)-1] {
			inner, ok := object[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				object[name] = inner
			}
			object = inner
		}
		last := path[len(path)-1]
		object[last] = value
		if value == nil {
			delete(object, last)
		}
		body, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		*r = vault.Response{Status: r.Status, Header: r.Header, Body: body}
	}
}

// rewrite replaces a text in the body wherever it stands.
func rewrite(old, replacement string) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		if !strings.Contains(string(r.Body), old) {
			t.Fatalf("no %q in %s", old, r.Body)
		}
		r.Body = vault.Body(strings.ReplaceAll(string(r.Body), old, replacement))
	}
}

// header sets a header; an empty value removes it.
func header(name, value string) func(*testing.T, *vault.Response) {
	return func(_ *testing.T, r *vault.Response) {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
}

// location changes the Location header as a URL.
func location(change func(*url.URL)) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		u, err := url.Parse(r.Header.Get("Location"))
		if err != nil || u.String() == "" {
			t.Fatalf("no Location to change: %v", err)
		}
		change(u)
		r.Header.Set("Location", u.String())
	}
}

// locationQuery sets a parameter of the Location header.
func locationQuery(name, value string) func(*testing.T, *vault.Response) {
	return location(func(u *url.URL) {
		query := u.Query()
		query.Set(name, value)
		u.RawQuery = query.Encode()
	})
}

// csr replaces the csr with another one, signed properly with a key of its own.
func csr(change func(*x509.CertificateRequest)) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		put(base64.StdEncoding.EncodeToString(newCSR(t, change)), "csr")(t, r)
	}
}

func newCSR(t *testing.T, change func(*x509.CertificateRequest)) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: "somebody.else"}}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// authority asks for an authority's certificate.
func authority(request *x509.CertificateRequest) {
	request.ExtraExtensions = []pkix.Extension{{
		Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Value: []byte{0x30, 0x03, 0x01, 0x01, 0xff},
	}}
}

// spoiledSignature turns the last bit of the csr.
func spoiledSignature(t *testing.T, r *vault.Response) {
	t.Helper()
	decoded, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := decoded.(map[string]any)["csr"].(string)
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(der) == 0 {
		t.Fatalf("no csr to spoil: %v", err)
	}
	der[len(der)-1] ^= 1
	put(base64.StdEncoding.EncodeToString(der), "csr")(t, r)
}

// anotherCertificate is a certificate in base64 whose key nobody asked for.
func anotherCertificate(t *testing.T, r *vault.Response) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "another"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	put(base64.StdEncoding.EncodeToString(der), "cer")(t, r)
}

// found answers 200 with an operation in progress that nobody asked for.
func found() func(*testing.T, *vault.Response) {
	return answer(http.StatusOK, `{"id":"https://any/certificates/any/pending","status":"inProgress","request_id":"0"}`)
}

// gone answers as a pending object that is not there.
func gone() func(*testing.T, *vault.Response) {
	return answer(http.StatusNotFound, `{"error":{"code":"PendingCertificateNotFound","message":"gone"}}`)
}

// requestIDOf borrows the request_id that another step of the rehearsal answered.
func requestIDOf(play, step string) func(*testing.T, *rehearsal) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		return put(r.exchange(t, play, step).Text("request_id"), "request_id")
	}
}

// importedCertificate borrows the certificate whose import was refused.
func importedCertificate(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
	t.Helper()
	der := r.exchange(t, "ConflictWhileInProgress", "Imported").Request.Certificates[0]
	return put(base64.StdEncoding.EncodeToString(der), "cer")
}
