package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CompanionLife follows the key and the secret of a certificate that is disabled and enabled, whose policy is changed, and that
// gets a second version.
type CompanionLife struct {
	Made   []*vault.Exchange
	Read   *vault.Exchange
	Key    *vault.Exchange
	Secret *vault.Exchange

	Disabled       *vault.Exchange
	DisabledKey    *vault.Exchange
	DisabledSecret *vault.Exchange
	Enabled        *vault.Exchange
	EnabledSecret  *vault.Exchange

	// Policy asks for PEM from the next version on.
	Policy       *vault.Exchange
	PolicySecret *vault.Exchange

	Next []*vault.Exchange
	// DuringKey and DuringSecret are read without a version while the second version is in progress.
	DuringKey    *vault.Exchange
	DuringSecret *vault.Exchange

	NextRead       *vault.Exchange
	NextKey        *vault.Exchange
	NextSecret     *vault.Exchange
	PreviousSecret *vault.Exchange
}

// Play goes on with whatever the target accepts.
func (p *CompanionLife) Play(ctx context.Context, env *Env) error {
	made, name, err := env.companionsOf(ctx, "companionlife", func(policy *vault.Policy) {
		policy.SecretProperties = &vault.SecretProperties{ContentType: "application/x-pkcs12"}
	})
	p.Made, p.Read, p.Key, p.Secret = made.made, made.read, made.key, made.secret
	if err != nil || !p.Read.Succeeded() {
		return err
	}
	p.switchOff(ctx, env, name, &made)
	p.Policy = env.Vault.UpdateCertificatePolicy(ctx, name, vault.Policy{SecretProperties: &vault.SecretProperties{ContentType: "application/x-pem-file"}})
	if p.Policy.Succeeded() {
		p.PolicySecret = made.secretAgain(ctx, env, name)
	}
	return p.renew(ctx, env, name, &made)
}

// switchOff disables the certificate and enables it again.
func (p *CompanionLife) switchOff(ctx context.Context, env *Env, name string, made *companioned) {
	set := func(enabled bool) *vault.Exchange {
		body := vault.UpdateParameters{Attributes: &vault.Attributes{Enabled: &enabled}}
		if version := versionOf(p.Read); version != "" {
			return env.Vault.UpdateCertificateVersion(ctx, name, version, body)
		}
		return env.Vault.UpdateCertificate(ctx, name, body)
	}
	p.Disabled = set(false)
	if !p.Disabled.Succeeded() {
		return
	}
	p.DisabledKey, p.DisabledSecret = made.keyAgain(ctx, env, name), made.secretAgain(ctx, env, name)
	p.Enabled = set(true)
	p.EnabledSecret = made.secretAgain(ctx, env, name)
}

// renew makes the second version by hand, and reads key and secret by their names meanwhile.
func (p *CompanionLife) renew(ctx context.Context, env *Env, name string, first *companioned) error {
	created := env.Create(ctx, name, ManualRequest("CN=companionlife.example.com"))
	if p.Next = append(p.Next, created); !created.Succeeded() {
		return failureOf(created)
	}
	p.DuringKey, p.DuringSecret = env.Vault.GetKey(ctx, name), env.Vault.GetSecret(ctx, name)
	next := companioned{}
	err := next.merge(ctx, env, name, created)
	p.Next = append(p.Next, next.made...)
	if err != nil {
		return err
	}
	err = next.readAll(ctx, env, name)
	p.NextRead, p.NextKey, p.NextSecret = next.read, next.key, next.secret
	if first.secret == first.atSid { // by name there is none but the current one
		p.PreviousSecret = env.Vault.Follow(ctx, vault.GetSecret, first.read.Text("sid"))
	}
	return err
}

// CompanionsChanged tries to change the key and the secret of a certificate, which only the certificate may be, and then
// deletes the certificate and recovers it.
type CompanionsChanged struct {
	Made   []*vault.Exchange
	Read   *vault.Exchange
	Key    *vault.Exchange
	Secret *vault.Exchange

	SetSecret     *vault.Exchange
	DeletedSecret *vault.Exchange
	DeletedKey    *vault.Exchange
	KeyAfter      *vault.Exchange
	SecretAfter   *vault.Exchange

	Deleted     *vault.Exchange
	GoneKeys    []*vault.Exchange
	GoneSecrets []*vault.Exchange
	// Recovered are recoveries until one is not a conflict.
	Recovered   []*vault.Exchange
	BackKeys    []*vault.Exchange
	BackSecrets []*vault.Exchange
}

// Play sends first what must be refused, since the certificate may be gone if it is not.
func (p *CompanionsChanged) Play(ctx context.Context, env *Env) error {
	made, name, err := env.companionsOf(ctx, "companionschanged", func(*vault.Policy) {})
	p.Made, p.Read, p.Key, p.Secret = made.made, made.read, made.key, made.secret
	if err != nil || !p.Read.Succeeded() {
		return err
	}
	key := func() *vault.Exchange { return made.keyAgain(ctx, env, name) }
	secret := func() *vault.Exchange { return made.secretAgain(ctx, env, name) }
	p.SetSecret = env.Vault.SetSecret(ctx, name, "a value that protects nothing", vault.Deliberate())
	p.DeletedSecret = env.Vault.DeleteSecret(ctx, name, vault.Deliberate())
	p.DeletedKey = env.Vault.DeleteKey(ctx, name, vault.Deliberate())
	p.KeyAfter, p.SecretAfter = key(), secret()
	if !p.KeyAfter.Succeeded() || !p.SecretAfter.Succeeded() {
		return nil
	}
	if p.Deleted = env.Vault.DeleteCertificate(ctx, name); !p.Deleted.Succeeded() {
		return failureOf(p.Deleted)
	}
	gone := func(e *vault.Exchange) bool { return !e.Succeeded() }
	p.GoneKeys = env.await(ctx, "the end of the key", key, gone)
	p.GoneSecrets = env.await(ctx, "the end of the secret", secret, gone)
	if env.Vault.Claims("soft-delete") && !SoftDeleted(p.Deleted) {
		return nil
	}
	p.Recovered = env.await(ctx, "the recovery of the certificate",
		func() *vault.Exchange { return env.Vault.RecoverDeletedCertificate(ctx, name) }, (*vault.Exchange).Succeeded)
	if !Last(p.Recovered).Succeeded() {
		return nil
	}
	p.BackKeys = env.await(ctx, "the recovered key", key, (*vault.Exchange).Succeeded)
	p.BackSecrets = env.await(ctx, "the recovered secret", secret, (*vault.Exchange).Succeeded)
	return nil
}
