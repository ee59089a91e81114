package target

import (
	"net/http"
	"time"

	"github.com/kvconform/kvconform/internal/credential"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// How requests are authorized.
type (
	// Auth says where the bearer token comes from: at most one of its members is set, none if requests carry no token.
	Auth = credential.Auth
	// TokenURL is an address that returns a token to a GET, as that of a managed identity does.
	TokenURL = credential.TokenURL
	// ClientCredentials is the OAuth 2.0 grant of that name (RFC 6749 section 4.4).
	ClientCredentials = credential.ClientCredentials
	// ChallengeLogin uses client credentials at the authority that the vault names in its 401.
	ChallengeLogin = credential.ChallengeLogin
	// Azure uses Azure's DefaultAzureCredential.
	Azure = credential.Azure
	// Secret is a value that nobody may see, the environment variable that holds it, or the file that does.
	Secret = credential.Secret
)

// checkAuth rejects token endpoints that would show secrets to the network.
func (t Target) checkAuth() error { return credential.Check(t.Auth, t.AllowHTTP) }

// Credential is where the target's token comes from, nil if it wants none. A secret that is not to be found is a mistake
// in usage.
func (t Target) Credential(now func() time.Time) (vault.Credential, error) {
	from, err := credential.New(t.Auth, credential.Env{HTTP: t.tokenClient, Endpoint: t.Endpoint, Folder: t.folder, Now: now})
	return from, t.Located(err)
}

// tokenClient is the client for token endpoints. It trusts the system's authorities and the target's, never everyone, and
// follows no redirects, which would take secrets elsewhere.
func (t Target) tokenClient() (*http.Client, error) {
	elsewhere := t
	elsewhere.Dial, elsewhere.TLS.ServerName, elsewhere.TLS.Insecure = "", "", false
	transport, err := elsewhere.Transport()
	if err != nil {
		return nil, err
	}
	if transport.TLSClientConfig.RootCAs, err = t.authorities(true); err != nil {
		return nil, err
	}
	transport.DisableKeepAlives = true // a token is fetched once in a while: no connection is left behind
	timeout := t.WithDefaults().Deadlines.Request
	return &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
