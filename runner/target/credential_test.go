package target

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

const (
	firstToken   = "token-one-that-nobody-may-see"
	secondToken  = "token-two-that-nobody-may-see"
	clientSecret = "client-secret-that-nobody-may-see"
)

// tokenEnd is an https server that is a vault, which wants a bearer token, and all that tokens come from.
type tokenEnd struct {
	*httptest.Server
	ca string

	mu       sync.Mutex
	accepted string                           // the token that the vault takes
	tokens   []string                         // what the token endpoints give, one after the other and the last for ever
	given    int                              // how many of them were given
	lasts    int                              // expires_in of a token, in seconds; 0 leaves it out
	asked    []*http.Request                  // what the token endpoints were asked, with the form read
	answer   func(w http.ResponseWriter) bool // where not nil and true, what the token endpoints answer instead
	realm    string                           // the authority that the vault names; "" names this server's
}

func newTokenEnd(t *testing.T) *tokenEnd {
	t.Helper()
	end := &tokenEnd{accepted: firstToken, tokens: []string{firstToken}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /certificates", end.vault)
	mux.HandleFunc("GET /identity", end.token)
	mux.HandleFunc("POST /tenant/oauth2/v2.0/token", end.token)
	mux.HandleFunc("GET /tenant/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{
			"authorization_endpoint": end.URL + "/tenant/oauth2/v2.0/authorize",
			"token_endpoint":         end.URL + "/tenant/oauth2/v2.0/token", "issuer": end.URL + "/tenant/v2.0",
		})
	})
	end.Server = httptest.NewTLSServer(mux)
	t.Cleanup(end.Close)
	end.ca = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: end.Certificate().Raw})
	if err := os.WriteFile(end.ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return end
}

