package prove

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// wireAddress is where the vaults of a bench say they are. Nothing listens there: the wire has no address of the machine.
const wireAddress = "localhost:8443"

// wire is HTTP between a client and a handler within this process. Both sides speak it in full, so that a fault of a vault can be
// one of the connection, but over a pipe and without TLS: a proof makes a hundred thousand requests, none of which is about
// TLS, and encrypting and decrypting them would be a tenth of its cost.
type wire struct {
	server    *http.Server
	transport *http.Transport
	accepted  chan net.Conn
	closed    chan struct{}
	once      sync.Once
	done      chan struct{}
}

// newWire serves a handler, which takes the requests for https.
func newWire(handler http.Handler) *wire {
	w := &wire{accepted: make(chan net.Conn), closed: make(chan struct{}), done: make(chan struct{})}
	w.server = &http.Server{
		ReadHeaderTimeout: 30 * time.Second,
		Handler: http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
			r.TLS = &tls.ConnectionState{} // a vault that asks whether it is served over https is told so
			handler.ServeHTTP(to, r)
		}),
	}
	w.transport = &http.Transport{MaxIdleConnsPerHost: 64, DialTLSContext: w.dial}
	go func() {
		defer close(w.done)
		_ = w.server.Serve(w) // until it is closed
	}()
	return w
}

// close ends the server and the connections to it.
func (w *wire) close() {
	w.transport.CloseIdleConnections()
	_ = w.server.Close() // nobody is served any more
	<-w.done
}

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case w.accepted <- far:
		return near, nil
	case <-w.closed:
		return nil, fmt.Errorf("dialling the bench: %w", net.ErrClosed)
	case <-ctx.Done():
		return nil, fmt.Errorf("dialling the bench: %w", errors.Join(ctx.Err(), near.Close(), far.Close()))
	}
}

// Accept returns the server's end of the next connection; with Close and Addr the wire is a net.Listener.
func (w *wire) Accept() (net.Conn, error) {
	select {
	case connection := <-w.accepted:
		return connection, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close lets nobody dial any more.
func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// Addr is no address of the machine.
func (w *wire) Addr() net.Addr { return wireAddr{} }

type wireAddr struct{}

func (wireAddr) Network() string { return "pipe" }
func (wireAddr) String() string  { return wireAddress }
