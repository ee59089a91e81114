package target

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/credential"
	"github.com/kvconform/kvconform/internal/input"
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
func (t Target) checkAuth() error {
	if err := credential.Check(t.Auth, t.AllowHTTP); err != nil {
		return err
	}
	if !t.Companions && t.CompanionsAuth.Given() {
		return input.Wrong("/companionsAuth", "companionsAuth is given, but the target does not claim companions; add companions: true, or remove it")
	}
	return ofCompanions(credential.Check(t.CompanionsAuth, t.AllowHTTP))
}

// Credential is where the target's token comes from, nil if it wants none. A secret that is not to be found is a mistake
// in usage.
func (t Target) Credential(now func() time.Time) (vault.Credential, error) {
	from, err := credential.New(t.Auth, t.credentialEnv(now))
	return from, t.Located(err)
}

// CompanionsCredential is where the token for keys and secrets comes from, nil if it is that of Credential.
func (t Target) CompanionsCredential(now func() time.Time) (vault.Credential, error) {
	if t.CompanionsAuth.None {
		return vault.StaticToken(""), nil
	}
	from, err := credential.New(t.CompanionsAuth, t.credentialEnv(now))
	return from, t.Located(ofCompanions(err))
}

func (t Target) credentialEnv(now func() time.Time) credential.Env {
	return credential.Env{HTTP: t.tokenClient, Endpoint: t.Endpoint, Folder: t.folder, Now: now}
}

// ofCompanions is a mistake about auth, as one about companionsAuth.
func ofCompanions(err error) error {
	var value *input.WrongValue
	if !errors.As(err, &value) {
		return err
	}
	moved := *value
	if rest, ok := strings.CutPrefix(value.Pointer, "/auth"); ok {
		moved.Pointer = "/companionsAuth" + rest
	}
	if rest, ok := strings.CutPrefix(value.What, "auth."); ok {
		moved.What = "companionsAuth." + rest
	}
	return &moved
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
