package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// FirstVersion makes a self-signed certificate, after a create that lacks the policy, and reads it in every way.
type FirstVersion struct {
	WithoutPolicy *vault.Exchange
	Created       *vault.Exchange
	// Simple asks for a subject alone, only if the fuller request is refused.
	Simple         *vault.Exchange
	Polls          []*vault.Exchange
	Current        *vault.Exchange
	WithSlash      *vault.Exchange
	UnknownVersion *vault.Exchange
	Policy         *vault.Exchange
}

// Taken is the create that was accepted, the fuller one where neither was.
func (p *FirstVersion) Taken() *vault.Exchange {
	if p.Simple.Succeeded() {
		return p.Simple
	}
	return p.Created
}

// Play asks for names and a validity that are no defaults.
func (p *FirstVersion) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "first", "policyless")
	if err != nil {
		return err
	}
	name := names[0]
	p.WithoutPolicy = env.Create(ctx, names[1], vault.CreateParameters{})
	request := IssuerRequest("CN=first.example.com, O=Kvconform", Self)
	request.Tags = map[string]string{"purpose": "conformance"}
	request.Policy.X509Properties.ValidityMonths = 18
	request.Policy.X509Properties.ExtendedKeyUsages = []string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.8"}
	request.Policy.X509Properties.SubjectAlternativeNames = &vault.SubjectAlternativeNames{
		DNSNames: []string{"first.example.com", "www.first.example.com"},
	}
	p.Created = env.Create(ctx, name, request)
	if p.Created.Failure == nil && !p.Created.Succeeded() {
		if name, err = env.Name("firstsimple"); err != nil {
			return err
		}
		p.Simple = env.Create(ctx, name, IssuerRequest("CN=first.example.com", Self))
	}
	if err := env.Must(p.Taken()); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	p.WithSlash = env.Vault.Follow(ctx, vault.GetCertificate, withSlash(p.Current))
	p.UnknownVersion = env.Vault.GetCertificateVersion(ctx, name, strings.Repeat("0", 32))
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	return nil
}

// withSlash is the URL of a request without its query and with a slash at its end.
func withSlash(e *vault.Exchange) string {
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path + "/"}).String()
}

// NextVersion makes two versions, the second with the stored policy, and reads both.
type NextVersion struct {
	Created     *vault.Exchange
	Polls       []*vault.Exchange
	First       *vault.Exchange
	CreatedNext *vault.Exchange
	// CreatedInFull is sent only if a create without a policy is refused.
	CreatedInFull *vault.Exchange
	NextPolls     []*vault.Exchange
	Second        *vault.Exchange
	Earlier       *vault.Exchange
	Versions      []*vault.Exchange
}

// Next is the create of the second version that was accepted, with or without a policy; the one without if neither was.
func (p *NextVersion) Next() *vault.Exchange {
	if !p.CreatedNext.Succeeded() && p.CreatedInFull != nil {
		return p.CreatedInFull
	}
	return p.CreatedNext
}

// Play leaves the policy of the second create out, as long as the vault takes that.
func (p *NextVersion) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("next")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=next.example.com, O=Kvconform", completingIssuer(env.Issuers))
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.First = env.Vault.GetCertificate(ctx, name)
	p.CreatedNext = env.Create(ctx, name, vault.CreateParameters{})
	if p.CreatedNext.Failure == nil && !p.CreatedNext.Succeeded() {
		p.CreatedInFull = env.Create(ctx, name, request)
	}
	if err := env.Must(p.Next()); err != nil {
		return err
	}
	if p.NextPolls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Second = env.Vault.GetCertificate(ctx, name)
	if id := p.First.Text("id"); id != "" {
		p.Earlier = env.Vault.Follow(ctx, vault.GetCertificate, id)
	}
	p.Versions = pages(ctx, env, env.Vault.GetCertificateVersions(ctx, name))
	return nil
}

