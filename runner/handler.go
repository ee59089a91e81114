package runner

import (
	"crypto/x509"
	"net/http"

	"github.com/kvconform/kvconform/internal/refserver"
)

// serveHandler serves the vault that is given as a handler, over https on the loopback, and makes it the target's
// endpoint. It lives as long as the run.
func (o *Options) serveHandler() (stop func(), err error) {
	if o.Handler == nil {
		return func() {}, nil
	}
	if o.Target.Endpoint != "" {
		return nil, usage("the options name both a handler and an endpoint: leave one out")
	}
	server, err := refserver.Serve("127.0.0.1:0", o.Handler)
	if err != nil {
		return nil, err
	}
	o.Target.Endpoint, o.NoLedger = server.URL, true
	o.roots = x509.NewCertPool()
	o.roots.AppendCertsFromPEM(server.CA)
	return func() { _ = server.Close() }, nil // the run is over
}

// trustHandler makes the transport trust the handler's server.
func (o *Options) trustHandler(transport *http.Transport) {
	if o.roots != nil {
		transport.TLSClientConfig.RootCAs = o.roots
	}
}
