package vault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
)

// attempt sends the request once and fills in what came. It reports whether the connection was a used one that ended
// before the response began, in which case nothing is known of the vault.
func (c *Client) attempt(ctx context.Context, k *call, e *Exchange, token string) (lost bool) {
	e.Response, e.Failure = nil, nil
	e.Request.Header.Del("Authorization")
	if token != "" {
		e.Request.Header.Set("Authorization", k.authorization(redactedText))
	}
	bounded, cancel := context.WithTimeout(ctx, c.options.RequestTimeout)
	defer cancel()
	var reused, began atomic.Bool
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn:              func(got httptrace.GotConnInfo) { reused.Store(got.Reused) },
		GotFirstResponseByte: func() { began.Store(true) },
	})
	request, err := c.httpRequest(traced, k, token)
	if err != nil {
		e.Failure = &Failure{Kind: NotSent, Message: err.Error()}
		return false
	}
	sent := c.options.Clock.Now()
	if e.Attempts == 1 {
		e.Started = sent // not before: an exchange that seems to end early is put in a wrong order with others at once
	}
	defer func() { e.Took = c.options.Clock.Now().Sub(sent) }()
	response, err := c.options.Transport.RoundTrip(request) //nolint:bodyclose // receive closes it
	if err != nil {
		e.Failure = c.failure(ctx, err, Unreachable)
		return e.Failure.Kind == Unreachable && reused.Load() && !began.Load()
	}
	c.receive(ctx, bounded, e, response)
	return false
}

// receive reads a response into the exchange, within the bounds of time and size.
func (c *Client) receive(ctx, bounded context.Context, e *Exchange, response *http.Response) {
	defer func() { _ = response.Body.Close() }() // read to its end or given up: nothing to learn from closing
	// Not every body heeds the context of its request: closing it ends a read that would last for ever.
	stop := context.AfterFunc(bounded, func() { _ = response.Body.Close() })
	defer stop()
	var body []byte
	var err error
	if !bodyless(response) {
		body, err = io.ReadAll(io.LimitReader(response.Body, c.options.MaxBody+1))
	}
	e.Response = &Response{Status: response.StatusCode, Header: response.Header, Body: body}
	if IsCompanion(e.Operation) {
		seal(e.Response)
	}
	c.redact(e.Response)
	switch {
	case bounded.Err() != nil:
		// A server may return when it sees the connection go: what comes of our own giving up is no response.
		e.Response, e.Failure = nil, c.failure(ctx, bounded.Err(), CutShort)
	case err != nil:
		e.Failure = c.failure(ctx, err, CutShort)
		e.Response.cut()
	default:
		e.Failure = c.bound(e.Response)
	}
}

// redact removes what a response might give away: every secret of the run, echoed, and cookies.
func (c *Client) redact(r *Response) {
	for _, name := range []string{"Set-Cookie", "Authorization", "Proxy-Authorization"} {
		if r.Header.Get(name) != "" {
			r.Header.Set(name, redactedText)
		}
	}
	r.Body = c.options.Secrets.hideBytes(r.Body)
	for _, values := range r.Header {
		for i, value := range values {
			values[i] = c.options.Secrets.Hide(value)
		}
	}
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() {
	if closer, ok := c.options.Transport.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// failure sorts an error of the transport.
func (c *Client) failure(ctx context.Context, err error, otherwise FailureKind) *Failure {
	var untrusted *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var timeout net.Error
	said := c.options.Secrets.Hide(err.Error())
	switch {
	case ctx.Err() != nil, errors.Is(err, context.Canceled): // or by a transport that gives a run up
		return Ended(ctx)
	case strings.Contains(said, "response header") && strings.Contains(said, "exceeded"), strings.Contains(said, "header list larger"):
		return &Failure{Kind: TooLarge, Message: "the header of the response is too large: " + said}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Failure{Kind: TimedOut, Message: fmt.Sprintf("no complete response within %s", c.options.RequestTimeout)}
	case errors.As(err, &untrusted), errors.As(err, &unknown), errors.As(err, &hostname):
		return &Failure{Kind: Untrusted, Message: "the server's certificate is not trusted: " + said}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Failure{Kind: Unreachable, Message: "nothing listens there: connection refused"}
	case otherwise == Unreachable && closedByPeer(err):
		return &Failure{Kind: otherwise, Message: "the server closed the connection without a response; its log may have a stack trace"}
	case otherwise == CutShort:
		return &Failure{Kind: CutShort, Message: "the response broke off: " + said}
	default:
		return &Failure{Kind: otherwise, Message: "no response: " + said}
	}
}

// closedByPeer reports whether the server ended the connection, as one does that crashed while it handled the request.
func closedByPeer(err error) bool {
	resetStream := strings.Contains(err.Error(), "stream error") && strings.Contains(err.Error(), "received from peer") // HTTP/2's
	return resetStream || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// Ended is the failure of what the end of the context cut off. It names what ended it, unless that was the user.
func Ended(ctx context.Context) *Failure {
	message := "the run was interrupted"
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		message = cause.Error()
	}
	return &Failure{Kind: Interrupted, Message: message}
}