// ReusedKey makes two versions of a certificate whose policy asks to reuse the key.
type ReusedKey struct {
	Created     *vault.Exchange
	Polls       []*vault.Exchange
	First       *vault.Exchange
	CreatedNext *vault.Exchange
	NextPolls   []*vault.Exchange
	Second      *vault.Exchange
}

// Play leaves the policy of the second create out, so that the stored one says which key it gets.
func (p *ReusedKey) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("reusedkey")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=reused-key.example.com", Self)
	request.Policy.KeyProperties = &vault.KeyProperties{
		KeyType: "RSA", KeySize: 2048, Exportable: addressOf(true), ReuseKey: addressOf(true),
	}
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.First = env.Vault.GetCertificate(ctx, name)
	p.CreatedNext = env.Create(ctx, name, vault.CreateParameters{})
	if err := env.Must(p.CreatedNext); err != nil {
		return err
	}
	if p.NextPolls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Second = env.Vault.GetCertificate(ctx, name)
	return nil
}

// NextVersionByHand asks for the next version of a certificate by hand, and polls the current one while
// the next is in progress and when it is merged.
type NextVersionByHand struct {
	Created     *vault.Exchange
	Polls       []*vault.Exchange
	Before      *vault.Exchange
	CreatedNext *vault.Exchange
	Pending     *vault.Exchange
	During      *vault.Exchange
	Policy      *vault.Exchange
	Merged      *vault.Exchange
	After       *vault.Exchange
	PolicyAfter *vault.Exchange
	Earlier     *vault.Exchange
}

// Play has another subject in the policy of the next version.
func (p *NextVersionByHand) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("byhand")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=by-hand.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Before = env.Vault.GetCertificate(ctx, name)
	p.CreatedNext = env.Create(ctx, name, ManualRequest("CN=by-hand-next.example.com, O=Kvconform"))
	if err := env.Must(p.CreatedNext); err != nil {
		return err
	}
	p.Pending = env.Vault.GetPending(ctx, name)
	p.During = env.Vault.GetCertificate(ctx, name)
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	if p.Merged, err = mergeFor(ctx, env, name, p.CreatedNext, p.Pending); err != nil {
		return err
	}
	p.After = env.Vault.GetCertificate(ctx, name)
	p.PolicyAfter = env.Vault.GetCertificatePolicy(ctx, name)
	if id := p.Before.Text("id"); id != "" {
		p.Earlier = env.Vault.Follow(ctx, vault.GetCertificate, id)
	}
	return nil
}

// IncompleteFirstVersion reads a certificate whose only version is in progress.
type IncompleteFirstVersion struct {
	Created *vault.Exchange
	Pending *vault.Exchange
	Current *vault.Exchange
}

// Play takes a request that nothing completes by itself.
func (p *IncompleteFirstVersion) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("incomplete")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=incomplete.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Pending = env.Vault.GetPending(ctx, name)
	p.Current = env.Vault.GetCertificate(ctx, name)
	return nil
}

// ChangedCertificate patches the policy of a certificate, then updates its attributes and tags by each of the paths that
// an update has, and reads it after each.
type ChangedCertificate struct {
	Created        *vault.Exchange
	Polls          []*vault.Exchange
	Current        *vault.Exchange
	Policy         *vault.Exchange
	PolicyPatched  *vault.Exchange
	PolicyAfter    *vault.Exchange
	AfterPatch     *vault.Exchange
	UpdatedVersion *vault.Exchange
	UpdatedSlash   *vault.Exchange
	Updated        *vault.Exchange
	AfterUpdate    *vault.Exchange
	Version        *vault.Exchange
}

// Update is the last update that was accepted, after which the certificate was read; that of the version where none was.
func (p *ChangedCertificate) Update() *vault.Exchange {
	last := p.UpdatedVersion
	for _, update := range []*vault.Exchange{p.UpdatedSlash, p.Updated} {
		if last == nil || update.Succeeded() {
			last = update
		}
	}
	return last
}

