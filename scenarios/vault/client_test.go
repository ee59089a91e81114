package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const secretToken = "a-token-that-nobody-may-see"

// stopped is a clock that stands still and counts what was slept.
type stopped struct{ slept atomic.Int64 }

func (s *stopped) Now() time.Time { return time.Unix(1_700_000_000, 0) }

func (s *stopped) Sleep(ctx context.Context, d time.Duration) error {
	s.slept.Add(int64(d))
	return ctx.Err()
}

// serving returns a client of a handler, over real https; change may alter the client's options.
func serving(t *testing.T, handler http.HandlerFunc, change func(*Options)) *Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	options := Options{
		Endpoint: endpoint, Transport: server.Client().Transport, APIVersion: "7.4",
		Credential: StaticToken(secretToken), Clock: &stopped{},
	}
	if change != nil {
		change(&options)
	}
	return NewClient(options)
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestACallBecomesAnExchange(t *testing.T) {
	var got *http.Request
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		answer(202, `{"request_id":"abc","status":"inProgress","n":12345678901234567890}`)(w, r)
	}, nil)
	e := client.CreateCertificate(context.Background(), "a name/ü", CreateParameters{Policy: &Policy{Issuer: &Issuer{Name: "Unknown"}}})
	if e.Failure != nil {
		t.Fatal(e.Failure)
	}
	if got.Method != http.MethodPost || got.URL.EscapedPath() != "/certificates/a%20name%2F%C3%BC/create" || got.URL.RawQuery != "api-version=7.4" {
		t.Errorf("sent %s %s", got.Method, got.URL)
	}
	if got.Header.Get("Authorization") != "Bearer "+secretToken {
		t.Error("the token was not sent")
	}
	if e.Operation != "CreateCertificate" || e.Status() != 202 || e.Text("request_id") != "abc" || e.Attempts != 1 {
		t.Errorf("the exchange is %+v", e)
	}
	if n, ok := e.Member("n").(json.Number); !ok || n.String() != "12345678901234567890" {
		t.Errorf("a large number became %v", e.Member("n"))
	}
}

func TestNothingSecretIsKept(t *testing.T) {
	const password, key = "the-password", "the-private-key"
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Set-Cookie", "session=x")
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		_, _ = fmt.Fprintf(w, `{"echo":%q,"sent":%d}`, r.Header.Get("Authorization"), len(body))
	}, func(o *Options) { o.Header = http.Header{"X-Api-Key": {"the-api-key"}} })
	pem := "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n"
	exchanges := []*Exchange{
		client.ImportCertificate(context.Background(), "n", ImportParameters{Value: pem, Password: password}),
		client.ImportCertificate(context.Background(), "n", ImportParameters{Value: key, Password: password}),
		client.SetIssuer(context.Background(), "i", IssuerParameters{Provider: "Test", Credentials: &IssuerCredentials{AccountID: "me", Password: password}}),
	}
	kept := []*Exchange{
		client.ImportCertificate(context.Background(), "n", ImportParameters{Value: pem, Password: password, Throwaway: true}),
		client.SetIssuer(context.Background(), "i", IssuerParameters{Credentials: &IssuerCredentials{Password: password, Throwaway: true}}),
	}
	for _, e := range kept {
		if !bytes.Contains(e.Request.Body, []byte(password)) || bytes.Contains(e.Request.Body, []byte(redactedText)) {
			t.Errorf("%s does not keep what is to be thrown away: %s", e.Operation, e.Request.Body)
		}
	}
	for _, e := range exchanges {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{secretToken, password, key, "the-api-key", "session=x"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s keeps %q: %s", e.Operation, secret, text)
			}
		}
	}
	if !bytes.Contains(exchanges[0].Request.Body, []byte("BEGIN CERTIFICATE")) {
		t.Error("the certificate of a PEM, which is public, was not kept")
	}
	if !bytes.Contains(exchanges[2].Request.Body, []byte(`"account_id":"me"`)) {
		t.Error("the account, which is no secret, was not kept")
	}
}

func TestThrottlingIsWaitedOutWithinItsBound(t *testing.T) {
	for _, test := range []struct {
		name        string
		status      int
		retryAfter  string
		times       int
		wantSlept   time.Duration
		wantFailure FailureKind
	}{
		{"429 as Retry-After says", 429, "3", 2, 6 * time.Second, ""},
		{"429 without a word backs off", 429, "", 3, 7 * time.Second, ""},
		{"503 as Retry-After says", 503, "5", 1, 5 * time.Second, ""},
		{"429 that says now backs off", 429, "0", 3, 7 * time.Second, ""},
		{"429 with a date in the past backs off", 429, "Wed, 21 Oct 2015 07:28:00 GMT", 2, 3 * time.Second, ""},
		{"503 without a word is a gateway's", 503, "", 1, 250 * time.Millisecond, ""},
		{"over the bound", 429, "50", 2, 50 * time.Second, Throttled},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := &stopped{}
			seen := 0
			client := serving(t, func(w http.ResponseWriter, r *http.Request) {
				if seen++; seen <= test.times {
					if test.retryAfter != "" {
						w.Header().Set("Retry-After", test.retryAfter)
					}
					answer(test.status, "")(w, r)
					return
				}
				answer(200, "{}")(w, r)
			}, func(o *Options) { o.Clock = clock })
			e := client.GetPending(context.Background(), "n")
			if slept := time.Duration(clock.slept.Load()); slept != test.wantSlept || e.Waited != test.wantSlept {
				t.Errorf("slept %s, kept %s, want %s", slept, e.Waited, test.wantSlept)
			}
			if test.wantFailure != "" {
				if e.Failure == nil || e.Failure.Kind != test.wantFailure {
					t.Errorf("got %v, want %s", e.Failure, test.wantFailure)
				}
				return
			}
			if e.Failure != nil {
				t.Error(e.Failure)
			}
		})
	}
}

