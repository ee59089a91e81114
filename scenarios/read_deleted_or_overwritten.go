package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// DeletedRequest deletes a request in progress and looks for it with and without its request_id, also when another
// request has taken its place.
type DeletedRequest struct {
	Created       *vault.Exchange
	Read          *vault.Exchange
	Matched       *vault.Exchange
	NeverExisted  *vault.Exchange
	Deleted       *vault.Exchange
	ReadAfter     *vault.Exchange
	FilteredAfter *vault.Exchange
	Recreated     *vault.Exchange
	OldFilter     *vault.Exchange
}

// Play shows that the request is there before it deletes it.
func (p *DeletedRequest) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "deleted", "never")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = env.Create(ctx, name, ManualRequest("CN=deleted.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Read = env.Vault.GetPending(ctx, name)
	id := RequestID(p.Created, p.Read)
	if id != "" {
		p.Matched = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.NeverExisted = env.Vault.GetPending(ctx, names[1])
	p.Deleted = env.deletePending(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	p.ReadAfter = env.Vault.GetPending(ctx, name)
	if id != "" {
		p.FilteredAfter = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.Recreated = env.Create(ctx, name, ManualRequest("CN=deleted.example.com"))
	if id != "" {
		p.OldFilter = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	return nil
}

// DeletedAfterCompletion deletes the pending object of a request that has completed, and looks for the certificate.
type DeletedAfterCompletion struct {
	Created     *vault.Exchange
	Polls       []*vault.Exchange
	Deleted     *vault.Exchange
	ReadAfter   *vault.Exchange
	Certificate *vault.Exchange
}

// Play waits for a certificate that completes by itself.
func (p *DeletedAfterCompletion) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("outlived")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=outlived.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Deleted = env.deletePending(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	p.ReadAfter = env.Vault.GetPending(ctx, name)
	p.Certificate = env.Vault.GetCertificate(ctx, name)
	return nil
}

// OverwrittenRequest overwrites a request that has completed by a new one, and tries the same on one in progress.
type OverwrittenRequest struct {
	Created     *vault.Exchange
	Polls       []*vault.Exchange
	Matched     *vault.Exchange
	Overwriting *vault.Exchange
	OldFilter   *vault.Exchange
	NewRead     *vault.Exchange
	NewFilter   *vault.Exchange
	Refused     *vault.Exchange
	Kept        *vault.Exchange
}

// Play overwrites with a request that the client signs itself, so that it is still there when it is read.
func (p *OverwrittenRequest) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("overwritten")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=overwritten.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	id := RequestID(p.Created, p.Polls[len(p.Polls)-1])
	if id != "" {
		p.Matched = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.Overwriting = env.Create(ctx, name, ManualRequest("CN=overwriting.example.com"))
	if err := env.Must(p.Overwriting); err != nil {
		return err
	}
	if id != "" {
		p.OldFilter = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.NewRead = env.Vault.GetPending(ctx, name)
	if RequestID(p.Overwriting) != "" {
		p.NewFilter = env.Vault.GetPending(ctx, name, filterOf(p.Overwriting)...)
	}
	p.Refused = env.Create(ctx, name, ManualRequest("CN=third.example.com"))
	p.Kept = env.Vault.GetPending(ctx, name, filterOf(p.Overwriting)...)
	return nil
}

// ImportedOver imports under a name whose request has completed, and looks for that request.
type ImportedOver struct {
	Created   *vault.Exchange
	Polls     []*vault.Exchange
	Imported  *vault.Exchange
	ReadAfter *vault.Exchange
}

// Play waits for a certificate that completes by itself.
func (p *ImportedOver) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("importedover")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=importedover.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	if p.Imported, err = importOver(ctx, env, name); err != nil {
		return err
	}
	p.ReadAfter = env.Vault.GetPending(ctx, name, filterOf(p.Created)...)
	return nil
}