func (e *tokenEnd) vault(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.Header.Get("Authorization") == "Bearer "+e.accepted {
		_, _ = w.Write([]byte(`{"value":[]}`))
		return
	}
	realm := e.realm
	if realm == "" {
		realm = e.URL + "/tenant"
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization="%s", resource="https://vault.example"`, realm))
	w.WriteHeader(http.StatusUnauthorized)
}

func (e *tokenEnd) token(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = r.ParseForm()
	e.asked = append(e.asked, r)
	if e.answer != nil && e.answer(w) {
		return
	}
	body := map[string]any{"access_token": e.tokens[min(e.given, len(e.tokens)-1)], "token_type": "Bearer"}
	if e.lasts > 0 {
		body["expires_in"] = e.lasts
	}
	if r.Method == http.MethodGet { // managed identities write numbers as strings
		for name, value := range body {
			body[name] = fmt.Sprint(value)
		}
	}
	e.given++
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func (e *tokenEnd) target(auth Auth) Target {
	return Target{Endpoint: e.URL, TLS: TLS{CA: e.ca}, Auth: auth}.WithDefaults()
}

// movable is a clock that the test moves.
type movable struct {
	mu  sync.Mutex
	now time.Time
}

func (m *movable) Now() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.now }

func (m *movable) move(d time.Duration) { m.mu.Lock(); defer m.mu.Unlock(); m.now = m.now.Add(d) }

// Sleep is not wanted here.
func (m *movable) Sleep(context.Context, time.Duration) error { return errors.New("nobody waits here") }

// ask has a client of the target read the list of certificates; ask again with the client that it returns.
func ask(t *testing.T, target Target, clock vault.Clock) (*vault.Client, *vault.Exchange) {
	t.Helper()
	credential, err := target.Credential(clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := target.Transport()
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(target.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	client := vault.NewClient(vault.Options{
		Endpoint: endpoint, Transport: transport, APIVersion: "7.4", Credential: credential, Clock: clock,
	})
	return client, client.GetCertificates(context.Background())
}

// hidesSecrets fails where an exchange shows what it may not.
func hidesSecrets(t *testing.T, e *vault.Exchange) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{firstToken, secondToken, clientSecret} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the exchange shows %s: %s", secret, text)
		}
	}
}

// kinds are all the ways of authentication; each gets the tokens of the end, but for those whose token is a constant.
func kinds(t *testing.T, end *tokenEnd) map[string]Auth {
	t.Helper()
	t.Setenv("KVCONFORM_TEST_TOKEN", firstToken)
	t.Setenv("KVCONFORM_TEST_SECRET", clientSecret)
	t.Setenv("AZURE_TENANT_ID", "tenant")
	t.Setenv("AZURE_CLIENT_ID", "kvconform")
	t.Setenv("AZURE_CLIENT_SECRET", clientSecret)
	t.Setenv("AZURE_AUTHORITY_HOST", end.URL+"/")
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(firstToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := Secret{Env: "KVCONFORM_TEST_SECRET"}
	endpoint := end.URL + "/tenant/oauth2/v2.0/token"
	return map[string]Auth{
		"token/value":                {Token: Secret{Value: firstToken}},
		"token/env":                  {Token: Secret{Env: "KVCONFORM_TEST_TOKEN"}},
		"token/file":                 {Token: Secret{File: file}},
		"command/plain":              {Command: []string{"sh", "-c", "echo " + firstToken}},
		"command/access_token":       {Command: []string{"sh", "-c", `echo '{"access_token": "` + firstToken + `", "expires_in": 60}'`}},
		"command/accessToken":        {Command: []string{"sh", "-c", `echo '{"accessToken": "` + firstToken + `", "expires_on": 4102444800}'`}},
		"tokenURL":                   {TokenURL: &TokenURL{URL: end.URL + "/identity", Resource: "https://vault.example", Headers: map[string]Secret{"X-IDENTITY-HEADER": secret}}},
		"clientCredentials/scope":    {ClientCredentials: &ClientCredentials{TokenURL: endpoint, ClientID: "kvconform", ClientSecret: secret, Scope: "https://vault.example/.default"}},
		"clientCredentials/resource": {ClientCredentials: &ClientCredentials{TokenURL: endpoint, ClientID: "kvconform", ClientSecret: secret, Resource: "https://vault.example"}},
		"challenge":                  {Challenge: &ChallengeLogin{ClientID: "kvconform", ClientSecret: secret, Resources: []string{"https://vault.example"}}},
		"azure/challenge":            {Azure: &Azure{Resources: []string{"https://vault.example/"}}},
		"azure/scope":                {Azure: &Azure{Scope: "https://vault.example/.default", Tenant: "tenant"}},
	}
}

func TestEveryWayOfAuthenticationGetsIn(t *testing.T) {
	end := newTokenEnd(t)
	for name, auth := range kinds(t, end) {
		t.Run(name, func(t *testing.T) {
			end.asked, end.given, end.lasts = nil, 0, 3600
			target := end.target(auth)
			if err := target.checkAuth(); err != nil {
				t.Fatal(err)
			}
			client, first := ask(t, target, vault.SystemClock{})
			if !first.Succeeded() {
				t.Fatal(first.Line())
			}
			hidesSecrets(t, first)
			again := client.GetCertificates(context.Background())
			if !again.Succeeded() || again.Attempts != 1 {
				t.Errorf("the second request took %d attempts: %s", again.Attempts, again.Line())
			}
			if end.given > 1 {
				t.Errorf("%d tokens were fetched for two requests", end.given)
			}
			checkAsked(t, name, end.asked)
		})
	}
}

// checkAsked holds what a token endpoint was asked against what it needs to know.
func checkAsked(t *testing.T, name string, asked []*http.Request) {
	t.Helper()
	want := map[string]map[string]string{
		"tokenURL":                   {"resource": "https://vault.example", "api-version": "2018-02-01"},
		"clientCredentials/scope":    {"grant_type": "client_credentials", "scope": "https://vault.example/.default"},
		"clientCredentials/resource": {"grant_type": "client_credentials", "resource": "https://vault.example"},
		"challenge":                  {"grant_type": "client_credentials", "scope": "https://vault.example/.default", "client_id": "kvconform", "client_secret": clientSecret},
		"azure/challenge":            {"grant_type": "client_credentials", "scope": "https://vault.example/.default openid offline_access profile", "client_secret": clientSecret},
		"azure/scope":                {"grant_type": "client_credentials", "client_id": "kvconform"},
	}[name]
	if want == nil {
		return
	}
	if len(asked) != 1 {
		t.Fatalf("the token endpoint was asked %d times", len(asked))
	}
	for parameter, value := range want {
		if got := asked[0].Form.Get(parameter); got != value {
			t.Errorf("%s was %q, want %q", parameter, got, value)
		}
	}
	if name == "tokenURL" && (asked[0].Header.Get("Metadata") != "true" || asked[0].Header.Get("X-Identity-Header") != clientSecret) {
		t.Errorf("the headers were %v", asked[0].Header)
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	end := newTokenEnd(t)
	for name, auth := range kinds(t, end) {
		if strings.HasPrefix(name, "token/") || strings.HasPrefix(name, "command/") || strings.HasPrefix(name, "azure/") {
			continue // a constant, or the library's own cache
		}
		t.Run(name, func(t *testing.T) {
			end.accepted, end.tokens, end.given = firstToken, []string{firstToken, secondToken}, 0
			client, first := ask(t, end.target(auth), vault.SystemClock{})
			if !first.Succeeded() {
				t.Fatal(first.Line())
			}
			end.mu.Lock()
			end.accepted = secondToken
			end.mu.Unlock()
			renewed := client.GetCertificates(context.Background())
			if !renewed.Succeeded() || renewed.Attempts != 2 || end.given != 2 {
				t.Errorf("%d attempts and %d tokens: %s", renewed.Attempts, end.given, renewed.Line())
			}
			end.mu.Lock()
			end.accepted = "another"
			end.mu.Unlock()
			refused := client.GetCertificates(context.Background())
			if refused.Status() != http.StatusUnauthorized || refused.Attempts > 2 || end.given != 3 {
				t.Errorf("refused for good: %d attempts and %d tokens: %s", refused.Attempts, end.given, refused.Line())
			}
			hidesSecrets(t, refused)
		})
	}
}

func TestATokenInAFileIsReadAgain(t *testing.T) {
	end := newTokenEnd(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(firstToken), 0o600); err != nil {
		t.Fatal(err)
	}
	client, first := ask(t, end.target(Auth{Token: Secret{File: file}}), vault.SystemClock{})
	if !first.Succeeded() {
		t.Fatal(first.Line())
	}
	if err := os.WriteFile(file, []byte(secondToken), 0o600); err != nil {
		t.Fatal(err)
	}
	end.accepted = secondToken
	if again := client.GetCertificates(context.Background()); !again.Succeeded() || again.Attempts != 2 {
		t.Errorf("%d attempts: %s", again.Attempts, again.Line())
	}
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	end := newTokenEnd(t)
	end.lasts = 300
	clock := &movable{now: time.Now()}
	auth := kinds(t, end)["tokenURL"]
	credential, err := end.target(auth).Credential(clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		wait  time.Duration
		given int
	}{{0, 1}, {4 * time.Minute, 1}, {time.Minute, 2}, {time.Second, 2}} {
		clock.move(step.wait)
		if _, err := credential.Token(context.Background(), nil); err != nil || end.given != step.given {
			t.Errorf("after %s more, %d tokens were fetched, want %d; %v", step.wait, end.given, step.given, err)
		}
	}
}

func TestACredentialThatFailsSaysWhyAndNoSecret(t *testing.T) {
	end := newTokenEnd(t)
	all := kinds(t, end)
	host := strings.TrimPrefix(end.URL, "https://")
	status := func(code int, body string) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", end.URL+"/elsewhere")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, test := range []struct {
		name   string
		auth   Auth
		answer func(http.ResponseWriter) bool
		realm  string
		want   string
	}{
		{"a command that fails", Auth{Command: []string{"sh", "-c", "echo " + clientSecret + "; echo please log in >&2; echo first, not with eyJhbGciOiJub25lIn0.e30.c2ln >&2; exit 3"}}, nil, "",
			"no token: the command sh failed (exit status 3): please log in first, not with [redacted]"},
		{"a command that prints nothing", Auth{Command: []string{"true"}}, nil, "", "no token: the command true printed no token: it is empty"},
		{"a command that prints a page", Auth{Command: []string{"sh", "-c", "echo hello " + clientSecret}}, nil, "", "no token: the command sh printed no token: it is neither JSON nor one word"},
		{"a command that prints broken JSON", Auth{Command: []string{"sh", "-c", "echo '{" + clientSecret + "'"}}, nil, "", "no token: the command sh printed no token: it is no JSON object"},
		{"a token URL that refuses", all["tokenURL"], status(403, clientSecret), "", "no token: the token URL " + host + " returned 403 Forbidden"},
		{"a token URL that leads elsewhere", all["tokenURL"], status(302, ""), "", "no token: the token URL " + host + " returned 302 Found"},
		{"a token URL without a token", all["tokenURL"], status(200, `{"expires_in": 1, "secret": "`+clientSecret+`"}`), "", "no token: the token URL " + host + " gave no token: it has no access_token"},
		{"a token URL with a page", all["tokenURL"], status(200, "<html>"), "", "no token: the token URL " + host + " gave no token: it is no JSON object"},
		{"a token URL where nothing listens", Auth{TokenURL: &TokenURL{URL: gone.URL + "/x?key=" + clientSecret}}, nil, "",
			"no token: the token URL cannot be reached: dial tcp " + strings.TrimPrefix(gone.URL, "http://") + ": connect: connection refused"},
		{"client credentials refused", all["clientCredentials/scope"], status(401, `{"error": "invalid_client", "error_description": "no such client with `+clientSecret+`"}`), "",
			"no token: " + host + " returned 401 Unauthorized: invalid_client no such client with [redacted]"},
		{"client credentials answered with a page", all["clientCredentials/scope"], status(200, "<html>"+clientSecret), "", "no token: " + host + " gave no token that can be read"},
		{"client credentials that lead elsewhere", all["clientCredentials/scope"], status(307, ""), "", "no token: " + host + " returned 307 Temporary Redirect"},
		{"a challenge to a stranger", all["challenge"], nil, "https://stranger.example/tenant",
			"no token: the vault's 401 names the authority stranger.example, which may not be given the secret: add the host to auth.challenge.authorities if it may"},
		{"a challenge over http", all["challenge"], nil, "http://login.microsoftonline.com/tenant",
			`no token: the vault's 401 names the authority "http://login.microsoftonline.com/tenant", which is no https URL`},
		{"a challenge to nowhere", all["challenge"], nil, " ", `no token: the vault's 401 names the authority " ", which is no https URL`},
		{"Azure answers what its library cannot read", all["azure/scope"], status(200, `{"access_token":"`+firstToken+`","client_secret":"`+clientSecret+`"}`), "", "no token: the DefaultAzureCredential of Azure gave no token: "},
		{"Azure refuses", all["azure/challenge"], status(401, `{"error": "invalid_client"}`), "", "no token: the DefaultAzureCredential of Azure gave no token: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			end.answer, end.realm, end.asked = test.answer, test.realm, nil
			_, e := ask(t, end.target(test.auth), vault.SystemClock{})
			if e.Failure == nil || e.Failure.Kind != vault.NoToken {
				t.Fatalf("got %s, want no token", e.Line())
			}
			if got := e.Failure.Message; got != test.want && (!strings.HasSuffix(test.want, ": ") || !strings.HasPrefix(got, test.want)) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if strings.ContainsRune(e.Failure.Message, '\n') {
				t.Errorf("more than a line: %q", e.Failure.Message)
			}
			hidesSecrets(t, e)
			if test.realm != "" && len(end.asked) > 0 {
				t.Error("the secret was sent")
			}
		})
	}
}

