package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
)

// Describe tells of the target in pairs of a heading and a line, without any secret.
func (t Target) Describe() [][2]string {
	lines := [][2]string{{"target", strings.TrimSpace(t.Name + " " + t.Endpoint)}}
	add := func(heading, format string, values ...any) {
		lines = append(lines, [2]string{heading, fmt.Sprintf(format, values...)})
	}
	if t.Dial != "" {
		add("dials", "%s", t.Dial)
	}
	if t.Proxy != "" {
		add("proxy", "%s", withoutUser(t.Proxy))
	}
	if t.IDBase != "" {
		add("ids", "begin with %s", t.IDBase)
	}
	add("trust", "%s", t.TLS.describe())
	if names := headerNames(t.Headers); len(names) > 0 {
		add("headers", "%s", strings.Join(names, ", "))
	}
	if t.Ready.Path != "" {
		add("waits for", "%d from GET %s, for up to %s", t.Ready.Status, t.Ready.Path, t.Ready.Timeout)
	}
	add("token", "%s", describeAuth(t.Auth))
	for _, outcome := range Outcomes() {
		switch issuer := t.Issuers[outcome]; {
		case issuer.SetUp != nil:
			add("issuer", "%s: set up with the provider %s", outcome, issuer.SetUp.Provider)
		case issuer.Name != "":
			add("issuer", "%s: %s", outcome, issuer.Name)
		default:
			add("issuer", "%s: none", outcome)
		}
	}
	for _, hook := range scenarios.Hooks() {
		if argv := t.Hooks.Command(hook); len(argv) > 0 {
			add("hook", "%s: %s", hook, argv[0])
		}
	}
	if t.Create.Body == FullBody {
		add("creates", "carry the whole policy")
	}
	if t.Companions {
		add("companions", "keys and secrets are read with %s", t.companionsToken())
	}
	if len(t.Without) > 0 {
		add("without", "%s", strings.Join(t.Without, ", "))
	}
	if t.MinJudged > 0 {
		add("minJudged", "%d rules", t.MinJudged)
	}
	add("deadlines", "%s for a request, %s for a transition, %s", t.Deadlines.Request, t.Polling.Timeout, t.Deadlines.ofRun())
	add("names", "begin with %s; the run's certificates are %s at the end", t.Names.Prefix, map[Cleanup]string{
		Leave: "left", Delete: "deleted, which leaves them among the deleted ones of a vault with soft delete", Purge: "purged"}[t.Cleanup])
	return lines
}

// ofRun says how long a run may take.
func (d Deadlines) ofRun() string {
	if d.Run == 0 {
		return "no deadline for the run"
	}
	return fmt.Sprintf("%s for the run", d.Run)
}

// companionsToken says which token opens keys and secrets.
func (t Target) companionsToken() string {
	if t.CompanionsAuth.Given() {
		return "a token of their own: " + describeAuth(t.CompanionsAuth)
	}
	return "the same token"
}

func (t TLS) describe() string {
	var parts []string
	if t.CA != "" {
		parts = append(parts, t.CA)
	}
	if t.TrustStore.File != "" {
		parts = append(parts, t.TrustStore.File)
	}
	switch {
	case t.Insecure:
		parts = []string{"anyone (insecure)"}
	case len(parts) == 0:
		parts = []string{"the system's authorities"}
	}
	text := strings.Join(parts, " and ")
	if t.ServerName != "" {
		text += ", as " + t.ServerName
	}
	for _, shown := range []string{t.ClientCertificate.Cert, t.ClientCertificate.PKCS12} {
		if shown != "" {
			text += "; the client shows " + shown
		}
	}
	return text
}

func describeAuth(a Auth) string {
	switch a.Kind() {
	case "token":
		return "from " + a.Token.String()
	case "command":
		return "from the command " + a.Command[0]
	case "tokenURL":
		return "from " + withoutQuery(a.TokenURL.URL)
	case "clientCredentials":
		return fmt.Sprintf("client credentials of %s at %s, the secret from %s",
			a.ClientCredentials.ClientID, withoutQuery(a.ClientCredentials.TokenURL), a.ClientCredentials.ClientSecret)
	case "challenge":
		return fmt.Sprintf("client credentials of %s where the vault's 401 says, the secret from %s", a.Challenge.ClientID, a.Challenge.ClientSecret)
	case "azure":
		return "from Azure's DefaultAzureCredential"
	default:
		return "none"
	}
}

func headerNames(headers map[string]Secret) []string {
	var names []string
	for name, secret := range headers {
		names = append(names, fmt.Sprintf("%s (from %s)", name, secret))
	}
	slices.Sort(names)
	return names
}

// withoutUser drops the name and password that a proxy's URL may carry.
func withoutUser(link string) string {
	if scheme, rest, ok := strings.Cut(link, "://"); ok {
		if _, host, ok := strings.Cut(rest, "@"); ok {
			return scheme + "://" + host
		}
	}
	return link
}

// withoutQuery drops the query of a URL, which may carry a key.
func withoutQuery(link string) string {
	before, _, _ := strings.Cut(link, "?")
	return before
}
