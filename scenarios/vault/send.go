package vault

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// shortestSecret is the length from which a token is looked for in responses: a shorter one would hit by chance.
const shortestSecret = 8

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

// attempts repeats the request while the response asks for it: once after a refused token, and after every wait that
// throttling imposes within its bound.
func (c *Client) attempts(ctx context.Context, k *call, e *Exchange, token string) {
	refreshed := false
	for {
		e.Attempts++
		c.attempt(ctx, k, e, token)
		if e.Failure != nil {
			return
		}
		if e.Response.Status == http.StatusUnauthorized && k.token == nil && !refreshed {
			refreshed = true
			fresh, failure := c.refresh(ctx, e.Response, token)
			if failure != nil {
				e.Failure = failure
				return
			}
			if fresh != "" {
				token = fresh
				continue
			}
		}
		wait, throttled := c.throttle(e)
		if !throttled {
			return
		}
		if e.Waited+wait > c.options.MaxThrottle {
			e.Failure = &Failure{Kind: Throttled, Message: fmt.Sprintf(
				"throttled: %d asks to wait %s more, over the bound of %s", e.Response.Status, wait, c.options.MaxThrottle)}
			return
		}
		if err := c.options.Clock.Sleep(ctx, wait); err != nil {
			e.Failure = Ended(ctx)
			return
		}
		e.Waited += wait
	}
}

// throttle reports whether a response asks to come again later, and after how long.
func (c *Client) throttle(e *Exchange) (time.Duration, bool) {
	after, asked := RetryAfter(e.Response, c.options.Clock.Now())
	switch {
	case e.Response.Status == http.StatusTooManyRequests && !asked:
		return time.Second << min(e.Attempts-1, 4), true // the back-off that the documentation asks of clients
	case e.Response.Status == http.StatusTooManyRequests, e.Response.Status == http.StatusServiceUnavailable && asked:
		return max(after, 10*time.Millisecond), true
	default:
		return 0, false
	}
}

// RetryAfter reads the header of that name: seconds, or a date.
func RetryAfter(r *Response, now time.Time) (time.Duration, bool) {
	value := r.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && seconds >= 0 && seconds < 1<<31 {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}

// tokenFor is the token that goes with the call, from the credential unless the call brings its own.
func (c *Client) tokenFor(ctx context.Context, k *call) (string, *Failure) {
	if k.token != nil {
		return *k.token, nil
	}
	c.token.mu.Lock()
	defer c.token.mu.Unlock()
	if c.token.text != "" || c.options.Credential == nil {
		return c.token.text, nil
	}
	token, err := c.options.Credential.Token(ctx, nil)
	if err != nil {
		return "", noToken(ctx, err)
	}
	c.token.text = token
	return token, nil
}

// refresh asks the credential for another token after a 401; "" where there is none other than the one refused. A
// credential that fails is no fault of the vault, whose 401 is then no response to judge.
func (c *Client) refresh(ctx context.Context, refused *Response, token string) (string, *Failure) {
	if c.options.Credential == nil {
		return "", nil
	}
	c.token.mu.Lock()
	defer c.token.mu.Unlock()
	if c.token.text != token {
		return c.token.text, nil // another call has refreshed it meanwhile
	}
	challenge, err := ParseChallenge(refused.Header.Get("WWW-Authenticate"))
	if err != nil {
		challenge = &Challenge{}
	}
	fresh, err := c.options.Credential.Token(ctx, challenge)
	if err != nil {
		return "", noToken(ctx, err)
	}
	if fresh == token {
		return "", nil
	}
	c.token.text = fresh
	return fresh, nil
}

func noToken(ctx context.Context, err error) *Failure {
	if ctx.Err() != nil {
		return Ended(ctx)
	}
	return &Failure{Kind: NoToken, Message: "no token: " + err.Error()}
}

// attempt sends the request once and fills in what came.
func (c *Client) attempt(ctx context.Context, k *call, e *Exchange, token string) {
	e.Response, e.Failure = nil, nil
	e.Request.Header.Del("Authorization")
	if token != "" {
		e.Request.Header.Set("Authorization", k.authorization(redactedText))
	}
	bounded, cancel := context.WithTimeout(ctx, c.options.RequestTimeout)
	defer cancel()
	request, err := c.httpRequest(bounded, k, token)
	if err != nil {
		e.Failure = &Failure{Kind: NotSent, Message: err.Error()}
		return
	}
	sent := c.options.Clock.Now()
	defer func() { e.Took = c.options.Clock.Now().Sub(sent) }()
	response, err := c.options.Transport.RoundTrip(request)
	if err != nil {
		e.Failure = c.failure(ctx, err, Unreachable)
		return
	}
	defer func() { _ = response.Body.Close() }() // read to its end or given up: nothing to learn from closing
	body, err := io.ReadAll(io.LimitReader(response.Body, c.options.MaxBody+1))
	e.Response = &Response{Status: response.StatusCode, Header: response.Header, Body: body}
	c.redact(e.Response, token)
	switch {
	case bounded.Err() != nil:
		// A server may return when it sees the connection go: what comes of our own giving up is no response.
		e.Response, e.Failure = nil, c.failure(ctx, bounded.Err(), CutShort)
	case err != nil:
		e.Failure = c.failure(ctx, err, CutShort)
	case int64(len(body)) > c.options.MaxBody:
		e.Response.Body = body[:c.options.MaxBody:c.options.MaxBody]
		e.Failure = &Failure{Kind: TooLarge, Message: fmt.Sprintf("the response is larger than %d bytes", c.options.MaxBody)}
	}
}

// redact removes what a response might give away: the token and the headers of the target file, echoed, and cookies.
func (c *Client) redact(r *Response, token string) {
	for _, name := range []string{"Set-Cookie", "Authorization", "Proxy-Authorization"} {
		if r.Header.Get(name) != "" {
			r.Header.Set(name, redactedText)
		}
	}
	secrets := []string{token}
	for _, values := range c.options.Header {
		secrets = append(secrets, values...)
	}
	for _, secret := range secrets {
		if len(secret) >= shortestSecret {
			r.hide(secret)
		}
	}
}

// hide blots a secret out wherever the response shows it.
func (r *Response) hide(secret string) {
	r.Body = bytes.ReplaceAll(r.Body, []byte(secret), []byte(redactedText))
	for _, values := range r.Header {
		for i, value := range values {
			values[i] = strings.ReplaceAll(value, secret, redactedText)
		}
	}
}

// failure sorts an error of the transport.
func (c *Client) failure(ctx context.Context, err error, otherwise FailureKind) *Failure {
	var untrusted *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return Ended(ctx)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Failure{Kind: TimedOut, Message: fmt.Sprintf("no complete response within %s", c.options.RequestTimeout)}
	case errors.As(err, &untrusted), errors.As(err, &unknown), errors.As(err, &hostname):
		return &Failure{Kind: Untrusted, Message: "the server's certificate is not trusted: " + err.Error()}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Failure{Kind: Unreachable, Message: "nothing listens there: connection refused"}
	case otherwise == CutShort:
		return &Failure{Kind: CutShort, Message: "the response broke off: " + err.Error()}
	default:
		return &Failure{Kind: otherwise, Message: "no response: " + err.Error()}
	}
}

// Ended is the failure of what the end of the context cut off. It names what ended it, unless that was the user.
func Ended(ctx context.Context) *Failure {
	message := "the run was interrupted"
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		message = cause.Error()
	}
	return &Failure{Kind: Interrupted, Message: message}
}
