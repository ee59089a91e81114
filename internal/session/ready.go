package session

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// readyPause is the pause between two looks at whether the target is ready.
const readyPause = 200 * time.Millisecond

// awaitReady waits until the target responds as its file says it does when it is ready. A target that never does is an
// Incomplete run.
func awaitReady(ctx context.Context, t target.Target, endpoint *url.URL, transport http.RoundTripper, clock vault.Clock) error {
	if t.Ready.Path == "" {
		return nil
	}
	link := (&url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host}).ResolveReference(&url.URL{Path: t.Ready.Path}).String()
	until := clock.Now().Add(t.Ready.Timeout)
	for {
		status, err := lookReady(ctx, t, link, transport)
		if err == nil && status == t.Ready.Status {
			return nil
		}
		last := fmt.Sprintf("it returned %d", status)
		if err != nil {
			last = err.Error()
		}
		if clock.Now().Add(readyPause).After(until) {
			return &Incomplete{
				Message: fmt.Sprintf("%s was not ready within %s: wanted %d, and last %s", link, t.Ready.Timeout, t.Ready.Status, last),
				Advice:  "check that the target is started, or give ready.timeout more",
			}
		}
		if clock.Sleep(ctx, readyPause) != nil {
			return &Incomplete{Message: "the wait for " + link + " was interrupted", Advice: "nothing was played"}
		}
	}
}

// lookReady asks once. Redirects are responses, since a proxy may send all and sundry to a page that says that it is not ready.
func lookReady(ctx context.Context, t target.Target, link string, transport http.RoundTripper) (int, error) {
	bounded, cancel := context.WithTimeout(ctx, min(t.Deadlines.Request, t.Ready.Timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, http.MethodGet, link, nil)
	if err != nil {
		return 0, fmt.Errorf("making the request: %w", err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
