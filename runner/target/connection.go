package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"software.sslmate.com/src/go-pkcs12"
)

// longestCertificateFile bounds files of certificates, in bytes.
const longestCertificateFile = 8 << 20

// longestHeader bounds the header of a response, in bytes.
const longestHeader = 64 << 10

// noProxy is what proxy says to have none, whatever the environment says.
const noProxy = "none"

// checkConnection refuses what cannot be dialled.
func (t Target) checkConnection() error {
	if t.IDBase != "" {
		base, err := url.Parse(t.IDBase)
		if err != nil || base.Hostname() == "" || (base.Scheme != "https" && base.Scheme != "http") || base.RawQuery != "" {
			return input.Wrong("/idBase", "the idBase %q is no http(s) URL; give it as https://HOST", input.WithoutPassword(t.IDBase))
		}
	}
	if t.Dial != "" {
		if err := checkDial(t.Dial); err != nil {
			return err
		}
		if t.Proxy != "" && t.Proxy != noProxy {
			return input.Wrong("/dial", "dial and proxy are both given; leave dial out, since the proxy does the dialling")
		}
	}
	if err := checkProxy(t.Proxy); err != nil {
		return err
	}
	if err := t.checkHeaders(); err != nil {
		return err
	}
	return t.checkClientCertificate()
}

func (t Target) checkHeaders() error {
	for name := range t.Headers {
		if slices.Contains([]string{"Host", "Content-Length", "Transfer-Encoding", "Connection"}, http.CanonicalHeaderKey(name)) {
			return input.Wrong("/headers/"+name, "the header %s belongs to the connection; leave it out, and use dial to reach another host than the endpoint's", name)
		}
		if http.CanonicalHeaderKey(name) == "Authorization" {
			return input.Wrong("/headers/"+name, "the header Authorization carries the token; give that under auth")
		}
		if !isHeaderName(name) {
			return input.Wrong("/headers/"+name, "%q is no name of a header", name)
		}
	}
	return nil
}

func checkProxy(proxy string) error {
	if proxy == "" || proxy == noProxy {
		return nil
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
		return input.Wrong("/proxy", "the proxy is no URL such as http://HOST:PORT, nor none")
	}
	return nil
}

func checkDial(address string) error {
	host, port, err := net.SplitHostPort(address)
	number, failed := strconv.Atoi(port)
	if err != nil || host == "" || failed != nil || number < 1 || number > 65535 {
		return input.Wrong("/dial", "%q is no address that can be dialled; give it as HOST:PORT", address)
	}
	return nil
}

func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

func (t Target) checkClientCertificate() error {
	c := t.TLS.ClientCertificate
	switch {
	case c.PKCS12 != "" && (c.Cert != "" || c.Key != ""):
		return input.Wrong("/tls/clientCertificate", "both PEM and PKCS#12 are given; keep cert and key, or pkcs12")
	case (c.Cert == "") != (c.Key == ""):
		return input.Wrong("/tls/clientCertificate", "cert and key belong together; give both")
	case c.PKCS12 == "" && c.Cert == "" && c.Password.Given():
		return input.Wrong("/tls/clientCertificate", "there is a password but no file; give pkcs12")
	}
	return nil
}

// Transport is how the target is dialled. A file that cannot be read is a mistake in usage.
func (t Target) Transport() (*http.Transport, error) {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: t.Plays,
		IdleConnTimeout:     time.Minute,
		ForceAttemptHTTP2:   true,

		MaxResponseHeaderBytes: longestHeader,
		TLSHandshakeTimeout:    t.Deadlines.Request,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.TLS.ServerName},
	}
	switch t.Proxy {
	case "":
	case noProxy:
		transport.Proxy = nil
	default:
		u, err := url.Parse(t.Proxy)
		if err != nil {
			return nil, input.Wrong("/proxy", "the proxy is no URL")
		}
		transport.Proxy = http.ProxyURL(u)
	}
	if t.Dial != "" {
		dialer := &net.Dialer{Timeout: t.Deadlines.Request}
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, t.Dial)
		}
	}
	if t.TLS.Insecure {
		transport.TLSClientConfig.InsecureSkipVerify = true // #nosec G402 -- asked for by the owner of the target
	}
	var err error
	if transport.TLSClientConfig.RootCAs, err = t.authorities(false); err != nil {
		return nil, err
	}
	transport.TLSClientConfig.Certificates, err = t.clientCertificates()
	return transport, err
}

