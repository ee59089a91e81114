package sdkgo_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/passthrough"
	"github.com/kvconform/kvconform/refvault"
)

const token = "a-token-for-tests"

// bench is a reference vault whose clock the test moves.
type bench struct {
	t      *testing.T
	clock  *refvault.ManualClock
	server *httptest.Server
}

func newBench(t *testing.T, change func(*refvault.Options)) *bench {
	t.Helper()
	clock := refvault.NewManualClock(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
	options := refvault.Options{Clock: clock, Token: token, Keys: refvault.NewKeyPool(1)}
	change(&options)
	vault, err := refvault.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, clock: clock, server: audited(t, vault)}
}

// audited serves a vault behind the proxy of `kvconform proxy`, which passes the client's Host on and has to be silent: whatever
// this client is told, no rule is broken by it.
func audited(t *testing.T, vault http.Handler) *httptest.Server {
	t.Helper()
	upstream := httptest.NewTLSServer(vault)
	t.Cleanup(upstream.Close)
	base, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	auditor, err := audit.New(audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var causes bytes.Buffer
	session, err := passthrough.NewSession(t.Context(), passthrough.SessionOptions{Audit: auditor, Lines: &causes})
	if err != nil {
		t.Fatal(err)
	}
	proxy := passthrough.New(passthrough.Options{Upstream: base, Transport: upstream.Client().Transport, KeepHost: true, Take: session.Take})
	server := httptest.NewTLSServer(proxy)
	t.Cleanup(func() {
		server.Close()
		proxy.Close()
		report, err := session.Report()
		if err != nil || auditor.Judged() == 0 || report.Counts.Fail+report.Counts.Warn > 0 || causes.Len() > 0 {
			t.Errorf("the proxy judged %d exchanges and is not silent: %v\n%s", auditor.Judged(), err, causes.String())
		}
	})
	return server
}

// authority issues certificates; as a leaf it is one to import.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imported.example"},
		NotBefore: start, NotAfter: start.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
	}
	a := &authority{key: key, cert: template}
	der := a.issue(t, template, key.Public())
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) issue(t *testing.T, template *x509.Certificate, public crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, public, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// sign issues a certificate for the key of a CSR.
func (a *authority) sign(t *testing.T, csr []byte) []byte {
	t.Helper()
	request, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	return a.issue(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: request.Subject, NotBefore: start, NotAfter: start.AddDate(0, 0, 1),
	}, request.PublicKey)
}

func (a *authority) pfx(t *testing.T, password string) string {
	t.Helper()
	der, err := pkcs12.Modern.Encode(a.key, a.cert, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func (a *authority) pem(t *testing.T) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	return string(certificate) + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}
