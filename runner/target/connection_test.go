package target

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/scenarios/vault"
)

const storePassword = "store-password"

// signer is a CA of a test with the folder that its files are in.
type signer struct {
	t           *testing.T
	folder      string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	s := &signer{t: t, folder: t.TempDir()}
	s.key, s.certificate = s.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "a CA of a test"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	return s
}

// sign makes a certificate with a key of its own, signed by the CA or, the first, by itself.
func (s *signer) sign(template *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signing := s.certificate, s.key
	if parent == nil {
		parent, signing = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signing)
	if err != nil {
		s.t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	return key, certificate
}

func (s *signer) write(name string, content []byte) string {
	s.t.Helper()
	path := filepath.Join(s.folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *signer) ca() string {
	return s.write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate.Raw}))
}

// serve starts an https server with a certificate for a host name.
func (s *signer) serve(host string, wantsClient bool, handler http.Handler) *httptest.Server {
	s.t.Helper()
	key, certificate := s.sign(&x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}}}
	if wantsClient {
		server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		server.TLS.ClientCAs.AddCert(s.certificate)
	}
	server.Config.ErrorLog = nil
	server.StartTLS()
	s.t.Cleanup(server.Close)
	return server
}

// clientFiles are a client certificate as PEM and as PKCS#12.
func (s *signer) clientFiles() (cert, key, pfx string) {
	s.t.Helper()
	private, certificate := s.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "a client"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		s.t.Fatal(err)
	}
	store, err := pkcs12.Modern.Encode(private, certificate, nil, storePassword)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.write("client.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})),
		s.write("client.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		s.write("client.p12", store)
}

// trustStores are the CA as Java keeps it, with and without a password, and a certificate with its chain.
func (s *signer) trustStores() (java, open, chain string) {
	s.t.Helper()
	with, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{s.certificate}, storePassword)
	if err != nil {
		s.t.Fatal(err)
	}
	without, err := pkcs12.Passwordless.EncodeTrustStore([]*x509.Certificate{s.certificate}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	key, leaf := s.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "someone"}})
	chained, err := pkcs12.Modern.Encode(key, leaf, []*x509.Certificate{s.certificate}, storePassword)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.write("java.p12", with), s.write("open.p12", without), s.write("chain.p12", chained)
}

// heard is what a server was asked last.
type heard struct {
	mu      sync.Mutex
	request *http.Request
}

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.request = r
	w.Header().Set("X-Echo", r.Header.Get("X-Api-Key"))
	_, _ = io.WriteString(w, `{"value":[]}`)
}

// reach sends one request to a target, as a run does.
func reach(t *testing.T, target Target) (*vault.Exchange, error) {
	t.Helper()
	target = target.WithDefaults()
	endpoint, err := target.Check()
	if err != nil {
		return nil, err
	}
	transport, err := target.Transport()
	if err != nil {
		return nil, target.Located(err)
	}
	header, err := target.Header()
	if err != nil {
		return nil, target.Located(err)
	}
	credential, err := target.Credential(time.Now)
	if err != nil {
		return nil, err
	}
	client := vault.NewClient(vault.Options{
		Endpoint: endpoint, Transport: transport, Header: header, Credential: credential, APIVersion: target.APIVersion[0],
	})
	return client.GetCertificates(context.Background()), nil
}

func TestTheConnectionOfATarget(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	listener := &heard{}
	named := s.serve("vault.example", false, listener)
	strict := s.serve("127.0.0.1.example", true, listener)
	_, namedPort, _ := net.SplitHostPort(named.Listener.Addr().String())
	cert, key, pfx := s.clientFiles()
	java, open, chain := s.trustStores()
	ca := s.ca()
	password := Secret{Value: storePassword}
	at := func(server *httptest.Server, host string, trust TLS) Target {
		return Target{Endpoint: "https://" + host + "/prefix", Dial: server.Listener.Addr().String(), TLS: trust}
	}
	for _, test := range []struct {
		name   string
		target Target
		want   string // "": it is reached; else the failure
	}{
		{"dial", at(named, "vault.example", TLS{CA: ca}), ""},
		{"dial with a port", at(named, "vault.example:9443", TLS{CA: ca}), ""},
		{"dial, another name", at(named, "other.example", TLS{CA: ca}), "certificate is valid for vault.example, not other.example"},
		{"server name", Target{Endpoint: "https://127.0.0.1:" + namedPort + "/prefix", TLS: TLS{CA: ca, ServerName: "vault.example"}}, ""},
		{"no trust", at(named, "vault.example", TLS{}), "certificate signed by unknown authority"},
		{"insecure", at(named, "whoever.example", TLS{Insecure: true}), ""},
		{"trust store of Java", at(named, "vault.example", TLS{TrustStore: TrustStore{File: java, Password: password}}), ""},
		{"trust store without a password", at(named, "vault.example", TLS{TrustStore: TrustStore{File: open}}), ""},
		{"trust store with a chain", at(named, "vault.example", TLS{TrustStore: TrustStore{File: chain, Password: password}}), ""},
		{"client certificate missing", at(strict, "127.0.0.1.example", TLS{CA: ca}), "certificate required"},
		{"client certificate in PEM", at(strict, "127.0.0.1.example", TLS{CA: ca, ClientCertificate: ClientCertificate{Cert: cert, Key: key}}), ""},
		{"client certificate in PKCS#12", at(strict, "127.0.0.1.example", TLS{CA: ca, ClientCertificate: ClientCertificate{PKCS12: pfx, Password: password}}), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := reach(t, test.target)
			if err != nil {
				t.Fatal(err)
			}
			if test.want != "" {
				if e.Failure == nil || !strings.Contains(e.Failure.Message, test.want) {
					t.Errorf("got %s, want %s", e.Line(), test.want)
				}
				return
			}
			if !e.Succeeded() {
				t.Fatal(e.Line())
			}
			u, _ := url.Parse(test.target.Endpoint)
			if listener.request.Host != u.Host || listener.request.URL.Path != "/prefix/certificates" {
				t.Errorf("it was asked for %s at %s", listener.request.URL, listener.request.Host)
			}
			if name := listener.request.TLS.ServerName; name != u.Hostname() && name != test.target.TLS.ServerName {
				t.Errorf("the server name was %s", name)
			}
		})
	}
}

