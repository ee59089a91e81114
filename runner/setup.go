package runner

import (
	"context"
	"fmt"

	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// begin finds the target ready and makes what the plays need.
func (r *run) begin(ctx context.Context) error {
	if err := awaitReady(ctx, r.target, r.endpoint, r.transport, r.options.Clock); err != nil {
		return err
	}
	if err := preflight(ctx, r.client, r.target); err != nil {
		return err
	}
	return r.setUpIssuers(ctx)
}

// bounded is the context of all the playing, which the target may bound.
func bounded(ctx context.Context, t target.Target) (context.Context, context.CancelFunc) {
	if t.Deadlines.Run <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, t.Deadlines.Run,
		fmt.Errorf("the playing did not end within %s (deadlines.run)", t.Deadlines.Run))
}

// makeWay looks whether a name is taken, where the target says what is then to be done, and does that.
func (r *run) makeWay(ctx context.Context, name string) error {
	if r.target.Names.OnClash == "" {
		return nil
	}
	client := r.client
	taken := false
	for _, look := range []*vault.Exchange{
		client.GetPending(ctx, name), client.GetCertificate(ctx, name), client.GetDeletedCertificate(ctx, name),
	} {
		if look.Failure != nil {
			return look.Failure
		}
		taken = taken || look.Succeeded()
	}
	switch {
	case !taken:
		return nil
	case r.target.Names.OnClash == ClashFails:
		return fmt.Errorf("a certificate named %s exists already (names.onClash is fail)", name)
	}
	remover := &remover{
		client: client, cleanup: Purge, polling: r.target.Polling, clock: r.options.Clock, plays: 1,
	}
	for _, removal := range remover.remove(ctx, []doomed{{kind: CertificateKind, name: name}}) {
		if removal.Fate != Gone {
			return fmt.Errorf("a certificate named %s exists already and cannot be removed: %s", name, removal.Reason)
		}
	}
	return nil
}

// setUpIssuers makes the issuers that the target file describes, under names of the run's own, and names them
// by outcome. The name is noted before the request is sent. What the vault refuses is an Incomplete run: nothing that
// depends on the issuer could come about, and the owner of the target has said that it can.
func (r *run) setUpIssuers(ctx context.Context) error {
	t := r.target
	members := target.Outcomes(&r.target.Issuers)
	for _, key := range target.OutcomeOrder() {
		setUp, ok := t.SetUp[key]
		if !ok {
			continue
		}
		password, err := setUp.Password.Read("/issuers/"+key+"/setUp/password", "the password of the issuer "+key)
		if err != nil {
			return t.Located(err)
		}
		name := fmt.Sprintf("%s-%s-%s", t.Names.Prefix, r.id, key)
		if err := r.ledger.note(IssuerKind, name); err != nil {
			return fmt.Errorf("noting an issuer in the ledger: %w", err)
		}
		set := r.client.SetIssuer(ctx, name, setUp.Parameters(password))
		if !set.Succeeded() {
			return &Incomplete{
				Message: fmt.Sprintf("the issuer for issuers.%s cannot be set up: %s%s", key, set.Line(), codeOf(set)),
				Advice:  "check the provider " + setUp.Provider + ", or name an issuer that the vault has",
			}
		}
		*members[key] = name
	}
	r.facts.Issuers = r.target.Issuers
	return nil
}
