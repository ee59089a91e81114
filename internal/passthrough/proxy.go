// Package passthrough stands between any client and any vault: it passes every request and response on unchanged, records
// the exchanges of the certificates API, and has each judged as it comes.
//
// A Proxy is the handler. What it passes on differs from what it received in the Host, which names the upstream unless it
// is told to keep the client's, and in the headers that HTTP keeps between two hops. It waits for nothing of its own: a
// body flows through while it arrives, and a copy of bounded size is kept of it. A Session judges what a proxy recorded.
package passthrough

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// mostCaptured bounds what is kept of a body, in bytes. A vault's responses are far smaller.
const mostCaptured = 4 << 20

// Options say where a proxy leads to.
type Options struct {
	// Upstream is the base URL of the vault.
	Upstream *url.URL
	// Transport sends the requests on.
	Transport http.RoundTripper
	// KeepHost passes the client's Host header on, for a vault that writes its ids with it.
	KeepHost bool
	// Take is given each exchange, in the order in which the requests began, by one goroutine at a time.
	Take func(*vault.Exchange)
	// Clock is the system's where it is nil.
	Clock vault.Clock
}

// Proxy passes requests on to an upstream. It is an http.Handler.
type Proxy struct {
	options Options
	reverse *httputil.ReverseProxy
	queue   *queue
}

// New makes a proxy.
func New(options Options) *Proxy {
	if options.Clock == nil {
		options.Clock = vault.SystemClock{}
	}
	p := &Proxy{options: options, queue: newQueue(options.Take)}
	p.reverse = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		ModifyResponse: p.capture,
		ErrorHandler:   p.fail,
		Transport:      options.Transport,
		FlushInterval:  -1, // a client sees each byte when the vault sends it
		ErrorLog:       discardLog(),
	}
	return p
}

// recordKey finds the record of a request in its context.
type recordKey struct{}

// ServeHTTP passes one request on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	record := p.queue.begin(&vault.Exchange{
		Started: p.options.Clock.Now(), Attempts: 1,
		Request: vault.Request{Method: r.Method, URL: p.upstreamURL(r.URL).String(), Header: r.Header.Clone()},
	})
	body := &copied{ReadCloser: r.Body}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = body
	}
	record.request = body
	defer p.finish(record, errors.New("the client went away before the response was complete"))
	p.reverse.ServeHTTP(&silent{w}, r.WithContext(context.WithValue(r.Context(), recordKey{}, record)))
}

// upstreamURL is where a request goes, its path and query byte for byte as the client sent them.
func (p *Proxy) upstreamURL(in *url.URL) *url.URL {
	u := *in
	u.Scheme, u.Host, u.User = p.options.Upstream.Scheme, p.options.Upstream.Host, nil
	if prefix := strings.TrimSuffix(p.options.Upstream.Path, "/"); prefix != "" {
		u.RawPath = strings.TrimSuffix(p.options.Upstream.EscapedPath(), "/") + in.EscapedPath()
		u.Path = prefix + in.Path
	}
	return &u
}

// rewrite addresses the request to the upstream and gives back the headers that a reverse proxy takes away: this one is
// to change nothing.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL = p.upstreamURL(r.In.URL)
	r.Out.Host = p.options.Upstream.Host
	if p.options.KeepHost {
		r.Out.Host = r.In.Host
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = values
		}
	}
}

// capture copies a response on its way to the client.
func (p *Proxy) capture(response *http.Response) error {
	record, _ := response.Request.Context().Value(recordKey{}).(*record)
	if record == nil || response.StatusCode == http.StatusSwitchingProtocols {
		return nil
	}
	record.exchange.Response = &vault.Response{Status: response.StatusCode, Header: response.Header.Clone()}
	record.response = &copied{ReadCloser: response.Body}
	record.response.ended = func() { p.finish(record, nil) }
	response.Body = record.response
	return nil
}

// fail answers for an upstream that did not: the response is the proxy's own and is not judged.
func (p *Proxy) fail(w http.ResponseWriter, r *http.Request, err error) {
	if record, _ := r.Context().Value(recordKey{}).(*record); record != nil {
		p.finish(record, err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Kvconform-Proxy", "error")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = fmt.Fprintf(w, "kvconform proxy: no response came from %s\n", p.options.Upstream.Host) // the client may be gone
}

// finish completes a record once; why says why there is no whole response, nil where there is one.
func (p *Proxy) finish(record *record, why error) {
	record.once.Do(func() {
		e := record.exchange
		e.Took = p.options.Clock.Now().Sub(e.Started)
		e.Request.Body = record.request.bytes()
		switch {
		case why != nil && e.Response == nil:
			e.Failure = &vault.Failure{Kind: vault.Unreachable, Message: "no response came: " + oneLine(why)}
		case why != nil:
			e.Failure = &vault.Failure{Kind: vault.CutShort, Message: oneLine(why)}
		case record.response.cut() || record.request.cut():
			e.Failure = &vault.Failure{Kind: vault.TooLarge, Message: fmt.Sprintf("a body is larger than %d MiB", mostCaptured>>20)}
		}
		if e.Response != nil {
			e.Response.Body = record.response.bytes()
		}
		p.queue.done(record)
	})
}

// Close gives on what is complete. The requests under way are given up.
func (p *Proxy) Close() { p.queue.close() }

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// silent is a response without the headers that a Go server adds of its own accord.
type silent struct{ http.ResponseWriter }

// WriteHeader marks the headers that the upstream did not send as absent.
func (s *silent) WriteHeader(status int) {
	if status >= http.StatusOK {
		for _, name := range []string{"Date", "Content-Type"} {
			if _, sent := s.Header()[name]; !sent {
				s.Header()[name] = nil
			}
		}
	}
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer beneath.
func (s *silent) Unwrap() http.ResponseWriter { return s.ResponseWriter }
