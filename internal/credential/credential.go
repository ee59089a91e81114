// Package credential gets the bearer tokens that requests to a vault carry.
//
// An Auth describes where tokens come from: a value, a command, a managed identity, an OAuth 2.0 grant, or Azure's own
// chain. [New] makes a vault.Credential of it, with what it needs from around it, an [Env]; it knows neither a target file
// nor a target. All clients of a run share one credential, so that a token is fetched once and again only if it ends or is
// rejected.
//
// The vault under test is not trusted. Its 401 may say where to sign in and for which resource, but a secret goes only to
// an authority that is Azure's, the vault's own or listed, and a token is asked for only for the vault's own resource or a
// permitted one: see challengeSource and audience. Errors show where a secret comes from, never what it is.
package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Env is what a credential needs from around it.
type Env struct {
	// HTTP makes the client for token endpoints. It is called only if there is an endpoint to ask, because the files that a
	// client needs may be missing. The client follows no redirects, which would take secrets elsewhere.
	HTTP func() (*http.Client, error)
	// Endpoint is the vault's base URL, which bounds what its challenges may ask for.
	Endpoint string
	// Folder is where a command runs; "" is the current one.
	Folder string
	// Now is the time by which tokens end.
	Now func() time.Time
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
	// wantsChallenge says that there is nothing to fetch before the vault has said what it wants.
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
		return "", errors.New("the response has no token")
	}
	c.held = got
	return got.token, nil
}

// New returns the credential that auth describes, nil if requests carry no token. A secret that is not to be found is an
// *input.WrongValue.
func New(auth Auth, env Env) (vault.Credential, error) {
	from, err := newSource(auth, env)
	if err != nil || from == nil {
		return nil, err
	}
	return &sharedCredential{source: from, now: env.Now}, nil
}

func newSource(auth Auth, env Env) (source, error) {
	switch auth.Kind() {
	case "token":
		return newStaticSource(auth.Token)
	case "command":
		return newCommandSource(auth.Command, env)
	case "tokenURL":
		return newURLSource(*auth.TokenURL, env)
	case "clientCredentials":
		return newClientSource(*auth.ClientCredentials, env)
	case "challenge":
		return newChallengeSource(*auth.Challenge, env)
	case "azure":
		return newAzureSource(*auth.Azure, env)
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
	return fmt.Errorf("%s returned %s", who, response.Status)
}
