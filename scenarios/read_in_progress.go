package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ReadInProgress reads a request that stays in progress in every way there is: plain, again, with its own request_id,
// with one of nobody and with that of another certificate's request.
type ReadInProgress struct {
	Created       *vault.Exchange
	OtherCreated  *vault.Exchange
	Read          *vault.Exchange
	ReadAgain     *vault.Exchange
	OtherRead     *vault.Exchange
	Matched       *vault.Exchange
	Mismatched    *vault.Exchange
	ForeignFilter *vault.Exchange
	ReadAfter     *vault.Exchange
}

// Play asks for certificates that the client signs itself: nothing completes them.
func (p *ReadInProgress) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("reading")
	if err != nil {
		return err
	}
	other, err := env.Name("other")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=reading.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.OtherCreated = env.Create(ctx, other, ManualRequest("CN=other.example.com"))
	p.Read = env.Vault.GetPending(ctx, name)
	p.ReadAgain = env.Vault.GetPending(ctx, name)
	p.OtherRead = env.Vault.GetPending(ctx, other)
	id, otherID := RequestID(p.Created, p.Read), RequestID(p.OtherCreated, p.OtherRead)
	if id != "" {
		p.Matched = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.Mismatched = env.Vault.GetPending(ctx, name, vault.RequestID(anotherRequestID(id)))
	if otherID != "" && otherID != id {
		p.ForeignFilter = env.Vault.GetPending(ctx, name, vault.RequestID(otherID))
	}
	p.ReadAfter = env.Vault.GetPending(ctx, name)
	return nil
}

// anotherRequestID is a request_id of the form that the service gives, other than the one given.
func anotherRequestID(id string) string {
	const nobodys = "0123456789abcdef0123456789abcdef"
	if id == nobodys {
		return "fedcba9876543210fedcba9876543210"
	}
	return nobodys
}