// authorities are the certificates that the target file says to trust, nil where it names none: then the system's are.
// With the system's they are added to those.
func (t Target) authorities(withSystem bool) (*x509.CertPool, error) {
	if t.TLS.CA == "" && t.TLS.TrustStore.File == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if withSystem {
		if system, err := x509.SystemCertPool(); err == nil {
			pool = system
		}
	}
	if t.TLS.CA != "" {
		text, err := input.ReadFile(t.TLS.CA, longestCertificateFile)
		if err != nil {
			return nil, input.Wrong("/tls/ca", "the CA cannot be read: %s: %v", t.TLS.CA, err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, input.Wrong("/tls/ca", "the CA %s holds no PEM certificate; give the file of the CA that signed the server's certificate", t.TLS.CA)
		}
	}
	if t.TLS.TrustStore.File != "" {
		certificates, err := t.TLS.TrustStore.read()
		if err != nil {
			return nil, err
		}
		for _, certificate := range certificates {
			pool.AddCert(certificate)
		}
	}
	return pool, nil
}

// read returns the certificates of a trust store, whether Java made it or whether it is a certificate with its chain.
func (s TrustStore) read() ([]*x509.Certificate, error) {
	der, password, err := readPKCS12(s.File, s.Password, "/tls/trustStore/file", "/tls/trustStore/password", "the trust store")
	if err != nil {
		return nil, err
	}
	certificates, err := pkcs12.DecodeTrustStore(der, password)
	if err != nil && !errors.Is(err, pkcs12.ErrIncorrectPassword) {
		if _, leaf, chain, chainErr := pkcs12.DecodeChain(der, password); chainErr == nil {
			return append(chain, leaf), nil
		}
	}
	if err != nil {
		return nil, brokenPKCS12(err, s.File, "/tls/trustStore/file", "/tls/trustStore/password", "the trust store")
	}
	if len(certificates) == 0 {
		return nil, input.Wrong("/tls/trustStore/file", "the trust store %s holds no certificate", s.File)
	}
	return certificates, nil
}

func readPKCS12(path string, secret Secret, filePointer, passwordPointer, what string) ([]byte, string, error) {
	der, err := input.ReadFile(path, longestCertificateFile)
	if err != nil {
		return nil, "", input.Wrong(filePointer, "%s %s cannot be read: %v", what, path, err)
	}
	password, err := secret.Read(passwordPointer, "the password of "+what)
	return der, password, err
}

func brokenPKCS12(err error, path, filePointer, passwordPointer, what string) error {
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return input.Wrong(passwordPointer, "the password of %s %s is not right; check it", what, path)
	}
	if strings.Contains(err.Error(), "asn1:") {
		return input.Wrong(filePointer, "%s %s is no PKCS#12 file; give PEM files under ca, or under cert and key", what, path)
	}
	return input.Wrong(filePointer, "%s %s cannot be used: %v", what, path, err)
}

// clientCertificates are what the client shows, none where the target file names none.
func (t Target) clientCertificates() ([]tls.Certificate, error) {
	c := t.TLS.ClientCertificate
	switch {
	case c.PKCS12 != "":
		const file, secret, what = "/tls/clientCertificate/pkcs12", "/tls/clientCertificate/password", "the client certificate"
		der, password, err := readPKCS12(c.PKCS12, c.Password, file, secret, what)
		if err != nil {
			return nil, err
		}
		key, leaf, chain, err := pkcs12.DecodeChain(der, password)
		if err != nil {
			return nil, brokenPKCS12(err, c.PKCS12, file, secret, what)
		}
		shown := tls.Certificate{PrivateKey: key, Leaf: leaf, Certificate: [][]byte{leaf.Raw}}
		for _, certificate := range chain {
			shown.Certificate = append(shown.Certificate, certificate.Raw)
		}
		return []tls.Certificate{shown}, nil
	case c.Cert != "":
		cert, err := input.ReadFile(c.Cert, longestCertificateFile)
		if err != nil {
			return nil, input.Wrong("/tls/clientCertificate/cert", "the client certificate %s cannot be read: %v", c.Cert, err)
		}
		key, err := input.ReadFile(c.Key, longestCertificateFile)
		if err != nil {
			return nil, input.Wrong("/tls/clientCertificate/key", "the key of the client certificate %s cannot be read: %v", c.Key, err)
		}
		shown, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, input.Wrong("/tls/clientCertificate", "the client certificate and its key do not fit: %v", err)
		}
		return []tls.Certificate{shown}, nil
	default:
		return nil, nil
	}
}

// Header is what goes with every request also what the operation asks for.
func (t Target) Header() (http.Header, error) {
	header := http.Header{}
	for name, secret := range t.Headers {
		value, err := secret.Read("/headers/"+name, "the header "+name)
		if err != nil {
			return nil, err
		}
		header.Set(name, value)
	}
	return header, nil
}
