package passthrough_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/passthrough"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// between puts a proxy before a handler and returns the proxy, its address and what it took.
func between(t *testing.T, options passthrough.Options, upstream http.Handler) (*passthrough.Proxy, string, func() []*vault.Exchange) {
	t.Helper()
	behind := httptest.NewServer(upstream)
	t.Cleanup(behind.Close)
	var mu sync.Mutex
	var taken []*vault.Exchange
	if options.Upstream == nil {
		address, err := url.Parse(behind.URL)
		if err != nil {
			t.Fatal(err)
		}
		options.Upstream = address
	}
	if options.Take == nil {
		options.Take = func(e *vault.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, e)
		}
	}
	options.Transport = &http.Transport{DisableCompression: true}
	proxy := passthrough.New(options)
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return proxy, front.URL, func() []*vault.Exchange {
		front.Close() // a client may have its response before the exchange is noted
		proxy.Close()
		mu.Lock()
		defer mu.Unlock()
		return taken
	}
}

func TestEverythingPassesUnchanged(t *testing.T) {
	type seen struct {
		line, body, host string
		header           http.Header
	}
	var got seen
	upstream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // an error shows as a body that is too short
		got = seen{r.Method + " " + r.RequestURI, string(body), r.Host, r.Header.Clone()}
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.Header().Add("X-Two", "1")
		w.Header().Add("X-Two", "2")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(299)
		_, _ = w.Write([]byte("<html>\x00\xff")) // the test looks at what arrives
	})
	_, front, taken := between(t, passthrough.Options{}, upstream)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, front+"/certificates/a%2Fb//c?api-version=7.4&x=%7e;y&z", strings.NewReader(`{"a": 1 }`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{
		"Authorization": {"Bearer abcdefgh12345"}, "Accept-Encoding": {"gzip, br"}, "X-Forwarded-For": {"1.2.3.4"}, "Forwarded": {"for=x"},
		"User-Agent": {"mine"}, "X-Two": {"a", "b"},
	}
	response, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	if want := "PATCH /certificates/a%2Fb//c?api-version=7.4&x=%7e;y&z"; got.line != want {
		t.Errorf("the request became %q, want %q", got.line, want)
	}
	if got.body != `{"a": 1 }` || got.header.Get("Content-Length") != "" && got.header.Get("Content-Length") != "9" {
		t.Errorf("the body became %q", got.body)
	}
	for name, want := range request.Header {
		if fmt.Sprint(got.header[name]) != fmt.Sprint(want) {
			t.Errorf("the header %s became %q, want %q", name, got.header[name], want)
		}
	}
	for name := range got.header {
		if _, sent := request.Header[name]; !sent && name != "Content-Length" {
			t.Errorf("the proxy added the header %s: %q", name, got.header[name])
		}
	}
	if response.StatusCode != 299 || string(body) != "<html>\x00\xff" || fmt.Sprint(response.Header["X-Two"]) != "[1 2]" {
		t.Errorf("the response became %d %q %q", response.StatusCode, body, response.Header)
	}
	for _, name := range []string{"Date", "Content-Type"} {
		if values, there := response.Header[name]; there {
			t.Errorf("the proxy added the header %s: %q", name, values)
		}
	}
	exchanges := taken()
	if len(exchanges) != 1 || string(exchanges[0].Response.Body) != string(body) || string(exchanges[0].Request.Body) != got.body || exchanges[0].Failure != nil {
		t.Errorf("recorded %+v", exchanges)
	}
}

func TestTheHostIsTheUpstreamsUnlessItIsKept(t *testing.T) {
	for _, keep := range []bool{false, true} {
		host := ""
		_, front, _ := between(t, passthrough.Options{KeepHost: keep}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host = r.Host }))
		response, err := http.Get(front) //nolint:noctx // it ends with the server
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if kept := "http://"+host == front; kept != keep {
			t.Errorf("keep %t: the host is %s, the proxy is %s", keep, host, front)
		}
	}
}

func TestAnUpstreamThatIsNotThereIsNotJudged(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	address, err := url.Parse(gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	_, front, taken := between(t, passthrough.Options{Upstream: address}, http.NotFoundHandler())
	response, err := http.Get(front + "/certificates?api-version=7.4") //nolint:noctx // it ends with the server
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadGateway || response.Header.Get("X-Kvconform-Proxy") == "" {
		t.Errorf("got %d %v", response.StatusCode, response.Header)
	}
	exchanges := taken()
	if len(exchanges) != 1 || exchanges[0].Failure == nil || exchanges[0].Failure.Kind != vault.Unreachable || exchanges[0].Response != nil {
		t.Errorf("recorded %+v", exchanges)
	}
}

func TestExchangesAreGivenInTheOrderInWhichTheyBegan(t *testing.T) {
	first, second := make(chan struct{}), make(chan struct{})
	_, front, taken := between(t, passthrough.Options{}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/first" {
			close(first)
			<-second
		}
	}))
	var both sync.WaitGroup
	get := func(path string) {
		defer both.Done()
		response, err := http.Get(front + path) //nolint:noctx // it ends with the server
		if err != nil {
			t.Error(err)
			return
		}
		_ = response.Body.Close()
	}
	both.Add(2)
	go get("/first")
	<-first
	get("/second") // it ends before the first
	close(second)
	both.Wait()
	var order []string
	for _, e := range taken() {
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, u.Path)
	}
	if strings.Join(order, " ") != "/first /second" {
		t.Errorf("given as %q", order)
	}
}

func TestASessionJudgesRecordsAndTellsEachCauseOnce(t *testing.T) {
	reference, err := refvault.New(refvault.Options{Token: "a-token-of-a-client", Keys: refvault.NewKeyPool(1)})
	if err != nil {
		t.Fatal(err)
	}
	broken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/secrets") {
			_, _ = w.Write([]byte("a-secret-of-the-vault")) // the client reads it or not
			return
		}
		answer := httptest.NewRecorder()
		reference.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(bytes.Replace(answer.Body.Bytes(), []byte(`"message":"`), []byte(`"massage":"`), 1))
	})
	auditor, err := audit.New(audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines, transcript bytes.Buffer
	session, err := passthrough.NewSession(t.Context(), passthrough.SessionOptions{Audit: auditor, Lines: &lines, Transcript: &transcript})
	if err != nil {
		t.Fatal(err)
	}
	proxy, front, _ := between(t, passthrough.Options{Take: session.Take}, broken)
	for _, path := range []string{"/certificates/none", "/certificates/none", "/certificates", "/secrets/s"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front+path+"?api-version=7.4", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer a-token-of-a-client")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body) // the session judges it
		_ = response.Body.Close()
	}
	proxy.Close()
	report, err := session.Report()
	if err != nil {
		t.Fatal(err)
	}
	if report.Conclusion.ExitCode != 1 || strings.Count(lines.String(), "error.message") != 1 || !strings.HasPrefix(lines.String(), "exchange 1: ") {
		t.Errorf("exit %d, told:\n%s", report.Conclusion.ExitCode, lines.String())
	}
	if want := "3 exchanges of the certificates API were judged; 1 of other traffic were left out"; report.Notes[0] != want {
		t.Errorf("notes %q, want %q", report.Notes, want)
	}
	for _, secret := range []string{"a-token-of-a-client", "a-secret-of-the-vault"} {
		if strings.Contains(transcript.String(), secret) {
			t.Errorf("the transcript has %s", secret)
		}
	}
	read := 0
	if _, err := recorded.Read(t.Context(), &transcript, func(recorded.Entry) { read++ }); err != nil || read != 3 {
		t.Errorf("%d exchanges are read again: %v", read, err)
	}
}