func TestInsecureSaysNothingOfTokenEndpoints(t *testing.T) {
	end := newTokenEnd(t)
	target := end.target(kinds(t, end)["challenge"])
	target.TLS = TLS{Insecure: true}
	_, e := ask(t, target, vault.SystemClock{})
	if e.Failure == nil || !strings.Contains(e.Failure.Message, "certificate") || len(end.asked) != 0 {
		t.Errorf("the secret went to an authority that nobody vouches for: %s", e.Line())
	}
}

func TestAVaultThatAsksForATokenForAnotherServiceGetsNone(t *testing.T) {
	end := newTokenEnd(t)
	all := kinds(t, end)
	for name, auth := range map[string]Auth{
		"auth.challenge.resources": {Challenge: &ChallengeLogin{ClientID: "kvconform", ClientSecret: all["challenge"].Challenge.ClientSecret}},
		"auth.azure.resources":     {Azure: &Azure{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, e := ask(t, end.target(auth), vault.SystemClock{})
			want := "no token: the vault's 401 asks for a token for https://vault.example, which is no resource of this vault: " +
				"add it to " + name + " if the vault may have one"
			if e.Failure == nil || e.Failure.Message != want {
				t.Errorf("got  %s\nwant %s", e.Line(), want)
			}
			if len(end.asked) > 0 {
				t.Errorf("a token was asked for: %v", end.asked[0].Form)
			}
		})
	}
}
