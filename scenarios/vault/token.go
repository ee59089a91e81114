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

// tokenFor is the token that goes with the call, from the credential unless the call brings its own.
func (c *Client) tokenFor(ctx context.Context, k *call) (string, *Failure) {
	if k.token != nil {
		return *k.token, nil
	}
	t := c.shared.token
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text != "" || c.options.Credential == nil {
		return t.text, t.failure()
	}
	text, err := c.options.Credential.Token(ctx, nil)
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
func (c *Client) unauthorized(ctx context.Context, r *Response, text string, count *repeats) (fresh string, failure *Failure) {
	if !count.refreshed {
		count.refreshed = true
		if fresh, failure = c.refresh(ctx, r, text); fresh != "" || failure != nil {
			return fresh, failure
		}
	}
	return "", c.refused(ctx, text)
}

// refresh asks the credential for another token after a 401; "" where there is none other than the one refused. A
// credential that fails is no fault of the vault, whose 401 is then no response to judge.
func (c *Client) refresh(ctx context.Context, refused *Response, text string) (string, *Failure) {
	if c.options.Credential == nil {
		return "", nil
	}
	t := c.shared.token
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text != text {
		return t.text, nil // another call has refreshed it meanwhile
	}
	challenge, err := ParseChallenge(refused.Header.Get("WWW-Authenticate"))
	if err != nil {
		challenge = &Challenge{}
	}
	fresh, err := c.options.Credential.Token(ctx, challenge)
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
func (c *Client) works() {
	c.shared.token.mu.Lock()
	defer c.shared.token.mu.Unlock()
	c.shared.token.worked = true
}

func (c *Client) noToken(ctx context.Context, err error) *Failure {
	if ctx.Err() != nil {
		return Ended(ctx)
	}
	return &Failure{Kind: NoToken, Message: c.options.Secrets.Hide("no token: " + err.Error())}
}
