package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// DeletePending deletes a request in progress, first with the request_id of another, and then looks for it, deletes it
// again and puts another in its place.
type DeletePending struct {
	Created          *vault.Exchange
	Before           *vault.Exchange
	Mismatched       *vault.Exchange
	AfterMismatched  *vault.Exchange
	Deleted          *vault.Exchange
	After            *vault.Exchange
	AfterByRequestID *vault.Exchange
	DeletedAgain     *vault.Exchange
	Certificate      *vault.Exchange
	CreatedAgain     *vault.Exchange
}

// Play takes a request that nothing completes by itself.
func (p *DeletePending) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("deletepending")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=delete-pending.example.com"))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	p.Before = s.Vault.GetPending(ctx, name)
	id := p.Created.Text("request_id")
	if id != "" {
		p.Mismatched = s.Vault.DeletePending(ctx, name, vault.RequestID(anotherRequestID(id)))
		p.AfterMismatched = s.Vault.GetPending(ctx, name)
	}
	if p.Mismatched.Succeeded() && !InProgress(p.AfterMismatched) {
		// The filter was ignored and the request is gone. Another one is needed to go on with.
		p.Created = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=delete-pending.example.com"))
		if err := s.Must(p.Created, "second pending request"); err != nil {
			return err
		}
		p.Before = s.Vault.GetPending(ctx, name)
		id = p.Created.Text("request_id")
	}
	p.Deleted = s.Vault.DeletePending(ctx, name)
	p.After = s.Vault.GetPending(ctx, name)
	if id != "" {
		p.AfterByRequestID = s.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.DeletedAgain = s.Vault.DeletePending(ctx, name)
	p.Certificate = s.Vault.GetCertificate(ctx, name)
	p.CreatedAgain = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=delete-pending-again.example.com"))
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
func (p *DeleteByRequestID) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("deletebyid")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=delete-by-id.example.com"))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	p.Before = s.Vault.GetPending(ctx, name)
	id := p.Created.Text("request_id")
	if id == "" {
		return unreached("no request_id to delete by: the create answered none")
	}
	p.Deleted = s.Vault.DeletePending(ctx, name, vault.RequestID(id))
	if err := s.Must(p.Deleted, "pending object that was deleted"); err != nil {
		return err
	}
	p.Imported, err = importOver(ctx, s, name)
	return err
}

// DeleteAfterAsking deletes a request whose cancellation was asked for.
type DeleteAfterAsking struct {
	Created *vault.Exchange
	Asked   []*vault.Exchange
	Deleted *vault.Exchange
}

// Play asks an issuer that keeps its requests in progress.
func (p *DeleteAfterAsking) Play(ctx context.Context, s *Stage) error {
	if s.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	name, err := s.Name("deleteasked")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, IssuerRequest("CN=delete-asked.example.com", s.Issuers.StaysInProgress))
	if err := s.Must(p.Created, "request to an issuer"); err != nil {
		return err
	}
	p.Asked = askToCancel(ctx, s, name)
	if err := s.Must(p.Asked[len(p.Asked)-1], "cancellation that was accepted"); err != nil {
		return err
	}
	p.Deleted = s.Vault.DeletePending(ctx, name)
	return nil
}

// DeleteCompleted deletes the pending object of a completed request and looks for the certificate.
type DeleteCompleted struct {
	Created *vault.Exchange
	Looks   []*vault.Exchange
	Before  *vault.Exchange
	Deleted *vault.Exchange
	After   *vault.Exchange
	Current *vault.Exchange
}

// Play waits for the certificate.
func (p *DeleteCompleted) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("deletecompleted")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, IssuerRequest("CN=delete-completed.example.com", completingIssuer(s.Issuers)))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	if p.Looks, err = s.AwaitState(ctx, name, "completed"); err != nil {
		return err
	}
	p.Before = s.Vault.GetCertificate(ctx, name)
	p.Deleted = s.Vault.DeletePending(ctx, name)
	p.After = s.Vault.GetPending(ctx, name)
	p.Current = s.Vault.GetCertificate(ctx, name)
	return nil
}