func TestFilesOfTheConnectionThatAreWrong(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	cert, key, pfx := s.clientFiles()
	java, _, _ := s.trustStores()
	ca := s.ca()
	otherFolder := newSigner(t)
	_, otherKey, _ := otherFolder.clientFiles()
	gone := filepath.Join(s.folder, "gone")
	wrongPassword := Secret{Value: "wrong"}
	for _, test := range []struct {
		name string
		tls  TLS
		want string
	}{
		{"no CA", TLS{CA: gone}, "the CA cannot be read: GONE: no such file or directory"},
		{"a folder", TLS{CA: s.folder}, "the CA cannot be read: FOLDER: it is a directory"},
		{"a key for a CA", TLS{CA: key}, "the CA FOLDER/client.key holds no PEM certificate; give the file of the CA that signed the server's certificate"},
		{"no trust store", TLS{TrustStore: TrustStore{File: gone}}, "the trust store GONE cannot be read: no such file or directory"},
		{"a trust store with another password", TLS{TrustStore: TrustStore{File: java, Password: wrongPassword}}, "the password of the trust store FOLDER/java.p12 is not right; check it"},
		{"a trust store without its password", TLS{TrustStore: TrustStore{File: java}}, "the password of the trust store FOLDER/java.p12 is not right; check it"},
		{"PEM for a trust store", TLS{TrustStore: TrustStore{File: ca}}, "the trust store FOLDER/ca.pem is no PKCS#12 file; give PEM files under ca, or under cert and key"},
		{"a client certificate for a trust store", TLS{TrustStore: TrustStore{File: cert}}, "the trust store FOLDER/client.pem is no PKCS#12 file; give PEM files under ca, or under cert and key"},
		{"no client certificate", TLS{ClientCertificate: ClientCertificate{Cert: gone, Key: key}}, "the client certificate GONE cannot be read: no such file or directory"},
		{"no key", TLS{ClientCertificate: ClientCertificate{Cert: cert, Key: gone}}, "the key of the client certificate GONE cannot be read: no such file or directory"},
		{"another key", TLS{ClientCertificate: ClientCertificate{Cert: cert, Key: otherKey}}, "the client certificate and its key do not fit: tls: private key does not match public key"},
		{"a client certificate with another password", TLS{ClientCertificate: ClientCertificate{PKCS12: pfx, Password: wrongPassword}}, "the password of the client certificate FOLDER/client.p12 is not right; check it"},
		{"a password that is not there", TLS{ClientCertificate: ClientCertificate{PKCS12: pfx, Password: Secret{Env: "KVCONFORM_NO_SUCH"}}}, "the password of the client certificate: the environment variable KVCONFORM_NO_SUCH is not set; set it, or name another"},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := strings.NewReplacer("GONE", gone, "FOLDER", s.folder).Replace(test.want)
			_, err := reach(t, Target{Endpoint: "https://vault.example", TLS: test.tls})
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestHeadersGoWithEveryRequestAndAreInNoReport(t *testing.T) {
	const key = "an-api-key-that-nobody-may-see"
	t.Setenv("KVCONFORM_TEST_KEY", key)
	listener := &heard{}
	server := httptest.NewServer(listener)
	defer server.Close()
	e, err := reach(t, Target{Endpoint: server.URL, Headers: map[string]Secret{"x-api-key": {Env: "KVCONFORM_TEST_KEY"}}})
	if err != nil || !e.Succeeded() {
		t.Fatal(err, e.Line())
	}
	if got := listener.request.Header.Get("X-Api-Key"); got != key {
		t.Errorf("the header was %q", got)
	}
	if e.Request.Header.Get("X-Api-Key") != "[redacted]" || e.Response.Header.Get("X-Echo") != "[redacted]" {
		t.Errorf("kept: %v and %v", e.Request.Header, e.Response.Header)
	}
}

func TestAProxyIsUsedWhereTheFileNamesOne(t *testing.T) {
	s := newSigner(t)
	listener := &heard{}
	server := s.serve("vault.example", false, listener)
	var connects []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connects = append(connects, r.Method+" "+r.Host)
		away, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack() // before the client may send: what the server has read is lost
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(away, here); _ = away.Close() }()
		_, _ = io.Copy(here, away)
		_ = here.Close()
	}))
	defer proxy.Close()
	e, err := reach(t, Target{Endpoint: "https://vault.example", Proxy: proxy.URL, TLS: TLS{CA: s.ca()}})
	if err != nil || !e.Succeeded() {
		t.Fatal(err, e.Line())
	}
	if len(connects) != 1 || connects[0] != "CONNECT vault.example:443" {
		t.Errorf("the proxy was asked %v", connects)
	}
	t.Setenv("HTTPS_PROXY", proxy.URL)
	transport, err := Target{Endpoint: "https://vault.example", Proxy: "none"}.Transport()
	if err != nil || transport.Proxy != nil {
		t.Errorf("with none there is a proxy: %v", err)
	}
}
