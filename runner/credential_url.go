package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/kvconform/kvconform/scenarios/vault"
)

const (
	// longestTokenAnswer bounds what a token endpoint may answer, in bytes.
	longestTokenAnswer = 1 << 20
	// identityVersion is the api-version of managed identities' endpoints, sent where the URL has none.
	identityVersion = "2018-02-01"
)

// checkTokenURL refuses plain http to where others may listen. Managed identities' endpoints are link-local and http.
func (t Target) checkTokenURL(pointer, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return wrong(pointer, "%q is no http(s) URL; give it as https://HOST/PATH", text)
	case u.User != nil || u.Fragment != "":
		return wrong(pointer, "%q may have a path and a query, but no user or fragment", u.Redacted())
	case u.Scheme == "http" && !t.AllowHTTP && !isLoopback(u.Hostname()) && !isLinkLocal(u.Hostname()):
		return wrong(pointer, "%s is plain http to another machine, which would show the token to the network; use https, or allowHTTP: true", text)
	}
	return nil
}

func isLinkLocal(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLinkLocalUnicast()
}

// tokenClient is the client for token endpoints. It trusts the system's authorities and the target's, never everyone, and
// follows no redirects, which would take secrets elsewhere.
func (t Target) tokenClient() (*http.Client, error) {
	transport, err := t.transport()
	if err != nil {
		return nil, err
	}
	transport.TLSClientConfig.InsecureSkipVerify = false
	transport.TLSClientConfig.ServerName = ""
	transport.DialContext = nil
	if transport.TLSClientConfig.RootCAs, err = t.authorities(true); err != nil {
		return nil, err
	}
	timeout := t.withDefaults().Deadlines.Request
	return &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// urlSource gets tokens with a GET, as managed identities have it.
type urlSource struct {
	url    string
	header http.Header
	client *http.Client
	now    func() time.Time
}

func (t Target) newURLSource(now func() time.Time) (source, error) {
	header := http.Header{"Metadata": {"true"}, "Accept": {"application/json"}}
	for name, secret := range t.Auth.TokenURL.Headers {
		value, err := secret.read("/auth/tokenURL/headers/"+name, "the header "+name)
		if err != nil {
			return nil, err
		}
		header.Set(name, value)
	}
	client, err := t.tokenClient()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(t.Auth.TokenURL.URL)
	if err != nil {
		return nil, wrong("/auth/tokenURL/url", "the token URL is no URL")
	}
	query := u.Query()
	if !query.Has("api-version") {
		query.Set("api-version", identityVersion)
	}
	if t.Auth.TokenURL.Resource != "" {
		query.Set("resource", t.Auth.TokenURL.Resource)
	}
	u.RawQuery = query.Encode()
	return &urlSource{url: u.String(), header: header, client: client, now: now}, nil
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
		return fetched{}, fmt.Errorf("reading the token URL's answer: %w", plainly(err))
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

// clientSource gets tokens with client credentials at a token endpoint that is known.
type clientSource struct {
	config clientcredentials.Config
	client *http.Client
}

func (t Target) newClientSource() (source, error) {
	login := t.Auth.ClientCredentials
	secret, err := login.ClientSecret.read("/auth/clientCredentials/clientSecret", "clientSecret")
	if err != nil {
		return nil, err
	}
	client, err := t.tokenClient()
	if err != nil {
		return nil, err
	}
	from := &clientSource{client: client, config: clientcredentials.Config{
		ClientID: login.ClientID, ClientSecret: secret, TokenURL: login.TokenURL,
	}}
	if login.Scope != "" {
		from.config.Scopes = strings.Fields(login.Scope)
	}
	if login.Resource != "" {
		from.config.EndpointParams = url.Values{"resource": {login.Resource}}
	}
	return from, nil
}

func (s *clientSource) wantsChallenge() bool { return false }

func (s *clientSource) fetch(ctx context.Context, _ *vault.Challenge) (fetched, error) {
	return logIn(ctx, &s.config, s.client)
}

// logIn asks a token endpoint; its error shows what the endpoint said, without the secret.
func logIn(ctx context.Context, config *clientcredentials.Config, client *http.Client) (fetched, error) {
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err == nil {
		return fetched{token: token.AccessToken, ends: token.Expiry}, nil
	}
	host := config.TokenURL
	if u, parsed := url.Parse(config.TokenURL); parsed == nil {
		host = u.Host
	}
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) {
		said := strings.TrimSpace(answered.ErrorCode + " " + answered.ErrorDescription)
		said = strings.ReplaceAll(strings.Join(strings.Fields(said), " "), config.ClientSecret, "[redacted]")
		if said != "" {
			said = ": " + said
		}
		return fetched{}, fmt.Errorf("%s answered %s%s", host, answered.Response.Status, said)
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		return fetched{}, fmt.Errorf("%s cannot be reached: %w", host, failed.Err)
	}
	return fetched{}, fmt.Errorf("%s gave no token that can be read", host)
}

// challengeSource gets tokens with client credentials at the authority that the vault names in its 401.
type challengeSource struct {
	login   ChallengeLogin
	secret  string
	client  *http.Client
	trusted []string
}

// azureAuthorities are the hosts that Azure's clouds sign in at.
// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
func azureAuthorities() []string {
	return []string{
		"login.microsoftonline.com", "login.windows.net", "login.microsoftonline.us",
		"login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
	}
}

func (t Target) newChallengeSource() (source, error) {
	secret, err := t.Auth.Challenge.ClientSecret.read("/auth/challenge/clientSecret", "clientSecret")
	if err != nil {
		return nil, err
	}
	client, err := t.tokenClient()
	if err != nil {
		return nil, err
	}
	trusted := append(azureAuthorities(), t.Auth.Challenge.Authorities...)
	if u, err := url.Parse(t.Endpoint); err == nil {
		trusted = append(trusted, u.Hostname())
	}
	return &challengeSource{login: *t.Auth.Challenge, secret: secret, client: client, trusted: trusted}, nil
}

func (s *challengeSource) wantsChallenge() bool { return true }

func (s *challengeSource) fetch(ctx context.Context, challenge *vault.Challenge) (fetched, error) {
	if challenge.Authorization == "" {
		return fetched{}, errors.New("the vault's 401 names no authority: WWW-Authenticate has no authorization")
	}
	u, err := url.Parse(challenge.Authorization)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname()))) {
		return fetched{}, fmt.Errorf("the vault's 401 names the authority %q, which is no https URL", challenge.Authorization)
	}
	if !slices.ContainsFunc(s.trusted, func(host string) bool {
		return strings.EqualFold(host, u.Hostname()) || strings.EqualFold(host, u.Host)
	}) {
		return fetched{}, fmt.Errorf("the vault's 401 names the authority %s, which may not be given the secret: "+
			"add the host to auth.challenge.authorities if it may", u.Host)
	}
	config := clientcredentials.Config{
		ClientID: s.login.ClientID, ClientSecret: s.secret, AuthStyle: oauth2.AuthStyleInParams,
		TokenURL: u.JoinPath("oauth2", "v2.0", "token").String(),
		Scopes:   []string{scopeOf(challenge)},
	}
	return logIn(ctx, &config, s.client)
}

