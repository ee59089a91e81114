package runner

import (
	"crypto/x509"

	"github.com/kvconform/kvconform/internal/refserver"
)

// serveHandler serves the vault that is given as a handler, over https on the loopback, and makes it the target's
// endpoint. It returns what to trust. The server lives as long as the run.
func (o *Options) serveHandler() (roots *x509.CertPool, stop func(), err error) {
	if o.Handler == nil {
		return nil, func() {}, nil
	}
	if o.Target.Endpoint != "" {
		return nil, nil, usage("the options name both a handler and an endpoint: leave one out")
	}
	server, err := refserver.Serve("127.0.0.1:0", o.Handler)
	if err != nil {
		return nil, nil, err
	}
	o.Target.Endpoint = server.URL
	o.NoLedger = o.NoLedger || o.Ledger == "" // the vault ends with the process
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(server.CA)
	return roots, func() { _ = server.Close() }, nil // the run is over
}
