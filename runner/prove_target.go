package runner

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// abroad is a target of the user's own to try faults before. Every trial is a run of its own, which cleans up after
// itself past the fault.
type abroad struct {
	target Target
	oracle scenarios.Oracle
	known  specs.Facts
}

func newAbroad(ctx context.Context, target Target, oracle scenarios.Oracle) (*abroad, error) {
	r, err := prepare(Options{Target: target, Oracle: oracle, NoLedger: true})
	if err != nil {
		return nil, err
	}
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	r.cleanUp(ctx)
	return &abroad{target: target, oracle: oracle, known: r.facts}, nil
}

func (a *abroad) facts() specs.Facts { return a.known }

func (a *abroad) selection(book *specs.Suite) (*selection, error) {
	target := a.target.WithDefaults()
	target.APIVersion = a.known.APIVersion
	return choose(book, nil, nil, target)
}

func (a *abroad) close() {}

// performAll performs the pieces before the target, with the fault between.
func (a *abroad) performAll(ctx context.Context, pieces []scenarios.Play, on setting, seen func(scenarios.Play, *tamper.Answer)) ([]*scenarios.Performance, error) {
	var between atomic.Bool
	r, err := prepare(Options{Target: a.target, Oracle: a.oracle, through: func(transport http.RoundTripper) http.RoundTripper {
		handler := http.Handler(forwarder{transport})
		if on.wrap != nil {
			handler = on.wrap(handler)
		}
		faulty := handlerTransport{handler}
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			if between.Load() {
				return faulty.RoundTrip(request)
			}
			return transport.RoundTrip(request)
		})
	}})
	if err != nil {
		return nil, err
	}
	if err := r.begin(ctx); err != nil {
		r.cleanUp(ctx)
		return nil, err
	}
	r.chosen = &selection{specs: r.chosen.specs, pieces: pieces}
	between.Store(true)
	performances := r.perform(ctx)
	between.Store(false)
	r.cleanUp(ctx)
	if err := r.ledger.close(r.clean); err != nil {
		return nil, err
	}
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if answer := answered(ctx, step); answer != nil && seen != nil {
				seen(performance.Play, answer)
			}
		}
	}
	return performances, ctx.Err()
}

// answered is what a fault would have seen of an exchange, nil where nothing came.
func answered(ctx context.Context, step scenarios.Step) *tamper.Answer {
	e := step.Exchange
	if e.Response == nil {
		return nil
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), e.Request.Method, e.Request.URL, bytes.NewReader(e.Request.Body))
	if err != nil {
		return nil
	}
	request.Header = e.Request.Header.Clone()
	return &tamper.Answer{
		Status: e.Response.Status, Header: e.Response.Header.Clone(), Body: e.Response.Body, Request: request, Sent: e.Request.Body,
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// lost is thrown where the target gave no answer to pass on.
type lost struct{ err error }

// forwarder is a handler that has the target answer.
type forwarder struct{ transport http.RoundTripper }

// ServeHTTP sends the request on as it is.
func (f forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	on := r.Clone(r.Context())
	on.RequestURI = ""
	response, err := f.transport.RoundTrip(on)
	if err != nil {
		panic(lost{err})
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	body, err := io.ReadAll(response.Body)
	if err != nil {
		panic(lost{err})
	}
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body) // into memory
}

// handlerTransport sends requests to a handler of this process.
type handlerTransport struct{ handler http.Handler }

// RoundTrip has the handler answer.
func (t handlerTransport) RoundTrip(request *http.Request) (response *http.Response, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			gone, ok := thrown.(lost)
			if !ok {
				panic(thrown)
			}
			response, err = nil, gone.err
		}
	}()
	served := request.Clone(request.Context())
	served.Host, served.RequestURI = request.URL.Host, request.URL.RequestURI()
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if request.URL.Scheme == "https" {
		served.TLS = &tls.ConnectionState{}
	}
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, served)
	response = recorder.Result()
	response.Request = request
	return response, nil
}
