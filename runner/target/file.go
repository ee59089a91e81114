package target

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/schemas"
)

// DefaultFile is the target file that is read where none is named.
const DefaultFile = "kvconform.yaml"

// longestTargetFile bounds a target file in bytes.
const longestTargetFile = 64 << 10

// Load reads a target file, strictly: what the schema of the file does not allow, and what cannot be run against,
// is a mistake in usage, told in one line with the file, the line and the key. Relative paths in the file are relative to
// it. Secrets are found and read when the target is used.
func Load(path string) (Target, error) {
	text, err := input.ReadFile(path, longestTargetFile)
	if err != nil {
		return Target{}, input.Usagef("the target file %s cannot be read: %v; `kvconform init` writes one", path, err)
	}
	files, err := schemas.CompileFiles()
	if err != nil {
		return Target{}, err
	}
	return parseTarget(files, path, text)
}

// targetFile is the kind of file that a Target is read from.
func targetFile() input.Kind {
	return input.Kind{Name: "target file", Schema: "target", Advice: "`kvconform init` writes a commented one"}
}

func parseTarget(files *schemas.Files, path string, text []byte) (Target, error) {
	document, err := input.ReadYAML(path, text, targetFile())
	if err != nil {
		return Target{}, err
	}
	if err := document.Check(files); err != nil {
		return Target{}, err
	}
	target, err := decodeTarget(document.Tree)
	if err != nil {
		return Target{}, input.Usagef("%s: %v", path, err)
	}
	target.places = document.Places
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Target{}, fmt.Errorf("finding the folder of %s: %w", path, err)
	}
	target.settle(folder)
	if _, err := target.Check(); err != nil {
		return Target{}, err
	}
	return target, nil
}

// decodeTarget makes a Target of a tree that the schema allows.
func decodeTarget(tree any) (Target, error) {
	root, ok := tree.(map[string]any)
	if !ok {
		return Target{}, fmt.Errorf("the file is no mapping")
	}
	root = split(root)
	text := &bytes.Buffer{}
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		return Target{}, fmt.Errorf("writing the file as JSON: %w", err)
	}
	var target Target
	if err := yaml.UnmarshalWithOptions(text.Bytes(), &target, yaml.Strict()); err != nil {
		return Target{}, fmt.Errorf("reading the values: %s", strings.ReplaceAll(yaml.FormatError(err, false, false), "\n", " "))
	}
	return target, nil
}

// split brings the two forms that a list of api-versions and an issuer have in the file to the one that a Target has.
func split(root map[string]any) map[string]any {
	changed := make(map[string]any, len(root))
	for key, value := range root {
		changed[key] = value
	}
	switch version := root["apiVersion"].(type) {
	case []any:
		texts := make([]string, len(version))
		for i, one := range version {
			texts[i] = fmt.Sprint(one)
		}
		changed["apiVersion"] = strings.Join(texts, ",")
	case json.Number:
		changed["apiVersion"] = version.String()
	}
	named, setUp := map[string]any{}, map[string]any{}
	issuers, _ := root["issuers"].(map[string]any)
	for outcome, issuer := range issuers {
		if choice, ok := issuer.(map[string]any); ok {
			setUp[outcome] = choice["setUp"]
		} else {
			named[outcome] = issuer
		}
	}
	if len(issuers) > 0 {
		changed["issuers"], changed["setUp"] = named, setUp
	}
	return changed
}

// settle makes the paths of the file absolute, and the commands run in its folder.
func (t *Target) settle(folder string) {
	paths := []*string{
		&t.TLS.CA, &t.TLS.TrustStore.File, &t.TLS.TrustStore.Password.File,
		&t.TLS.ClientCertificate.Cert, &t.TLS.ClientCertificate.Key,
		&t.TLS.ClientCertificate.PKCS12, &t.TLS.ClientCertificate.Password.File, &t.Auth.Token.File,
	}
	if t.Auth.ClientCredentials != nil {
		paths = append(paths, &t.Auth.ClientCredentials.ClientSecret.File)
	}
	if t.Auth.Challenge != nil {
		paths = append(paths, &t.Auth.Challenge.ClientSecret.File)
	}
	for _, path := range paths {
		*path = within(folder, *path)
	}
	settleSecrets(t.Headers, folder)
	if t.Auth.TokenURL != nil {
		settleSecrets(t.Auth.TokenURL.Headers, folder)
	}
	for key, setUp := range t.SetUp {
		setUp.Password.File = within(folder, setUp.Password.File)
		t.SetUp[key] = setUp
	}
	t.Auth.folder, t.Hooks.folder = folder, folder
}

func settleSecrets(secrets map[string]Secret, folder string) {
	for name, secret := range secrets {
		secret.File = within(folder, secret.File)
		secrets[name] = secret
	}
}

func within(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
