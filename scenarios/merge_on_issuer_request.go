package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// MergeOnIssuerRequest merges while an issuer is at work on the request.
type MergeOnIssuerRequest struct {
	Created     *vault.Exchange
	Before      *vault.Exchange
	Merged      *vault.Exchange
	After       *vault.Exchange
	Certificate *vault.Exchange
}

// Play merges a certificate for the key of the CSR, so that nothing but the issuer stands in its way.
func (p *MergeOnIssuerRequest) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	name, err := env.Name("mergeissuer")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=merge-issuer.example.com", env.Issuers.StaysInProgress))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	if p.Merged, err = mergeFor(ctx, env, name, p.Created, p.Before); err != nil {
		return err
	}
	p.After = env.Vault.GetPending(ctx, name)
	p.Certificate = env.Vault.GetCertificate(ctx, name)
	return nil
}

// MergeAfterCancellation merges once the request to an issuer is cancelled.
type MergeAfterCancellation struct {
	Created     *vault.Exchange
	Asked       []*vault.Exchange
	Polls       []*vault.Exchange
	Merged      *vault.Exchange
	After       *vault.Exchange
	Certificate *vault.Exchange
}

// Play waits for the cancellation to take effect.
func (p *MergeAfterCancellation) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	name, err := env.Name("mergecancelled")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=merge-cancelled.example.com", env.Issuers.StaysInProgress))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Asked = askToCancel(ctx, env, name)
	if err := env.Must(p.Asked[len(p.Asked)-1]); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCancelled, vault.StateCanceled); err != nil {
		return err
	}
	p.Merged, p.After, p.Certificate, err = mergeAtLast(ctx, env, name, append([]*vault.Exchange{p.Created}, p.Polls...)...)
	return err
}

// MergeAfterFailure merges once the request to an issuer has failed.
type MergeAfterFailure struct {
	Created     *vault.Exchange
	Polls       []*vault.Exchange
	Merged      *vault.Exchange
	After       *vault.Exchange
	Certificate *vault.Exchange
}

// Play takes an issuer that fails its requests, by itself or by a hook, or else one that rejects them.
func (p *MergeAfterFailure) Play(ctx context.Context, env *Env) error {
	issuer := env.FailingIssuer()
	if issuer == "" {
		issuer = env.Issuers.Rejects
	}
	if issuer == "" {
		return unreached("needs an issuer that fails or rejects its requests; the target file names none (issuers.fails, issuers.rejects)")
	}
	name, err := env.Name("mergefailed")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=merge-failed.example.com", issuer))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if err := env.LetFail(ctx, issuer, name); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateFailed); err != nil {
		return err
	}
	p.Merged, p.After, p.Certificate, err = mergeAtLast(ctx, env, name, append([]*vault.Exchange{p.Created}, p.Polls...)...)
	return err
}

// mergeAtLast merges and reads what came of it.
func mergeAtLast(ctx context.Context, env *Env, name string, responses ...*vault.Exchange) (merged, after, certificate *vault.Exchange, err error) {
	if merged, err = mergeFor(ctx, env, name, responses...); err != nil {
		return nil, nil, nil, err
	}
	return merged, env.Vault.GetPending(ctx, name), env.Vault.GetCertificate(ctx, name), nil
}

func noStayingIssuer() error {
	return unreached("needs an issuer that keeps its requests in progress; the target file names none (issuers.staysInProgress)")
}
