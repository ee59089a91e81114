package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// EveryOperation sends the operations that the other plays of authentication and of api-versions leave out: first without a
// token, then with a forged one, then without an api-version. All of them are right otherwise, and a read after each round shows that they did
// nothing. Contacts and issuers are only read, since they belong to the whole vault.
type EveryOperation struct {
	Made    []*vault.Exchange
	Current *vault.Exchange

	WithoutToken []*vault.Exchange
	ForgedToken  []*vault.Exchange
	// AfterToken reads the certificate after the requests without a token and with a forged one, AfterVersion after those
	// without an api-version.
	AfterToken     *vault.Exchange
	WithoutVersion []*vault.Exchange
	AfterVersion   *vault.Exchange
}

// Play ends early if there is no certificate to send the requests for.
func (p *EveryOperation) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("everyoperation")
	if err != nil {
		return err
	}
	p.Made, err = env.supply(ctx, name, stock{tags: map[string]string{"purpose": "conformance"}})
	if err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	if err := env.Must(p.Current); err != nil {
		return err
	}
	version := versionOf(p.Current)
	p.WithoutToken = env.everyOperation(ctx, name, version, vault.WithoutToken(), vault.Deliberate())
	p.ForgedToken = env.everyOperation(ctx, name, version, vault.WithToken(wrongToken), vault.Deliberate())
	p.AfterToken = env.Vault.GetCertificate(ctx, name)
	p.WithoutVersion = env.everyOperation(ctx, name, version, vault.WithoutAPIVersion())
	p.AfterVersion = env.Vault.GetCertificate(ctx, name)
	return nil
}

// everyOperation sends the operations, the one that deletes last.
func (env *Env) everyOperation(ctx context.Context, name, version string, options ...vault.Option) []*vault.Exchange {
	v := env.Vault
	tags := vault.UpdateParameters{Tags: map[string]string{"changed": "yes"}}
	policy := vault.Policy{SecretProperties: &vault.SecretProperties{ContentType: "application/x-pem-file"}}
	backedUp, _ := v.BackupCertificate(ctx, name, options...)
	sent := []*vault.Exchange{
		v.GetCertificateVersions(ctx, name, options...), v.GetCertificatePolicy(ctx, name, options...),
		v.UpdateCertificatePolicy(ctx, name, policy, options...), v.UpdateCertificate(ctx, name, tags, options...),
		backedUp, v.RestoreCertificate(ctx, "bm90IGEgYmFja3VwIG9mIGEgY2VydGlmaWNhdGU", options...),
		v.GetDeletedCertificates(ctx, options...), v.GetDeletedCertificate(ctx, name, options...),
		v.RecoverDeletedCertificate(ctx, name, options...), v.PurgeDeletedCertificate(ctx, name, options...),
		v.GetContacts(ctx, options...), v.GetIssuers(ctx, options...), v.GetIssuer(ctx, name, options...),
	}
	if version != "" {
		sent = append(sent, v.GetCertificateVersion(ctx, name, version, options...), v.UpdateCertificateVersion(ctx, name, version, tags, options...))
	}
	return append(sent, v.DeleteCertificate(ctx, name, options...))
}
