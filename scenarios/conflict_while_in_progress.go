package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ConflictWhileInProgress creates, then creates and imports again while the first request is still in progress, and
// does both under other names meanwhile.
type ConflictWhileInProgress struct {
	Created       *vault.Exchange
	Before        *vault.Exchange
	PolicyBefore  *vault.Exchange
	CreatedAgain  *vault.Exchange
	Between       *vault.Exchange
	PolicyAfter   *vault.Exchange
	Imported      *vault.Exchange
	After         *vault.Exchange
	Certificate   *vault.Exchange
	CreatedThird  *vault.Exchange
	OtherCreated  *vault.Exchange
	OtherImported *vault.Exchange
	AtLast        *vault.Exchange
}

// Play asks for a certificate that nothing completes by itself, so that the request is sure to be in progress.
func (p *ConflictWhileInProgress) Play(ctx context.Context, s *Stage) error {
	names, err := namesFor(s, "conflict", "freecreate", "freeimport")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=conflict.example"))
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	p.Before = s.Vault.GetPending(ctx, name)
	p.PolicyBefore = s.Vault.GetCertificatePolicy(ctx, name)
	p.CreatedAgain = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=another.example"))
	p.Between = s.Vault.GetPending(ctx, name)
	p.PolicyAfter = s.Vault.GetCertificatePolicy(ctx, name)
	imported, err := s.PEM("CN=imported.example")
	if err != nil {
		return err
	}
	p.Imported = s.Vault.ImportCertificate(ctx, name, imported)
	p.After = s.Vault.GetPending(ctx, name)
	p.Certificate = s.Vault.GetCertificate(ctx, name)
	p.CreatedThird = s.Vault.CreateCertificate(ctx, name, ManualRequest("CN=conflict.example"))
	p.OtherCreated = s.Vault.CreateCertificate(ctx, names[1], ManualRequest("CN=free.example"))
	if p.OtherImported, err = importOver(ctx, s, names[2]); err != nil {
		return err
	}
	p.AtLast = s.Vault.GetPending(ctx, name)
	return nil
}

// ConflictWithIssuer creates again while an issuer is at work, deletes the request and creates once more.
type ConflictWithIssuer struct {
	Created      *vault.Exchange
	Before       *vault.Exchange
	CreatedAgain *vault.Exchange
	Deleted      *vault.Exchange
	CreatedAfter *vault.Exchange
}

// Play needs an issuer that keeps its requests in progress.
func (p *ConflictWithIssuer) Play(ctx context.Context, s *Stage) error {
	if s.Issuers.StaysInProgress == "" {
		return unreached("no issuer that keeps its requests in progress is named for the target (issuers.staysInProgress)")
	}
	name, err := s.Name("issuerconflict")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=issuerconflict.example", s.Issuers.StaysInProgress)
	p.Created = s.Vault.CreateCertificate(ctx, name, request)
	if err := s.Must(p.Created, "request to an issuer"); err != nil {
		return err
	}
	p.Before = s.Vault.GetPending(ctx, name)
	p.CreatedAgain = s.Vault.CreateCertificate(ctx, name, request)
	p.Deleted = s.Vault.DeletePending(ctx, name)
	p.CreatedAfter = s.Vault.CreateCertificate(ctx, name, request)
	return nil
}

// ConflictEndedByMerge creates in vain, merges, and creates again.
type ConflictEndedByMerge struct {
	Created      *vault.Exchange
	Refused      *vault.Exchange
	Merged       *vault.Exchange
	CreatedAfter *vault.Exchange
}

// Play signs the request as the client's own authority would.
func (p *ConflictEndedByMerge) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("mergeends")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=mergeends.example")
	p.Created = s.Vault.CreateCertificate(ctx, name, request)
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	p.Refused = s.Vault.CreateCertificate(ctx, name, request)
	if p.Merged, err = mergeFor(ctx, s, name, p.Created); err != nil {
		return err
	}
	p.CreatedAfter = s.Vault.CreateCertificate(ctx, name, request)
	return nil
}

// ConflictEndedByDeletion creates and imports in vain, each under a name of its own, deletes the requests, and does
// both again.
type ConflictEndedByDeletion struct {
	Created          *vault.Exchange
	Refused          *vault.Exchange
	Deleted          *vault.Exchange
	CreatedAfter     *vault.Exchange
	CreatedForImport *vault.Exchange
	ImportRefused    *vault.Exchange
	DeletedForImport *vault.Exchange
	ImportedAfter    *vault.Exchange
}

// Play asks for certificates that nothing completes by itself.
func (p *ConflictEndedByDeletion) Play(ctx context.Context, s *Stage) error {
	names, err := namesFor(s, "deleteends", "deleteendsimport")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=deleteends.example")
	p.Created = s.Vault.CreateCertificate(ctx, names[0], request)
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	p.Refused = s.Vault.CreateCertificate(ctx, names[0], request)
	p.Deleted = s.Vault.DeletePending(ctx, names[0])
	p.CreatedAfter = s.Vault.CreateCertificate(ctx, names[0], request)

	p.CreatedForImport = s.Vault.CreateCertificate(ctx, names[1], request)
	if p.ImportRefused, err = importOver(ctx, s, names[1]); err != nil {
		return err
	}
	p.DeletedForImport = s.Vault.DeletePending(ctx, names[1])
	p.ImportedAfter, err = importOver(ctx, s, names[1])
	return err
}

// ConflictEndedByWaiting waits until an issuer has completed the request and creates again.
type ConflictEndedByWaiting struct {
	Created      *vault.Exchange
	Looks        []*vault.Exchange
	CreatedAfter *vault.Exchange
}

// Play asks an issuer that is sure to complete.
func (p *ConflictEndedByWaiting) Play(ctx context.Context, s *Stage) error {
	name, err := s.Name("waitends")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=waitends.example", completingIssuer(s.Issuers))
	p.Created = s.Vault.CreateCertificate(ctx, name, request)
	if err := s.Must(p.Created, "pending request"); err != nil {
		return err
	}
	if p.Looks, err = s.AwaitState(ctx, name, "completed"); err != nil {
		return err
	}
	p.CreatedAfter = s.Vault.CreateCertificate(ctx, name, request)
	return nil
}
