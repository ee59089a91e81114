package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// UpdatedVersions updates the earlier version of a certificate and the current one, a member at a time, and reads both after
// each update.
type UpdatedVersions struct {
	UnknownName *vault.Exchange

	Made []*vault.Exchange
	// First and Current are the two versions before any update.
	First          *vault.Exchange
	Current        *vault.Exchange
	Policy         *vault.Exchange
	UnknownVersion *vault.Exchange

	// The updates of the earlier version, the reads of it after each, and those of the current version beside it.
	Disabled        *vault.Exchange
	DisabledRead    *vault.Exchange
	DisabledCurrent *vault.Exchange
	Repeated        *vault.Exchange
	RepeatedRead    *vault.Exchange
	Tagged          *vault.Exchange
	TaggedRead      *vault.Exchange
	TaggedCurrent   *vault.Exchange
	Enabled         *vault.Exchange
	EnabledRead     *vault.Exchange

	// The updates of the current version, and the reads of it after each.
	Dated       *vault.Exchange
	DatedRead   *vault.Exchange
	Fixed       *vault.Exchange
	FixedRead   *vault.Exchange
	Emptied     *vault.Exchange
	EmptiedRead *vault.Exchange
	Most        *vault.Exchange
	MostRead    *vault.Exchange
	TooMany     *vault.Exchange
	TooManyRead *vault.Exchange
	PolicyAfter *vault.Exchange
}

// Play updates what does not exist first, since the same updates have to succeed later.
func (p *UpdatedVersions) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "updated", "updatedunknown")
	if err != nil {
		return err
	}
	name := names[0]
	p.UnknownName = env.Vault.UpdateCertificate(ctx, names[1], vault.UpdateParameters{Tags: map[string]string{"of": "nothing"}})
	for _, version := range []struct {
		stock stock
		read  **vault.Exchange
	}{
		{stock{tags: map[string]string{"version": "first", "kept": "yes"}, age: 24 * time.Hour}, &p.First},
		{stock{tags: map[string]string{"version": "second", "kept": "yes"}}, &p.Current},
	} {
		made, err := env.supply(ctx, name, version.stock)
		p.Made = append(p.Made, made...)
		if err != nil {
			return err
		}
		*version.read = env.Vault.GetCertificate(ctx, name)
		if err := env.Must(*version.read); err != nil {
			return err
		}
	}
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	p.UnknownVersion = env.Vault.Update(ctx, name, strings.Repeat("0", 32), vault.UpdateParameters{Tags: map[string]string{"of": "nothing"}})
	p.earlier(ctx, env, name)
	p.current(ctx, env, name)
	p.PolicyAfter = env.Vault.GetCertificatePolicy(ctx, name)
	return nil
}

// enabled is the body of an update that enables or disables a version.
func enabled(value bool) vault.UpdateParameters {
	return vault.UpdateParameters{Attributes: &vault.Attributes{Enabled: addressOf(value)}}
}

func (p *UpdatedVersions) earlier(ctx context.Context, env *Env, name string) {
	version := versionOf(p.First)
	if version == "" {
		return
	}
	read := func() *vault.Exchange { return env.Vault.GetCertificateVersion(ctx, name, version) }
	p.Disabled = env.Vault.UpdateCertificateVersion(ctx, name, version, enabled(false))
	p.DisabledRead, p.DisabledCurrent = read(), env.Vault.GetCertificate(ctx, name)
	p.Repeated = env.Vault.UpdateCertificateVersion(ctx, name, version, enabled(false))
	p.RepeatedRead = read()
	p.Tagged = env.Vault.UpdateCertificateVersion(ctx, name, version,
		vault.UpdateParameters{Tags: map[string]string{"version": "Retagged", "More": "yes"}})
	p.TaggedRead, p.TaggedCurrent = read(), env.Vault.GetCertificate(ctx, name)
	p.Enabled = env.Vault.UpdateCertificateVersion(ctx, name, version, enabled(true))
	p.EnabledRead = read()
}

// current updates the current version: by its own path or, if the target refuses that, by the path without a version.
func (p *UpdatedVersions) current(ctx context.Context, env *Env, name string) {
	version := versionOf(p.Current)
	if p.Disabled != nil && !p.Disabled.Succeeded() && p.Disabled.Failure == nil {
		version = ""
	}
	update := func(body any, options ...vault.Option) (*vault.Exchange, *vault.Exchange) {
		return env.Vault.Update(ctx, name, version, body, options...), env.Vault.GetCertificate(ctx, name)
	}
	const longAgo, farAhead = 1500000000, 4000000000
	p.Dated, p.DatedRead = update(map[string]any{"attributes": map[string]any{"nbf": longAgo, "exp": farAhead}})
	p.Fixed, p.FixedRead = update(map[string]any{"attributes": map[string]any{
		"created": longAgo, "updated": longAgo, "recoveryLevel": "Purgeable",
	}}, vault.Deliberate())
	p.Emptied, p.EmptiedRead = update(map[string]any{"tags": map[string]any{}})
	p.Most, p.MostRead = update(vault.UpdateParameters{Tags: tagsOf(15)})
	p.TooMany, p.TooManyRead = update(vault.UpdateParameters{Tags: tagsOf(16)}, vault.Deliberate())
}

// tagsOf are so many tags.
func tagsOf(count int) map[string]string {
	tags := map[string]string{}
	for i := range count {
		tags[fmt.Sprintf("tag%02d", i+1)] = fmt.Sprintf("%d of %d", i+1, count)
	}
	return tags
}
