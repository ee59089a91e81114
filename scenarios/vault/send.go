package vault

import (
	"context"
	"net/http"
)

// send sends one call, as often as authentication and throttling ask for, and returns its last response.
func (c *Client) send(ctx context.Context, k *call, options []Option) *Exchange {
	for _, option := range options {
		option(k)
	}
	e := &Exchange{Operation: k.operation, Started: c.options.Clock.Now()}
	if err := c.prepare(k); err != nil {
		e.Request = Request{Method: k.method, URL: k.url.String()}
		e.Failure = &Failure{Kind: NotSent, Message: err.Error()}
		return e
	}
	e.Request = k.request
	if e.Failure = c.unclaimed(k); e.Failure != nil {
		return e
	}
	token, failure := c.tokenFor(ctx, k)
	if failure != nil {
		e.Failure = failure
		return e
	}
	c.attempts(ctx, k, e, token)
	return e
}

// attempts repeats the request while that may help: once after a refused token, after the waits that throttling imposes
// and after what a gateway or a used connection has lost, all within bounds.
func (c *Client) attempts(ctx context.Context, k *call, e *Exchange, token string) {
	var count repeats
	defer func() { c.shared.patience.learn(e, count) }()
	for {
		if e.Failure = c.silent(ctx); e.Failure != nil {
			return
		}
		e.Attempts++
		lost := c.attempt(ctx, k, e, token)
		if e.Failure == nil && k.token == nil && e.Status() != http.StatusUnauthorized {
			c.works(k.operation)
		} else if e.Failure == nil && k.token == nil {
			var fresh string
			if fresh, e.Failure = c.unauthorized(ctx, e, token, &count); fresh != "" {
				token = fresh
				continue
			}
			if e.Failure != nil {
				return
			}
		}
		if !c.again(ctx, k, e, &count, lost) {
			doubt(e, &count)
			return
		}
	}
}
