package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// DeleteCancelled deletes the pending object of a request that was cancelled, and looks for it.
type DeleteCancelled struct {
	Created *vault.Exchange
	Asked   []*vault.Exchange
	Polls   []*vault.Exchange
	Deleted *vault.Exchange
	After   *vault.Exchange
}

// Play waits until the cancellation has taken effect.
func (p *DeleteCancelled) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("deletecancelled")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=delete-cancelled.example.com", cancellableIssuer(env)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Asked = askToCancel(ctx, env, name)
	if err := env.Must(Last(p.Asked)); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitEnd(ctx, name); err != nil {
		return err
	}
	p.Deleted = env.deletePending(ctx, name)
	p.After = env.Vault.GetPending(ctx, name)
	return nil
}

// DeleteFailed deletes the pending object of a request that failed, and looks for it.
type DeleteFailed struct {
	Created *vault.Exchange
	Polls   []*vault.Exchange
	Deleted *vault.Exchange
	After   *vault.Exchange
}

// Play waits until the issuer has failed.
func (p *DeleteFailed) Play(ctx context.Context, env *Env) error {
	issuer := env.FailingIssuer()
	if issuer == "" {
		return noFailingIssuer()
	}
	name, err := env.Name("deletefailed")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=delete-failed.example.com", issuer))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if err := env.LetFail(ctx, issuer, name); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitEnd(ctx, name); err != nil {
		return err
	}
	p.Deleted = env.deletePending(ctx, name)
	p.After = env.Vault.GetPending(ctx, name)
	return nil
}
