package scenarios

import (
	"context"
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// BackedUpCertificate makes a backup of a certificate with two versions and restores it where that must be rejected and, once
// the certificate is gone, where it must not.
type BackedUpCertificate struct {
	BackedUpUnknown *vault.Exchange

	Made []*vault.Exchange
	// Patched gives the policy lifetime actions that are not those by default.
	Patched  *vault.Exchange
	First    *vault.Exchange
	Current  *vault.Exchange
	Policy   *vault.Exchange
	Versions []*vault.Exchange
	BackedUp *vault.Exchange

	RestoredOver *vault.Exchange
	Malformed    *vault.Exchange
	ValueLeftOut *vault.Exchange
	AfterOver    *vault.Exchange

	Deleted         *vault.Exchange
	DeletedPolls    []*vault.Exchange
	RestoredDeleted *vault.Exchange
	BackedUpDeleted *vault.Exchange
	TooEarly        []*vault.Exchange
	Purged          *vault.Exchange
	Gone            []*vault.Exchange

	// Restored are restores until one is not a conflict.
	Restored         []*vault.Exchange
	RestoredPolls    []*vault.Exchange
	RestoredFirst    *vault.Exchange
	RestoredVersions []*vault.Exchange
	RestoredPolicy   *vault.Exchange
}

// Play ends early if the target cannot make the name free again.
func (p *BackedUpCertificate) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "backedup", "backedupunknown")
	if err != nil {
		return err
	}
	name := names[0]
	p.BackedUpUnknown, _ = env.Vault.BackupCertificate(ctx, names[1])
	p.Made, err = env.versionPair(ctx, name)
	if err != nil {
		return err
	}
	p.Patched = env.ownActions(ctx, name)
	p.Current = env.Vault.GetCertificate(ctx, name)
	if err := env.Must(p.Current); err != nil {
		return err
	}
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	p.Versions = everyVersion(ctx, env, name)
	if first := otherVersionOf(p.Versions, p.Current); first != "" {
		p.First = env.Vault.Follow(ctx, vault.GetCertificate, first)
	}
	var backup string
	p.BackedUp, backup = env.Vault.BackupCertificate(ctx, name)
	if err := env.Must(p.BackedUp); err != nil {
		return err
	}
	if backup == "" {
		return blocked(p.BackedUp, "a value")
	}
	p.RestoredOver = env.Vault.RestoreCertificate(ctx, backup)
	p.Malformed = env.Vault.RestoreCertificate(ctx, "bm90IGEgYmFja3VwIG9mIGEgY2VydGlmaWNhdGU")
	p.ValueLeftOut = env.Vault.RestoreCertificate(ctx, "", vault.Deliberate())
	p.AfterOver = env.Vault.GetCertificate(ctx, name)
	return p.restore(ctx, env, name, backup)
}

// restore deletes and purges the certificate, then restores it.
func (p *BackedUpCertificate) restore(ctx context.Context, env *Env, name, backup string) error {
	p.Deleted = env.Vault.DeleteCertificate(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	if SoftDeleted(p.Deleted) {
		read := func() *vault.Exchange { return env.Vault.GetDeletedCertificate(ctx, name) }
		p.DeletedPolls = env.await(ctx, "the deleted certificate", read, (*vault.Exchange).Succeeded)
		p.RestoredDeleted = env.Vault.RestoreCertificate(ctx, backup)
		p.BackedUpDeleted, _ = env.Vault.BackupCertificate(ctx, name)
		p.TooEarly, p.Purged = env.purge(ctx, name)
		if err := env.Must(p.Purged); err != nil {
			return err
		}
		p.Gone = env.await(ctx, "the end of the purged certificate", read, isMissing)
	}
	p.Restored = env.await(ctx, "the name of the purged certificate",
		func() *vault.Exchange { return env.Vault.RestoreCertificate(ctx, backup) },
		func(restored *vault.Exchange) bool { return restored.Status() != http.StatusConflict })
	if !Last(p.Restored).Succeeded() {
		return nil
	}
	p.RestoredPolls = env.await(ctx, "the restored certificate",
		func() *vault.Exchange { return env.Vault.GetCertificate(ctx, name) }, (*vault.Exchange).Succeeded)
	if p.First != nil {
		p.RestoredFirst = env.Vault.Follow(ctx, vault.GetCertificate, p.First.Request.URL)
	}
	p.RestoredVersions = everyVersion(ctx, env, name)
	p.RestoredPolicy = env.Vault.GetCertificatePolicy(ctx, name)
	return nil
}

// ownActions gives the policy of a certificate lifetime actions that no vault has by default, so that a policy that is made anew
// can be told from one that comes back.
func (env *Env) ownActions(ctx context.Context, name string) *vault.Exchange {
	return env.Vault.UpdateCertificatePolicy(ctx, name, vault.Policy{}, vault.Set("lifetime_actions", []any{map[string]any{
		"trigger": map[string]any{"days_before_expiry": 37}, "action": map[string]any{"action_type": "EmailContacts"},
	}}))
}
