package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/members"
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
	Alone    []*vault.Exchange
	Pending  []*vault.Exchange
	Looks    []*vault.Exchange
	Policies []*vault.Exchange
	// Unreadable are reads of policies that were rejected before the request was merged, Merged the merges.
	Unreadable []*vault.Exchange
	Merged     []*vault.Exchange
	Current    []*vault.Exchange
}

// createBodies are the requests of CreateMembers, by the name that the table gives them.
func createBodies() []struct{ name, issuer string } {
	return []struct{ name, issuer string }{{"manual", Unknown}, {"elliptic", Unknown}, {"self", Self}}
}

// Play sends the members together, and one by one those of a request that is rejected.
func (p *CreateMembers) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("memberless")
	if err != nil {
		return err
	}
	p.Plain = env.Create(ctx, name, ManualRequest("CN=memberless.example.com"))
	table := members.Of(nameOf[CreateMembers]())
	for _, body := range createBodies() {
		if err := p.together(ctx, env, table.Members, body.name, body.issuer); err != nil {
			return err
		}
	}
	return nil
}

func (p *CreateMembers) together(ctx context.Context, env *Env, table []members.Member, body, issuer string) error {
	var carried []members.Member
	var options []vault.Option
	for _, member := range table {
		if member.Carried(body) && env.knows(member.Since) {
			carried = append(carried, member)
			options = append(options, vault.Set(member.Path, member.Value))
		}
	}
	name, err := env.Name("members-" + body)
	if err != nil {
		return err
	}
	request := requestOf("CN=members.example.com", issuer)
	if body == "elliptic" {
		request.Policy.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-256"}
	}
	created := env.Create(ctx, name, request, options...)
	p.Together = append(p.Together, created)
	if created.Succeeded() || created.Failed() {
		return p.read(ctx, env, name, created, issuer)
	}
	for _, member := range carried {
		if name, err = env.Name(body + "-" + member.Name); err != nil {
			return err
		}
		alone := env.Create(ctx, name, request, vault.Set(member.Path, member.Value))
		p.Alone = append(p.Alone, alone)
		if err := p.read(ctx, env, name, alone, issuer); err != nil {
			return err
		}
	}
	return nil
}

// read reads what came of a create.
func (p *CreateMembers) read(ctx context.Context, env *Env, name string, created *vault.Exchange, issuer string) error {
	if !created.Succeeded() {
		return nil
	}
	p.Pending = append(p.Pending, env.Vault.GetPending(ctx, name))
	if issuer != Self {
		return p.policy(ctx, env, name, created)
	}
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
