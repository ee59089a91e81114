//go:build interop

package interop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"
)

// proxy says how nginx stands before a vault. The zero value hands everything through as it is.
type proxy struct {
	// listen are further parameters of the address, such as http2.
	listen string
	// host is what the vault is told it was called by; empty means what the client called.
	host string
	// rewrite is what follows the upstream's name; a variable there makes nginx send that path instead.
	rewrite string
	// extra are further directives of the location.
	extra string
	// holds says that it holds answers back, so that a short deadline keeps the test short.
	holds bool
}

// TestNginx runs the suite through real proxies before the reference vault, one that is as it should be and others with
// the mistakes that proxies are known for.
func TestNginx(t *testing.T) {
	kvconform := buildCommand(t)
	direct := serve(t, kvconform)
	straight := judge(t, kvconform, "--config", direct.target)
	if straight.exit != 0 {
		t.Fatalf("the vault alone does not hold, so that nothing can be said of proxies: exit %d\n%s", straight.exit, straight.problems())
	}

	for name, clean := range map[string]proxy{
		"a clean proxy changes no verdict":                         {},
		"one that speaks HTTP/2 and compresses changes none":       {listen: "http2", extra: "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;"},
		"one that buffers bodies and answers on disk changes none": {extra: "client_body_in_file_only clean; proxy_buffering on; proxy_buffer_size 2k; proxy_buffers 2 2k; proxy_busy_buffers_size 2k;"},
	} {
		t.Run(name, func(t *testing.T) {
			through := judge(t, kvconform, before(t, direct, clean)...)
			if through.exit != 0 {
				t.Errorf("exit %d\n%s\n%s", through.exit, through.problems(), tail(through.output, 20))
			}
			for _, how := range []string{"passed", "failed", "error", "skipped"} {
				if !slices.Equal(through.rules[how], straight.rules[how]) {
					t.Errorf("%s through the proxy: %v\nwithout: %v", how, through.rules[how], straight.rules[how])
				}
			}
			t.Logf("%d rules passed through nginx", len(through.rules["passed"]))
		})
	}

	for _, c := range []struct {
		mistake string
		proxy   proxy
		exit    int
		// how and rules are what the report must say, and of which rules.
		how   string
		rules []string
		// spared are rules that the mistake does not touch: the report must not say it of everything.
		spared []string
		said   string
		// flags narrow the run, where the mistake costs a deadline each time.
		flags []string
	}{
		{
			mistake: "drops Location",
			proxy:   proxy{extra: "proxy_hide_header Location;"},
			exit:    1, how: "failed",
			rules:  []string{"request-from-issuer/location-path", "request-from-issuer/location-request-id"},
			spared: []string{"request-from-issuer/create-status", "read-completed/status"},
		},
		{
			mistake: "rewrites Host",
			proxy:   proxy{host: "vault.internal.example"},
			exit:    1, how: "failed",
			rules:  []string{"request-from-issuer/location-path", "request-from-issuer/operation-id", "read-completed/target-present"},
			spared: []string{"request-from-issuer/create-status"},
		},
		{
			mistake: "strips request_id from the query",
			proxy:   proxy{extra: `if ($args ~ "^(.*?)&?request_id=[^&]*(.*)$") { set $args $1$2; }`},
			exit:    1, how: "failed",
			rules:  []string{"read-in-progress/filter-mismatch-status", "read-deleted-or-overwritten/overwritten-filter-status"},
			spared: []string{"request-from-issuer/create-status", "read-in-progress/status"},
		},
		{
			mistake: "strips the whole query, api-version with it",
			proxy:   proxy{rewrite: "$uri"},
			exit:    1, how: "failed",
			rules: []string{"request-from-issuer/create-status"},
		},
		{
			mistake: "caches answers, whatever they say of that",
			proxy: proxy{extra: "proxy_cache answers; proxy_cache_valid any 1m; proxy_cache_key $request_uri; " +
				"proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;"},
			exit: 1, how: "failed",
			rules:  []string{"authentication/status", "delete-pending/gone-status"},
			spared: []string{"authentication/token-accepted", "delete-pending/status"},
			flags:  []string{"--scenario", "authentication", "--scenario", "delete-pending"},
		},
		{
			mistake: "puts pages of its own in the place of errors",
			proxy:   proxy{extra: "proxy_intercept_errors on; error_page 400 403 404 409 /sorry.html;"},
			exit:    1, how: "failed",
			rules:  []string{"delete-pending/gone-code"},
			spared: []string{"read-deleted-or-overwritten/deleted-status", "request-from-issuer/create-status"},
		},
		{
			mistake: "drops the challenge",
			proxy:   proxy{extra: "proxy_hide_header WWW-Authenticate;"},
			exit:    1, how: "failed",
			rules:  []string{"authentication/challenge"},
			spared: []string{"request-from-issuer/create-status"},
		},
		{
			mistake: "drops the token",
			proxy:   proxy{extra: `proxy_set_header Authorization "";`},
			exit:    3,
			said:    "does not accept the token (401",
		},
		{
			mistake: "holds the answers about pending requests back until the client gives up",
			proxy:   proxy{extra: `if ($uri ~ "/pending$") { set $limit_rate 1; }`, holds: true},
			exit:    3, how: "error",
			rules:  []string{"read-in-progress/status"},
			spared: []string{"request-from-issuer/create-status"},
			flags:  []string{"--scenario", "request-from-issuer", "--scenario", "read-in-progress"},
		},
		{
			mistake: "holds every answer back until the client gives up",
			proxy:   proxy{extra: `limit_rate 1;`, holds: true},
			exit:    3,
			said:    "nothing between holds the response back",
		},
	} {
		t.Run("one that "+c.mistake+" is caught", func(t *testing.T) {
			caught := judge(t, kvconform, append(before(t, direct, c.proxy), c.flags...)...)
			if caught.exit != c.exit {
				t.Errorf("exit %d, want %d\n%s", caught.exit, c.exit, tail(caught.output, 20))
			}
			for _, rule := range c.rules {
				if !caught.has(c.how, rule) {
					t.Errorf("the report does not have %s as %s:\n%s", rule, c.how, caught.problems())
				}
			}
			for _, rule := range c.spared {
				if !caught.has("passed", rule) {
					t.Errorf("%s did not pass, which the proxy does not touch: %s", rule, caught.told[rule])
				}
			}
			if !strings.Contains(caught.output, c.said) {
				t.Errorf("it does not say %q:\n%s", c.said, tail(caught.output, 20))
			}
			t.Logf("exit %d, %d rules %s: %s", caught.exit, len(caught.rules[c.how]), c.how, strings.Join(caught.rules[c.how], ", "))
		})
	}
}

