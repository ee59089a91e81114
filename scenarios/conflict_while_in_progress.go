package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ConflictWhileInProgress creates, then creates and imports again while the first request is still in progress.
type ConflictWhileInProgress struct {
	Created      *vault.Exchange
	Before       *vault.Exchange
	CreatedAgain *vault.Exchange
	Between      *vault.Exchange
	Imported     *vault.Exchange
	After        *vault.Exchange
}

// Play asks for a certificate that nothing completes by itself, so that the request is sure to be in progress.
func (p *ConflictWhileInProgress) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("conflict")
	if err != nil {
		return err
	}
	p.Created = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=conflict.example"))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	p.Before = s.Vault.GetPending(ctx, name)
	p.CreatedAgain = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=another.example"))
	p.Between = s.Vault.GetPending(ctx, name)
	imported, err := s.PEM("CN=imported.example")
	if err != nil {
		return err
	}
	p.Imported = s.Vault.ImportCertificate(ctx, name, imported)
	p.After = s.Vault.GetPending(ctx, name)
	return nil
}
