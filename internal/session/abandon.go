package session

import (
	"context"
	"io"
	"net/http"
)

// abandonable ends every request once a run is given up, also those that outlive the run's context because they put
// something back.
type abandonable struct {
	http.RoundTripper
	given <-chan struct{}
}

// abandonableBy is a transport whose requests end when the channel is closed; with a nil channel, it is the transport itself.
func abandonableBy(given <-chan struct{}, transport http.RoundTripper) http.RoundTripper {
	if given == nil {
		return transport
	}
	return &abandonable{transport, given}
}

// RoundTrip sends a request whose context also ends with the channel.
func (a *abandonable) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		select {
		case <-a.given:
			cancel()
		case <-ctx.Done():
		}
	}()
	response, err := a.RoundTripper.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err //nolint:wrapcheck // a transport passes the errors of the next one on
	}
	response.Body = &untilClosed{response.Body, cancel}
	return response, nil
}

// CloseIdleConnections reaches the transport below, which the client asks to do so.
func (a *abandonable) CloseIdleConnections() {
	if closing, ok := a.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closing.CloseIdleConnections()
	}
}

// untilClosed is a body that ends the context of its request when it is closed.
type untilClosed struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the body and ends the context.
func (e *untilClosed) Close() error {
	defer e.cancel()
	return e.ReadCloser.Close() //nolint:wrapcheck // as the body says it
}
