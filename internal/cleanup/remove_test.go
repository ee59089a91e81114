package cleanup_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// flaky fails the first deletes of each certificate, then deletes it.
func flaky(t *testing.T, failures int, fail http.HandlerFunc) (options cleanup.Options, live func() int) {
	t.Helper()
	var mu sync.Mutex
	left := map[string]int{}
	for i := range 5 {
		left[fmt.Sprintf("/certificates/c%d", i)] = failures
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		more, there := left[r.URL.Path]
		switch {
		case r.Method != http.MethodDelete || !there:
			w.WriteHeader(http.StatusNotFound)
		case more > 0:
			left[r.URL.Path]--
			fail(w, r)
		default:
			delete(left, r.URL.Path)
			w.WriteHeader(http.StatusOK)
		}
	}))
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	clock := refvault.NewDrivenClock(time.Now())
	return cleanup.Options{
			Client:  vault.NewClient(vault.Options{Endpoint: endpoint, Transport: transport, APIVersion: "7.4", Clock: clock}),
			Cleanup: target.Delete, Clock: clock, Plays: 2,
		}, func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(left)
		}
}

func leftovers() []cleanup.Leftover {
	var all []cleanup.Leftover
	for i := range 5 {
		all = append(all, cleanup.Leftover{Kind: cleanup.CertificateKind, Name: fmt.Sprintf("c%d", i)})
	}
	return all
}

func TestADeleteIsRepeatedForAWhile(t *testing.T) {
	for name, fail := range map[string]http.HandlerFunc{
		"500":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"no response": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			options, live := flaky(t, 3, fail)
			for _, removal := range cleanup.NewRemover(options).Remove(context.Background(), leftovers()) {
				if removal.Fate != cleanup.Gone {
					t.Errorf("%s", removal)
				}
			}
			if live() > 0 {
				t.Errorf("%d are left", live())
			}
		})
	}
}

func TestADeleteThatNeverSucceedsIsGivenUp(t *testing.T) {
	options, live := flaky(t, 1<<30, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	began := options.Clock.Now()
	for _, removal := range cleanup.NewRemover(options).Remove(context.Background(), leftovers()) {
		if removal.Fate != cleanup.Live || !strings.Contains(removal.Reason, "500") {
			t.Errorf("%s", removal)
		}
	}
	if live() != 5 {
		t.Errorf("%d are left", live())
	}
	if took := options.Clock.Now().Sub(began); took > 40*time.Second {
		t.Errorf("five deletes in vain took %s: the first should cost the others their patience", took)
	}
}

func TestAListThatComesBackToItselfIsNoticed(t *testing.T) {
	pages := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages++
		_, _ = fmt.Fprintf(w, `{"value":[],"nextLink":"http://%s/certificates?page=%d"}`, r.Host, pages%3)
	}))
	defer server.Close()
	_, err := cleanup.Find(context.Background(), cleanup.SweepOptions{Target: target.Target{Endpoint: server.URL}, Prefix: "kvconform"})
	if err == nil || !strings.Contains(err.Error(), "comes back to the page") || pages > 10 {
		t.Errorf("%d pages: %v", pages, err)
	}
}

func TestASweepByPrefixLeavesRecentRunsAlone(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/certificates" {
			_, _ = fmt.Fprint(w, `{"value":[{"id":"https://v/certificates/issuers/kvconform-aaaaaaaaaaaa-issuer"}]}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"value":[{"id":"https://v/certificates/kvconform-aaaaaaaaaaaa-one","attributes":{"created":%d}},
			{"id":"https://v/certificates/kvconform-bbbbbbbbbbbb-two","attributes":{"created":%d}}]}`,
			time.Now().Add(-time.Minute).Unix(), time.Now().Add(-time.Hour).Unix())
	}))
	defer server.Close()
	for _, test := range []struct {
		recent       bool
		found, skips int
	}{{false, 1, 1}, {true, 3, 0}} {
		found, err := cleanup.Find(context.Background(), cleanup.SweepOptions{
			Target: target.Target{Endpoint: server.URL}, Prefix: "kvconform", Recent: test.recent,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Leftovers) != test.found || len(found.Skipped) != test.skips {
			t.Errorf("recent %v: found %v, skipped %v", test.recent, found.Leftovers, found.Skipped)
		}
	}
}
