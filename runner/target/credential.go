package target

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Auth says where the bearer token comes from: at most one of its members is set, none where requests carry no token.
type Auth struct {
	// None says in so many words that requests carry no token.
	None bool `yaml:"none,omitempty"`
	// Token is a token that is there already.
	Token Secret `yaml:"token,omitempty"`
	// Command prints the token, or JSON with access_token or accessToken.
	Command           []string           `yaml:"command,omitempty"`
	TokenURL          *TokenURL          `yaml:"tokenURL,omitempty"`
	ClientCredentials *ClientCredentials `yaml:"clientCredentials,omitempty"`
	Challenge         *ChallengeLogin    `yaml:"challenge,omitempty"`
	Azure             *Azure             `yaml:"azure,omitempty"`

	// folder is where the command runs: that of the target file.
	folder string
}

// TokenURL answers a GET with a token, as managed identities have it.
type TokenURL struct {
	URL      string            `yaml:"url"`
	Resource string            `yaml:"resource,omitempty"`
	Headers  map[string]Secret `yaml:"headers,omitempty"`
}

// ClientCredentials is the OAuth 2.0 grant of that name (RFC 6749 section 4.4).
type ClientCredentials struct {
	TokenURL     string `yaml:"tokenURL"`
	ClientID     string `yaml:"clientID"`
	ClientSecret Secret `yaml:"clientSecret"`
	Scope        string `yaml:"scope,omitempty"`
	Resource     string `yaml:"resource,omitempty"`
}

// ChallengeLogin uses client credentials at the authority that the vault names in its 401.
type ChallengeLogin struct {
	ClientID     string `yaml:"clientID"`
	ClientSecret Secret `yaml:"clientSecret"`
	// Authorities are hosts that may be given the secret, beside the vault's own address and Azure's.
	Authorities []string `yaml:"authorities,omitempty"`
	// Resources are those for which the vault may ask for a token, beside the one that its host is a part of.
	Resources []string `yaml:"resources,omitempty"`
}

// Azure uses Azure's DefaultAzureCredential. What is left out, the vault's challenge says.
type Azure struct {
	Scope  string `yaml:"scope,omitempty"`
	Tenant string `yaml:"tenant,omitempty"`
	// Resources are those for which the vault may ask for a token, beside the one that its host is a part of.
	Resources []string `yaml:"resources,omitempty"`
}

// Kind names the way in which the token comes, "" where there is none.
func (a Auth) Kind() string {
	switch {
	case a.Token.Given():
		return "token"
	case len(a.Command) > 0:
		return "command"
	case a.TokenURL != nil:
		return "tokenURL"
	case a.ClientCredentials != nil:
		return "clientCredentials"
	case a.Challenge != nil:
		return "challenge"
	case a.Azure != nil:
		return "azure"
	default:
		return ""
	}
}

// checkAuth refuses token endpoints that would show secrets to the network.
func (t Target) checkAuth() error {
	for _, endpoint := range []struct{ pointer, url string }{
		{"/auth/tokenURL/url", orEmpty(t.Auth.TokenURL, func(u *TokenURL) string { return u.URL })},
		{"/auth/clientCredentials/tokenURL", orEmpty(t.Auth.ClientCredentials, func(c *ClientCredentials) string { return c.TokenURL })},
	} {
		if endpoint.url == "" {
			continue
		}
		if err := t.checkTokenURL(endpoint.pointer, endpoint.url); err != nil {
			return err
		}
	}
	if c := t.Auth.ClientCredentials; c != nil && c.Scope != "" && c.Resource != "" {
		return wrong("/auth/clientCredentials/resource", "scope and resource are both given; keep the one that the token endpoint wants")
	}
	return nil
}

func orEmpty[T any](value *T, read func(*T) string) string {
	if value == nil {
		return ""
	}
	return read(value)
}

// fetched is a token with its end; a zero end means that nothing is known of it.
type fetched struct {
	token string
	ends  time.Time
}

// source is a place that tokens come from.
type source interface {
	// fetch gets a token. The challenge is what the vault asked for, nil where it has not been asked yet.
	fetch(ctx context.Context, challenge *vault.Challenge) (fetched, error)
	// wantsChallenge tells that there is nothing to fetch before the vault has said what it wants.
	wantsChallenge() bool
}

// tokenLeeway is how long before its end a token is not used any more.
const tokenLeeway = 30 * time.Second

// sharedCredential gives all clients of a run the same token, until it ends or is refused.
type sharedCredential struct {
	source source
	now    func() time.Time

	mu        sync.Mutex
	held      fetched
	challenge *vault.Challenge
}

// Token returns the token that is held; after a refusal, or at its end, a new one.
func (c *sharedCredential) Token(ctx context.Context, challenge *vault.Challenge) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if challenge != nil {
		c.challenge = challenge
	} else if c.held.token != "" && (c.held.ends.IsZero() || c.now().Add(tokenLeeway).Before(c.held.ends)) {
		return c.held.token, nil
	}
	if c.challenge == nil && c.source.wantsChallenge() {
		return "", nil
	}
	got, err := c.source.fetch(ctx, c.challenge)
	if err != nil {
		return "", err
	}
	if got.token == "" {
		return "", errors.New("the answer holds no token")
	}
	c.held = got
	return got.token, nil
}

// Credential is where the target's token comes from, nil where it wants none. A secret that is not to be found is a
// mistake in usage.
func (t Target) Credential(now func() time.Time) (vault.Credential, error) {
	from, err := t.source(now)
	if err != nil || from == nil {
		return nil, t.Located(err)
	}
	return &sharedCredential{source: from, now: now}, nil
}

func (t Target) source(now func() time.Time) (source, error) {
	switch t.Auth.Kind() {
	case "token":
		return newStaticSource(t.Auth.Token)
	case "command":
		return newCommandSource(t.Auth.Command, t.Auth.folder, now)
	case "tokenURL":
		return t.newURLSource(now)
	case "clientCredentials":
		return t.newClientSource()
	case "challenge":
		return t.newChallengeSource()
	case "azure":
		return t.newAzureSource()
	default:
		return nil, nil
	}
}

// staticSource is a token that is there already; one in a file is read again, since others may renew it.
type staticSource struct{ secret Secret }

func newStaticSource(secret Secret) (source, error) {
	if _, err := secret.Read("/auth/token", "auth.token"); err != nil {
		return nil, err
	}
	return &staticSource{secret}, nil
}

func (s *staticSource) wantsChallenge() bool { return false }

func (s *staticSource) fetch(context.Context, *vault.Challenge) (fetched, error) {
	token, err := s.secret.Read("/auth/token", "auth.token")
	return fetched{token: token}, err
}

// refused says what came instead of a token, without what might be one.
func refused(who string, response *http.Response) error {
	return fmt.Errorf("%s answered %s", who, response.Status)
}
