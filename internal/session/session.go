// Package session is a target that one can talk to. Connect makes the client, the transport and what the checks know of the
// target, and sends nothing; Ready finds out whether the target can be used; SetUpIssuers makes the issuers that the
// target file describes. A run, a sweep and a proof before a user's target all begin with a Session, and a Session is
// always whole.
package session

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Session is a connection to a target, and what is known of that.
type Session struct {
	// Target has its defaults filled in and one api-version.
	Target    target.Target
	Endpoint  *url.URL
	Transport http.RoundTripper
	// Client is one for all plays, so that one token serves them.
	Client *vault.Client
	// Facts are what the checks know of the target.
	Facts specs.Facts
	Clock vault.Clock

	looked chan error // the result of Look, nil if there was none
}

// Options say how to connect; the zero value connects as the target says.
type Options struct {
	// Roots, where not nil, are trusted instead of what the target says.
	Roots *x509.CertPool
	// Through, where not nil, puts something between the client and the target.
	Through func(http.RoundTripper) http.RoundTripper
	// Abandoned, where not nil and closed, ends every request, also those that outlive the context of the run.
	Abandoned <-chan struct{}
	// BoundSum bounds what is kept of all responses together, for a session whose exchanges are all kept.
	BoundSum bool
	// Clock is the system's where it is nil.
	Clock vault.Clock
}

// Incomplete is the error of a target that cannot be used as it was given.
type Incomplete struct {
	// Message says what is wrong, Advice what to do about it.
	Message, Advice string
}

// Error is one line.
func (i *Incomplete) Error() string { return i.Message + "; " + i.Advice }

// Connect checks a target and prepares the connection. Nothing is sent; the error is a *input.Usage where the target is
// wrong.
func Connect(described target.Target, options Options) (*Session, error) {
	t := described.WithDefaults()
	endpoint, err := t.Check()
	if err != nil {
		return nil, err
	}
	version, err := t.OneVersion()
	if err != nil {
		return nil, err
	}
	t.APIVersion = target.Versions{version}
	if options.Clock == nil {
		options.Clock = vault.SystemClock{}
	}
	idBase := endpoint
	if t.IDBase != "" {
		if idBase, err = url.Parse(t.IDBase); err != nil {
			return nil, input.Usagef("the idBase %q is no URL", t.IDBase)
		}
	}
	transport, err := transportTo(t, options)
	if err != nil {
		return nil, err
	}
	client, err := clientOf(t, abandonableBy(options.Abandoned, transport), endpoint, idBase, options)
	if err != nil {
		return nil, err
	}
	return &Session{
		Target: t, Endpoint: endpoint, Transport: transport, Client: client, Clock: options.Clock,
		Facts: specs.Facts{
			Endpoint:   strings.TrimSuffix(endpoint.String(), "/"),
			IDBase:     strings.TrimSuffix(idBase.String(), "/"),
			APIVersion: version,
			Like:       t.LikeFor(version),
			Issuers:    t.Issuers.Names(),
			Without:    t.Without,
		},
	}, nil
}

func transportTo(t target.Target, options Options) (http.RoundTripper, error) {
	transport, err := t.Transport()
	if err != nil {
		return nil, t.Located(err)
	}
	if options.Roots != nil {
		transport.TLSClientConfig.RootCAs = options.Roots
	}
	if options.Through != nil {
		return options.Through(transport), nil
	}
	return transport, nil
}

func clientOf(t target.Target, transport http.RoundTripper, endpoint, idBase *url.URL, options Options) (*vault.Client, error) {
	header, err := t.Header()
	if err != nil {
		return nil, t.Located(err)
	}
	credential, err := t.Credential(options.Clock.Now)
	if err != nil {
		return nil, err
	}
	companions, err := t.CompanionsCredential(options.Clock.Now)
	if err != nil {
		return nil, err
	}
	secrets := &vault.Secrets{}
	secrets.Add(t.Secrets()...)
	return vault.NewClient(vault.Options{
		Endpoint: endpoint, IDBase: idBase, Transport: transport, APIVersion: t.APIVersion[0],
		Credential: credential, Companions: companions, Header: header, RequestTimeout: t.Deadlines.Request, MaxBody: t.MaxAnswer, Clock: options.Clock,
		BoundSum: options.BoundSum, Secrets: secrets,
	}), nil
}

// Close waits for a look that nobody waited for, whose context has ended, and gives the connections back that no request uses.
func (s *Session) Close() {
	if s.looked != nil {
		<-s.looked //nolint:errcheck // nobody waits for its result any more
	}
	s.Client.CloseIdleConnections()
}

// Look begins what Ready does and returns, so that the first requests go out while something else is prepared.
func (s *Session) Look(ctx context.Context) {
	s.looked = make(chan error, 1)
	go func() { s.looked <- s.look(ctx) }()
}

// Ready waits until the target says that it is ready, where its file says how, and finds out whether it can be used, or
// waits for the result of Look. The error is an *Incomplete.
func (s *Session) Ready(ctx context.Context) error {
	if s.looked == nil {
		return s.look(ctx)
	}
	err := <-s.looked
	s.looked = nil
	return err
}

func (s *Session) look(ctx context.Context) error {
	if err := awaitReady(ctx, s.Target, s.Endpoint, s.Transport, s.Clock); err != nil {
		return err
	}
	return s.preflight(ctx)
}

// Bounded is the context of all the playing, which the target may bound.
func (s *Session) Bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.Target.Deadlines.Run
	if limit <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("the playing did not end within %s (deadlines.run)", limit))
}
