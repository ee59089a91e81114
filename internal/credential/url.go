package credential

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
)

const (
	// longestTokenAnswer bounds what a token endpoint may return, in bytes.
	longestTokenAnswer = 1 << 20
	// identityVersion is the api-version of managed identities' endpoints, sent where the URL has none.
	identityVersion = "2018-02-01"
)

// checkTokenURL refuses plain http to where others may listen. Managed identities' endpoints are link-local and http.
func checkTokenURL(pointer, text string, allowHTTP bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return input.Wrong(pointer, "%q is no http(s) URL; give it as https://HOST/PATH", input.WithoutPassword(text))
	case u.User != nil || u.Fragment != "":
		return input.Wrong(pointer, "%q may have a path and a query, but no user or fragment", u.Redacted())
	case u.Scheme == "http" && !allowHTTP && !input.IsLoopback(u.Hostname()) && !isLinkLocal(u.Hostname()):
		return input.Wrong(pointer, "%s is plain http to another machine, which would show the token to the network; use https, or allowHTTP: true", text)
	}
	return nil
}

func isLinkLocal(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLinkLocalUnicast()
}

// urlSource gets tokens with a GET, as managed identities have it.
type urlSource struct {
	url    string
	header http.Header
	client *http.Client
	now    func() time.Time
}

func newURLSource(from TokenURL, env Env) (source, error) {
	header := http.Header{"Metadata": {"true"}, "Accept": {"application/json"}}
	for name, secret := range from.Headers {
		value, err := secret.Read("/auth/tokenURL/headers/"+name, "the header "+name)
		if err != nil {
			return nil, err
		}
		header.Set(name, value)
	}
	client, err := env.HTTP()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(from.URL)
	if err != nil {
		return nil, input.Wrong("/auth/tokenURL/url", "the token URL is no URL")
	}
	query := u.Query()
	if !query.Has("api-version") {
		query.Set("api-version", identityVersion)
	}
	if from.Resource != "" {
		query.Set("resource", from.Resource)
	}
	u.RawQuery = query.Encode()
	return &urlSource{url: u.String(), header: header, client: client, now: env.Now}, nil
}

func (s *urlSource) wantsChallenge() bool { return false }

func (s *urlSource) fetch(ctx context.Context, _ *vault.Challenge) (fetched, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return fetched{}, fmt.Errorf("making the request for a token: %w", err)
	}
	request.Header = s.header.Clone()
	response, err := s.client.Do(request)
	if err != nil {
		return fetched{}, fmt.Errorf("the token URL cannot be reached: %w", plainly(err))
	}
	defer func() { _ = response.Body.Close() }() // read already, or given up
	if response.StatusCode != http.StatusOK {
		return fetched{}, refused("the token URL "+request.URL.Host, response)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, longestTokenAnswer))
	if err != nil {
		return fetched{}, fmt.Errorf("reading the token URL's response: %w", plainly(err))
	}
	got, err := tokenInJSON(text, s.now())
	if err != nil {
		return fetched{}, fmt.Errorf("the token URL %s gave no token: %w", request.URL.Host, err)
	}
	return got, nil
}

// plainly drops the URL that net/http puts before its errors: its query may hold what nobody may see.
func plainly(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
