package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// APIVersions sends requests without an api-version and with those that never were, for a request that can be read
// with the right one, and looks whether they did anything.
type APIVersions struct {
	Created           *vault.Exchange
	Read              *vault.Exchange
	Followed          *vault.Exchange
	Missing           *vault.Exchange
	Empty             *vault.Exchange
	Unknown           *vault.Exchange
	Garbage           *vault.Exchange
	Listed            *vault.Exchange
	ListedMissing     *vault.Exchange
	DeletedMissing    *vault.Exchange
	ReadAfterDeletion *vault.Exchange
	DeletedAtLast     *vault.Exchange
	CreatedMissing    *vault.Exchange
	ReadAfterCreation *vault.Exchange
	CreatedAtLast     *vault.Exchange
}

// neverVersion has the form of an api-version and is older than the first.
const neverVersion = "2001-01-01"

// Play shows that the thing is there before each refusal, and at last that the api-version was all that lacked.
func (p *APIVersions) Play(ctx context.Context, s *Env) error {
	names, err := namesFor(s, "versioned", "versionless")
	if err != nil {
		return err
	}
	p.Created = s.Create(ctx, names[0], ManualRequest("CN=versioned.example.com"))
	if p.Created.Failure != nil {
		return p.Created.Failure
	}
	p.Read = s.Vault.GetPending(ctx, names[0])
	p.Followed = s.Vault.Follow(ctx, vault.GetCertificateOperation, p.Created.Response.Header.Get("Location"))
	missing := []vault.Option{vault.WithoutAPIVersion(), vault.Deliberate()}
	p.Missing = s.Vault.GetPending(ctx, names[0], missing...)
	p.Empty = s.Vault.GetPending(ctx, names[0], append(missing, vault.Parameter("api-version", ""))...)
	p.Unknown = s.Vault.GetPending(ctx, names[0], vault.APIVersion(neverVersion), vault.Deliberate())
	p.Garbage = s.Vault.GetPending(ctx, names[0], vault.APIVersion("latest"), vault.Deliberate())
	p.Listed = s.Vault.GetCertificates(ctx)
	p.ListedMissing = s.Vault.GetCertificates(ctx, missing...)
	p.DeletedMissing = s.Vault.DeletePending(ctx, names[0], missing...)
	p.ReadAfterDeletion = s.Vault.GetPending(ctx, names[0])
	p.DeletedAtLast = s.Vault.DeletePending(ctx, names[0])
	p.CreatedMissing = s.Create(ctx, names[1], ManualRequest("CN=versionless.example.com"), missing...)
	p.ReadAfterCreation = s.Vault.GetPending(ctx, names[1])
	p.CreatedAtLast = s.Create(ctx, names[1], ManualRequest("CN=versionless.example.com"))
	return nil
}

// APIVersionOfTarget reads the target of a completed request, with the api-version of the client where it has none.
type APIVersionOfTarget struct {
	Created  *vault.Exchange
	Polls    []*vault.Exchange
	Followed *vault.Exchange
}

// Play waits for the certificate.
func (p *APIVersionOfTarget) Play(ctx context.Context, s *Env) error {
	name, err := s.Name("target")
	if err != nil {
		return err
	}
	p.Created = s.Create(ctx, name, IssuerRequest("CN=target.example.com", completingIssuer(s.Issuers)))
	if err := s.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = s.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	target := p.Polls[len(p.Polls)-1].Text("target")
	if target == "" {
		return unreached("needs a completed request with a target to follow; it has none")
	}
	p.Followed = s.Vault.Follow(ctx, vault.GetCertificate, target)
	return nil
}
