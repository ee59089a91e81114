package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// UpdateMembers updates a certificate with every member that the table has for an update in one request, and reads it.
type UpdateMembers struct {
	Made  []*vault.Exchange
	Plain *vault.Exchange
	// Unversioned is the plain update by the path without a version, sent where the other is rejected.
	Unversioned *vault.Exchange
	Together    []*vault.Exchange
	// Alone are updates with one member each, sent where one with many is rejected.
	Alone   []*vault.Exchange
	Current []*vault.Exchange
}

// Play updates a certificate of its own with each request.
func (p *UpdateMembers) Play(ctx context.Context, env *Env) error {
	name, version, err := p.make(ctx, env, "update-plain")
	if err != nil {
		return err
	}
	plain := vault.UpdateParameters{Tags: map[string]string{"plain": "yes"}}
	p.Plain = env.Vault.Update(ctx, name, version, plain)
	if !p.Plain.Succeeded() && !p.Plain.Failed() {
		p.Unversioned = env.Vault.Update(ctx, name, "", plain)
	}
	table := env.sendingOf(ctx, nameOf[UpdateMembers](), func(_, purpose string, options ...vault.Option) (*vault.Exchange, error) {
		name, version, err := p.make(ctx, env, "update-"+purpose)
		if err != nil {
			return nil, err
		}
		if p.Unversioned.Succeeded() {
			version = ""
		}
		sent := env.Vault.Update(ctx, name, version, map[string]any{}, options...)
		if sent.Succeeded() {
			p.Current = append(p.Current, env.Vault.GetCertificate(ctx, name))
		}
		return sent, nil
	})
	p.Together, p.Alone, err = table.together("version")
	return err
}

// make makes a certificate with tags, and returns its version.
func (p *UpdateMembers) make(ctx context.Context, env *Env, purpose string) (name, version string, err error) {
	if name, err = env.Name(purpose); err != nil {
		return "", "", err
	}
	made, err := env.supply(ctx, name, stock{tags: map[string]string{"made": "before"}})
	p.Made = append(p.Made, made...)
	if err != nil {
		return "", "", err
	}
	read := env.Vault.GetCertificate(ctx, name)
	p.Made = append(p.Made, read)
	return name, versionOf(read), env.Must(read)
}
