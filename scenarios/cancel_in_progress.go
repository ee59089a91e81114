package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CancelInProgress asks for a cancellation while an issuer is at work, and watches what becomes of it.
type CancelInProgress struct {
	Created *vault.Exchange
	Before  *vault.Exchange
	Asked   []*vault.Exchange
	// AskedAgain are further cancellations of the same request.
	AskedAgain []*vault.Exchange
	After      *vault.Exchange
	Polls      []*vault.Exchange
}

// Play sees the request in progress before it asks.
func (p *CancelInProgress) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	name, err := env.Name("cancel")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=cancel.example.com", env.Issuers.StaysInProgress))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	p.Asked = askToCancel(ctx, env, name)
	if Last(p.Asked).Succeeded() { // at once, before the cancellation takes effect
		p.AskedAgain = askToCancel(ctx, env, name)
	}
	p.After = env.Vault.GetPending(ctx, name)
	if err := env.Must(p.Asked[len(p.Asked)-1]); err != nil {
		return err
	}
	p.Polls, err = env.AwaitEnd(ctx, name)
	return err
}

// CancelByRequestID patches a request with the request_id of another, without the member that asks for the
// cancellation, with the member false, with its own request_id, and once more when it is deleted. It also patches a name
// that never existed.
type CancelByRequestID struct {
	Created           *vault.Exchange
	Before            *vault.Exchange
	Mismatched        *vault.Exchange
	AfterMismatched   *vault.Exchange
	MemberLeftOut     *vault.Exchange
	AfterLeftOut      *vault.Exchange
	NotRequested      *vault.Exchange
	AfterNotRequested *vault.Exchange
	// Again is another request, where the first one is over before its request_id is sent; Matched is then for that one.
	Again            *vault.Exchange
	AgainRead        *vault.Exchange
	Matched          *vault.Exchange
	Unfiltered       *vault.Exchange
	NeverExisted     *vault.Exchange
	Deleted          *vault.Exchange
	CancelledDeleted *vault.Exchange
}

// Play reads the request after everything that must not have changed it.
func (p *CancelByRequestID) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	names, err := namesFor(env, "cancelbyid", "cancelnothing", "cancelbyidagain")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = env.Create(ctx, name, IssuerRequest("CN=cancel-by-id.example.com", env.Issuers.StaysInProgress))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	p.MemberLeftOut = env.Vault.UpdatePending(ctx, name, struct{}{}, vault.Deliberate())
	p.AfterLeftOut = env.Vault.GetPending(ctx, name)
	p.NotRequested = env.Vault.CancelPending(ctx, name, false)
	p.AfterNotRequested = env.Vault.GetPending(ctx, name)
	if id := RequestID(p.Created, p.Before); id != "" {
		p.Mismatched = env.Vault.CancelPending(ctx, name, true, vault.RequestID(anotherRequestID(id)))
		p.AfterMismatched = env.Vault.GetPending(ctx, name)
		if Ended(p.AfterMismatched) {
			p.matchAgain(ctx, env, names[2])
		} else {
			p.Matched = env.Vault.CancelPending(ctx, name, true, vault.RequestID(id))
		}
	} else {
		p.Unfiltered = env.Vault.CancelPending(ctx, name, true)
	}
	p.NeverExisted = env.Vault.CancelPending(ctx, names[1], true)
	p.Deleted = env.deletePending(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	p.CancelledDeleted = env.Vault.CancelPending(ctx, name, true)
	return nil
}

// matchAgain cancels a request of its own by its request_id: the first one is over already.
func (p *CancelByRequestID) matchAgain(ctx context.Context, env *Env, name string) {
	p.Again = env.Create(ctx, name, IssuerRequest("CN=cancel-by-id-again.example.com", env.Issuers.StaysInProgress))
	if !p.Again.Succeeded() {
		return
	}
	p.AgainRead = env.Vault.GetPending(ctx, name)
	if id := RequestID(p.Again, p.AgainRead); id != "" {
		p.Matched = env.Vault.CancelPending(ctx, name, true, vault.RequestID(id))
	}
}

// CancelTooLate asks for a cancellation when the request has completed.
type CancelTooLate struct {
	Created        *vault.Exchange
	Polls          []*vault.Exchange
	Cancelled      *vault.Exchange
	After          *vault.Exchange
	ControlCreated *vault.Exchange
	Control        []*vault.Exchange
}

// Play waits for the certificate. A request that was cancelled will not do: the effect of cancelling twice is not
// documented. At last it cancels a request that is in progress: a vault that refuses that too has no cancellation.
func (p *CancelTooLate) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "cancellate", "cancelcontrol")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = env.Create(ctx, name, IssuerRequest("CN=cancel-late.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Cancelled = env.Vault.CancelPending(ctx, name, true)
	p.After = env.Vault.GetPending(ctx, name)
	issuer := env.Issuers.StaysInProgress
	if issuer == "" {
		issuer = Unknown
	}
	p.ControlCreated = env.Create(ctx, names[1], IssuerRequest("CN=cancel-control.example.com", issuer))
	if p.ControlCreated.Succeeded() {
		p.Control = askToCancel(ctx, env, names[1])
	}
	return nil
}
