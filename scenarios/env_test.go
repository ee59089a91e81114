package scenarios

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// neverEnding is a vault whose operation stays in progress; it counts the requests.
type neverEnding struct{ requests int }

func (v *neverEnding) RoundTrip(request *http.Request) (*http.Response, error) {
	v.requests++
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request,
		Body: io.NopCloser(strings.NewReader(`{"status":"inProgress"}`)),
	}, nil
}

// cancelling is a clock on which the run is interrupted during the first wait.
type cancelling struct {
	vault.SystemClock
	cancel context.CancelFunc
}

func (c cancelling) Sleep(ctx context.Context, _ time.Duration) error {
	c.cancel()
	return ctx.Err()
}

func TestAPollThatIsCancelledIsRecordedAndNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	clock, pending := cancelling{cancel: cancel}, &neverEnding{}
	env := &Env{
		Clock: clock, Polling: Polling{Min: time.Second, Max: time.Second, Timeout: time.Minute},
		Vault: vault.NewClient(vault.Options{
			Endpoint: &url.URL{Scheme: "https", Host: "vault.example"}, Transport: pending, APIVersion: "7.4", Clock: clock,
		}),
	}
	polls, err := env.AwaitEnd(ctx, "name")
	var failure *vault.Failure
	if !errors.As(err, &failure) || failure.Kind != vault.Interrupted {
		t.Errorf("got the error %v, want an interruption", err)
	}
	if pending.requests != 1 || len(polls) != 2 {
		t.Fatalf("got %d requests and %d polls, want 1 and 2", pending.requests, len(polls))
	}
	last := polls[1]
	if last.Failure == nil || last.Failure.Kind != vault.Interrupted || last.Operation != polls[0].Operation {
		t.Errorf("the last poll is %s with the failure %v", last.Operation, last.Failure)
	}
}
