package scenarios

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// oneItem is a vault whose lists have one item for ever. The item is as large as a page may be.
type oneItem struct{ requests int }

func (v *oneItem) RoundTrip(request *http.Request) (*http.Response, error) {
	v.requests++
	body := `{"value":[{"id":"https://vault.example/certificates/one","tags":{` + strings.Repeat(`"":"",`, 200_000) + `"":""}}]}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: request, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// driven is a clock whose sleeps take no time.
type driven struct {
	vault.SystemClock
	now    time.Time
	sleeps int
}

func (d *driven) Now() time.Time { return d.now }

func (d *driven) Sleep(_ context.Context, pause time.Duration) error {
	d.sleeps, d.now = d.sleeps+1, d.now.Add(pause)
	return nil
}

func TestAWaitForAListBacksOffAndKeepsTheLastReadingOnly(t *testing.T) {
	for _, test := range []struct {
		name string
		most time.Duration
	}{
		{"on this machine", 5 * time.Second},
		{"elsewhere", 30 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock, list := &driven{now: time.Unix(1e9, 0)}, &oneItem{}
			env := &Env{
				Clock: clock, Polling: Polling{Min: time.Second, Max: 2 * time.Second, First: 50 * time.Millisecond, Change: test.most, Timeout: time.Minute},
				Vault: vault.NewClient(vault.Options{
					Endpoint:  &url.URL{Scheme: "https", Host: "vault.example"},
					Transport: list, APIVersion: "7.4", Clock: clock, BoundSum: true,
				}),
			}
			read := env.awaitList(t.Context(), "the list", func() *vault.Exchange { return env.Vault.GetCertificates(t.Context()) },
				func(pages []*vault.Exchange) bool { return Lists(pages, "https://vault.example/certificates/another") })
			waited := clock.now.Sub(time.Unix(1e9, 0))
			if waited > test.most || waited < test.most/2 {
				t.Errorf("waited %s, want %s at most", waited, test.most)
			}
			if list.requests > int(test.most/time.Second)+8 {
				t.Errorf("%d readings within %s", list.requests, waited)
			}
			if len(read) != 1 || read[0].Failure != nil {
				t.Errorf("the last reading is %v", read)
			}
		})
	}
}
