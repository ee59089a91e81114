package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSwitchingProtocolsEndsTheResponse sees a 101 kept as a status without a body, and a body that heeds no context closed.
func TestSwitchingProtocolsEndsTheResponse(t *testing.T) {
	client := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		go func() { _, _ = io.Copy(io.Discard, connection); _ = connection.Close() }()
	}, func(o *Options) { o.RequestTimeout, o.Clock = 5*time.Second, SystemClock{} })
	began := time.Now()
	e := client.GetPending(context.Background(), "n")
	if e.Status() != 101 || e.Failure != nil || len(e.Response.Body) != 0 {
		t.Errorf("got %s", e.Line())
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestALargeResponseIsKeptByItsBeginning(t *testing.T) {
	client := serving(t, answer(200, strings.Repeat("x", 1<<20)), func(o *Options) { o.MaxBody = 100 << 10 })
	e := client.GetPending(context.Background(), "n")
	if e.Failure == nil || e.Failure.Kind != TooLarge || len(e.Response.Body) != keptAnyway || cap(e.Response.Body) > 2*keptAnyway {
		t.Errorf("kept %d bytes (%v)", len(e.Response.Body), e.Failure)
	}
}

func TestTheResponsesOfARunAreBoundedTogether(t *testing.T) {
	for _, test := range []struct {
		name, body string
		times      int
		want       string
	}{
		{"padded", "{}" + strings.Repeat(" ", 2<<20), 50, "larger than 64 KiB"},
		{"many small ones", `{"a":"` + strings.Repeat("x", 63<<10) + `"}`, 1000, "responses of this run would be larger"},
		{"many members", "[" + strings.Repeat("{},", 10_000) + "{}]", 500, "decoded responses"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var kept, cut int
			client := NewClient(Options{Endpoint: &url.URL{Scheme: "http", Host: "vault.example"}, BoundSum: true})
			for range test.times {
				r := &Response{Status: 200, Body: Body(test.body)}
				switch failure := client.bound(r); {
				case failure == nil:
					kept += len(r.Body)
				case failure.Kind != TooLarge || !strings.Contains(failure.Message, test.want):
					t.Fatalf("got %v, want %q", failure, test.want)
				default:
					cut++
				}
			}
			if kept > maxWritten || cut == 0 {
				t.Errorf("%d bytes are kept whole, and %d responses are cut", kept, cut)
			}
			if small := (&Response{Status: 200, Body: Body(`{"status":"inProgress"}`)}); test.name == "padded" && client.bound(small) != nil {
				t.Error("padded responses keep small ones from being kept")
			}
		})
	}
}

func TestASecretIsHiddenInEverySpelling(t *testing.T) {
	const secret = `p&ss<"w/rd\=ü 1`
	secrets := &Secrets{}
	secrets.Add(secret, "short")
	inJSON, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(inJSON))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is": "before " + secret + " after", "JSON": string(inJSON), "JSON in JSON": string(twice),
		"a query": url.QueryEscape(secret), "a path": url.PathEscape(secret),
	} {
		hidden := secrets.Hide(text)
		if !strings.Contains(hidden, redactedText) || strings.Contains(hidden, "ss") {
			t.Errorf("%s: %q became %q", name, text, hidden)
		}
	}
	for before := range 4 {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			text := encoding.EncodeToString([]byte(strings.Repeat("u", before) + secret + "tail"))
			if hidden := secrets.Hide(text); !strings.Contains(hidden, redactedText) {
				t.Errorf("base64 after %d bytes: %q became %q", before, text, hidden)
			}
		}
	}
	if got := secrets.Hide("a short text"); got != "a short text" {
		t.Errorf("a secret of a few characters was looked for: %q", got)
	}
}

func TestATokenThatWasReplacedStaysASecret(t *testing.T) {
	credential := &sequence{}
	calls := 0
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 2 {
			answer(401, "{}")(w, r)
			return
		}
		answer(200, `{"old":"token-number-1","new":"token-number-2"}`)(w, r)
	}, func(o *Options) { o.Credential = credential })
	for range 2 {
		if e := client.GetPending(context.Background(), "n"); bytes.Contains(e.Response.Body, []byte("token-number-1")) {
			t.Errorf("the response shows a token: %s", e.Response.Body)
		}
	}
}

