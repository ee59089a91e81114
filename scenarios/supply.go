package scenarios

import (
	"context"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// stock is what a play wants a version of a certificate to be.
type stock struct {
	tags     map[string]string
	disabled bool
	// age is how long ago the certificate was made if it is imported, so that the versions of a play differ in their
	// validity.
	age time.Duration
}

// supply makes a version of a certificate: by an import or, if the target refuses imports or does not claim them, by a
// create that completes. It returns everything that it sent. The error is why there is no such version.
func (env *Env) supply(ctx context.Context, name string, wanted stock) ([]*vault.Exchange, error) {
	var sent []*vault.Exchange
	var attributes *vault.Attributes
	if wanted.disabled && env.showsDisabled(ctx) {
		attributes = &vault.Attributes{Enabled: addressOf(false)}
	}
	if env.Vault.Claims("import") {
		file, err := env.importable("CN="+name+".example.com", env.importForm(ctx), env.Clock.Now().Add(-wanted.age))
		if err != nil {
			return sent, err
		}
		file.Tags, file.Attributes = wanted.tags, attributes
		imported := env.Vault.ImportCertificate(ctx, name, file)
		if sent = append(sent, imported); imported.Failure != nil {
			return sent, imported.Failure
		}
		if imported.Succeeded() {
			return sent, nil
		}
	}
	request := IssuerRequest("CN="+name+".example.com", completingIssuer(env.Issuers))
	request.Tags, request.Attributes = wanted.tags, attributes
	created := env.Create(ctx, name, request)
	sent = append(sent, created)
	if err := env.Must(created); err != nil {
		return sent, err
	}
	polls, err := env.AwaitState(ctx, name, vault.StateCompleted)
	return append(sent, polls...), err
}
