package refvault_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net/http"
	"testing"
	"time"
)

// A signer is a CA of a test's own.
type signer struct {
	t  *testing.T
	ca *leaf
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	return &signer{t: t, ca: newLeaf(t, nil, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid = "A CA", true, true
	})}
}

func (s *signer) text() string { return base64.StdEncoding.EncodeToString(s.ca.cert.Raw) }

// sign makes a certificate for a key that is valid in ten years' time: the vault must not mind.
func (s *signer) sign(public crypto.PublicKey) string {
	s.t.Helper()
	start := time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: s.ca.cert.Subject, NotBefore: start, NotAfter: start.AddDate(0, 0, 1)}
	der, err := x509.CreateCertificate(rand.Reader, template, s.ca.cert, public, s.ca.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func (b *bench) merge(name string, x5c ...string) *reply {
	b.t.Helper()
	return b.send(http.MethodPost, "/certificates/"+name+"/pending/merge", map[string]any{"x5c": x5c})
}

func TestMergeCompletesTheRequest(t *testing.T) {
	s := newSigner(t)
	for _, test := range []struct {
		name, issuer string
		chain        bool
	}{
		{"manual", "Unknown", false},
		{"manual with the chain", "Unknown", true},
		{"after failure", "fails", false},
		{"after rejection", "rejects", false},
		{"after cancellation", "stays", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, nil)
			created := b.create("a", test.issuer)
			stub := b.send(http.MethodGet, "/certificates/a", nil)
			if test.issuer == "stays" {
				b.cancel("a", true).must(http.StatusOK)
			}
			b.clock.Advance(time.Second)
			leafText := s.sign(parseCSR(t, created.text("csr")).PublicKey)
			x5c := []string{leafText}
			if test.chain {
				x5c = append(x5c, s.text())
			}
			r := b.merge("a", x5c...).must(http.StatusCreated)
			if got := r.Header.Get("Location"); got != b.server.URL+"/certificates/a?api-version=7.4" {
				t.Errorf("Location %q", got)
			}
			r.hasExactly("id", "kid", "sid", "x5t", "cer", "attributes", "policy", "pending")
			cert := parseCER(t, r)
			if r.text("cer") != leafText || r.number("attributes", "nbf") != cert.NotBefore.Unix() ||
				r.number("attributes", "exp") != cert.NotAfter.Unix() || r.at("attributes", "enabled") != true {
				t.Errorf("bundle: %s", r.Text)
			}
			if r.text("id") == stub.text("id") {
				t.Error("the merged version has the id of the placeholder")
			}
			if r.number("policy", "x509_props", "validity_months") != 12 || r.text("policy", "issuer", "name") != test.issuer {
				t.Errorf("policy: %s", r.Text)
			}
			pending := b.pending("a").must(http.StatusOK)
			pending.hasExactly("id", "issuer", "csr", "cancellation_requested", "status", "target", "request_id")
			if pending.text("status") != "completed" || pending.text("request_id") != created.text("request_id") {
				t.Errorf("operation: %s", pending.Text)
			}
			if got := b.send(http.MethodGet, "/certificates/a", nil).Text; got != r.Text {
				t.Errorf("the certificate is not what was merged: %s", got)
			}
			b.create("a", "stays")
		})
	}
}

func TestMergeRefusesAndChangesNothing(t *testing.T) {
	s := newSigner(t)
	foreign := s.sign(newLeaf(t, nil, nil).key.Public())
	right := func(created *reply) string { return s.sign(parseCSR(t, created.text("csr")).PublicKey) }
	for _, test := range []struct {
		name, issuer string
		body         func(created *reply) any
		status       int
		code         string
	}{
		{"issuer at work", "stays", func(r *reply) any { return x5c(right(r)) }, http.StatusForbidden, "Forbidden"},
		{"issuer at work, garbage", "stays", func(*reply) any { return x5c("garbage") }, http.StatusForbidden, "Forbidden"},
		{"another key", "Unknown", func(*reply) any { return x5c(foreign) }, http.StatusBadRequest, "BadParameter"},
		{"a CA alone", "Unknown", func(*reply) any { return x5c(s.text()) }, http.StatusBadRequest, "BadParameter"},
		{"not base64", "Unknown", func(*reply) any { return x5c("???") }, http.StatusBadRequest, "BadParameter"},
		{"not X.509", "Unknown", func(*reply) any { return x5c("Z2FyYmFnZQ==") }, http.StatusBadRequest, "BadParameter"},
		{"garbage after the leaf", "Unknown", func(r *reply) any { return x5c(right(r), "Z2FyYmFnZQ==") }, http.StatusBadRequest, "BadParameter"},
		{"the request itself", "Unknown", func(r *reply) any { return x5c(r.text("csr")) }, http.StatusBadRequest, "BadParameter"},
		{"no certificate", "Unknown", func(*reply) any { return `{"x5c":[]}` }, http.StatusBadRequest, "BadParameter"},
		{"no x5c", "Unknown", func(*reply) any { return `{}` }, http.StatusBadRequest, "BadParameter"},
		{"x5c a text", "Unknown", func(r *reply) any { return map[string]string{"x5c": right(r)} }, http.StatusBadRequest, "BadParameter"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, nil)
			created := b.create("a", test.issuer)
			stub := b.send(http.MethodGet, "/certificates/a", nil).Text
			b.send(http.MethodPost, "/certificates/a/pending/merge", test.body(created)).refused(test.status, test.code)
			if after := b.pending("a"); after.Text != created.Text {
				t.Errorf("the operation changed: %s", after.Text)
			}
			if after := b.send(http.MethodGet, "/certificates/a", nil).Text; after != stub {
				t.Errorf("the certificate changed: %s", after)
			}
		})
	}
}

func TestMergeWithNothingToMerge(t *testing.T) {
	s := newSigner(t)
	b := newBench(t, nil)
	b.merge("none", s.text()).refused(http.StatusNotFound, "PendingCertificateNotFound")
	b.send(http.MethodPost, "/certificates/imported/import", importBody(t)).must(http.StatusOK)
	b.merge("imported", s.text()).refused(http.StatusNotFound, "PendingCertificateNotFound")

	created := b.create("a", "Unknown")
	text := s.sign(parseCSR(t, created.text("csr")).PublicKey)
	merged := b.merge("a", text).must(http.StatusCreated)
	b.merge("a", text).refused(http.StatusForbidden, "Forbidden")
	if after := b.send(http.MethodGet, "/certificates/a", nil).Text; after != merged.Text {
		t.Errorf("a second merge changed the certificate: %s", after)
	}
}

func TestMergeSetsWhatItWasSent(t *testing.T) {
	s := newSigner(t)
	b := newBench(t, nil)
	body := createBody("Unknown")
	body["tags"] = map[string]string{"from": "create"}
	created := b.send(http.MethodPost, "/certificates/a/create", body).must(http.StatusAccepted)
	r := b.send(http.MethodPost, "/certificates/a/pending/merge", map[string]any{
		"x5c":        []string{s.sign(parseCSR(t, created.text("csr")).PublicKey)},
		"attributes": map[string]any{"enabled": false}, "tags": map[string]string{"from": "merge"},
	}).must(http.StatusCreated)
	if r.at("attributes", "enabled") != false || r.text("tags", "from") != "merge" {
		t.Errorf("bundle: %s", r.Text)
	}
}

func x5c(items ...string) map[string]any { return map[string]any{"x5c": items} }