// scopeOf is the scope that a challenge asks for, made of its resource where it names that.
func scopeOf(challenge *vault.Challenge) string {
	if challenge.Scope != "" {
		return challenge.Scope
	}
	return strings.TrimSuffix(challenge.Resource, "/") + "/.default"
}

// azureSource gets tokens from Azure's DefaultAzureCredential.
type azureSource struct {
	azure      Azure
	credential azcore.TokenCredential
}

func (t Target) newAzureSource() (source, error) {
	client, err := t.tokenClient()
	if err != nil {
		return nil, err
	}
	credential, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: policy.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: 1}},
		TenantID:      t.Auth.Azure.Tenant,
		// The tenant that a vault names in its challenge need not be the credential's own.
		AdditionallyAllowedTenants: []string{"*"},
		// An authority that stands in for Azure's is not known to Azure.
		DisableInstanceDiscovery: true,
	})
	if err != nil {
		return nil, wrong("/auth/azure", "Azure's DefaultAzureCredential cannot be made: %s", oneLine(err))
	}
	return &azureSource{azure: *t.Auth.Azure, credential: credential}, nil
}

func (s *azureSource) wantsChallenge() bool { return s.azure.Scope == "" }

func (s *azureSource) fetch(ctx context.Context, challenge *vault.Challenge) (fetched, error) {
	options := policy.TokenRequestOptions{Scopes: []string{s.azure.Scope}, TenantID: s.azure.Tenant}
	if challenge != nil {
		if s.azure.Scope == "" {
			options.Scopes = []string{scopeOf(challenge)}
		}
		if u, err := url.Parse(challenge.Authorization); err == nil && s.azure.Tenant == "" {
			options.TenantID, _, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		}
	}
	token, err := s.credential.GetToken(ctx, options)
	if err != nil {
		return fetched{}, fmt.Errorf("the DefaultAzureCredential of Azure gave no token: %s", oneLine(err))
	}
	return fetched{token: token.Token, ends: token.ExpiresOn}, nil
}

func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	const most = 600
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
