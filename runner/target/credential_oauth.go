package target

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

	"github.com/kvconform/kvconform/scenarios/vault"
)

// clientSource gets tokens with client credentials at a token endpoint that is known.
type clientSource struct {
	config clientcredentials.Config
	client *http.Client
}

func (t Target) newClientSource() (source, error) {
	login := t.Auth.ClientCredentials
	secret, err := login.ClientSecret.Read("/auth/clientCredentials/clientSecret", "clientSecret")
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
	secret, err := t.Auth.Challenge.ClientSecret.Read("/auth/challenge/clientSecret", "clientSecret")
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
