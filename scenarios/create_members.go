package scenarios

import (
	"context"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CreateMembers sends every member of a create that the table of members has, with a value that is not its default, and
// reads whatever has to show it: the policy, the operation, and the certificate that the vault signs itself.
type CreateMembers struct {
	Plain *vault.Exchange
	// Together are the creates that carry many members each.
	Together []*vault.Exchange
	// Alone are creates with one member each, sent where a create with many is rejected, so that a member that is rejected
	// hides no other.
	Alone []*vault.Exchange
	// Illegal are creates with one illegal value each.
	Illegal  []*vault.Exchange
	Pending  []*vault.Exchange
	Looks    []*vault.Exchange
	Policies []*vault.Exchange
	// Unreadable are reads of policies that were rejected before the request was merged, Merged the merges.
	Unreadable []*vault.Exchange
	Merged     []*vault.Exchange
	Current    []*vault.Exchange
}

// Play sends the members together, and one by one those of a request that is rejected.
func (p *CreateMembers) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("memberless")
	if err != nil {
		return err
	}
	p.Plain = env.Create(ctx, name, ManualRequest("CN=memberless.example.com"))
	var issuing []string // waited for together, after everything else was sent
	table := env.sendingOf(ctx, nameOf[CreateMembers](), func(kind, purpose string, options ...vault.Option) (*vault.Exchange, error) {
		name, err := env.Name(purpose)
		if err != nil {
			return nil, err
		}
		created := env.Create(ctx, name, membersRequest(kind), options...)
		if !created.Succeeded() || created.Request.Deliberate {
			return created, nil
		}
		p.Pending = append(p.Pending, env.Vault.GetPending(ctx, name))
		if strings.HasPrefix(kind, "self") {
			issuing = append(issuing, name)
			return created, nil
		}
		return created, p.policy(ctx, env, name, created)
	})
	if p.Illegal, err = table.illegal(); err != nil {
		return err
	}
	for _, kind := range []string{"manual", "elliptic", "self", "limits", "elliptic-limits", "koblitz", "self-limits"} {
		together, alone, err := table.together(kind)
		p.Together, p.Alone = append(p.Together, together...), append(p.Alone, alone...)
		if err != nil {
			return err
		}
	}
	for _, name := range issuing {
		if err := p.issued(ctx, env, name); err != nil {
			return err
		}
	}
	return nil
}

// membersRequest is the create that carries members of a kind, without them.
func membersRequest(kind string) vault.CreateParameters {
	issuer := Unknown
	if strings.HasPrefix(kind, "self") {
		issuer = Self
	}
	request := requestOf("CN=members.example.com", issuer)
	if strings.HasPrefix(kind, "elliptic") || kind == "koblitz" {
		request.Policy.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-256"}
	}
	return request
}

// issued waits for a certificate that the vault signs itself and reads it.
func (p *CreateMembers) issued(ctx context.Context, env *Env, name string) error {
	looks, err := env.AwaitEnd(ctx, name)
	p.Looks = append(p.Looks, looks...)
	if err != nil {
		return err
	}
	p.Current = append(p.Current, env.Vault.GetCertificate(ctx, name))
	p.Policies = append(p.Policies, env.Vault.GetCertificatePolicy(ctx, name))
	return nil
}

// policy reads the policy of a manual request. Where it cannot be read while the request is in progress, the request is
// merged first.
func (p *CreateMembers) policy(ctx context.Context, env *Env, name string, created *vault.Exchange) error {
	policy := env.Vault.GetCertificatePolicy(ctx, name)
	if policy.Failed() || policy.Succeeded() {
		p.Policies = append(p.Policies, policy)
		return nil
	}
	p.Unreadable = append(p.Unreadable, policy)
	merged, err := mergeFor(ctx, env, name, created)
	if err != nil {
		return err
	}
	p.Merged = append(p.Merged, merged)
	if merged.Succeeded() {
		p.Policies = append(p.Policies, env.Vault.GetCertificatePolicy(ctx, name))
	}
	return nil
}
