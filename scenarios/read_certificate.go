package scenarios

import (
	"context"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ReadCertificates reads certificates by every path: with and without a version, in another case, by names and versions that
// do not exist, and before and after the pending object is deleted.
type ReadCertificates struct {
	Created *vault.Exchange
	Polls   []*vault.Exchange
	Current *vault.Exchange
	Pending *vault.Exchange
	Policy  *vault.Exchange
	Version *vault.Exchange

	OtherCase        *vault.Exchange
	VersionOtherCase *vault.Exchange
	Unknown          *vault.Exchange

	Made []*vault.Exchange
	// Other is another certificate, Foreign a read of a version of the first under the name of the other.
	Other   *vault.Exchange
	Foreign *vault.Exchange

	PendingDeleted *vault.Exchange
	AfterPending   *vault.Exchange
}

// Play makes both certificates without tags.
func (p *ReadCertificates) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "read", "readother", "readunknown")
	if err != nil {
		return err
	}
	name, other := names[0], names[1]
	p.Created = env.Create(ctx, name, IssuerRequest("CN=read.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	p.Pending = env.Vault.GetPending(ctx, name)
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	p.OtherCase = env.Vault.GetCertificate(ctx, strings.ToUpper(name))
	p.Unknown = env.Vault.GetCertificate(ctx, names[2])
	version := versionOf(p.Current)
	if version != "" {
		p.Version = env.Vault.GetCertificateVersion(ctx, name, version)
		p.VersionOtherCase = env.Vault.GetCertificateVersion(ctx, name, strings.ToUpper(version))
	}
	if p.Made, err = env.supply(ctx, other, stock{}); err == nil {
		p.Other = env.Vault.GetCertificate(ctx, other)
		if version != "" {
			p.Foreign = env.Vault.GetCertificateVersion(ctx, other, version)
		}
	}
	p.PendingDeleted = env.deletePending(ctx, name)
	p.AfterPending = env.Vault.GetCertificate(ctx, name)
	return nil
}