func TestATokenThatEndsInTheMiddleIsNoResponse(t *testing.T) {
	for _, test := range []struct {
		name  string
		ended func(*http.Request) bool
		want  FailureKind
	}{
		{"everything returns 401", func(*http.Request) bool { return true }, NoToken},
		{"one operation returns 401", func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/pending") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			worked := false
			client := serving(t, func(w http.ResponseWriter, r *http.Request) {
				if worked && test.ended(r) {
					answer(401, "{}")(w, r)
					return
				}
				worked = true
				answer(200, "{}")(w, r)
			}, nil)
			if e := client.GetPending(context.Background(), "n"); e.Status() != 200 {
				t.Fatal(e.Line())
			}
			e := client.GetPending(context.Background(), "n")
			if test.want == "" && (e.Failure != nil || e.Status() != 401) || test.want != "" && (e.Failure == nil || e.Failure.Kind != test.want) {
				t.Errorf("got %s", e.Line())
			}
		})
	}
}

// TestAUsedConnectionThatEndsIsReplaced closes every connection after its first response, a moment before the next request.
func TestAUsedConnectionThatEndsIsReplaced(t *testing.T) {
	for _, test := range []struct {
		name    string
		second  string
		want    int
		failure bool
	}{
		{"accepted at last", "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}", 202, false},
		{"refused because of the first", "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}", 409, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			go closing(listener, test.second)
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			client := NewClient(Options{Endpoint: &url.URL{Scheme: "http", Host: listener.Addr().String()}, Transport: transport, Clock: &stopped{}})
			if e := client.CreateCertificate(context.Background(), "a", CreateParameters{}); e.Status() != 202 {
				t.Fatal(e.Line())
			}
			e := client.CreateCertificate(context.Background(), "b", CreateParameters{})
			if e.Status() != test.want || (e.Failure != nil) != test.failure || !slices.Equal(e.Repeated, []string{"connection"}) {
				t.Errorf("got %s, repeated for %v", e.Line(), e.Repeated)
			}
		})
	}
}

// closing serves one request on each connection, then reads another and hangs up. Connections after the first get the
// second response.
func closing(listener net.Listener, second string) {
	response := "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		buffer := make([]byte, 64<<10)
		if _, err := connection.Read(buffer); err == nil {
			_, _ = io.WriteString(connection, response)
			_, _ = connection.Read(buffer)
		}
		_ = connection.Close()
		response = second
	}
}

func TestAGatewaysPassingStatusIsRepeatedWithinBounds(t *testing.T) {
	for _, status := range []int{502, 503, 504} {
		calls, away := 0, 1
		client := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls <= away {
				answer(status, "")(w, r)
				return
			}
			answer(200, "{}")(w, r)
		}, nil)
		e := client.GetPending(context.Background(), "n")
		if want := []string{fmt.Sprint(status)}; e.Status() != 200 || !slices.Equal(e.Repeated, want) || e.Attempts != 2 {
			t.Errorf("%d: got %s after %d, repeated for %v", status, e.Line(), e.Attempts, e.Repeated)
		}
		calls, away = 0, 1<<30
		for i := range 8 {
			e := client.CreateCertificate(context.Background(), "n", CreateParameters{})
			if e.Failure != nil || e.Status() != status {
				t.Errorf("%d: a status that stays is a response, got %s", status, e.Line())
			}
			if i >= inVain && e.Attempts != 1 {
				t.Errorf("%d: exchange %d is repeated %d times although repeating was in vain", status, i, e.Attempts-1)
			}
		}
	}
}

func TestASilentEndpointIsGivenUp(t *testing.T) {
	requests := 0
	client := NewClient(Options{
		Endpoint: &url.URL{Scheme: "http", Host: "vault.example"}, Clock: &stopped{},
		Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			requests++
			return nil, context.DeadlineExceeded
		}),
	})
	for range 3 * silentInVain {
		if e := client.GetPending(context.Background(), "n"); e.Failure == nil || e.Failure.Kind != TimedOut {
			t.Fatalf("got %v", e.Failure)
		}
	}
	if requests != silentInVain+1 {
		t.Errorf("%d requests were sent, want %d", requests, silentInVain+1)
	}
}

func TestAnOperationThatIsSilentCostsNoOther(t *testing.T) {
	client := NewClient(Options{
		Endpoint: &url.URL{Scheme: "http", Host: "vault.example"}, Clock: &stopped{},
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/pending") {
				return nil, context.DeadlineExceeded
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
		}),
	})
	for range 3 * silentInVain {
		client.GetPending(context.Background(), "n")
	}
	if e := client.GetCertificate(context.Background(), "n"); e.Failure != nil {
		t.Error(e.Failure)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func BenchmarkHide(b *testing.B) {
	secrets := &Secrets{}
	random := make([]byte, 900)
	_, _ = rand.Read(random)
	secrets.Add(hex.EncodeToString(random), "another-secret-of-20")
	body := bytes.Repeat([]byte(`{"id":"https://vault.example/certificates/name","x5t":"0123456789abcdef"},`), 30)
	for b.Loop() {
		secrets.hideBytes(body)
	}
}
