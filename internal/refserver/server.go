// Package refserver serves the reference vault, or any other handler, over https on an address of this machine, with a
// certificate of its own making.
package refserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Server is an https server on an address of this machine, with a certificate of its own making.
type Server struct {
	// URL is the base URL, CA the PEM certificate that clients have to trust, if it is of the server's own making.
	URL string
	CA  []byte

	server *http.Server
	done   chan error
}

// Security is how a server is secured; the zero value is https with a certificate of its own making.
type Security struct {
	// Certificate, where not nil, is the certificate to serve with. Whoever trusts it knows why.
	Certificate *tls.Certificate
	// Plain serves http.
	Plain bool
}

// Serve starts to serve a handler over https at a listen address, such as "127.0.0.1:0" for a free port of the loopback.
func Serve(address string, handler http.Handler) (*Server, error) {
	return ServeOn(address, handler, Security{})
}

// ServeOn is Serve with another certificate, or with none.
func ServeOn(address string, handler http.Handler, security Security) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("reading the address %s: %w", listener.Addr(), err)
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	s := &Server{
		URL:    "https://" + net.JoinHostPort(host, port),
		server: &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second},
		done:   make(chan error, 1),
	}
	if security.Plain {
		s.URL = "http://" + net.JoinHostPort(host, port)
		go func() { s.done <- s.server.Serve(listener) }()
		return s, nil
	}
	var certificate tls.Certificate
	if security.Certificate != nil {
		certificate = *security.Certificate
	} else if certificate, s.CA, err = ownCertificate(host); err != nil {
		return nil, err
	}
	s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	go func() { s.done <- s.server.ServeTLS(listener, "", "") }()
	return s, nil
}

// Wait returns when the server has ended, with the error that ended it.
func (s *Server) Wait() error {
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// Close ends the server, giving requests under way a moment.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		return s.server.Close()
	}
	return nil
}

// ownCertificate makes a self-signed certificate for a host and the names of the loopback.
func ownCertificate(host string) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("making the server's key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: "kvconform reference vault"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(0, 0, 30),
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else {
		template.DNSNames = append(template.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("signing the server's certificate: %w", err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, ca, nil
}
