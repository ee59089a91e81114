package credential

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

func TestATokenIsAskedForOnlyForTheTargetsOwnResource(t *testing.T) {
	const azure = "https://myvault.vault.azure.net"
	for _, test := range []struct {
		name, endpoint, resource, scope string
		permitted                       []string
		want                            string // the scope that is asked for, "" for none
	}{
		{"the service's resource", azure, "https://vault.azure.net", "", nil, "https://vault.azure.net/.default"},
		{"with a slash", azure, "https://vault.azure.net/", "", nil, "https://vault.azure.net/.default"},
		{"in capitals", "https://MyVault.Vault.Azure.NET.", "https://VAULT.azure.net", "", nil, "https://VAULT.azure.net/.default"},
		{"a scope", azure, "", "https://vault.azure.net/.default", nil, "https://vault.azure.net/.default"},
		{"the vault itself", "https://localhost:8443", "https://localhost:8443", "", nil, "https://localhost:8443/.default"},
		{"another service", azure, "https://management.azure.com", "", nil, ""},
		{"another service's scope", azure, "https://vault.azure.net", "https://management.azure.com/.default", nil, ""},
		{"a second scope", azure, "", "https://vault.azure.net/.default https://management.azure.com/.default", nil, ""},
		{"a host that only ends alike", "https://myvault.azure.net", "https://vault.azure.net", "", nil, ""},
		{"no part of a name", "https://notvault.azure.net", "https://vault.azure.net", "", nil, ""},
		{"a user before the host", azure, "https://vault.azure.net@management.azure.com", "", nil, ""},
		{"an emulator that asks as the service", "https://localhost:8443", "https://vault.azure.net", "", nil, ""},
		{"the same, permitted", "https://localhost:8443", "https://vault.azure.net", "", []string{"https://vault.azure.net"}, "https://vault.azure.net/.default"},
		{"a name, permitted", "https://localhost:8443", "", "api://emulator/.default", []string{"api://emulator"}, "api://emulator/.default"},
		{"another than is permitted", "https://localhost:8443", "https://graph.example", "", []string{"https://vault.azure.net"}, ""},
		{"no resource at all", azure, "", "", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			audience := newAudience(test.endpoint, "auth.challenge.resources", test.permitted)
			got, err := audience.scope(&vault.Challenge{Resource: test.resource, Scope: test.scope})
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestTheSecretGoesToNoOtherPortOfTheVaultsHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint, authority string
		listed              []string
		want                bool
	}{
		{"https://vault.example", "https://vault.example/tenant", nil, true},
		{"https://vault.example:443", "https://VAULT.example/tenant", nil, true},
		{"https://vault.example", "https://vault.example:8443/tenant", nil, false},
		{"https://vault.example:8443", "https://vault.example/tenant", nil, false},
		{"http://127.0.0.1:1", "http://127.0.0.1:2/t", nil, false},
		{"http://127.0.0.1:1", "http://127.0.0.1:2/t", []string{"127.0.0.1:2"}, true},
		{"http://127.0.0.1:1", "http://127.0.0.1:2/t", []string{"127.0.0.1"}, true},
		{"http://127.0.0.1:1", "http://127.0.0.1:2/t", []string{"127.0.0.1:3"}, false},
		{"https://vault.example", "https://login.microsoftonline.com/t", nil, true},
	} {
		login := ChallengeLogin{ClientID: "c", ClientSecret: Secret{Value: "s"}, Authorities: test.listed}
		from, err := newChallengeSource(login, Env{Endpoint: test.endpoint, HTTP: func() (*http.Client, error) { return http.DefaultClient, nil }})
		if err != nil {
			t.Fatal(err)
		}
		authority, err := url.Parse(test.authority)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.(*challengeSource).trusts(authority); got != test.want {
			t.Errorf("%s, the vault at %s, listed %s: got %t", test.authority, test.endpoint, strings.Join(test.listed, " "), got)
		}
	}
}
