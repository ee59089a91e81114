package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// DeletePending deletes a request in progress, first with the request_id of another, and then looks for it, deletes it
// again and puts another in its place.
type DeletePending struct {
	// FirstCreated and FirstBefore are of a request that the mismatched deletion deleted; nil if it deleted nothing.
	FirstCreated     *vault.Exchange
	FirstBefore      *vault.Exchange
	Created          *vault.Exchange
	Before           *vault.Exchange
	Mismatched       *vault.Exchange
	AfterMismatched  *vault.Exchange
	Deleted          *vault.Exchange
	After            *vault.Exchange
	AfterByRequestID *vault.Exchange
	DeletedAgain     *vault.Exchange
	NeverExisted     *vault.Exchange
	Certificate      *vault.Exchange
	CreatedAgain     *vault.Exchange
}

// Play takes a request that nothing completes by itself.
func (p *DeletePending) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "deletepending", "deletenothing")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = env.Create(ctx, name, ManualRequest("CN=delete-pending.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	id := RequestID(p.Created, p.Before)
	p.Mismatched = env.Vault.DeletePending(ctx, name, vault.RequestID(anotherRequestID(id)))
	p.AfterMismatched = env.Vault.GetPending(ctx, name)
	if p.Mismatched.Succeeded() && !InProgress(p.AfterMismatched) {
		// The filter was ignored and the request is gone. Another one is needed to go on with.
		p.FirstCreated, p.FirstBefore = p.Created, p.Before
		p.Created = env.Create(ctx, name, ManualRequest("CN=delete-pending.example.com"))
		if err := env.Must(p.Created); err != nil {
			return err
		}
		p.Before = env.Vault.GetPending(ctx, name)
		id = RequestID(p.Created, p.Before)
	}
	p.Deleted = env.deletePending(ctx, name)
	p.After = env.Vault.GetPending(ctx, name)
	if id != "" {
		p.AfterByRequestID = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.DeletedAgain = env.Vault.DeletePending(ctx, name)
	p.NeverExisted = env.Vault.DeletePending(ctx, names[1])
	p.Certificate = env.Vault.GetCertificate(ctx, name)
	p.CreatedAgain = env.Create(ctx, name, ManualRequest("CN=delete-pending-again.example.com"))
	return nil
}

// DeleteByRequestID deletes a request in progress by its request_id, and imports under its name.
type DeleteByRequestID struct {
	Created  *vault.Exchange
	Before   *vault.Exchange
	Deleted  *vault.Exchange
	Imported *vault.Exchange
}

// Play imports only where the deletion was accepted.
func (p *DeleteByRequestID) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("deletebyid")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=delete-by-id.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	id := RequestID(p.Created, p.Before)
	if id == "" {
		return blocked(p.Created, "a request_id")
	}
	p.Deleted = env.deletePending(ctx, name, vault.RequestID(id))
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	p.Imported, err = importOver(ctx, env, name)
	return err
}

// DeleteAfterAsking deletes a request whose cancellation was asked for.
type DeleteAfterAsking struct {
	Created *vault.Exchange
	Asked   []*vault.Exchange
	Deleted *vault.Exchange
}

// Play asks an issuer that keeps its requests in progress.
func (p *DeleteAfterAsking) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	name, err := env.Name("deleteasked")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=delete-asked.example.com", env.Issuers.StaysInProgress))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Asked = askToCancel(ctx, env, name)
	if err := env.Must(p.Asked[len(p.Asked)-1]); err != nil {
		return err
	}
	p.Deleted = env.deletePending(ctx, name)
	return nil
}

// DeleteCompleted deletes the pending object of a completed request and looks for the certificate.
type DeleteCompleted struct {
	Created *vault.Exchange
	Polls   []*vault.Exchange
	Before  *vault.Exchange
	Deleted *vault.Exchange
	After   *vault.Exchange
	Current *vault.Exchange
}

// Play waits for the certificate.
func (p *DeleteCompleted) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("deletecompleted")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=delete-completed.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Before = env.Vault.GetCertificate(ctx, name)
	p.Deleted = env.deletePending(ctx, name)
	p.After = env.Vault.GetPending(ctx, name)
	p.Current = env.Vault.GetCertificate(ctx, name)
	return nil
}
