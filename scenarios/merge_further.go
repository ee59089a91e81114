package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// MergeElliptic merges a certificate for a request that says more than the least: an EC key, a validity and tags. Then it
// merges once more.
type MergeElliptic struct {
	Created *vault.Exchange
	Before  *vault.Exchange
	Merged  *vault.Exchange
	Current *vault.Exchange
	Again   *vault.Exchange
	AtLast  *vault.Exchange
}

// Play merges a leaf whose validity is another than the policy's, without tags.
func (p *MergeElliptic) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergeelliptic")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=merge-elliptic.example.com")
	request.Policy.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-256"}
	request.Policy.X509Properties.ValidityMonths = 7
	request.Tags = map[string]string{"purpose": "conformance"}
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	if p.Merged, err = mergeFor(ctx, env, name, p.Created, p.Before); err != nil {
		return err
	}
	if err := env.Must(p.Merged); err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	if p.Again, err = mergeFor(ctx, env, name, p.Created, p.Before); err != nil {
		return err
	}
	p.AtLast = env.Vault.GetCertificate(ctx, name)
	return nil
}

// MergeAfterDeletion merges a certificate for a request whose pending object was deleted.
type MergeAfterDeletion struct {
	Created *vault.Exchange
	Before  *vault.Exchange
	Deleted *vault.Exchange
	Merged  *vault.Exchange
	Current *vault.Exchange
}

// Play has the right certificate for the request that is gone.
func (p *MergeAfterDeletion) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergedeleted")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=merge-deleted.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	p.Deleted = env.Vault.DeletePending(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	if p.Merged, err = mergeFor(ctx, env, name, p.Created, p.Before); err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	return nil
}