// sequence is a credential that gives a new token whenever it is asked.
type sequence struct{ given int }

func (s *sequence) Token(context.Context, *Challenge) (string, error) {
	s.given++
	return fmt.Sprintf("token-number-%d", s.given), nil
}

func TestATokenIsRefreshedOnceOn401(t *testing.T) {
	for _, test := range []struct {
		name      string
		good      string
		want      int
		wantGiven int
	}{
		{"the fresh one is good", "Bearer token-number-2", 200, 2},
		{"none is good", "none", 401, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			credential := &sequence{}
			client := serving(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != test.good {
					answer(401, "{}")(w, r)
					return
				}
				answer(200, "{}")(w, r)
			}, func(o *Options) { o.Credential = credential })
			if e := client.GetPending(context.Background(), "n"); e.Status() != test.want {
				t.Errorf("status %d, want %d", e.Status(), test.want)
			}
			if credential.given != test.wantGiven {
				t.Errorf("asked for %d tokens, want %d", credential.given, test.wantGiven)
			}
		})
	}
}

func TestARequestWithoutATokenTakesThe401(t *testing.T) {
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a token was sent")
		}
		answer(401, "{}")(w, r)
	}, func(o *Options) { o.Credential = &sequence{} })
	if e := client.GetPending(context.Background(), "n", WithoutToken()); e.Status() != 401 || e.Attempts != 1 {
		t.Errorf("status %d after %d attempts", e.Status(), e.Attempts)
	}
}

func TestLinksAreFollowedAsTheyAreAndStayInTheVault(t *testing.T) {
	var path, query string
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		path, query = r.URL.Path, r.URL.RawQuery
		answer(200, "{}")(w, r)
	}, func(o *Options) {
		o.IDBase = &url.URL{Scheme: "https", Host: "myvault.vault.example", Path: "/v"}
		o.Endpoint.Path = "/prefix"
	})
	own := client.options.Endpoint
	for _, test := range []struct{ name, link, wantPath, wantQuery string }{
		{"with a version", own.String() + "/certificates/n/pending?api-version=7.1&request_id=r", "/prefix/certificates/n/pending", "api-version=7.1&request_id=r"},
		{"without one", own.String() + "/certificates/n", "/prefix/certificates/n", "api-version=7.4"},
		{"of the vault's own host", "https://MYVAULT.vault.example:443/v/certificates/n?api-version=7.4", "/prefix/certificates/n", "api-version=7.4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := client.Follow(context.Background(), "GetCertificate", test.link)
			if e.Failure != nil || path != test.wantPath || query != test.wantQuery {
				t.Errorf("sent %s?%s (%v)", path, query, e.Failure)
			}
		})
	}
	for _, link := range []string{"https://elsewhere.example/certificates/n", "/certificates/n", "", "http://" + own.Host + "/x", "://"} {
		path = "not sent"
		e := client.Follow(context.Background(), "GetCertificate", link)
		if e.Failure == nil || e.Failure.Kind != NotSent || path != "not sent" {
			t.Errorf("%q was followed: %v", link, e.Failure)
		}
	}
}

func TestAnAnswerThatIsNotWholeIsAFailure(t *testing.T) {
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		want    FailureKind
	}{
		{"it hangs", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}, TimedOut},
		{"it breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}, CutShort},
		{"it is too large", answer(200, strings.Repeat("x", 2000)), TooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := serving(t, test.handler, func(o *Options) {
				o.MaxBody, o.RequestTimeout, o.Clock = 1000, 200*time.Millisecond, SystemClock{}
			})
			e := client.GetPending(context.Background(), "n")
			if e.Failure == nil || e.Failure.Kind != test.want {
				t.Errorf("got %v, want %s", e.Failure, test.want)
			}
		})
	}
}

func TestAServerThatIsNotThereOrNotTrusted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	nobody := NewClient(Options{Endpoint: &url.URL{Scheme: "https", Host: gone}, APIVersion: "7.4"})
	if e := nobody.GetPending(context.Background(), "n"); e.Failure == nil || e.Failure.Kind != Unreachable {
		t.Errorf("nothing listens: %v", e.Failure)
	}
	untrusted := serving(t, answer(200, "{}"), func(o *Options) { o.Transport = &http.Transport{} })
	if e := untrusted.GetPending(context.Background(), "n"); e.Failure == nil || e.Failure.Kind != Untrusted {
		t.Errorf("not trusted: %v", e.Failure)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if e := untrusted.GetPending(ctx, "n"); e.Failure == nil || e.Failure.Kind != Interrupted {
		t.Errorf("interrupted: %v", e.Failure)
	}
}

