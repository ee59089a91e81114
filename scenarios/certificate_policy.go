package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CertificatePolicy changes the policies of certificates that were merged: with every member that the table has for a PATCH,
// with illegal values, and with read-only members. It then creates the next version with the changed policy.
type CertificatePolicy struct {
	// Created and Merged make one certificate for each policy that is changed.
	Created []*vault.Exchange
	Merged  []*vault.Exchange
	// Before is the policy before a PATCH that is to be accepted, Plain that PATCH, which sends what is there already.
	Before *vault.Exchange
	Plain  *vault.Exchange
	// Illegal are PATCHes with one illegal value each, Unchanged the policy after them.
	Illegal   []*vault.Exchange
	Unchanged *vault.Exchange
	ReadOnly  *vault.Exchange
	Together  []*vault.Exchange
	// Alone are PATCHes with one member each, sent where one with many is rejected.
	Alone    []*vault.Exchange
	Policies []*vault.Exchange
	Next     *vault.Exchange
	// Whole gives each group of another policy a member that is not its default; Part and Member are PATCHes of it that send one
	// member alone, each with a read after it.
	Whole      *vault.Exchange
	Part       *vault.Exchange
	PartRead   *vault.Exchange
	Member     *vault.Exchange
	MemberRead *vault.Exchange
	// Half is a PATCH of the same policy with one illegal value among legal ones, HalfRead a read after it.
	Half     *vault.Exchange
	HalfRead *vault.Exchange
	// Untouched is the policy of the first certificate after the PATCHes of the others.
	Untouched *vault.Exchange
	// UnknownRead and UnknownPatched are of a name that never existed.
	UnknownRead    *vault.Exchange
	UnknownPatched *vault.Exchange
}

// Play changes each policy on a certificate of its own, so that one PATCH says nothing of another.
func (p *CertificatePolicy) Play(ctx context.Context, env *Env) error {
	plain, err := env.Name("policy-plain")
	if err != nil {
		return err
	}
	if err := p.make(ctx, env, plain); err != nil {
		return err
	}
	if err := env.Must(p.Created[0]); err != nil {
		return err
	}
	pkcs12 := vault.Policy{SecretProperties: &vault.SecretProperties{ContentType: "application/x-pkcs12"}}
	p.Before = env.Vault.GetCertificatePolicy(ctx, plain)
	p.Plain = env.Vault.UpdateCertificatePolicy(ctx, plain, pkcs12)
	rsa := ""
	table := env.sendingOf(ctx, nameOf[CertificatePolicy](), func(kind, purpose string, options ...vault.Option) (*vault.Exchange, error) {
		if kind == "illegal" {
			return env.Vault.UpdateCertificatePolicy(ctx, plain, vault.Policy{}, options...), nil
		}
		name, patched, err := p.patch(ctx, env, kind, purpose, options...)
		if patched.Succeeded() && kind == "rsa" && rsa == "" && p.free() {
			rsa = name
		}
		return patched, err
	})
	if p.Illegal, err = table.illegal(); err != nil {
		return err
	}
	p.Unchanged = env.Vault.GetCertificatePolicy(ctx, plain)
	p.ReadOnly = env.Vault.UpdateCertificatePolicy(ctx, plain, pkcs12, vault.Set("id", "https://elsewhere.example/policy"),
		vault.Set("attributes.created", 1), vault.Set("attributes.updated", 1))
	for _, kind := range []string{"rsa", "elliptic", "koblitz"} {
		together, alone, err := table.together(kind)
		p.Together, p.Alone = append(p.Together, together...), append(p.Alone, alone...)
		if err != nil {
			return err
		}
	}
	if rsa != "" {
		p.Next = env.Vault.CreateCertificate(ctx, rsa, vault.CreateParameters{})
	}
	p.Untouched = env.Vault.GetCertificatePolicy(ctx, plain)
	if err := p.parts(ctx, env); err != nil {
		return err
	}
	return p.unknown(ctx, env, pkcs12)
}

// patch changes the policy of a certificate of its own, and reads it where that is accepted.
func (p *CertificatePolicy) patch(ctx context.Context, env *Env, kind, purpose string, options ...vault.Option) (string, *vault.Exchange, error) {
	name, err := env.Name("policy-" + purpose)
	if err != nil {
		return "", nil, err
	}
	if err := p.make(ctx, env, name); err != nil {
		return name, nil, err
	}
	body := vault.Policy{}
	if kind != "rsa" {
		body.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-256"}
	}
	patched := env.Vault.UpdateCertificatePolicy(ctx, name, body, options...)
	if patched.Succeeded() {
		p.Policies = append(p.Policies, env.Vault.GetCertificatePolicy(ctx, name))
	}
	return name, patched, nil
}

// parts changes one member of a policy at a time, where each group has members that are not sent.
func (p *CertificatePolicy) parts(ctx context.Context, env *Env) error {
	name, err := env.Name("policy-parts")
	if err != nil {
		return err
	}
	if err := p.make(ctx, env, name); err != nil {
		return err
	}
	patch := func(options ...vault.Option) *vault.Exchange {
		return env.Vault.UpdateCertificatePolicy(ctx, name, vault.Policy{}, options...)
	}
	p.Whole = patch(vault.Set("key_props.reuse_key", true), vault.Set("secret_props.contentType", "application/x-pem-file"),
		vault.Set("x509_props.sans.dns_names", []string{"parts.example.com"}), vault.Set("x509_props.validity_months", 15),
		vault.Set("lifetime_actions", []any{map[string]any{
			"trigger": map[string]any{"days_before_expiry": 40}, "action": map[string]any{"action_type": "EmailContacts"},
		}}))
	p.Part = patch(vault.Set("key_props.exportable", false))
	p.PartRead = env.Vault.GetCertificatePolicy(ctx, name)
	p.Member = patch(vault.Set("x509_props.validity_months", 17))
	p.MemberRead = env.Vault.GetCertificatePolicy(ctx, name)
	p.Half = patch(vault.Set("secret_props.contentType", "application/x-pkcs12"), vault.Set("x509_props.validity_months", 13),
		vault.Set("key_props.key_size", 1234), vault.Deliberate())
	p.HalfRead = env.Vault.GetCertificatePolicy(ctx, name)
	return nil
}

func (p *CertificatePolicy) unknown(ctx context.Context, env *Env, body vault.Policy) error {
	name, err := env.Name("policy-unknown")
	if err != nil {
		return err
	}
	p.UnknownRead = env.Vault.GetCertificatePolicy(ctx, name)
	p.UnknownPatched = env.Vault.UpdateCertificatePolicy(ctx, name, body)
	return nil
}

// free reports whether the last request was merged or has ended otherwise, so that a create is no conflict.
func (p *CertificatePolicy) free() bool {
	created := Last(p.Created)
	merged := len(p.Merged) > 0 && Last(p.Merged).Succeeded() && Last(p.Merged).Started.After(created.Started)
	return merged || !InProgress(created)
}

// make makes a certificate by hand, so that no issuer is needed and no request is in progress.
func (p *CertificatePolicy) make(ctx context.Context, env *Env, name string) error {
	created := env.Create(ctx, name, ManualRequest("CN=policy.example.com"))
	p.Created = append(p.Created, created)
	if created.Failure != nil {
		return created.Failure
	}
	if !Signable(created) {
		return nil
	}
	merged, err := mergeFor(ctx, env, name, created)
	if err != nil {
		return err
	}
	p.Merged = append(p.Merged, merged)
	return nil
}
