package credential

import "github.com/kvconform/kvconform/internal/input"

// Auth says where the bearer token comes from: at most one of its members is set, none where requests carry no token.
type Auth struct {
	// None says in so many words that requests carry no token.
	None bool `yaml:"none,omitempty"`
	// Token is a token that is there already.
	Token Secret `yaml:"token,omitempty"`
	// Command prints the token, or JSON with access_token or accessToken.
	Command           []string           `yaml:"command,omitempty"`
	TokenURL          *TokenURL          `yaml:"tokenURL,omitempty"`
	ClientCredentials *ClientCredentials `yaml:"clientCredentials,omitempty"`
	Challenge         *ChallengeLogin    `yaml:"challenge,omitempty"`
	Azure             *Azure             `yaml:"azure,omitempty"`
}

// TokenURL is an address that returns a token to a GET, as that of a managed identity does.
type TokenURL struct {
	URL      string            `yaml:"url"`
	Resource string            `yaml:"resource,omitempty"`
	Headers  map[string]Secret `yaml:"headers,omitempty"`
}

// ClientCredentials is the OAuth 2.0 grant of that name (RFC 6749 section 4.4).
type ClientCredentials struct {
	TokenURL     string `yaml:"tokenURL"`
	ClientID     string `yaml:"clientID"`
	ClientSecret Secret `yaml:"clientSecret"`
	Scope        string `yaml:"scope,omitempty"`
	Resource     string `yaml:"resource,omitempty"`
}

// ChallengeLogin uses client credentials at the authority that the vault names in its 401.
type ChallengeLogin struct {
	ClientID     string `yaml:"clientID"`
	ClientSecret Secret `yaml:"clientSecret"`
	// Authorities are hosts that may be given the secret, beside the vault's own address and Azure's.
	Authorities []string `yaml:"authorities,omitempty"`
	// Resources are those for which the vault may ask for a token, beside the one that its host is a part of.
	Resources []string `yaml:"resources,omitempty"`
}

// Azure uses Azure's DefaultAzureCredential. What is left out, the vault's challenge says.
type Azure struct {
	Scope  string `yaml:"scope,omitempty"`
	Tenant string `yaml:"tenant,omitempty"`
	// Resources are those for which the vault may ask for a token, beside the one that its host is a part of.
	Resources []string `yaml:"resources,omitempty"`
}

// Given reports whether anything is said of the token, be it that there is none.
func (a Auth) Given() bool { return a.None || a.Kind() != "" }

// Kind names the way in which the token comes, "" where there is none.
func (a Auth) Kind() string {
	switch {
	case a.Token.Given():
		return "token"
	case len(a.Command) > 0:
		return "command"
	case a.TokenURL != nil:
		return "tokenURL"
	case a.ClientCredentials != nil:
		return "clientCredentials"
	case a.Challenge != nil:
		return "challenge"
	case a.Azure != nil:
		return "azure"
	default:
		return ""
	}
}

// Check rejects token endpoints that would show secrets to the network. allowHTTP permits plain http to another machine.
func Check(auth Auth, allowHTTP bool) error {
	for _, endpoint := range []struct{ pointer, url string }{
		{"/auth/tokenURL/url", orEmpty(auth.TokenURL, func(u *TokenURL) string { return u.URL })},
		{"/auth/clientCredentials/tokenURL", orEmpty(auth.ClientCredentials, func(c *ClientCredentials) string { return c.TokenURL })},
	} {
		if endpoint.url == "" {
			continue
		}
		if err := checkTokenURL(endpoint.pointer, endpoint.url, allowHTTP); err != nil {
			return err
		}
	}
	if c := auth.ClientCredentials; c != nil && c.Scope != "" && c.Resource != "" {
		return input.Wrong("/auth/clientCredentials/resource", "scope and resource are both given; keep the one that the token endpoint wants")
	}
	return nil
}

func orEmpty[T any](value *T, read func(*T) string) string {
	if value == nil {
		return ""
	}
	return read(value)
}
