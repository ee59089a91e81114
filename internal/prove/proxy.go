package prove

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/kvconform/kvconform/internal/drive"
	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// targetBench injects faults in front of the user's own endpoint. Every trial is a session of its own, which cleans up
// after itself past the fault.
type targetBench struct {
	target target.Target
	known  specs.Facts
}

func newTargetBench(ctx context.Context, described target.Target) (*targetBench, error) {
	on, err := session.Connect(described, session.Options{})
	if err != nil {
		return nil, err
	}
	driver, err := drive.New(on, drive.Options{NoLedger: true})
	if err != nil {
		return nil, err
	}
	defer driver.CleanUp(ctx)
	if err := driver.Begin(ctx); err != nil {
		return nil, err
	}
	return &targetBench{target: described, known: on.Facts}, nil
}

func (b *targetBench) facts() specs.Facts { return b.known }

func (b *targetBench) selection(suite *specs.Suite) (*selection.Selection, error) {
	return selection.Choose(suite, selection.Options{APIVersion: b.known.Expected(), Without: b.target.Without})
}

func (b *targetBench) close() {}

// performAll performs the plays before the target, with the fault between.
func (b *targetBench) performAll(ctx context.Context, plays []scenarios.Play, on trial, seen func(scenarios.Play, *tamper.Response)) ([]*scenarios.Performance, error) {
	between := &proxy{wrap: on.wrap}
	connected, err := session.Connect(b.target, session.Options{Through: between.before})
	if err != nil {
		return nil, err
	}
	driver, err := drive.New(connected, drive.Options{})
	if err != nil {
		return nil, err
	}
	performances, err := between.perform(ctx, driver, plays)
	driver.CleanUp(ctx)
	if closing := driver.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if response := responseOf(ctx, step); response != nil && seen != nil {
				seen(performance.Play, response)
			}
		}
	}
	return performances, ctx.Err()
}

// responseOf is the response of an exchange as a fault sees it, nil if there is none.
func responseOf(ctx context.Context, step scenarios.Step) *tamper.Response {
	e := step.Exchange
	if e.Response == nil {
		return nil
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), e.Request.Method, e.Request.URL, bytes.NewReader(e.Request.Body))
	if err != nil {
		return nil
	}
	request.Header = e.Request.Header.Clone()
	return &tamper.Response{
		Status: e.Response.Status, Header: e.Response.Header.Clone(), Body: e.Response.Body, Request: request, Sent: e.Request.Body,
	}
}

// proxy puts a fault between the client and the target while plays are performed, and not while what they need is made or
// removed. The fault is a handler, so the proxy is a transport that has a handler respond.
type proxy struct {
	wrap   func(http.Handler) http.Handler // nil for no fault
	on     atomic.Bool
	next   http.RoundTripper
	faulty http.Handler
}

// before puts the proxy before the transport to the target.
func (p *proxy) before(next http.RoundTripper) http.RoundTripper {
	p.next, p.faulty = next, http.HandlerFunc(p.forward)
	if p.wrap != nil {
		p.faulty = p.wrap(p.faulty)
	}
	return p
}

func (p *proxy) perform(ctx context.Context, driver *drive.Driver, plays []scenarios.Play) ([]*scenarios.Performance, error) {
	if err := driver.Begin(ctx); err != nil {
		return nil, err
	}
	p.on.Store(true)
	defer p.on.Store(false)
	return driver.Perform(ctx, plays), nil
}

// passage is what becomes of one request on its way through the fault.
type passage struct{ err error }

type passageKey struct{}

// RoundTrip has the fault respond. Where the target gave no response to it, that is the error.
func (p *proxy) RoundTrip(request *http.Request) (*http.Response, error) {
	if !p.on.Load() {
		return p.next.RoundTrip(request)
	}
	passed := &passage{}
	served := request.Clone(context.WithValue(request.Context(), passageKey{}, passed))
	served.Host, served.RequestURI = request.URL.Host, request.URL.RequestURI()
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if request.URL.Scheme == "https" {
		served.TLS = &tls.ConnectionState{}
	}
	recorder := httptest.NewRecorder()
	p.faulty.ServeHTTP(recorder, served)
	if passed.err != nil {
		return nil, passed.err
	}
	response := recorder.Result()
	response.Request = request
	return response, nil
}

// forward has the target respond. It is what the fault takes for the vault.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request) {
	if err := p.pass(w, r); err != nil {
		if passed, ok := r.Context().Value(passageKey{}).(*passage); ok {
			passed.err = err
		}
		http.Error(w, err.Error(), http.StatusBadGateway) // for the fault alone: RoundTrip returns the error
	}
}

func (p *proxy) pass(w http.ResponseWriter, r *http.Request) error {
	on := r.Clone(r.Context())
	on.RequestURI = ""
	response, err := p.next.RoundTrip(on)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	maps.Copy(w.Header(), response.Header)
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body) // into memory
	return nil
}
