package specs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// withoutVersion is the id of a bundle less its version.
func withoutVersion(t *testing.T, r *vault.Response) string {
	t.Helper()
	decoded, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := decoded.(map[string]any)["id"].(string)
	return id[:strings.LastIndex(id, "/")]
}

// challenge answers with another WWW-Authenticate.
func challenge(value string) func(*testing.T, *vault.Response) {
	return header("WWW-Authenticate", value)
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

// from is an answer made wrong by a member that another exchange of the rehearsal answered.
func from(rule, step, play, otherStep string, path ...string) broken {
	return broken{rule: rule, step: step, borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		decoded, err := r.exchange(t, play, otherStep).Response.JSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range path {
			object, _ := decoded.(map[string]any)
			decoded = object[name]
		}
		if decoded == nil {
			t.Fatalf("%s.%s has no %s", play, otherStep, strings.Join(path, "."))
		}
		return put(decoded, path...)
	}}
}

// whole is an answer replaced by that of another exchange of the rehearsal.
func whole(rule, step, play, otherStep string) broken {
	return broken{rule: rule, step: step, borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		other := r.exchange(t, play, otherStep).Response
		return answer(other.Status, string(other.Body))
	}}
}

// carrying is an answer whose cer is the leaf that a merge of the rehearsal sent.
func carrying(rule, step, play, merge string) broken {
	return broken{rule: rule, step: step, borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
		t.Helper()
		var body struct {
			X5C []string `json:"x5c"`
		}
		if err := json.Unmarshal(r.exchange(t, play, merge).Request.Body, &body); err != nil || len(body.X5C) == 0 {
			t.Fatalf("no leaf in the merge: %v", err)
		}
		return put(body.X5C[0], "cer")
	}}
}

// otherVersion changes the version at the end of an identifier.
func otherVersion(member string) func(*testing.T, *vault.Response) {
	return func(t *testing.T, r *vault.Response) {
		t.Helper()
		decoded, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		id, _ := decoded.(map[string]any)[member].(string)
		at := strings.LastIndex(id, "/")
		put(id[:at+1]+strings.Repeat("9", 32), member)(t, r)
	}
}
