package target

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/schemas"
)

// wrongTargets are target files with one mistake each, or several, of which the first in the file is told.
func wrongTargets() []string {
	const head = "endpoint: https://vault.example\n"
	return []string{
		"", "\n# nothing but a comment\n", "just words\n", "- endpoint\n", "endpoint\n",
		"endpoint: https://vault.example\n---\nendpoint: https://other.example\n",
		"name: x\n", "endpoint: vault.example\n", "endpoint: ftp://vault.example\n", "endpoint: 8443\n", "endpoint:\n",
		"endpoint: https://user:pass@vault.example\n", "endpoint: https://vault.example?x=1\n", "endpoint: http://vault.example\n",
		"endpoint: \"https://vault.example\n",
		head + "endpoint: https://twice.example\n", head + "plays: 8\nplays: 9\n",
		head + "tls:\n\tca: x\n", head + "colour: red\n", head + "playz: 8\n", head + "tls:\n  trustStorre: {file: a}\n",
		head + "tls: {trustStore: {}}\n", head + "tls: yes\n", head + "plays: many\n", head + "plays: 0\n", head + "plays: 65\n", head + "plays: 1.5\n",
		head + "tls:\n  insecure: \"true\"\n", head + "tls:\n", head + "cleanup: burn\n", head + "names: {onClash: ignore}\n",
		head + "names: {prefix: -x}\n", head + "names:\n  prefix: with blank\n",
		head + "polling: {min: 10}\n", head + "polling: {min: ten}\n", head + "polling:\n  max: 1s\n  min: 2s\n", head + "deadlines: {request: -1s}\n",
		head + "polling:\n  min: 0s\n",
		head + "apiVersion: \"7\"\n", head + "apiVersion: [7.4, 8.0]\n", head + "apiVersion: [7.4, 7.4]\n", head + "apiVersion: []\n", head + "apiVersion: true\n",
		head + "auth: none\n", head + "auth: {}\n", head + "auth:\n  token: t\n  azure: {}\n", head + "auth: {none: false}\n",
		head + "auth: {token: {env: A, file: b}}\n", head + "auth: {token: 7}\n", head + "auth: {token: {}}\n", head + "auth: {command: []}\n", head + "auth: {command: az login}\n",
		head + "auth:\n  clientCredentials: {tokenURL: \"https://t.example\", clientID: c}\n",
		head + "auth:\n  clientCredentials: {tokenURL: \"http://t.example\", clientID: c, clientSecret: s}\n",
		head + "auth:\n  clientCredentials: {tokenURL: \"https://t.example\", clientID: c, clientSecret: s, scope: a, resource: b}\n",
		head + "auth:\n  tokenURL:\n    url: http://10.0.0.1/token\n",
		head + "dial: localhost\n", head + "dial: localhost:99999\n", head + "dial: localhost:1\nproxy: http://p.example:1\n", head + "proxy: p.example\n", head + "idBase: vault\n",
		head + "headers: {Host: x}\n", head + "headers: {authorization: Basic x}\n", head + "headers:\n  \"a b\": x\n", head + "headers: {X: 1}\n",
		head + "ready: {status: 200}\n", head + "ready: {path: ping}\n", head + "ready: {path: /, status: 99}\n",
		head + "tls: {clientCertificate: {cert: a.pem}}\n", head + "tls: {clientCertificate: {cert: a, key: b, pkcs12: c}}\n", head + "tls: {clientCertificate: {}}\n",
		head + "tls: {clientCertificate: {password: x}}\n",
		head + "without: [merge, importt]\n", head + "without: merge\n", head + "without: [merge,\n", head + "issuers: {completes: {provider: x}}\n", head + "issuers: {completes: {setUp: {}}}\n", head + "issuers:\n  finishes: x\n",
		head + "hooks: {failPending: [\"/no/such/command\"]}\n", head + "hooks: {failPending: [\"\"]}\n",
		head + "maxAnswer: 1\n", head + "product: {name: \"\"}\n",
		head + "name: &n x\nproduct: {name: *n}\n", head + "name: !!str x\n", head + "<<: {name: x}\n", head + "1: x\n", head + "plays: .inf\n", head + "plays: 0x10\n",
		head + "name: a: b\n", head + "name: {a: {b: c}}\n", "{endpoint: https://vault.example, plays: x}\n",
		head + "name: " + strings.Repeat("[", 300) + "\n", strings.Repeat("a: [\n", 2500), head + nested(30),
	}
}

func nested(depth int) string {
	text := &strings.Builder{}
	for i := range depth {
		fmt.Fprintf(text, "%sk%d:\n", strings.Repeat(" ", i), i)
	}
	return text.String()
}

