package input

import (
	"net"
	"strings"
)

// IsLoopback reports whether a host is this machine. Every name under localhost is (RFC 6761 section 6.3).
func IsLoopback(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// WithoutPassword hides the user and password of a text that is meant to be a URL and may not be one.
func WithoutPassword(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	} else {
		scheme += "://"
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		return scheme + "[redacted]" + rest[at:]
	}
	return text
}
