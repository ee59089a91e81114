package vault

import (
	"context"
	"net/http"
	"sync"
)

// token is the bearer token that clients of one vault share.
type token struct {
	mu   sync.Mutex
	text string
	// worked says that a request with a token got another response than a 401; ended is the token that the vault stopped
	// accepting after that.
	worked bool
	ended  string
}

// tokens are the token that goes with an operation and where it comes from: keys and secrets may need another.
func (c *Client) tokens(operation string) (*token, Credential) {
	if c.options.Companions != nil && IsCompanion(operation) {
		return c.shared.companions, c.options.Companions
	}
	return c.shared.token, c.options.Credential
}

// tokenFor is the token that goes with the call, from the credential unless the call brings its own.
func (c *Client) tokenFor(ctx context.Context, k *call) (string, *Failure) {
	if k.token != nil {
		return *k.token, nil
	}
	t, credential := c.tokens(k.operation)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text != "" || credential == nil {
		return t.text, t.failure()
	}
	text, err := credential.Token(ctx, nil)
	if err != nil {
		return "", c.noToken(ctx, err)
	}
	t.text = text
	c.options.Secrets.Add(text)
	return text, nil
}

// failure says that the token has ended, nil if it has not.
func (t *token) failure() *Failure {
	if t.text == "" || t.text != t.ended {
		return nil
	}
	return &Failure{Kind: NoToken, Message: "the token has ended: the vault accepted it before and now returns 401 to every request"}
}

// unauthorized returns the token to try after a 401, or why the 401 is no response to judge.
func (c *Client) unauthorized(ctx context.Context, e *Exchange, text string, count *repeats) (fresh string, failure *Failure) {
	if !count.refreshed {
		count.refreshed = true
		if fresh, failure = c.refresh(ctx, e, text); fresh != "" || failure != nil {
			return fresh, failure
		}
	}
	if t, _ := c.tokens(e.Operation); t != c.shared.token {
		return "", nil // nothing but keys and secrets could show whether their token has ended
	}
	return "", c.refused(ctx, text)
}

// refresh asks the credential for another token after a 401; "" where there is none other than the one refused. A
// credential that fails is no fault of the vault, whose 401 is then no response to judge.
func (c *Client) refresh(ctx context.Context, refused *Exchange, text string) (string, *Failure) {
	t, credential := c.tokens(refused.Operation)
	if credential == nil {
		return "", nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text != text {
		return t.text, nil // another call has refreshed it meanwhile
	}
	challenge, err := ParseChallenge(refused.Response.Header.Get("WWW-Authenticate"))
	if err != nil {
		challenge = &Challenge{}
	}
	fresh, err := credential.Token(ctx, challenge)
	if err != nil {
		return "", c.noToken(ctx, err)
	}
	if fresh == text {
		return "", nil
	}
	t.text = fresh
	c.options.Secrets.Add(fresh)
	return fresh, nil
}

// refused finds out whether a token that the vault refuses has ended: tokens worked before, and this one opens nothing. If
// the vault refuses it for one operation only, the 401 is a response to judge. The token is locked meanwhile, so that one
// call finds out for all.
func (c *Client) refused(ctx context.Context, text string) *Failure {
	t := c.shared.token
	t.mu.Lock()
	defer t.mu.Unlock()
	if text == "" || !t.worked || t.text != text {
		return nil
	}
	if t.ended != text {
		if c.probe(ctx, text).Status() != http.StatusUnauthorized {
			return nil
		}
		t.ended = text
	}
	return t.failure()
}

// works takes note that a request with a token got another response than a 401.
func (c *Client) works(operation string) {
	t, _ := c.tokens(operation)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.worked = true
}

func (c *Client) noToken(ctx context.Context, err error) *Failure {
	if ctx.Err() != nil {
		return Ended(ctx)
	}
	return &Failure{Kind: NoToken, Message: c.options.Secrets.Hide("no token: " + err.Error())}
}
