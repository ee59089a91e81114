package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ImportMembers imports a file with every member that the table has for an import, and reads what came of it.
type ImportMembers struct {
	Plain    *vault.Exchange
	Illegal  []*vault.Exchange
	Together []*vault.Exchange
	// Alone are imports with one member each, sent where one with many is rejected.
	Alone    []*vault.Exchange
	Current  []*vault.Exchange
	Policies []*vault.Exchange
}

// Play imports one file under names of their own.
func (p *ImportMembers) Play(ctx context.Context, env *Env) error {
	file, err := env.Importable(ctx, "CN=import-members.example.com")
	if err != nil {
		return err
	}
	name, err := env.Name("import-plain")
	if err != nil {
		return err
	}
	p.Plain = env.Vault.ImportCertificate(ctx, name, file)
	table := env.sendingOf(ctx, nameOf[ImportMembers](), func(_, purpose string, options ...vault.Option) (*vault.Exchange, error) {
		name, err := env.Name("import-" + purpose)
		if err != nil {
			return nil, err
		}
		sent := env.Vault.ImportCertificate(ctx, name, file, options...)
		if sent.Succeeded() && !sent.Request.Deliberate {
			p.Current = append(p.Current, env.Vault.GetCertificate(ctx, name))
			p.Policies = append(p.Policies, env.Vault.GetCertificatePolicy(ctx, name))
		}
		return sent, nil
	})
	if p.Illegal, err = table.illegal(); err != nil {
		return err
	}
	together, alone, err := table.together("file")
	p.Together, p.Alone = append(p.Together, together...), append(p.Alone, alone...)
	return err
}