func TestRedirectsAreAnswersToo(t *testing.T) {
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}, nil)
	if e := client.GetPending(context.Background(), "n"); e.Status() != 302 {
		t.Errorf("status %d: a redirect was followed", e.Status())
	}
}

func TestWhatIsNoJSONSaysSo(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{"", "empty"},
		{"<html>", `it is the text "<html>"`},
		{"404 page not found\n", `it is the text "404 page not found"`},
		{strings.Repeat("ä", 50), `"` + strings.Repeat("ä", 40) + `…"`},
		{`{"a":1`, "ends in the middle"},
		{`{"a":1} {"b":2}`, "something follows"},
		{`{"a":1,}`, "not JSON"},
	} {
		_, err := (&Response{Body: Body(test.body)}).JSON()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.body, err, test.want)
		}
	}
}

func TestABodyIsReadableInATranscriptAndComesBack(t *testing.T) {
	for _, body := range []Body{Body(`{"a":"ü"}`), {0xff, 0x00, 0x80}, {}} {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		var back Body
		if err := json.Unmarshal(text, &back); err != nil || !bytes.Equal(back, body) {
			t.Errorf("%q became %q by way of %s (%v)", body, back, text, err)
		}
	}
}

func TestParseChallenge(t *testing.T) {
	for _, test := range []struct{ header, scheme, authorization, resource, scope string }{
		{`Bearer authorization="https://login.example/t", resource="https://vault.example"`, "Bearer", "https://login.example/t", "https://vault.example", ""},
		{`Bearer authorization="https://login.example/t" scope="https://vault.example/.default"`, "Bearer", "https://login.example/t", "", "https://vault.example/.default"},
		{`Bearer Authorization=https://login.example/t,resource=x`, "Bearer", "https://login.example/t", "x", ""},
		{`Bearer`, "Bearer", "", "", ""},
	} {
		c, err := ParseChallenge(test.header)
		if err != nil {
			t.Errorf("%s: %v", test.header, err)
			continue
		}
		if c.Scheme != test.scheme || c.Authorization != test.authorization || c.Resource != test.resource || c.Scope != test.scope {
			t.Errorf("%s: got %+v", test.header, c)
		}
	}
	for _, header := range []string{"", `Bearer authorization="https://x`, "Bearer nonsense"} {
		if c, err := ParseChallenge(header); err == nil {
			t.Errorf("%q was read as %+v", header, c)
		}
	}
}

func TestALinkIsDialledWhereTheEndpointIs(t *testing.T) {
	for _, test := range []struct{ endpoint, base, link, want string }{
		{"https://a:1", "https://a:1", "https://a:1/certificates/x", "https://a:1/certificates/x"},
		{"https://a:1", "https://b", "https://b/certificates/x?y=z", "https://a:1/certificates/x?y=z"},
		{"https://a:1", "https://b", "https://b:443/certificates/x", "https://a:1/certificates/x"},
		{"https://a:1", "https://b", "https://a:1/certificates/x", "https://a:1/certificates/x"},
		{"https://a:1", "https://b", "https://c/certificates/x", "https://c/certificates/x"},
		{"https://a/prefix", "https://a", "https://a/certificates/x", "https://a/prefix/certificates/x"},
		{"https://a/prefix", "https://a", "https://a/prefix/certificates/x", "https://a/prefix/certificates/x"},
		{"https://a/prefix/", "https://b/inner/", "https://b/inner/certificates/x", "https://a/prefix/certificates/x"},
		{"https://a", "https://b/inner", "https://b/innermost/certificates/x", "https://b/innermost/certificates/x"},
		{"http://a:1/one", "http://a:1/two", "http://a:1/two/certificates/x", "http://a:1/one/certificates/x"},
		{"https://a", "https://a/vault", "https://a/vault/certificates/x", "https://a/certificates/x"},
	} {
		t.Run(test.endpoint+" "+test.base+" "+test.link, func(t *testing.T) {
			parsed := make([]*url.URL, 3)
			for i, text := range []string{test.endpoint, test.base, test.link} {
				var err error
				if parsed[i], err = url.Parse(text); err != nil {
					t.Fatal(err)
				}
			}
			client := NewClient(Options{Endpoint: parsed[0], IDBase: parsed[1]})
			if got := client.dialled(parsed[2]).String(); got != test.want {
				t.Errorf("dialled %s, want %s", got, test.want)
			}
		})
	}
}

func TestAServerThatClosesTheConnectionIsSaidToHaveDoneSo(t *testing.T) {
	client := serving(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil)
	e := client.GetCertificate(context.Background(), "n")
	if e.Failure == nil || e.Failure.Kind != Unreachable || !strings.HasPrefix(e.Failure.Message, "the server closed the connection without a response") {
		t.Errorf("got %+v", e.Failure)
	}
}
