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
func (p *DeletedRequest) Play(ctx context.Context, s *Stage) error {
	names, err := namesFor(s, "deleted", "never")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=deleted.example.com"))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	id := p.Created.Text("request_id")
	p.Read = s.Vault.GetPending(ctx, name)
	if id != "" {
		p.Matched = s.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.NeverExisted = s.Vault.GetPending(ctx, names[1])
	p.Deleted = s.Vault.DeletePending(ctx, name)
	if err := s.Must(p.Deleted, "pending request that was deleted"); err != nil {
		return err
	}
	p.ReadAfter = s.Vault.GetPending(ctx, name)
	if id != "" {
		p.FilteredAfter = s.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.Recreated = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=deleted.example.com"))
	if id != "" {
		p.OldFilter = s.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	return nil
}

// DeletedAfterCompletion deletes the pending object of a request that has completed, and looks for the certificate.
type DeletedAfterCompletion struct {
	Created     *vault.Exchange
	Looks       []*vault.Exchange
	Deleted     *vault.Exchange
	ReadAfter   *vault.Exchange
	Certificate *vault.Exchange
}

// Play waits for a certificate that completes by itself.
func (p *DeletedAfterCompletion) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("outlived")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, IssuerRequest("CN=outlived.example.com", completingIssuer(s.Issuers)))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	if p.Looks, err = s.AwaitState(ctx, name, "completed"); err != nil {
		return err
	}
	p.Deleted = s.Vault.DeletePending(ctx, name)
	if err := s.Must(p.Deleted, "completed request that was deleted"); err != nil {
		return err
	}
	p.ReadAfter = s.Vault.GetPending(ctx, name)
	p.Certificate = s.Vault.GetCertificate(ctx, name)
	return nil
}

// OverwrittenRequest overwrites a request that has completed by a new one, and tries the same on one in progress.
type OverwrittenRequest struct {
	Created     *vault.Exchange
	Looks       []*vault.Exchange
	Matched     *vault.Exchange
	Overwriting *vault.Exchange
	OldFilter   *vault.Exchange
	NewRead     *vault.Exchange
	NewFilter   *vault.Exchange
	Refused     *vault.Exchange
	Kept        *vault.Exchange
}

// Play overwrites with a request that the client signs itself, so that it is still there when it is read.
func (p *OverwrittenRequest) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("overwritten")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, IssuerRequest("CN=overwritten.example.com", completingIssuer(s.Issuers)))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	if p.Looks, err = s.AwaitState(ctx, name, "completed"); err != nil {
		return err
	}
	id := p.Created.Text("request_id")
	if id != "" {
		p.Matched = s.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.Overwriting = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=overwriting.example.com"))
	if err := s.Must(p.Overwriting, "create that overwrote an ended request"); err != nil {
		return err
	}
	if id != "" {
		p.OldFilter = s.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.NewRead = s.Vault.GetPending(ctx, name)
	if p.Overwriting.Text("request_id") != "" {
		p.NewFilter = s.Vault.GetPending(ctx, name, filterOf(p.Overwriting)...)
	}
	p.Refused = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=third.example.com"))
	p.Kept = s.Vault.GetPending(ctx, name, filterOf(p.Overwriting)...)
	return nil
}

// ImportedOver imports under a name whose request has completed, and looks for that request.
type ImportedOver struct {
	Created   *vault.Exchange
	Looks     []*vault.Exchange
	Imported  *vault.Exchange
	ReadAfter *vault.Exchange
}

// Play waits for a certificate that completes by itself.
func (p *ImportedOver) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("importedover")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, IssuerRequest("CN=importedover.example.com", completingIssuer(s.Issuers)))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	if p.Looks, err = s.AwaitState(ctx, name, "completed"); err != nil {
		return err
	}
	if p.Imported, err = importOver(ctx, s, name); err != nil {
		return err
	}
	p.ReadAfter = s.Vault.GetPending(ctx, name, filterOf(p.Created)...)
	return nil
}
