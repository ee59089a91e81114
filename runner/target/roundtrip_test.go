package target

import (
	"reflect"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"github.com/kvconform/kvconform/schemas"
)

// drawn draws the parts of a target.
type drawn struct{ *rapid.T }

// text draws a text such as people write, with what YAML takes for its own. The library writes "? 0" so that nobody can read
// it back, so there is no question mark among them.
func (d drawn) text(label string) string {
	return rapid.StringMatching(`[A-Za-z0-9é:#'"&*!%@{}\[\],|>~=._/\\ -]{0,12}[A-Za-z0-9~]`).Draw(d.T, label)
}

func (d drawn) word(label string) string {
	return rapid.StringMatching(`[A-Za-z][A-Za-z0-9]{0,9}`).Draw(d.T, label)
}

func (d drawn) yes(label string) bool { return rapid.Bool().Draw(d.T, label) }

func (d drawn) span(label string) time.Duration {
	return time.Duration(rapid.IntRange(1, 100_000).Draw(d.T, label)) * time.Millisecond
}

// maybe is a text or none.
func (d drawn) maybe(label string) string {
	if d.yes(label + " is given") {
		return d.text(label)
	}
	return ""
}

func (d drawn) secret(label string) Secret {
	switch rapid.IntRange(0, 2).Draw(d.T, label) {
	case 0:
		return Secret{Value: d.text(label)}
	case 1:
		return Secret{Env: d.word(label)}
	default:
		return Secret{File: "/" + d.word(label)}
	}
}

func (d drawn) secrets(label string) map[string]Secret {
	var secrets map[string]Secret
	for range rapid.IntRange(0, 2).Draw(d.T, label) {
		if secrets == nil {
			secrets = map[string]Secret{}
		}
		secrets["X-"+d.word(label)] = d.secret(label)
	}
	return secrets
}

func (d drawn) auth() Auth {
	switch rapid.IntRange(0, 6).Draw(d.T, "auth") {
	case 0:
		return Auth{}
	case 1:
		return Auth{None: true}
	case 2:
		return Auth{Token: d.secret("token")}
	case 3:
		return Auth{Command: []string{"sh", d.text("argument")}}
	case 4:
		return Auth{TokenURL: &TokenURL{URL: "https://t.example/", Resource: d.maybe("resource"), Headers: d.secrets("token headers")}}
	case 5:
		return Auth{ClientCredentials: &ClientCredentials{
			TokenURL: "https://t.example/", ClientID: d.text("client"), ClientSecret: d.secret("client secret"), Scope: d.maybe("scope"),
		}}
	default:
		return Auth{Challenge: &ChallengeLogin{
			ClientID: d.text("client"), ClientSecret: d.secret("client secret"), Authorities: []string{d.word("authority")},
			Resources: []string{d.text("resource")},
		}}
	}
}

func (d drawn) issuers() Issuers {
	var issuers Issuers
	for _, outcome := range Outcomes() {
		kind := rapid.IntRange(0, 2).Draw(d.T, string(outcome))
		if kind == 0 {
			continue
		}
		if issuers == nil {
			issuers = Issuers{}
		}
		if kind == 1 {
			issuers[outcome] = Issuer{Name: d.text("issuer")}
			continue
		}
		setUp := &IssuerSetUp{Provider: d.text("provider"), AccountID: d.maybe("account"), Organization: d.maybe("organization")}
		if d.yes("password is given") {
			setUp.Password = d.secret("password")
		}
		issuers[outcome] = Issuer{SetUp: setUp}
	}
	return issuers
}

func (d drawn) target() Target {
	shortest := d.span("polling")
	target := Target{
		Name: d.maybe("name"), Endpoint: "https://vault.example/" + d.word("prefix"), AllowHTTP: d.yes("allow http"),
		Headers: d.secrets("headers"), Auth: d.auth(), Issuers: d.issuers(),
		APIVersion: rapid.SampledFrom([]Versions{nil, {"7.0"}, {"all"}, {"7.3", "2025-07-01"}}).Draw(d.T, "api-version"),
		Without:    rapid.SampledFrom([][]string{nil, {"merge"}, {"import", "issuers"}}).Draw(d.T, "without"),
		Polling:    Polling{Min: shortest, Max: shortest + d.span("longest")},
		Deadlines:  Deadlines{Request: d.span("request")},
		MaxAnswer:  rapid.Int64Range(1024, 1<<30).Draw(d.T, "max answer"),
		Plays:      rapid.IntRange(1, 64).Draw(d.T, "plays"),
		Names:      Names{Prefix: d.word("prefix"), OnClash: rapid.SampledFrom([]OnClash{"", ClashFails, ClashDeletes}).Draw(d.T, "clash")},
		Cleanup:    rapid.SampledFrom([]Cleanup{"", Leave, Delete, Purge}).Draw(d.T, "cleanup"),
		Product:    Product{Name: d.maybe("product"), Version: d.maybe("version"), Contact: d.maybe("contact")},
	}
	if d.yes("ready") {
		target.Ready = Ready{Path: "/" + d.word("path"), Status: rapid.IntRange(200, 299).Draw(d.T, "status"), Timeout: d.span("ready")}
	}
	if d.yes("tls") {
		target.TLS = TLS{
			CA: "/" + d.word("ca"), ServerName: d.word("server"), Insecure: d.yes("insecure"),
			TrustStore: TrustStore{File: "/" + d.word("store"), Password: d.secret("store password")},
		}
	}
	if d.yes("companions") {
		target.Companions, target.CompanionsAuth = true, d.auth()
	}
	if d.yes("hook") {
		target.Hooks = Hooks{FailPending: []string{"sh", d.text("hook argument")}, Timeout: d.span("hook")}
	}
	if d.yes("proxy") {
		target.Proxy = "http://proxy.example:1"
	} else {
		target.Dial = "127.0.0.1:8443"
	}
	return target
}

func TestATargetThatIsWrittenIsReadBackAsItself(t *testing.T) {
	files, err := schemas.CompileFiles()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		want := drawn{r}.target()
		text, err := yaml.Marshal(want)
		if err != nil {
			r.Fatal(err)
		}
		got, err := parseTarget(files, "kvconform.yaml", text)
		if err != nil {
			r.Fatalf("%v in\n%s", err, text)
		}
		// Where the file stands is no part of what it says.
		got.places, got.folder, got.Hooks.folder = nil, "", ""
		if !reflect.DeepEqual(got, want) {
			r.Fatalf("got  %#v\nwant %#v\nfrom\n%s", got, want, text)
		}
	})
}

func TestANumberThatIsNoneOfJSONIsATextAsItIsWritten(t *testing.T) {
	text := "endpoint: https://vault.example\nauth: {token: 0x10}\nname: 1_000\n"
	got, err := parseTarget(targetSchema(t), "kvconform.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got.Auth.Token.Value != "0x10" || got.Name != "1_000" {
		t.Errorf("got %q and %q, want 0x10 and 1_000", got.Auth.Token.Value, got.Name)
	}
}
