package scenarios

import (
	"context"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// UnfinishedCertificate looks at everything around a manual request that nobody has merged: its policy, its name in
// another case, the lists with and without it. At last it deletes the certificate.
type UnfinishedCertificate struct {
	Created       *vault.Exchange
	Pending       *vault.Exchange
	OtherCase     *vault.Exchange
	Policy        *vault.Exchange
	ListedPending []*vault.Exchange
	Listed        []*vault.Exchange
	InvalidName   *vault.Exchange
	// InvalidRemoved takes away what the invalid name was given: a ledger holds valid names alone.
	InvalidRemoved []*vault.Exchange
	Deleted        *vault.Exchange
}

// Play reads before it deletes.
func (p *UnfinishedCertificate) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "unfinished", "invalid")
	if err != nil {
		return err
	}
	name := names[0]
	p.Created = env.Create(ctx, name, ManualRequest("CN=unfinished.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Pending = env.Vault.GetPending(ctx, name)
	p.OtherCase = env.Vault.GetPending(ctx, strings.ToUpper(name))
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	p.ListedPending = pages(ctx, env, env.Vault.GetCertificates(ctx, vault.Parameter("includePending", "true")))
	p.Listed = pages(ctx, env, env.Vault.GetCertificates(ctx))
	invalid := names[1] + "_name"
	p.InvalidName = env.Create(ctx, invalid, ManualRequest("CN=invalid-name.example.com"), vault.Deliberate())
	if p.InvalidName.Succeeded() {
		p.InvalidRemoved = []*vault.Exchange{
			env.Vault.DeletePending(ctx, invalid, vault.Deliberate()),
			env.Vault.DeleteCertificate(ctx, invalid, vault.Deliberate()),
			env.Vault.PurgeDeletedCertificate(ctx, invalid, vault.Deliberate()),
		}
	}
	p.Deleted = env.Vault.DeleteCertificate(ctx, name)
	return nil
}

// UnknownRoutes sends requests to a path and with a method that the API does not have, and reads the contacts, whose path
// looks like that of a certificate.
type UnknownRoutes struct {
	Listed      *vault.Exchange
	NoRoute     *vault.Exchange
	WrongMethod *vault.Exchange
	// WrongCreate is a create that would be right as a POST.
	WrongCreate *vault.Exchange
	Contacts    *vault.Exchange
}

// Play lists first: the token and the api-version are right.
func (p *UnknownRoutes) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("noroute")
	if err != nil {
		return err
	}
	p.Listed = env.Vault.GetCertificates(ctx)
	certificates, query, _ := strings.Cut(p.Listed.Request.URL, "?")
	p.NoRoute = env.Vault.Send(ctx, "UnknownOperation", http.MethodGet, certificates+"/"+name+"/nothing/of/this?"+query, nil,
		vault.Deliberate())
	p.WrongMethod = env.Vault.Send(ctx, "UnknownOperation", http.MethodPut, certificates+"/"+name+"/pending?"+query,
		struct{}{}, vault.Deliberate())
	p.WrongCreate = env.Vault.Send(ctx, "UnknownOperation", http.MethodPut, certificates+"/"+name+"/create?"+query,
		ManualRequest("CN=noroute.example.com"), vault.Deliberate())
	p.Contacts = env.Vault.GetContacts(ctx)
	return nil
}
