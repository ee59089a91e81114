package vault

import (
	"errors"
	"fmt"
	"strings"
)

// Challenge is what a 401 asks for in WWW-Authenticate.
// https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
type Challenge struct {
	Scheme string
	// Authorization is the authority's URL with the tenant as its first path segment.
	Authorization string
	Resource      string
	Scope         string
	// Parameters are all of them, names in lower case.
	Parameters map[string]string
}

// ParseChallenge reads a WWW-Authenticate header: a scheme, then name="value" pairs with commas or blanks between.
func ParseChallenge(header string) (*Challenge, error) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if scheme == "" {
		return nil, errors.New("WWW-Authenticate is missing")
	}
	challenge := &Challenge{Scheme: scheme, Parameters: map[string]string{}}
	for rest = strings.TrimLeft(rest, " ,"); rest != ""; rest = strings.TrimLeft(rest, " ,") {
		name, after, found := strings.Cut(rest, "=")
		if !found {
			return nil, fmt.Errorf("WWW-Authenticate is not a list of name=value: %q", rest)
		}
		var value string
		if quoted, ok := strings.CutPrefix(after, `"`); ok {
			value, rest, found = strings.Cut(quoted, `"`)
			if !found {
				return nil, errors.New("WWW-Authenticate has a quote that does not end")
			}
		} else {
			end := strings.IndexAny(after, " ,")
			if end < 0 {
				end = len(after)
			}
			value, rest = after[:end], after[end:]
		}
		challenge.Parameters[strings.ToLower(strings.TrimSpace(name))] = value
	}
	challenge.Authorization = challenge.Parameters["authorization"]
	challenge.Resource = challenge.Parameters["resource"]
	challenge.Scope = challenge.Parameters["scope"]
	return challenge, nil
}
