package profile_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/profile"
)

const token = "the-right-token"

// pool is one for all tests: making RSA keys costs more than the tests do.
var pool = sync.OnceValue(func() *refvault.KeyPool { return refvault.NewKeyPool(2) })

// A client sends requests to a vault of its own.
type client struct {
	t      *testing.T
	server *httptest.Server
	// authorization and version are those of every request.
	authorization, version string
}

// newClient serves a vault with the profile's deviations, or without any where it is nil.
func newClient(t *testing.T, p *profile.Profile) *client {
	t.Helper()
	options := refvault.Options{Token: token, Keys: pool(), IssueAfter: -1, CancelAfter: time.Hour}
	if p != nil {
		p.Configure(&options)
	}
	vault, err := refvault.New(options)
	if err != nil {
		t.Fatal(err)
	}
	handler := http.Handler(vault)
	if p != nil {
		handler = p.Wrap(handler)
	}
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{t: t, server: server, authorization: "Bearer " + token, version: "7.4"}
}

// A reply is a response, read to its end.
type reply struct {
	Status int
	Header http.Header
	Text   string
	Body   map[string]any
}

// send sends a request below the vault's address; a body is a value to encode, or nil.
func (c *client) send(method, path string, body any) *reply {
	c.t.Helper()
	var content io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	if c.version != "" {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += separator + "api-version=" + c.version
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.authorization != "" {
		r.Header.Set("Authorization", c.authorization)
	}
	response, err := c.server.Client().Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	got := &reply{Status: response.StatusCode, Header: response.Header, Text: string(text)}
	if json.Unmarshal(text, &got.Body) != nil {
		got.Body = nil
	}
	return got
}

func (c *client) get(path string) *reply { c.t.Helper(); return c.send(http.MethodGet, path, nil) }
func (c *client) delete(path string) *reply {
	c.t.Helper()
	return c.send(http.MethodDelete, path, nil)
}

// pending reads a pending object.
func (c *client) pending(name string) *reply {
	c.t.Helper()
	return c.get("/certificates/" + name + "/pending")
}

// with is a client that differs in its authorization and api-version.
func (c *client) with(authorization, version string) *client {
	other := *c
	other.authorization, other.version = authorization, version
	return &other
}

// create asks for a certificate with a full policy.
func (c *client) create(name, issuer string) *reply {
	c.t.Helper()
	return c.send(http.MethodPost, "/certificates/"+name+"/create", full(issuer))
}

// issued makes a certificate that is completed.
func (c *client) issued(name string) *reply {
	c.t.Helper()
	if got := c.create(name, "Self"); got.Status/100 != 2 {
		c.t.Fatalf("a create returns %d: %s", got.Status, got.Text)
	}
	c.pending(name)
	got := c.get("/certificates/" + name)
	if got.Status != http.StatusOK {
		c.t.Fatalf("the certificate cannot be read: %d %s", got.Status, got.Text)
	}
	return got
}

func (c *client) cancel(name string) *reply {
	c.t.Helper()
	return c.send(http.MethodPatch, "/certificates/"+name+"/pending", map[string]any{"cancellation_requested": true})
}

func (c *client) importing(name, value string, more map[string]any) *reply {
	c.t.Helper()
	body := map[string]any{"value": value, "pwd": password}
	for member, value := range more {
		body[member] = value
	}
	return c.send(http.MethodPost, "/certificates/"+name+"/import", body)
}

func (c *client) merge(name string, x5c ...string) *reply {
	c.t.Helper()
	return c.send(http.MethodPost, "/certificates/"+name+"/pending/merge", map[string]any{"x5c": x5c})
}

// signed is a certificate for the request that is pending.
func (c *client) signed(name string) string {
	c.t.Helper()
	der, err := base64.StdEncoding.DecodeString(c.pending(name).text("csr"))
	if err != nil {
		c.t.Fatal(err)
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		c.t.Fatal(err)
	}
	key, _ := elliptic256()
	return base64.StdEncoding.EncodeToString(certificate(request.PublicKey, key, "authority"))
}

// text is the member of a body at a path of names, "" where it is missing or no text.
func (r *reply) text(path ...string) string {
	text, _ := r.at(path...).(string)
	return text
}

// at is the member of a body at a path of names, nil where it is missing.
func (r *reply) at(path ...string) any {
	var found any = r.Body
	for _, name := range path {
		in, _ := found.(map[string]any)
		found = in[name]
	}
	return found
}

// has reports whether the body has a member, null or not.
func (r *reply) has(member string) bool {
	_, ok := r.Body[member]
	return ok
}

// is reports whether the response is an error with this status and code.
func (r *reply) is(status int, code string) bool {
	return r.Status == status && r.text("error", "code") == code
}

// full is the body of a create that leaves nothing to a default.
func full(issuer string) map[string]any {
	return map[string]any{"policy": map[string]any{
		"key_props":    map[string]any{"kty": "EC", "crv": "P-256", "key_size": 256, "exportable": true, "reuse_key": false},
		"secret_props": map[string]any{"contentType": "application/x-pkcs12"},
		"x509_props":   map[string]any{"subject": "CN=profile.example", "validity_months": 6},
		"issuer":       map[string]any{"name": issuer},
	}}
}

// minimal is the body of a create with a subject and an issuer.
func minimal(issuer string) map[string]any {
	return map[string]any{"policy": map[string]any{
		"x509_props": map[string]any{"subject": "CN=profile.example"}, "issuer": map[string]any{"name": issuer},
	}}
}

const password = "secret"

func elliptic256() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// rsaKey is made once.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// certificate is one for a public key, signed by another.
func certificate(public crypto.PublicKey, by crypto.Signer, subject string) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: subject},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, by)
	if err != nil {
		panic(err)
	}
	return der
}

// A form encodes a PFX.
type form interface {
	Encode(key any, leaf *x509.Certificate, chain []*x509.Certificate, password string) ([]byte, error)
}

// pfx is a PFX of a new certificate for the key, with a chain of others.
func pfx(as form, key crypto.Signer, chained int) string {
	leaf, _ := x509.ParseCertificate(certificate(key.Public(), key, "imported"))
	var chain []*x509.Certificate
	for range chained {
		other, _ := x509.ParseCertificate(certificate(key.Public(), key, "chained"))
		chain = append(chain, other)
	}
	der, err := as.Encode(key, leaf, chain, password)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func plainPFX() string { return pfx(pkcs12.LegacyDES, rsaKey(), 0) }

// pemText is a certificate with its key as text.
func pemText() string {
	key := rsaKey()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return string(append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate(key.Public(), key, "imported")})...))
}
