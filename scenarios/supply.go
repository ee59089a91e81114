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
			return env.disable(ctx, name, attributes, imported, sent), nil
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
	if sent = append(sent, polls...); err != nil || attributes == nil {
		return sent, err
	}
	made := env.Vault.GetCertificate(ctx, name)
	return env.disable(ctx, name, attributes, made, append(sent, made)), nil
}

// disable updates a version that was to be made disabled and is not: whoever ignores enabled in one request may well honour it in
// another. An update that is rejected is left out of what was sent, because the version is there without it.
func (env *Env) disable(ctx context.Context, name string, wanted *vault.Attributes, made *vault.Exchange, sent []*vault.Exchange) []*vault.Exchange {
	if wanted == nil || !made.Succeeded() || saysDisabled(made) {
		return sent
	}
	updated := env.Vault.UpdateCertificate(ctx, name, vault.UpdateParameters{Attributes: wanted})
	if version := lastSegment(made.Text("id")); !updated.Succeeded() && version != "" && version != name {
		updated = env.Vault.UpdateCertificateVersion(ctx, name, version, vault.UpdateParameters{Attributes: wanted})
	}
	if updated.Succeeded() {
		sent = append(sent, updated)
	}
	return sent
}

// saysDisabled reports whether a bundle says that it is disabled.
func saysDisabled(e *vault.Exchange) bool {
	attributes, _ := e.Member("attributes").(map[string]any)
	return attributes["enabled"] == false
}
