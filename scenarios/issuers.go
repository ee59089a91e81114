package scenarios

import (
	"context"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// SetIssuers sets issuers with every member that the table has, sets one again with less, lists them, and deletes one.
type SetIssuers struct {
	Plain    *vault.Exchange
	Together []*vault.Exchange
	// Alone set issuers with one member each, sent where one with many is rejected.
	Alone []*vault.Exchange
	Reads []*vault.Exchange
	// NoProvider leaves the provider out, Unknown reads an issuer that never existed.
	NoProvider *vault.Exchange
	Unknown    *vault.Exchange
	OtherCase  *vault.Exchange
	Listed     []*vault.Exchange
	// Paged is the list with one issuer a page.
	Paged []*vault.Exchange
	// First is the issuer before it is set Again with less.
	First       *vault.Exchange
	Again       *vault.Exchange
	AfterAgain  *vault.Exchange
	Deleted     *vault.Exchange
	Gone        *vault.Exchange
	DeletedOnce *vault.Exchange
	ListedAfter []*vault.Exchange
	Removed     []*vault.Exchange
}

// Play deletes at its end whatever it set.
func (p *SetIssuers) Play(ctx context.Context, env *Env) error {
	plain, err := env.IssuerName("issuer-plain")
	if err != nil {
		return err
	}
	provider := OwnIssuer(env.Provider).Provider
	p.Plain = env.Vault.SetIssuer(ctx, plain, vault.IssuerParameters{Provider: provider})
	set := []string{}
	defer func() {
		for _, name := range set {
			p.Removed = append(p.Removed, env.Vault.DeleteIssuer(context.WithoutCancel(ctx), name))
		}
	}()
	table := env.sendingOf(ctx, nameOf[SetIssuers](), func(_, purpose string, options ...vault.Option) (*vault.Exchange, error) {
		name, err := env.IssuerName("issuer-" + purpose)
		if err != nil {
			return nil, err
		}
		body := vault.IssuerParameters{Provider: provider, Credentials: &vault.IssuerCredentials{Password: noSuchPassword, Throwaway: true}}
		sent := env.Vault.SetIssuer(ctx, name, body, options...)
		if sent.Succeeded() {
			set = append(set, name)
			p.Reads = append(p.Reads, env.Vault.GetIssuer(ctx, name))
		}
		return sent, nil
	})
	together, alone, err := table.together("set")
	p.Together, p.Alone = append(p.Together, together...), append(p.Alone, alone...)
	if err != nil {
		return err
	}
	if err := p.others(ctx, env); err != nil {
		return err
	}
	return p.again(ctx, env, plain, provider)
}

// others reads an issuer that does not exist, and sets one without a provider.
func (p *SetIssuers) others(ctx context.Context, env *Env) error {
	unknown, err := env.IssuerName("issuer-unknown")
	if err != nil {
		return err
	}
	p.Unknown = env.Vault.GetIssuer(ctx, unknown)
	p.NoProvider = env.Vault.SetIssuer(ctx, unknown, vault.IssuerParameters{
		Credentials: &vault.IssuerCredentials{AccountID: "kvconform"},
	}, vault.Deliberate())
	if p.NoProvider.Succeeded() {
		p.Removed = append(p.Removed, env.Vault.DeleteIssuer(context.WithoutCancel(ctx), unknown))
	}
	return nil
}

// again sets one issuer twice, and deletes it twice.
func (p *SetIssuers) again(ctx context.Context, env *Env, plain, provider string) error {
	if !p.Plain.Succeeded() {
		return nil
	}
	p.OtherCase = env.Vault.GetIssuer(ctx, strings.ToUpper(plain))
	p.Listed = pages(ctx, env, env.Vault.GetIssuers(ctx))
	p.Paged = pages(ctx, env, env.Vault.GetIssuers(ctx, maxResults(1)))
	p.First = env.Vault.SetIssuer(ctx, plain, OwnIssuer(provider))
	p.Again = env.Vault.SetIssuer(ctx, plain, vault.IssuerParameters{Provider: provider})
	p.AfterAgain = env.Vault.GetIssuer(ctx, plain)
	p.Deleted = env.Vault.DeleteIssuer(context.WithoutCancel(ctx), plain)
	p.Gone = env.Vault.GetIssuer(ctx, plain)
	p.DeletedOnce = env.Vault.DeleteIssuer(context.WithoutCancel(ctx), plain)
	p.ListedAfter = pages(ctx, env, env.Vault.GetIssuers(ctx))
	return nil
}

// IssuersChanged changes issuers with every member that the table has for a PATCH, and one with a single member, which has to
// keep the others.
type IssuersChanged struct {
	// Set are the issuers before they are changed; Before is that of Plain, which changes its account alone.
	Set    []*vault.Exchange
	Before *vault.Exchange
	Plain  *vault.Exchange
	After  *vault.Exchange
	// Disabled changes whether the same issuer is enabled, and nothing else.
	Disabled      *vault.Exchange
	AfterDisabled *vault.Exchange
	Unknown       *vault.Exchange
	Together      []*vault.Exchange
	Alone         []*vault.Exchange
	Reads         []*vault.Exchange
	Removed       []*vault.Exchange
}

// Play deletes at its end whatever it set.
func (p *IssuersChanged) Play(ctx context.Context, env *Env) error {
	var set []string
	defer func() {
		for _, name := range set {
			p.Removed = append(p.Removed, env.Vault.DeleteIssuer(context.WithoutCancel(ctx), name))
		}
	}()
	issuer := func(purpose string) (string, *vault.Exchange, error) {
		name, err := env.IssuerName("changed-" + purpose)
		if err != nil {
			return "", nil, err
		}
		made := env.Vault.SetIssuer(ctx, name, OwnIssuer(env.Provider))
		if made.Succeeded() {
			set = append(set, name)
		}
		return name, made, env.Must(made)
	}
	name, before, err := issuer("plain")
	if p.Before = before; err != nil {
		return err
	}
	account := vault.IssuerParameters{Credentials: &vault.IssuerCredentials{
		AccountID: "kvconform-plain-account", Password: noSuchPassword, Throwaway: true,
	}}
	p.Plain = env.Vault.UpdateIssuer(ctx, name, account)
	p.After = env.Vault.GetIssuer(ctx, name)
	p.Disabled = env.Vault.UpdateIssuer(ctx, name, vault.IssuerParameters{}, vault.Set("attributes.enabled", false))
	p.AfterDisabled = env.Vault.GetIssuer(ctx, name)
	unknown, err := env.IssuerName("changed-unknown")
	if err != nil {
		return err
	}
	p.Unknown = env.Vault.UpdateIssuer(ctx, unknown, account)
	table := env.sendingOf(ctx, nameOf[IssuersChanged](), func(_, purpose string, options ...vault.Option) (*vault.Exchange, error) {
		name, made, err := issuer(purpose)
		if made != nil {
			p.Set = append(p.Set, made)
		}
		if err != nil {
			return nil, err
		}
		sent := env.Vault.UpdateIssuer(ctx, name, vault.IssuerParameters{}, options...)
		if sent.Succeeded() {
			p.Reads = append(p.Reads, env.Vault.GetIssuer(ctx, name))
		}
		return sent, nil
	})
	together, alone, err := table.together("patch")
	p.Together, p.Alone = append(p.Together, together...), append(p.Alone, alone...)
	return err
}
