package scenarios

import (
	"context"
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// FailedRequest has requests fail at an issuer and reads how they ended; after the first it creates again, after the
// second it imports, after the third it merges.
type FailedRequest struct {
	Created          *vault.Exchange
	CreatedForImport *vault.Exchange
	CreatedForMerge  *vault.Exchange
	Polls            []*vault.Exchange
	Later            *vault.Exchange
	Mismatched       *vault.Exchange
	CancelledLate    *vault.Exchange
	Certificate      *vault.Exchange
	CreatedAfter     *vault.Exchange
	OldFilter        *vault.Exchange
	LooksForImport   []*vault.Exchange
	ImportedAfter    *vault.Exchange
	LooksForMerge    []*vault.Exchange
	MergedAfter      *vault.Exchange
}

// Play starts the three requests before it waits for the first, so that their waits overlap.
func (p *FailedRequest) Play(ctx context.Context, env *Env) error {
	issuer := env.FailingIssuer()
	if issuer == "" {
		return noFailingIssuer()
	}
	names, err := namesFor(env, "failed", "failedimport", "failedmerge")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=failed.example.com", issuer)
	p.Created = env.Create(ctx, names[0], request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.CreatedForImport = env.Create(ctx, names[1], request)
	p.CreatedForMerge = env.Create(ctx, names[2], request)
	if err := env.LetFail(ctx, issuer, names...); err != nil {
		return err
	}

	if p.Polls, err = env.AwaitEnd(ctx, names[0]); err != nil {
		return err
	}
	p.Later = env.Vault.GetPending(ctx, names[0], filterOf(p.Created)...)
	p.Mismatched = mismatched(ctx, env, names[0], p.Created)
	p.CancelledLate = env.Vault.CancelPending(ctx, names[0], true)
	p.Certificate = env.Vault.GetCertificate(ctx, names[0])
	p.CreatedAfter = env.Create(ctx, names[0], ManualRequest("CN=failed.example.com"))
	p.OldFilter = readOld(ctx, env, names[0], p.Created, p.CreatedAfter)
	if p.LooksForImport, err = env.AwaitEnd(ctx, names[1]); err != nil {
		return err
	}
	if p.ImportedAfter, err = importOver(ctx, env, names[1]); err != nil {
		return err
	}
	if p.LooksForMerge, err = env.AwaitEnd(ctx, names[2]); err != nil {
		return err
	}
	p.MergedAfter, err = mergeFor(ctx, env, names[2], append([]*vault.Exchange{p.CreatedForMerge}, p.LooksForMerge...)...)
	return err
}

// RejectedRequest has a request rejected by an issuer for what the requester sent, and reads how it ended.
type RejectedRequest struct {
	Created *vault.Exchange
	Polls   []*vault.Exchange
}

// Play waits for the end, whatever it is.
func (p *RejectedRequest) Play(ctx context.Context, env *Env) error {
	if env.Issuers.Rejects == "" {
		return unreached("needs an issuer that rejects its requests; the target file names none (issuers.rejects)")
	}
	name, err := env.Name("rejected")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=rejected.example.com", env.Issuers.Rejects))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Polls, err = env.AwaitEnd(ctx, name)
	return err
}

// CancelledRequest cancels requests and reads how they ended; after the first it creates again, after the second it
// imports, after the third it merges.
type CancelledRequest struct {
	Created           *vault.Exchange
	CreatedForImport  *vault.Exchange
	CreatedForMerge   *vault.Exchange
	Cancelled         []*vault.Exchange
	CancelledToImport []*vault.Exchange
	CancelledToMerge  []*vault.Exchange
	Polls             []*vault.Exchange
	Later             *vault.Exchange
	Mismatched        *vault.Exchange
	CancelledAgain    *vault.Exchange
	Certificate       *vault.Exchange
	CreatedAfter      *vault.Exchange
	OldFilter         *vault.Exchange
	LooksForImport    []*vault.Exchange
	ImportedAfter     *vault.Exchange
	LooksForMerge     []*vault.Exchange
	MergedAfter       *vault.Exchange
}

// Play cancels at an issuer that keeps its requests in progress. Where the target names none it cancels a self-signed
// one and races its completion, as those who have no such issuer do.
func (p *CancelledRequest) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "cancelled", "cancelledimport", "cancelledmerge")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=cancelled.example.com", cancellableIssuer(env))
	p.Created = env.Create(ctx, names[0], request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Cancelled = askToCancel(ctx, env, names[0])
	p.CreatedForImport = env.Create(ctx, names[1], request)
	p.CancelledToImport = askToCancel(ctx, env, names[1])
	p.CreatedForMerge = env.Create(ctx, names[2], request)
	p.CancelledToMerge = askToCancel(ctx, env, names[2])
	if err := env.Must(p.Cancelled[len(p.Cancelled)-1]); err != nil {
		return err
	}

	if p.Polls, err = env.AwaitEnd(ctx, names[0]); err != nil {
		return err
	}
	p.Later = env.Vault.GetPending(ctx, names[0], filterOf(p.Created)...)
	p.Mismatched = mismatched(ctx, env, names[0], p.Created)
	p.CancelledAgain = env.Vault.CancelPending(ctx, names[0], true)
	p.Certificate = env.Vault.GetCertificate(ctx, names[0])
	p.CreatedAfter = env.Create(ctx, names[0], ManualRequest("CN=cancelled.example.com"))
	p.OldFilter = readOld(ctx, env, names[0], p.Created, p.CreatedAfter)
	if p.LooksForImport, err = env.AwaitEnd(ctx, names[1]); err != nil {
		return err
	}
	if p.ImportedAfter, err = importOver(ctx, env, names[1]); err != nil {
		return err
	}
	if p.LooksForMerge, err = env.AwaitEnd(ctx, names[2]); err != nil {
		return err
	}
	p.MergedAfter, err = mergeFor(ctx, env, names[2], append([]*vault.Exchange{p.CreatedForMerge}, p.LooksForMerge...)...)
	return err
}

// cancellableIssuer keeps its requests in progress. Where the target names none it is the vault itself, whose own work is
// raced by a cancellation.
func cancellableIssuer(env *Env) string {
	if env.Issuers.StaysInProgress == "" {
		return Self
	}
	return env.Issuers.StaysInProgress
}

// mismatched reads a pending object with another request_id than that of its create; nil if the create shows none.
func mismatched(ctx context.Context, env *Env, name string, created *vault.Exchange) *vault.Exchange {
	id := RequestID(created)
	if id == "" {
		return nil
	}
	return env.Vault.GetPending(ctx, name, vault.RequestID(anotherRequestID(id)))
}

// readOld reads a pending object with the request_id of a request that another one has overwritten; nil if the first has
// none, or if there is no other.
func readOld(ctx context.Context, env *Env, name string, old, overwriting *vault.Exchange) *vault.Exchange {
	id := RequestID(old)
	if id == "" || !overwriting.Succeeded() {
		return nil
	}
	return env.Vault.GetPending(ctx, name, vault.RequestID(id))
}

// askToCancel asks for a cancellation, and again where the vault is just at work on the request.
func askToCancel(ctx context.Context, env *Env, name string) []*vault.Exchange {
	return env.unlessBusy(ctx, 3, func() *vault.Exchange { return env.Vault.CancelPending(ctx, name, true) })
}

// deletePending deletes the pending object, once more where the vault is just at work on the request.
func (env *Env) deletePending(ctx context.Context, name string, options ...vault.Option) *vault.Exchange {
	return Last(env.unlessBusy(ctx, 2, func() *vault.Exchange { return env.Vault.DeletePending(ctx, name, options...) }))
}

// unlessBusy sends a request, and again, so many times at most, where the vault returns a conflict because it is just at work on
// the certificate: that says nothing about the request.
func (env *Env) unlessBusy(ctx context.Context, most int, send func() *vault.Exchange) []*vault.Exchange {
	var sent []*vault.Exchange
	for {
		sent = append(sent, send())
		if len(sent) == most || Last(sent).Status() != http.StatusConflict || env.Clock.Sleep(ctx, env.Polling.Min) != nil {
			return sent
		}
	}
}

func importOver(ctx context.Context, env *Env, name string) (*vault.Exchange, error) {
	imported, err := env.Importable(ctx, "CN=imported.example.com")
	if err != nil {
		return nil, err
	}
	return env.Vault.ImportCertificate(ctx, name, imported), nil
}

// mergeFor has an authority sign the csr that the create returned with and merges what comes of it.
func mergeFor(ctx context.Context, env *Env, name string, responses ...*vault.Exchange) (*vault.Exchange, error) {
	leaf, _, err := env.SignOnce(responses...)
	if err != nil {
		return nil, err
	}
	return env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{X5C: vault.Chain(leaf)}), nil
}

func noFailingIssuer() error {
	return unreached("needs an issuer that fails its requests; the target file names none (issuers.fails)")
}

// filterOf filters by the request_id of a response, if it has one.
func filterOf(created *vault.Exchange) []vault.Option {
	if id := RequestID(created); id != "" {
		return []vault.Option{vault.RequestID(id)}
	}
	return nil
}

func namesFor(env *Env, purposes ...string) ([]string, error) {
	names := make([]string, len(purposes))
	for i, purpose := range purposes {
		name, err := env.Name(purpose)
		if err != nil {
			return nil, err
		}
		names[i] = name
	}
	return names, nil
}
