package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CompanionNames makes a secret and a key that belong to no certificate, and tries to create certificates under their names.
type CompanionNames struct {
	// Plain is a create under a name that is free.
	Plain *vault.Exchange

	Secret       *vault.Exchange
	SecretTaken  *vault.Exchange
	SecretAfter  *vault.Exchange
	SecretPurged []*vault.Exchange

	Key       *vault.Exchange
	KeyTaken  *vault.Exchange
	KeyAfter  *vault.Exchange
	KeyPurged []*vault.Exchange
}

// Play removes the secret and the key again, so that the rules see it. They are in the ledger for a run that is killed before.
func (p *CompanionNames) Play(ctx context.Context, env *Env) error {
	if err := env.claimsCompanions(ctx); err != nil {
		return err
	}
	names, err := namesFor(env, "namefree", "nameofsecret", "nameofkey")
	if err != nil {
		return err
	}
	p.Plain = env.Create(ctx, names[0], ManualRequest("CN=namefree.example.com"))
	taken := func(name string) *vault.Exchange {
		return env.Create(ctx, name, ManualRequest("CN="+name+".example.com"), vault.Deliberate())
	}
	if err := noted(names[1], env.NoteSecret); err != nil {
		return err
	}
	if err := noted(names[2], env.NoteKey); err != nil {
		return err
	}
	lasting := context.WithoutCancel(ctx) // an interrupted run removes what it made
	if p.Secret = env.Vault.SetSecret(ctx, names[1], "a value that protects nothing"); p.Secret.Succeeded() {
		p.SecretTaken, p.SecretAfter = taken(names[1]), env.Vault.GetSecret(ctx, names[1])
		p.SecretPurged = removeCompanion(lasting, env, names[1], env.Vault.DeleteSecret, env.Vault.PurgeSecret)
	}
	if p.Key = env.Vault.CreateKey(ctx, names[2]); p.Key.Succeeded() {
		p.KeyTaken, p.KeyAfter = taken(names[2]), env.Vault.GetKey(ctx, names[2])
		p.KeyPurged = removeCompanion(lasting, env, names[2], env.Vault.DeleteKey, env.Vault.PurgeKey)
	}
	return nil
}

// noted writes a name to the ledger if there is one.
func noted(name string, note func(name string) error) error {
	if note == nil {
		return nil
	}
	return note(name)
}

// removeCompanion deletes a key or a secret of its own, and purges it where the vault keeps it.
func removeCompanion(ctx context.Context, env *Env, name string, remove, purge func(context.Context, string, ...vault.Option) *vault.Exchange) []*vault.Exchange {
	removed := remove(ctx, name)
	sent := []*vault.Exchange{removed}
	if !removed.Succeeded() || removed.Member("recoveryId") == nil || !env.Vault.Claims("purge") {
		return sent
	}
	return append(sent, env.await(ctx, "the end of "+name, func() *vault.Exchange { return purge(ctx, name) }, (*vault.Exchange).Succeeded)...)
}
