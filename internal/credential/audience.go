package credential

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// audience is what a token may be asked for if the endpoint under test says for what: its own resource, of which its host
// is a part as myvault.vault.azure.net is of vault.azure.net, and those that the target file permits by name. Without the
// bound the endpoint could have itself sent a token for anything that its owner may do.
type audience struct {
	host      string // the vault's
	permitted []string
	key       string // of the target file, for the advice
}

func newAudience(endpoint, key string, permitted []string) audience {
	return audience{host: hostOf(endpoint), permitted: permitted, key: key}
}

// hostOf is the name of the vault's host in lower case.
func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// scope is the scope that a challenge asks for, made of its resource if it names that.
func (a audience) scope(challenge *vault.Challenge) (string, error) {
	scope := challenge.Scope
	if scope == "" && challenge.Resource != "" {
		scope = strings.TrimSuffix(challenge.Resource, "/") + "/.default"
	}
	words := strings.Fields(scope)
	if len(words) == 0 {
		return "", errors.New("the vault's 401 names no resource: WWW-Authenticate has neither resource nor scope")
	}
	for _, word := range words {
		if resource := strings.TrimSuffix(word, "/.default"); !a.has(resource) {
			return "", fmt.Errorf("the vault's 401 asks for a token for %s, which is no resource of this vault: add it to %s if the vault may have one",
				resource, a.key)
		}
	}
	return scope, nil
}

func (a audience) has(resource string) bool {
	if slices.ContainsFunc(a.permitted, func(permitted string) bool {
		return strings.EqualFold(strings.TrimSuffix(permitted, "/"), resource)
	}) {
		return true
	}
	u, err := url.Parse(resource)
	if err != nil || u.User != nil || u.Hostname() == "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return a.host == host || strings.HasSuffix(a.host, "."+host)
}

// hostPort is the address that a URL leads to.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
