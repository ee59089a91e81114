package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CreateManually creates a certificate that the client has signed itself and reads the request, at once and later.
type CreateManually struct {
	Created *vault.Exchange
	// Simple is a request for a subject alone, made only if the fuller one is refused.
	Simple   *vault.Exchange
	Read     *vault.Exchange
	Followed *vault.Exchange
	Later    *vault.Exchange
	Elliptic *vault.Exchange
}

// Taken is the create that was accepted, the fuller one where neither was.
func (p *CreateManually) Taken() *vault.Exchange {
	if p.Simple.Succeeded() {
		return p.Simple
	}
	return p.Created
}

// Play asks for a subject of several parts, for names and for a key, so that the CSR has something to say.
func (p *CreateManually) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "manual", "manualelliptic")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=manual.example.com, OU=Certificates, O=Kvconform, C=CH")
	request.Policy.KeyProperties = &vault.KeyProperties{KeyType: "RSA", KeySize: 3072} // no default
	request.Policy.X509Properties.SubjectAlternativeNames = &vault.SubjectAlternativeNames{
		DNSNames: []string{"manual.example.com", "www.manual.example.com"},
	}
	p.Created = env.Create(ctx, names[0], request)
	if p.Created.Failure == nil && !p.Created.Succeeded() {
		if names[0], err = env.Name("manualsimple"); err != nil {
			return err
		}
		p.Simple = env.Create(ctx, names[0], ManualRequest("CN=manual.example.com"))
	}
	created := p.Taken()
	if err := env.Must(created); err != nil {
		return err
	}
	p.Read = env.Vault.GetPending(ctx, names[0])
	p.Followed = env.Vault.Follow(ctx, vault.GetCertificateOperation, created.Response.Header.Get("Location"))

	elliptic := ManualRequest("CN=manual-elliptic.example.com")
	elliptic.Policy.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-256"}
	p.Elliptic = env.Create(ctx, names[1], elliptic)

	if err := env.Clock.Sleep(ctx, env.Polling.Min); err != nil {
		return vault.Ended(ctx)
	}
	p.Later = env.Vault.GetPending(ctx, names[0])
	return nil
}

// CreateWithoutIssuer creates certificates whose policy names no issuer, and one whose issuer has no name.
type CreateWithoutIssuer struct {
	Created *vault.Exchange
	// Polls wait for the end of a request that is somebody else's to complete, where there is no policy before.
	Polls   []*vault.Exchange
	Policy  *vault.Exchange
	Unnamed *vault.Exchange
}

// endsByItself waits for a request that has got another issuer than it should: a vault that has no policy before the end has one
// then.
func (p *CreateWithoutIssuer) endsByItself(ctx context.Context, env *Env, name string) bool {
	issuer, _ := p.Created.Member("issuer").(map[string]any)
	if issuer["name"] == nil || issuer["name"] == Unknown {
		return false
	}
	var err error
	p.Polls, err = env.AwaitEnd(ctx, name)
	return err == nil
}

// Play leaves the issuer out, and then its name.
func (p *CreateWithoutIssuer) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "noissuer", "unnamedissuer")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, names[0], requestOf("CN=no-issuer.example.com", ""))
	if p.Created.Succeeded() {
		p.Policy = env.Vault.GetCertificatePolicy(ctx, names[0])
		if !p.Policy.Succeeded() && !p.Policy.Failed() && p.endsByItself(ctx, env, names[0]) {
			p.Policy = env.Vault.GetCertificatePolicy(ctx, names[0])
		}
	}
	unnamed := requestOf("CN=unnamed-issuer.example.com", "")
	unnamed.Policy.Issuer = &vault.Issuer{}
	p.Unnamed = env.Create(ctx, names[1], unnamed)
	return nil
}
