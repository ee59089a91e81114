package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// clientSource gets tokens with client credentials at a token endpoint that is known.
type clientSource struct {
	config clientcredentials.Config
	client *http.Client
}

func newClientSource(login ClientCredentials, env Env) (source, error) {
	secret, err := login.ClientSecret.Read("/auth/clientCredentials/clientSecret", "clientSecret")
	if err != nil {
		return nil, err
	}
	client, err := env.HTTP()
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
	var retrieve *oauth2.RetrieveError
	if errors.As(err, &retrieve) {
		said := strings.TrimSpace(retrieve.ErrorCode + " " + retrieve.ErrorDescription)
		said = strings.ReplaceAll(strings.Join(strings.Fields(said), " "), config.ClientSecret, "[redacted]")
		if said != "" {
			said = ": " + said
		}
		return fetched{}, fmt.Errorf("%s returned %s%s", host, retrieve.Response.Status, said)
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		return fetched{}, fmt.Errorf("%s cannot be reached: %w", host, failed.Err)
	}
	return fetched{}, fmt.Errorf("%s gave no token that can be read", host)
}

// challengeSource gets tokens with client credentials at the authority that the vault names in its 401.
type challengeSource struct {
	login    ChallengeLogin
	secret   string
	client   *http.Client
	own      string // the vault's host and port
	audience audience
}

// azureAuthorities are the hosts that Azure's clouds sign in at.
// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
func azureAuthorities() []string {
	return []string{
		"login.microsoftonline.com", "login.windows.net", "login.microsoftonline.us",
		"login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
	}
}

func newChallengeSource(login ChallengeLogin, env Env) (source, error) {
	secret, err := login.ClientSecret.Read("/auth/challenge/clientSecret", "clientSecret")
	if err != nil {
		return nil, err
	}
	client, err := env.HTTP()
	if err != nil {
		return nil, err
	}
	from := &challengeSource{
		login: login, secret: secret, client: client,
		audience: newAudience(env.Endpoint, "auth.challenge.resources", login.Resources),
	}
	if u, err := url.Parse(env.Endpoint); err == nil {
		from.own = hostPort(u)
	}
	return from, nil
}

func (s *challengeSource) wantsChallenge() bool { return true }

func (s *challengeSource) fetch(ctx context.Context, challenge *vault.Challenge) (fetched, error) {
	if challenge.Authorization == "" {
		return fetched{}, errors.New("the vault's 401 names no authority: WWW-Authenticate has no authorization")
	}
	u, err := url.Parse(challenge.Authorization)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && (u.Scheme != "http" || !input.IsLoopback(u.Hostname()))) {
		return fetched{}, fmt.Errorf("the vault's 401 names the authority %q, which is no https URL", challenge.Authorization)
	}
	if !s.trusts(u) {
		return fetched{}, fmt.Errorf("the vault's 401 names the authority %s, which may not be given the secret: "+
			"add the host to auth.challenge.authorities if it may", u.Host)
	}
	scope, err := s.audience.scope(challenge)
	if err != nil {
		return fetched{}, err
	}
	config := clientcredentials.Config{
		ClientID: s.login.ClientID, ClientSecret: s.secret, AuthStyle: oauth2.AuthStyleInParams,
		TokenURL: u.JoinPath("oauth2", "v2.0", "token").String(),
		Scopes:   []string{scope},
	}
	return logIn(ctx, &config, s.client)
}

// trusts reports whether an authority may be given the secret. Another port of the vault's host may be somebody else's.
func (s *challengeSource) trusts(authority *url.URL) bool {
	listed := append(azureAuthorities(), s.login.Authorities...)
	return hostPort(authority) == s.own || slices.ContainsFunc(listed, func(host string) bool {
		return strings.EqualFold(host, authority.Hostname()) || strings.EqualFold(host, authority.Host)
	})
}
