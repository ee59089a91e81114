package runner

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// transport is how the target is dialled. A CA that cannot be read is a mistake in usage.
func (t Target) transport() (*http.Transport, error) {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: t.Plays,
		IdleConnTimeout:     time.Minute,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: t.Deadlines.Request,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if t.TLS.Insecure {
		transport.TLSClientConfig.InsecureSkipVerify = true // #nosec G402 -- asked for by the owner of the target
	}
	if t.TLS.CA != "" {
		text, err := os.ReadFile(t.TLS.CA)
		if err != nil {
			return nil, usage("the CA cannot be read: %v", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil, usage("the CA %s holds no PEM certificate: give the file of the CA that signed the server's certificate", t.TLS.CA)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return transport, nil
}

// preflight finds out whether the endpoint can be talked to at all, so that the reason is one line and not a list of
// failing rules.
func preflight(ctx context.Context, client *vault.Client, t Target) error {
	probe := client.GetCertificates(ctx, vault.Parameter("maxresults", "1"))
	if probe.Failure != nil {
		return &Incomplete{
			Message: fmt.Sprintf("%s cannot be used: %s", t.Endpoint, probe.Failure.Message),
			Advice:  advice(probe.Failure.Kind, t),
		}
	}
	if probe.Status() != http.StatusUnauthorized {
		return nil
	}
	if t.Auth.Token == "" {
		return &Incomplete{
			Message: t.Endpoint + " wants a token (401) and none was given",
			Advice:  "give one with --token, or in the target file",
		}
	}
	return &Incomplete{
		Message: t.Endpoint + " does not accept the token (401" + codeOf(probe) + ")",
		Advice:  "check that it has not expired and that it was issued for this vault's resource",
	}
}

func codeOf(e *vault.Exchange) string {
	problem, _ := e.Member("error").(map[string]any)
	code, _ := problem["code"].(string)
	if code == "" {
		return ""
	}
	return " " + code
}

func advice(kind vault.FailureKind, t Target) string {
	switch kind {
	case vault.Untrusted:
		return "give the CA that signed its certificate with --ca FILE, or --insecure to trust anyone"
	case vault.TimedOut:
		return "check that the address is right and that nothing between holds the answer back"
	case vault.NoToken:
		return "check the credential of the target"
	case vault.Interrupted:
		return "the run was ended before it began"
	default:
		if u, err := url.Parse(t.Endpoint); err == nil && u.Scheme == "https" {
			return "check that it is started and that the address is right, and whether it speaks http rather than https"
		}
		return "check that it is started and that the address is right"
	}
}

// credential is where the target's token comes from, nil where it wants none.
func (t Target) credential() vault.Credential {
	if t.Auth.Token == "" {
		return nil
	}
	return vault.StaticToken(strings.TrimSpace(t.Auth.Token))
}
