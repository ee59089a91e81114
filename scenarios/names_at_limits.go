package scenarios

import (
	"context"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// longestName is the documented limit of a name, in characters.
const longestName = 127

// NamesAtLimits creates under the longest legal name, and creates and imports under names that are not legal.
type NamesAtLimits struct {
	Plain         *vault.Exchange
	PlainImport   *vault.Exchange
	Longest       *vault.Exchange
	TooLong       *vault.Exchange
	Dotted        *vault.Exchange
	ImportTooLong *vault.Exchange
	ImportInvalid *vault.Exchange
	// Removed takes away whatever an illegal name was given: a ledger holds valid names alone.
	Removed []*vault.Exchange
}

// Play makes the long name of a name of the run, so that a sweep knows it.
func (p *NamesAtLimits) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "limit", "limitimport")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=names.example.com")
	p.Plain = env.Create(ctx, names[0], request)
	p.Longest, err = p.longest(ctx, env, names[0], request)
	if err != nil {
		return err
	}
	tooLong := names[0] + strings.Repeat("x", longestName+1-len(names[0]))
	p.TooLong = p.illegal(ctx, env, tooLong, env.Create(ctx, tooLong, request, vault.Deliberate()))
	dotted := names[0] + ".name"
	p.Dotted = p.illegal(ctx, env, dotted, env.Create(ctx, dotted, request, vault.Deliberate()))

	if p.PlainImport, err = importOver(ctx, env, names[1]); err != nil {
		return err
	}
	file, err := env.Importable(ctx, "CN=names.example.com")
	if err != nil {
		return err
	}
	tooLong = names[1] + strings.Repeat("x", longestName+1-len(names[1]))
	p.ImportTooLong = p.illegal(ctx, env, tooLong, env.Vault.ImportCertificate(ctx, tooLong, file, vault.Deliberate()))
	invalid := names[1] + "_name"
	p.ImportInvalid = p.illegal(ctx, env, invalid, env.Vault.ImportCertificate(ctx, invalid, file, vault.Deliberate()))
	return nil
}

// longest creates under a name of the greatest length: the purpose in it is as long as the others leave room for.
func (p *NamesAtLimits) longest(ctx context.Context, env *Env, plain string, request vault.CreateParameters) (*vault.Exchange, error) {
	const purpose = "limit"
	name, err := env.Name(purpose + strings.Repeat("x", max(longestName-len(plain), 0)))
	if err != nil {
		return nil, err
	}
	if len(name) != longestName {
		return nil, unreached("needs a name of %d characters; the names of this run cannot be that long", longestName)
	}
	return env.Create(ctx, name, request), nil
}

func (p *NamesAtLimits) illegal(ctx context.Context, env *Env, name string, sent *vault.Exchange) *vault.Exchange {
	if sent.Succeeded() {
		p.Removed = append(p.Removed,
			env.Vault.DeletePending(ctx, name, vault.Deliberate()),
			env.Vault.DeleteCertificate(ctx, name, vault.Deliberate()),
			env.Vault.PurgeDeletedCertificate(ctx, name, vault.Deliberate()))
	}
	return sent
}