// Play patches one group of the policy. All updates disable the certificate; their tags tell them apart.
func (p *ChangedCertificate) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("changed")
	if err != nil {
		return err
	}
	request := IssuerRequest("CN=changed.example.com", completingIssuer(env.Issuers))
	request.Tags = map[string]string{"made": "before"}
	p.Created = env.Create(ctx, name, request)
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	p.PolicyPatched = env.Vault.UpdateCertificatePolicy(ctx, name, vault.Policy{
		KeyProperties: &vault.KeyProperties{KeyType: "RSA", KeySize: 3072, Exportable: addressOf(true), ReuseKey: addressOf(false)},
	})
	p.PolicyAfter = env.Vault.GetCertificatePolicy(ctx, name)
	p.AfterPatch = env.Vault.GetCertificate(ctx, name)
	p.update(ctx, env, name)
	p.AfterUpdate = env.Vault.GetCertificate(ctx, name)
	if id := p.Current.Text("id"); id != "" {
		p.Version = env.Vault.Follow(ctx, vault.GetCertificate, id)
	}
	return nil
}

func (p *ChangedCertificate) update(ctx context.Context, env *Env, name string) {
	disabled := func(stage string) vault.UpdateParameters {
		return vault.UpdateParameters{
			Attributes: &vault.Attributes{Enabled: addressOf(false)},
			Tags:       map[string]string{"purpose": "conformance", "stage": stage},
		}
	}
	if version := lastSegment(p.Current.Text("id")); version != "" && version != name {
		p.UpdatedVersion = env.Vault.UpdateCertificateVersion(ctx, name, version, disabled("version"))
	}
	p.UpdatedSlash = env.Vault.Send(ctx, vault.UpdateCertificate, http.MethodPatch, withSlash(p.Current), disabled("slash"),
		vault.Deliberate())
	p.Updated = env.Vault.UpdateCertificate(ctx, name, disabled("changed"))
}

// DeletedName deletes a certificate and asks for another of its name.
type DeletedName struct {
	Created      *vault.Exchange
	Polls        []*vault.Exchange
	Current      *vault.Exchange
	Deleted      *vault.Exchange
	DeletedPolls []*vault.Exchange
	After        *vault.Exchange
	CreatedAgain *vault.Exchange
	Recovered    *vault.Exchange
}

// Play waits until the deleted certificate shows as such: deleting is eventual.
func (p *DeletedName) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("deletedname")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=deleted-name.example.com", completingIssuer(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitState(ctx, name, vault.StateCompleted); err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	p.Deleted = env.Vault.DeleteCertificate(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	if p.DeletedPolls, err = env.awaitDeleted(ctx, name); err != nil {
		return err
	}
	p.After = env.Vault.GetCertificate(ctx, name)
	p.CreatedAgain = env.Create(ctx, name, IssuerRequest("CN=deleted-name.example.com", completingIssuer(env.Issuers)))
	p.Recovered = env.Vault.RecoverDeletedCertificate(ctx, name)
	return nil
}

// awaitDeleted polls the deleted certificate until it is there. It returns every poll.
func (env *Env) awaitDeleted(ctx context.Context, name string) ([]*vault.Exchange, error) {
	until := env.Clock.Now().Add(env.Polling.Timeout)
	if env.Doing != nil {
		env.Doing("the deleted certificate", until)
	}
	var polls []*vault.Exchange
	for {
		poll := env.Vault.GetDeletedCertificate(ctx, name)
		polls = append(polls, poll)
		switch {
		case poll.Failure != nil:
			return polls, poll.Failure
		case poll.Succeeded():
			return polls, nil
		case poll.Status() != http.StatusNotFound:
			return polls, blocked(poll, "the deleted certificate")
		}
		pause := env.pauseAfter(poll, len(polls)-1)
		if env.Clock.Now().Add(pause).After(until) {
			return polls, blocked(poll, fmt.Sprintf("the deleted certificate within %s (polling.timeout)", env.Polling.Timeout))
		}
		if env.Clock.Sleep(ctx, pause) != nil {
			return polls, vault.Ended(ctx)
		}
	}
}

func addressOf[T any](value T) *T { return &value }
