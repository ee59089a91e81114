package target

import (
	"fmt"
	"path/filepath"

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
	var target Target
	if err := document.Decode(&target); err != nil {
		return Target{}, err
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

// settle makes the paths of the file absolute, and the commands run in its folder.
func (t *Target) settle(folder string) {
	paths := []*string{
		&t.TLS.CA, &t.TLS.TrustStore.File, &t.TLS.TrustStore.Password.File,
		&t.TLS.ClientCertificate.Cert, &t.TLS.ClientCertificate.Key,
		&t.TLS.ClientCertificate.PKCS12, &t.TLS.ClientCertificate.Password.File,
	}
	for _, path := range paths {
		*path = input.Within(folder, *path)
	}
	settleSecrets(t.Headers, folder)
	for _, auth := range []*Auth{&t.Auth, &t.CompanionsAuth} {
		settleAuth(auth, folder)
	}
	for _, issuer := range t.Issuers {
		if issuer.SetUp != nil {
			issuer.SetUp.Password.File = input.Within(folder, issuer.SetUp.Password.File)
		}
	}
	t.folder, t.Hooks.folder = folder, folder
}

func settleAuth(auth *Auth, folder string) {
	auth.Token.File = input.Within(folder, auth.Token.File)
	if c := auth.ClientCredentials; c != nil {
		c.ClientSecret.File = input.Within(folder, c.ClientSecret.File)
	}
	if c := auth.Challenge; c != nil {
		c.ClientSecret.File = input.Within(folder, c.ClientSecret.File)
	}
	if auth.TokenURL != nil {
		settleSecrets(auth.TokenURL.Headers, folder)
	}
}

func settleSecrets(secrets map[string]Secret, folder string) {
	for name, secret := range secrets {
		secret.File = input.Within(folder, secret.File)
		secrets[name] = secret
	}
}
