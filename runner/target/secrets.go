package target

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// ShortestHidden is the number of characters from which a secret is looked for in what the vault returns: a shorter one
// would be found by chance in any text.
const ShortestHidden = 8

// named are the secrets that a target file refers to, by what they are.
func (t Target) named() map[string]Secret {
	all := map[string]Secret{
		"tls.trustStore.password":        t.TLS.TrustStore.Password,
		"tls.clientCertificate.password": t.TLS.ClientCertificate.Password,
	}
	for name, secret := range t.Headers {
		all["headers."+name] = secret
	}
	for outcome, issuer := range t.Issuers {
		if issuer.SetUp != nil {
			all["issuers."+string(outcome)+".setUp.password"] = issuer.SetUp.Password
		}
	}
	namedOf("auth", t.Auth, all)
	namedOf("companionsAuth", t.CompanionsAuth, all)
	return all
}

// namedOf adds the secrets by which a token is got.
func namedOf(prefix string, auth Auth, all map[string]Secret) {
	all[prefix+".token"] = auth.Token
	if c := auth.ClientCredentials; c != nil {
		all[prefix+".clientCredentials.clientSecret"] = c.ClientSecret
	}
	if c := auth.Challenge; c != nil {
		all[prefix+".challenge.clientSecret"] = c.ClientSecret
	}
	if u := auth.TokenURL; u != nil {
		for name, secret := range u.Headers {
			all[prefix+".tokenURL.headers."+name] = secret
		}
	}
}

// Secrets are the values of every secret that the target file refers to, and the passwords of its URLs: what no output may
// show. A value that cannot be read is left out: whatever needs it says so.
func (t Target) Secrets() []string {
	var values []string
	for _, secret := range t.named() {
		if value, err := secret.Read("", ""); err == nil && value != "" {
			values = append(values, value)
		}
	}
	for _, text := range []string{t.Endpoint, t.IDBase, t.Proxy} {
		u, err := url.Parse(text)
		if err != nil || u.User == nil {
			continue
		}
		if password, given := u.User.Password(); given {
			values = append(values, password)
		}
	}
	return values
}

// Showable says, for each secret that is too short to be hidden where the vault echoes it, which one it is.
func (t Target) Showable() []string {
	var lines []string
	all := t.named()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value, err := all[name].Read("", "")
		if err == nil && value != "" && len(value) < ShortestHidden {
			lines = append(lines, fmt.Sprintf("%s has fewer than %d characters: if the vault returns it, reports show it", name, ShortestHidden))
		}
	}
	return lines
}