func targetSchema(t testing.TB) *schemas.Files {
	t.Helper()
	files, err := schemas.CompileFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAMistakeInATargetFileIsToldInOneLineWithItsPlace(t *testing.T) {
	told := &bytes.Buffer{}
	files := targetSchema(t)
	for _, text := range wrongTargets() {
		_, err := parseTarget(files, "kvconform.yaml", []byte(text))
		var wrong *input.Usage
		if !errors.As(err, &wrong) {
			t.Errorf("%q gave %v, want a mistake in usage", text, err)
			continue
		}
		if strings.ContainsAny(err.Error(), "\n\r\t") {
			t.Errorf("%q: more than a line: %q", text, err)
		}
		if len(text) > 300 {
			text = text[:60] + "…"
		}
		fmt.Fprintf(told, "%s=> %s\n\n", strings.ReplaceAll(strings.TrimSuffix(text, "\n")+"\n", "\t", "<tab>"), err)
	}
	golden.Compare(t, "testdata/target-mistakes.txt", told.Bytes())
}

func TestAFileThatIsNoTargetFileIsToldInOneLine(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct{ path, want string }{
		{filepath.Join(folder, "none.yaml"), "the target file PATH cannot be read: no such file or directory; `kvconform init` writes one"},
		{folder, "the target file PATH cannot be read: it is a directory; `kvconform init` writes one"},
		{write("large.yaml", strings.Repeat("# large\n", 40_000)), "the target file PATH cannot be read: it has 320000 bytes, more than the 65536 that such a file may have; `kvconform init` writes one"},
		{write("latin.yaml", "endpoint: https://vault.example\nname: caf\xe9\n"), "PATH: not a text in UTF-8; save it as UTF-8"},
		{write("utf16.yaml", "\xff\xfee\x00n\x00"), "PATH: not a text in UTF-8; save it as UTF-8"},
	} {
		_, err := Load(test.path)
		var wrong *input.Usage
		if want := strings.ReplaceAll(test.want, "PATH", test.path); !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestATargetFileIsRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "target ü.yaml")
	text := `
name: "emulator"
endpoint: https://vault.example:8443/prefix/
dial: 127.0.0.1:8443
apiVersion: [7.0, 7.4, "2025-07-01"]
tls: {ca: certificates/ca.pem, serverName: other.example}
auth:
  token: short
headers: {X-Key: {file: key.txt}, X-Plain: plain}
issuers:
  completes: named
  fails:
    setUp: {provider: Test, password: {env: P}}
polling: {min: 1m30s, max: 2m}
maxAnswer: 2048
product: {name: Product, version: "1.0"}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, compare := range []struct{ what, got, want any }{
		{"the endpoint", got.Endpoint, "https://vault.example:8443/prefix/"},
		{"the CA", got.TLS.CA, filepath.Join(folder, "certificates", "ca.pem")},
		{"the header's file", got.Headers["X-Key"].File, filepath.Join(folder, "key.txt")},
		{"the header's value", got.Headers["X-Plain"].Value, "plain"},
		{"the token", got.Auth.Token.Value, "short"},
		{"the api-versions", strings.Join(got.APIVersion, " "), "7.0 7.4 2025-07-01"},
		{"the issuer", got.Issuers[Completes].Name, "named"},
		{"no issuer", got.Issuers[Fails].Name, ""},
		{"the provider", got.Issuers[Fails].SetUp.Provider, "Test"},
		{"the shortest pause", got.Polling.Min, 90 * time.Second},
		{"the bound", got.MaxAnswer, int64(2048)},
		{"the product", got.Product.Name, "Product"},
	} {
		if compare.got != compare.want {
			t.Errorf("%s is %v, want %v", compare.what, compare.got, compare.want)
		}
	}
	versions, err := got.APIVersions()
	if err != nil || strings.Join(versions, " ") != "7.0 7.4 2025-07-01" {
		t.Errorf("the api-versions are %v, %v", versions, err)
	}
}

func TestAllAPIVersionsAreThoseReleased(t *testing.T) {
	got, err := Target{APIVersion: Versions{"all"}}.APIVersions()
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range schemas.Versions() {
		if listed := strings.Contains(" "+strings.Join(got, " ")+" ", " "+string(version)+" "); listed != version.Stable() {
			t.Errorf("%s is in the list: %v; it is released: %v", version, listed, version.Stable())
		}
	}
	if got, err := (Target{}).APIVersions(); err != nil || len(got) != 1 || got[0] != string(schemas.Default()) {
		t.Errorf("without a choice: %v, %v", got, err)
	}
}

// TestEverySettingOfTheCommentedFileIsRight takes the comments away, one block after the other.
func TestEverySettingOfTheCommentedFileIsRight(t *testing.T) {
	if _, err := parseTarget(targetSchema(t), "init.yaml", commentedTarget); err != nil {
		t.Fatalf("as it is written: %v", err)
	}
	setting := regexp.MustCompile(`^#(?: {2,}|[a-zA-Z])`)
	const head = "endpoint: https://localhost:8443\n"
	var blocks []string
	for _, line := range strings.Split(string(commentedTarget), "\n") {
		switch {
		case !setting.MatchString(line):
		case line[1] != ' ':
			blocks = append(blocks, line[1:]+"\n")
		default:
			blocks[len(blocks)-1] += line[1:] + "\n"
		}
	}
	files := targetSchema(t)
	shown := map[string]bool{"endpoint": true, "name": true}
	for _, block := range blocks {
		name, _, _ := strings.Cut(block, ":")
		shown[name] = true
		text := head + block
		document, err := input.ReadYAML("init.yaml", []byte(text), targetFile())
		if err == nil {
			err = document.Check(files)
		}
		if err == nil {
			err = document.Decode(&Target{})
		}
		if err != nil {
			t.Errorf("%s%v", block, err)
		}
	}
	for _, key := range files.Hint("target", nil).Keys {
		if !shown[key] {
			t.Errorf("the commented file does not show %s", key)
		}
	}
}

// TestEveryExampleOfTheSchemaIsRight holds what messages advise against the schema itself.
func TestEveryExampleOfTheSchemaIsRight(t *testing.T) {
	files, err := schemas.CompileFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range files.Hint("target", nil).Keys {
		example := files.Hint("target", []string{key}).Example
		if example == "" {
			t.Errorf("%s has no example", key)
			continue
		}
		value, err := schemas.Decode([]byte(example))
		if err != nil {
			t.Fatal(err)
		}
		tree := map[string]any{"endpoint": "https://localhost:8443"}
		tree[key] = value
		if problems := files.CheckNamed("target", tree); len(problems) > 0 {
			t.Errorf("%s: %s: %v", key, example, problems)
		}
	}
}

// readAll reads what a target refers to, as a plan of a run does.
func readAll(target Target) error {
	if _, err := target.WithDefaults().Check(); err != nil {
		return err
	}
	return target.Resolve()
}

func TestFlagsOverrideTheFileAndAreNotBlamedOnIt(t *testing.T) {
	target, err := parseTarget(targetSchema(t), "kvconform.yaml", []byte("endpoint: https://vault.example\ntls:\n  ca: no-such-ca.pem\nauth:\n  token: {env: KVCONFORM_NO_SUCH}\n"))
	if err != nil {
		t.Fatal(err)
	}
	err = readAll(target)
	folder, _ := filepath.Abs(".")
	if want := "kvconform.yaml:3: tls.ca: the CA cannot be read: " + filepath.Join(folder, "no-such-ca.pem") + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	insecure, token, ca := true, "t", "other.pem"
	err = readAll(target.Override(Overrides{CA: &ca, Insecure: &insecure}))
	if want := "the CA cannot be read: other.pem: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	target.TLS.CA = ""
	err = readAll(target)
	if want := "kvconform.yaml:5: auth.token.env: the environment variable KVCONFORM_NO_SUCH is not set; set it, or name another"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err = readAll(target.Override(Overrides{Token: &token})); err != nil {
		t.Errorf("with a token: %v", err)
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	const hidden = "hidden-value"
	target := Target{
		Endpoint: "https://vault.example", Auth: Auth{Token: Secret{Value: hidden}}, Headers: map[string]Secret{"X": {Value: hidden}},
		TLS: TLS{TrustStore: TrustStore{File: "f", Password: Secret{Value: hidden}}}, Proxy: "http://user:" + hidden + "@proxy.example",
	}
	texts := []string{fmt.Sprint(target.Describe()), fmt.Sprintf("%v %+v", target.Auth, target.Headers), fmt.Sprintf("%#v", target.Auth.Token)}
	for _, text := range texts {
		if strings.Contains(text, hidden) {
			t.Errorf("printed: %s", text)
		}
	}
}

// FuzzParseTarget finds texts that are neither read nor refused in one line.
func FuzzParseTarget(f *testing.F) {
	for _, text := range wrongTargets() {
		f.Add(text)
	}
	f.Add(string(commentedTarget))
	files := targetSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := parseTarget(files, "kvconform.yaml", []byte(text))
		var wrong *input.Usage
		if err != nil && !errors.As(err, &wrong) {
			t.Errorf("%v", err)
		}
		if err != nil && strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("more than a line: %q", err)
		}
	})
}
