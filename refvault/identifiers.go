package refvault

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
)

// idSource makes versions, request ids and serial numbers. The reader need not be safe for concurrent use.
type idSource struct {
	mu     sync.Mutex
	reader io.Reader
}

// bytes returns n random bytes.
func (s *idSource) bytes(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := make([]byte, n)
	if _, err := io.ReadFull(s.reader, b); err != nil {
		// A reader that ran dry must not make two ids equal.
		_, _ = rand.Read(b)
	}
	return b
}

// hex returns 32 lower-case hex digits: the form of versions and request ids.
func (s *idSource) hex() string { return hex.EncodeToString(s.bytes(16)) }

// guid returns a random GUID with dashes.
func (s *idSource) guid() string {
	b := s.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

var (
	namePattern    = regexp.MustCompile(`^[0-9a-zA-Z-]{1,127}$`)
	versionPattern = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
)

func checkName(name string) error {
	if !namePattern.MatchString(name) {
		return badParameter("The certificate name %q is not 1 to 127 letters, digits and dashes.", name)
	}
	return nil
}

func checkVersion(version string) error {
	if !versionPattern.MatchString(version) {
		return badParameter("The certificate version %q is not 32 hex digits.", version)
	}
	return nil
}

// baseURL is the vault as the client sees it: the connection's scheme and the host that it asked for.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// withPort is baseURL with the port written out, as the links between pages carry it.
func withPort(r *http.Request) string {
	base := baseURL(r)
	if _, _, err := net.SplitHostPort(r.Host); err == nil {
		return base
	}
	if r.TLS != nil {
		return base + ":443"
	}
	return base + ":80"
}
