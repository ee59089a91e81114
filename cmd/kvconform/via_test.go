package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
)

// behind is a vault and a proxy before it that edits every response.
type behind struct{ direct, via, ca, token string }

func behindProxy(t *testing.T, vault refserver.Options, edit func(*http.Response)) behind {
	t.Helper()
	reference, err := refserver.Start(vault)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := reference.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	trusted, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(trusted) {
		t.Fatal("the vault's CA is no PEM")
	}
	upstream, err := url.Parse(reference.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstream)
			r.Out.Host = r.In.Host // so that the vault writes ids of the proxy
		},
		ModifyResponse: func(r *http.Response) error {
			edit(r)
			return nil
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
	})
	t.Cleanup(proxy.Close)
	both := append(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})...)
	if err := os.WriteFile(ca, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return behind{reference.URL, proxy.URL, ca, reference.Token}
}

// faulty is a vault with a fault of its own. It issues late, so that a cancellation comes in time however busy the machine is.
func faulty() refserver.Options {
	return refserver.Options{Faults: []string{"delete-pending-answers-202"}, IssueAfter: time.Second}
}

func (b behind) run(t *testing.T, more ...string) (code int, stdout, stderr string) {
	t.Helper()
	line := []string{"run", "--quiet", "--via", b.via, "--direct", b.direct, "--ca", b.ca, "--token", b.token, "--scenario", "delete-pending"}
	return typed(t, append(line, more...)...)
}

// The vault has a fault of its own: only what the proxy changes is told.
func TestOnlyWhatAProxyChangesIsTold(t *testing.T) {
	long.Test(t, "four runs")
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(*http.Response)
		more []string
		code int
		says []string
	}{
		{"a faithful proxy", func(*http.Response) {}, nil, 0, []string{"direct  failed: 5 broken musts", "via     failed: 5 broken musts", "\nno difference\n"}},
		{"one that drops Location", func(r *http.Response) { r.Header.Del("Location") }, nil, 0, []string{"header Location went, was: present; on "}},
		{"one that drops Location, if that is to fail", func(r *http.Response) { r.Header.Del("Location") }, []string{"--fail-on", "responses"}, 1, []string{"regressed"}},
		{"one that rewrites a content type", func(r *http.Response) { r.Header.Set("Content-Type", "text/plain") }, nil, 0, []string{"header Content-Type: application/json; charset=utf-8 -> text/plain; on "}},
		{"one that breaks a must", func(r *http.Response) {
			if r.StatusCode == http.StatusNotFound {
				r.StatusCode = http.StatusBadRequest
			}
		}, nil, 1, []string{"Broken (", "regressed, ", "status 404 -> 400; on "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "out")
			code, stdout, stderr := behindProxy(t, faulty(), c.edit).run(t, append(c.more, "--out", folder)...)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s%s", code, c.code, stdout, stderr)
			}
			for _, want := range c.says {
				if !strings.Contains(stdout, want) {
					t.Errorf("it does not print %q:\n%s", want, stdout)
				}
			}
			if strings.Contains(stdout, "FAIL") {
				t.Errorf("it lists a failure of the vault:\n%s", stdout)
			}
			for _, name := range []string{"report.json", "report-direct.json", "junit.xml", "diff.md", "diff.json"} {
				if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestAProxyThatCannotBeReachedIsIncomplete(t *testing.T) {
	t.Parallel()
	b := behindProxy(t, faulty(), func(*http.Response) {})
	b.via = "https://127.0.0.1:1"
	folder := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := b.run(t, "--out", folder)
	if code != 3 || !strings.Contains(stderr, "via (https://127.0.0.1:1)") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "junit.xml")); err != nil || !strings.Contains(string(text), `classname="endpoint"`) {
		t.Errorf("the JUnit report does not say so: %v\n%s", err, text)
	}
}

func TestWrongUsesOfViaAreOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line []string
		says string
	}{
		{[]string{"--direct", "https://a"}, "name the proxy with --via"},
		{[]string{"--via", "https://b", "--embedded"}, "kvconform serve"},
		{[]string{"--via", "https://b", "--direct", "https://a", "--endpoint", "https://a"}, "give one of them"},
		{[]string{"--via", "https://b", "--direct", "https://a", "--baseline", "x"}, "leave --baseline out"},
		{[]string{"--via", "https://b", "--direct", "https://a", "--compare", "7.4"}, "two comparisons"},
		{[]string{"--embedded", "--fail-on", "borken"}, "--fail-on takes no \"borken\""},
	} {
		code, stdout, stderr := typed(t, append([]string{"run"}, c.line...)...)
		if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit %d: %q %q", c.line, code, stdout, stderr)
		}
	}
}
