package prove

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// watched is a vault behind a fault that behaves wrongly. It notes what the fault made of each request, because such a fault does
// not say when it acts: one that passes every request and every response on as it came cannot be seen by any client.
type watched struct {
	http.Handler
	// unasked is called for a request that nobody sent.
	unasked func()
}

// watching is the key of what is noted of a request, in its context.
type watching struct{}

// passed is what a fault passed on of one request: how often it asked the vault, and the last request and response.
type passed struct {
	asked    int
	request  sentRequest
	response *tamper.Response
}

// sentRequest is what a vault sees of a request.
type sentRequest struct {
	method, uri, token, body string
}

func sentOf(r *http.Request) sentRequest {
	return sentRequest{r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), string(tamper.Sent(r))}
}

func (w watched) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	note, ok := r.Context().Value(watching{}).(*passed)
	if !ok {
		w.unasked()
		w.Handler.ServeHTTP(to, r)
		return
	}
	note.asked++
	note.request = sentOf(r)
	a := tamper.Pass(w.Handler, r)
	note.response = copied(a)
	a.Write(to)
}

// watch sends a request through a fault and reports whether the fault changed anything on the way in or on the way out.
func watch(broken http.Handler, r *http.Request) (a *tamper.Response, acted bool) {
	note, sent := &passed{}, sentOf(r)
	a = tamper.Pass(broken, r.WithContext(context.WithValue(r.Context(), watching{}, note)))
	a.Request = r
	same := note.asked == 1 && note.request == sent && note.response.Status == a.Status &&
		bytes.Equal(note.response.Body, a.Body) && maps.EqualFunc(headersOf(note.response), headersOf(a), slices.Equal[[]string])
	return a, !same
}

// headersOf are the headers that say more than the body does.
func headersOf(a *tamper.Response) http.Header {
	header := copied(a).Header
	header.Del("Content-Length")
	return header
}
