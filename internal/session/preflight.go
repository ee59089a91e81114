package session

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// preflight finds out whether the endpoint can be talked to at all, so that the reason is one line and not a list of
// failing rules.
func (s *Session) preflight(ctx context.Context) error {
	t := s.Target
	probe := s.Client.GetCertificates(ctx, vault.Parameter("maxresults", "1"))
	if probe.Failure != nil {
		if proxy := s.proxy(); proxy != "" && probe.Failure.Kind == vault.Unreachable {
			return s.proxied(proxy, probe.Failure.Message)
		}
		return &Incomplete{
			Message: fmt.Sprintf("%s cannot be used: %s", t.Endpoint, probe.Failure.Message),
			Advice:  advice(probe.Failure.Kind, t),
		}
	}
	if proxy := s.proxy(); proxy != "" && probe.Status() == http.StatusProxyAuthRequired {
		return s.proxied(proxy, "407 Proxy Authentication Required")
	}
	if s.Endpoint.Scheme == "http" && wantsTLS(probe) {
		return &Incomplete{
			Message: t.Endpoint + " speaks https, and the endpoint says http",
			Advice:  "give the endpoint as https://" + s.Endpoint.Host + s.Endpoint.Path,
		}
	}
	if s.page(ctx, probe) {
		return &Incomplete{
			Message: t.Endpoint + " returns the same HTML page to every request: it is no vault",
			Advice:  "check the address; a sign-in page, a portal or a proxy may stand in front of the vault",
		}
	}
	if probe.Status() != http.StatusUnauthorized {
		return nil
	}
	if t.Auth.Kind() == "" {
		return &Incomplete{
			Message: t.Endpoint + " wants a token (401) and none was given",
			Advice:  "give one with KVCONFORM_TOKEN, --token-file or --token, or in the target file",
		}
	}
	return &Incomplete{
		Message: t.Endpoint + " does not accept the token (401" + Code(probe) + ")",
		Advice:  "check that it has not expired and that it was issued for this vault's resource",
	}
}

// wantsTLS reports whether a server says that it was sent plain http where it speaks https, in the words of the usual ones.
func wantsTLS(e *vault.Exchange) bool {
	said := strings.ToLower(string(e.Response.Body))
	return e.Status() == http.StatusBadRequest && strings.Contains(said, "http request") && strings.Contains(said, "https")
}

// page reports whether the endpoint returns the same HTML page as a success to another request, which no vault accepts.
func (s *Session) page(ctx context.Context, probe *vault.Exchange) bool {
	isPage := func(e *vault.Exchange) bool {
		return e.Succeeded() && bytes.HasPrefix(bytes.TrimSpace(e.Response.Body), []byte("<"))
	}
	if !isPage(probe) {
		return false
	}
	other := s.Client.GetPending(ctx, "kvconform-preflight")
	return isPage(other) && bytes.Equal(other.Response.Body, probe.Response.Body)
}

// proxy is the address of the proxy that requests to the endpoint go through, "" if they go through none.
func (s *Session) proxy() string {
	transport, ok := s.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return ""
	}
	proxy, err := transport.Proxy(&http.Request{URL: s.Endpoint})
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Redacted()
}

func (s *Session) proxied(proxy, why string) error {
	whence := "the environment (HTTPS_PROXY, HTTP_PROXY)"
	if s.Target.Proxy != "" {
		whence = "proxy in the target file"
	}
	return &Incomplete{
		Message: fmt.Sprintf("%s cannot be reached through the proxy %s: %s", s.Target.Endpoint, proxy, why),
		Advice:  "check the proxy, which is named by " + whence + ", or set `proxy: none` in the target file",
	}
}

// Code is the error code of a response with a space before it, "" where there is none.
func Code(e *vault.Exchange) string {
	problem, _ := e.Member("error").(map[string]any)
	code, _ := problem["code"].(string)
	if code == "" {
		return ""
	}
	return " " + code
}

func advice(kind vault.FailureKind, t target.Target) string {
	switch kind {
	case vault.Untrusted:
		return "give the CA that signed its certificate with --ca FILE, or --insecure to trust anyone"
	case vault.TimedOut:
		return "check that the address is right and that nothing between holds the response back"
	case vault.NoToken:
		return "check auth in the target file, which takes the token from " + t.Auth.Kind()
	case vault.Interrupted:
		return "the run was ended before it began"
	default:
		if u, err := url.Parse(t.Endpoint); err == nil && u.Scheme == "https" {
			return "check that it is started and that the address is right, and whether it speaks http rather than https"
		}
		return "check that it is started and that the address is right"
	}
}