// before starts nginx before the vault and returns the flags that send the suite through it.
func before(t *testing.T, v vault, p proxy) []string {
	t.Helper()
	nginx := tool(t, "nginx", "install Debian's package nginx-light")
	folder, port := t.TempDir(), freePort(t)
	upstream, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	if p.host == "" {
		p.host = "$http_host"
	}
	ca := writeOwnCertificate(t, folder)
	configuration := filepath.Join(folder, "nginx.conf")
	drawn, err := template.ParseFiles(filepath.Join("nginx", "proxy.conf.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(configuration)
	if err != nil {
		t.Fatal(err)
	}
	if err := drawn.Execute(file, map[string]string{
		"Folder": folder, "Port": port, "Upstream": upstream.Host, "VaultCA": v.ca,
		"User": workersOf(os.Geteuid()), "Listen": p.listen, "Host": p.host, "Rewrite": p.rewrite, "Extra": p.extra,
	}); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(nginx, "-p", folder, "-c", configuration))
	waitUntilListening(t, "127.0.0.1:"+port, 10*time.Second)
	target := v.target
	if p.holds {
		target = appended(t, v.target, "deadlines: {request: 2s}")
	}
	return []string{"--config", target, "--endpoint", "https://localhost:" + port, "--ca", ca}
}

// workersOf is the user, and the group, that nginx is to run its workers as where root starts it.
func workersOf(user int) string {
	if user == 0 {
		return "root root"
	}
	return ""
}

// writeOwnCertificate makes the proxy's certificate, for localhost, and returns the file of it that clients trust.
func writeOwnCertificate(t *testing.T, folder string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "a proxy"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"localhost"},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(folder, "proxy.pem")
	for path, block := range map[string]*pem.Block{
		ca:                                 {Type: "CERTIFICATE", Bytes: der},
		filepath.Join(folder, "proxy.key"): {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ca
}
