// Package vault is the Key Vault certificates API as a script sees it: one method an operation. Every call returns an
// Exchange, whatever the endpoint does: a response of any status, or a Failure. Nothing here judges a response.
//
//	client := vault.NewClient(vault.Options{Endpoint: endpoint, APIVersion: "7.4"})
//	e := client.GetPending(ctx, "name")
//	if e.Failure != nil {
//		return e.Failure // no whole response: unreachable, timed out, interrupted
//	}
//	fmt.Println(e.Status(), e.Text("status")) // 200 inProgress
//
// The client adds tokens, repeats what a gateway or an old connection has lost, waits out 429 and 503, and follows only links that stay in the vault. An Exchange is redacted
// where it is captured: no token, password or private key is in it.
package vault

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Clock is where the client takes the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits for d, or less and with the context's error when the context ends first.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the time now.
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep waits for d or for the end of ctx.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Credential gives bearer tokens.
type Credential interface {
	// Token returns a token, or "" to send the request without one. The challenge is nil until the endpoint has
	// refused a request with a 401; it then holds what the endpoint asked for, and a fresh token is wanted.
	Token(ctx context.Context, challenge *Challenge) (string, error)
}

// StaticToken is a credential that is one token for ever.
type StaticToken string

// Token returns the token.
func (t StaticToken) Token(context.Context, *Challenge) (string, error) { return string(t), nil }

// Options say how a Client reaches its vault.
type Options struct {
	// Endpoint is the vault's base URL; it may have a path prefix.
	Endpoint *url.URL
	// IDBase is the base URL that the vault writes into its ids and links; nil where it is Endpoint.
	IDBase *url.URL
	// Transport sends the requests; redirects are never followed.
	Transport http.RoundTripper
	// APIVersion goes with every request.
	APIVersion string
	// Credential is nil where the vault wants none.
	Credential Credential
	// Companions, where not nil, gives the tokens for keys and secrets in place of Credential.
	Companions Credential
	// Header goes with every request; its values are redacted in the exchanges.
	Header http.Header
	// RequestTimeout bounds one request with its response; 0 means 30 s.
	RequestTimeout time.Duration
	// MaxBody bounds a response in bytes; 0 means 4 MiB.
	MaxBody int64
	// BoundSum bounds what is kept of all responses together, for a client whose exchanges are all kept, as in a run.
	BoundSum bool
	// Secrets lists what no exchange may show, beside the tokens and headers, which are added; nil means an empty list.
	Secrets *Secrets
	// MaxThrottle bounds the waiting that 429 and 503 may impose on one exchange; 0 means 60 s.
	MaxThrottle time.Duration
	// Clock is the system's where it is nil.
	Clock Clock
}

// Client calls the operations of one vault. It may be used by many goroutines.
type Client struct {
	options Options
	base    *url.URL // what ids and links begin with

	shared  *shared
	without []Feature
}

// shared is what the clients of one vault have in common.
type shared struct {
	token *token
	// companions is the token for keys and secrets, if that is another.
	companions *token
	kept       keeping
	patience   patience
}

// NewClient returns a client of the vault at options.Endpoint.
func NewClient(options Options) *Client {
	if options.RequestTimeout == 0 {
		options.RequestTimeout = 30 * time.Second
	}
	if options.MaxBody == 0 {
		options.MaxBody = 4 << 20
	}
	if options.MaxThrottle == 0 {
		options.MaxThrottle = time.Minute
	}
	if options.Clock == nil {
		options.Clock = SystemClock{}
	}
	if options.Transport == nil {
		options.Transport = http.DefaultTransport
	}
	base := options.Endpoint
	if options.IDBase != nil {
		base = options.IDBase
	}
	if options.Secrets == nil {
		options.Secrets = &Secrets{}
	}
	for _, values := range options.Header {
		options.Secrets.Add(values...)
	}
	return &Client{options: options, base: base, shared: &shared{token: &token{}, companions: &token{}}}
}

// Option changes one call.
type Option func(*call)

// RequestID adds the filter by request_id that the documentation gives to the three operations on pending.
func RequestID(id string) Option { return Parameter("request_id", id) }

// Parameter adds a query parameter.
func Parameter(name, value string) Option {
	return func(c *call) { c.query = append(c.query, [2]string{name, value}) }
}

// Deliberate marks a request that breaks the contract on purpose. Any other request of ours that does is a fault of
// ours, and ends the run as such.
func Deliberate() Option { return func(c *call) { c.deliberate = true } }

// SentBack marks a request whose body holds what the vault gave before. A breach of the contract in it is no fault of ours.
func SentBack() Option { return func(c *call) { c.sentBack = true } }

// WithoutAPIVersion leaves the api-version out, on purpose.
func WithoutAPIVersion() Option { return func(c *call) { c.apiVersion, c.deliberate = "", true } }

// APIVersion sends another api-version, on purpose.
func APIVersion(version string) Option {
	return func(c *call) { c.apiVersion, c.deliberate = version, true }
}

// WithoutToken sends the request without a token, and takes a 401 as the response.
func WithoutToken() Option { return func(c *call) { c.token = new(string) } }

// WithToken sends the request with a token of the play's own, and takes a 401 as the response.
func WithToken(token string) Option { return func(c *call) { c.token = &token } }
