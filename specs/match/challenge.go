package match

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ChallengeThat wants a WWW-Authenticate header whose challenge passes a test, which gives what came where it fails.
func ChallengeThat(expected string, test func(challenge *vault.Challenge) (got string, ok bool)) Test {
	return func(e *vault.Exchange) *Failure {
		header := e.Response.Header.Get("WWW-Authenticate")
		challenge, err := vault.ParseChallenge(header)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Header: "WWW-Authenticate"}
		}
		if got, ok := test(challenge); !ok {
			return &Failure{Expected: expected, Got: got, Header: "WWW-Authenticate"}
		}
		return nil
	}
}

// BearerChallenge wants the scheme Bearer.
func BearerChallenge() Test {
	return ChallengeThat("WWW-Authenticate with the scheme Bearer", func(challenge *vault.Challenge) (string, bool) {
		return "WWW-Authenticate with the scheme " + challenge.Scheme, strings.EqualFold(challenge.Scheme, "Bearer")
	})
}

// ChallengeAuthority wants the parameter authorization to be an absolute URL.
func ChallengeAuthority() Test {
	return ChallengeThat("the parameter authorization, an absolute URL", func(challenge *vault.Challenge) (string, bool) {
		u, err := url.Parse(challenge.Authorization)
		return parameter("authorization", challenge.Authorization), err == nil && u.IsAbs() && u.Host != ""
	})
}

// ChallengeAlone wants no further WWW-Authenticate field of the scheme Bearer that does not say where to get a token: some
// client libraries read the last one.
func ChallengeAlone() Test {
	const expected = "no challenge of the scheme Bearer without the parameter authorization"
	return func(e *vault.Exchange) *Failure {
		for _, field := range e.Response.Header.Values("WWW-Authenticate") {
			challenge, err := vault.ParseChallenge(field)
			if err == nil && strings.EqualFold(challenge.Scheme, "Bearer") && challenge.Authorization == "" {
				return &Failure{Expected: expected, Got: "WWW-Authenticate: " + Shorten(field)}
			}
		}
		return nil
	}
}

// ChallengeTenant wants the path of the authorization URL to begin with a tenant, and not with a segment of the request's
// own path.
func ChallengeTenant() Test {
	return ChallengeThat("the parameter authorization with a tenant in its path", func(challenge *vault.Challenge) (string, bool) {
		u, err := url.Parse(challenge.Authorization)
		if err != nil {
			return parameter("authorization", challenge.Authorization), false
		}
		tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		return parameter("authorization", challenge.Authorization), tenant != "" && !strings.EqualFold(tenant, "certificates")
	})
}

// ChallengeResource wants the parameter resource or the parameter scope, an absolute URL.
func ChallengeResource() Test {
	return ChallengeThat("the parameter resource or scope, an absolute URL", func(challenge *vault.Challenge) (string, bool) {
		u, err := url.Parse(wanted(challenge))
		return parameter("resource", wanted(challenge)), err == nil && u.IsAbs() && u.Host != ""
	})
}

// ChallengeQuoted wants the parameters that hold a URL to be in quotes, because a URL is no token of HTTP and some client
// libraries look for the quotes.
func ChallengeQuoted() Test {
	const expected = "parameters in quotes, such as authorization=\"https://login.example/tenant\""
	bare := regexp.MustCompile(`(?i)\b(authorization|resource|scope)\s*=\s*[^"\s]\S*`)
	quoted := regexp.MustCompile(`"[^"]*"`)
	return func(e *vault.Exchange) *Failure {
		for _, field := range e.Response.Header.Values("WWW-Authenticate") {
			if found := bare.FindString(quoted.ReplaceAllString(field, `""`)); found != "" {
				return &Failure{Expected: expected, Got: "WWW-Authenticate with " + Shorten(found), Header: "WWW-Authenticate"}
			}
		}
		return nil
	}
}

// ChallengeFor wants the host of the resource to be the parent domain of the host given.
func ChallengeFor(host string) Test {
	return ChallengeThat("a resource whose host "+host+" belongs to", func(challenge *vault.Challenge) (string, bool) {
		u, err := url.Parse(wanted(challenge))
		if err != nil || u.Hostname() == "" {
			return parameter("resource", wanted(challenge)), false
		}
		return parameter("resource", wanted(challenge)), strings.HasSuffix(strings.ToLower(host), "."+strings.ToLower(u.Hostname()))
	})
}

func wanted(challenge *vault.Challenge) string {
	if challenge.Scope != "" {
		return challenge.Scope
	}
	return challenge.Resource
}

func parameter(name, value string) string {
	if value == "" {
		return "no parameter " + name
	}
	return fmt.Sprintf("%s=%q", name, Shorten(value))
}
