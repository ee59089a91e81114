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
func (p *ConflictWhileInProgress) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "conflict", "freecreate", "freeimport")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = env.Create(ctx, name, ManualRequest("CN=conflict.example"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	p.PolicyBefore = env.Vault.GetCertificatePolicy(ctx, name)
	p.CreatedAgain = env.Create(ctx, name, ManualRequest("CN=another.example"))
	p.Between = env.Vault.GetPending(ctx, name)
	p.PolicyAfter = env.Vault.GetCertificatePolicy(ctx, name)
	imported, err := env.Importable(ctx, "CN=imported.example")
	if err != nil {
		return err
	}
	p.Imported = env.Vault.ImportCertificate(ctx, name, imported)
	p.After = env.Vault.GetPending(ctx, name)
	p.Certificate = env.Vault.GetCertificate(ctx, name)
	p.CreatedThird = env.Create(ctx, name, ManualRequest("CN=conflict.example"))
	p.OtherCreated = env.Create(ctx, names[1], ManualRequest("CN=free.example"))
	if p.OtherImported, err = importOver(ctx, env, names[2]); err != nil {
		return err
	}
	p.AtLast = env.Vault.GetPending(ctx, name)
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
func (p *ConflictWithIssuer) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	name, err := env.Name("issuerconflict")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=issuerconflict.example", env.Issuers.StaysInProgress)
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	p.CreatedAgain = env.Create(ctx, name, request)
	p.Deleted = env.deletePending(ctx, name)
	p.CreatedAfter = env.Create(ctx, name, request)
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
func (p *ConflictEndedByMerge) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergeends")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=mergeends.example")
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Refused = env.Create(ctx, name, request)
	// A second create that is not refused has taken the place of the first.
	if p.Merged, err = mergeFor(ctx, env, name, p.Refused, p.Created); err != nil {
		return err
	}
	p.CreatedAfter = env.Create(ctx, name, request)
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
func (p *ConflictEndedByDeletion) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "deleteends", "deleteendsimport")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=deleteends.example")
	p.Created = env.Create(ctx, names[0], request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Refused = env.Create(ctx, names[0], request)
	p.Deleted = env.deletePending(ctx, names[0])
	p.CreatedAfter = env.Create(ctx, names[0], request)

	p.CreatedForImport = env.Create(ctx, names[1], request)
	if p.ImportRefused, err = importOver(ctx, env, names[1]); err != nil {
		return err
	}
	p.DeletedForImport = env.deletePending(ctx, names[1])
	p.ImportedAfter, err = importOver(ctx, env, names[1])
	return err
}

// ConflictEndedByWaiting waits until an issuer has completed the request and creates again.
type ConflictEndedByWaiting struct {
	Created      *vault.Exchange
	Polls        []*vault.Exchange
	CreatedAfter *vault.Exchange
}

// Play asks an issuer that is sure to complete.
func (p *ConflictEndedByWaiting) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("waitends")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=waitends.example", completingIssuer(env.Issuers))
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.CreatedAfter = env.Create(ctx, name, request)
	return nil
}
