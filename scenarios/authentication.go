package scenarios

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Authentication sends requests without a token, with a wrong one and under a wrong scheme, for a request that the
// right token can read, and looks with the right token whether they did anything.
type Authentication struct {
	Created                *vault.Exchange
	Read                   *vault.Exchange
	ReadWithout            *vault.Exchange
	CertificateWithout     *vault.Exchange
	ListedWithout          *vault.Exchange
	WrongToken             *vault.Exchange
	WrongScheme            *vault.Exchange
	UnknownWithout         *vault.Exchange
	BodylessWithout        *vault.Exchange
	EmptyNameWithout       *vault.Exchange
	CancelledWithout       *vault.Exchange
	MergedWithout          *vault.Exchange
	ImportedWithout        *vault.Exchange
	DeletedWithout         *vault.Exchange
	ReadAfterDeletion      *vault.Exchange
	CreatedWithout         *vault.Exchange
	ReadAfterCreation      *vault.Exchange
	CreatedWithTokenAtLast *vault.Exchange
}

// wrongToken has the three parts of a signed token, and nobody's signature.
const wrongToken = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJrdmNvbmZvcm0ifQ.bm9ib2R5"

// Play shows that the thing is there before each refusal, and at last that the token was all that lacked. A create that
// is refused does not end it: what a list returns without a token needs no certificate.
func (p *Authentication) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "token", "tokenless", "unknown")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, names[0], ManualRequest("CN=token.example.com"))
	if p.Created.Failure != nil {
		return p.Created.Failure
	}
	p.Read = env.Vault.GetPending(ctx, names[0])
	without := []vault.Option{vault.WithoutToken(), vault.Deliberate()}
	p.ReadWithout = env.Vault.GetPending(ctx, names[0], without...)
	p.CertificateWithout = env.Vault.GetCertificate(ctx, names[0], without...)
	p.ListedWithout = env.Vault.GetCertificates(ctx, without...)
	p.WrongToken = env.Vault.GetPending(ctx, names[0], vault.WithToken(wrongToken), vault.Deliberate())
	p.WrongScheme = env.Vault.GetPending(ctx, names[0], vault.Scheme("Basic"), vault.Deliberate())
	p.UnknownWithout = env.Vault.GetCertificate(ctx, names[2], without...)
	create := p.Created.Request.URL
	p.BodylessWithout = env.Vault.Send(ctx, vault.CreateCertificate, http.MethodPost, create, nil, without...)
	p.EmptyNameWithout = env.Vault.Send(ctx, vault.CreateCertificate, http.MethodPost, emptyName(create, names[0]), nil, without...)
	p.CancelledWithout = env.Vault.CancelPending(ctx, names[0], true, without...)
	p.MergedWithout = env.Vault.Merge(ctx, names[0], struct{}{}, without...)
	imported, err := env.Importable(ctx, "CN=token.example.com")
	if err != nil {
		return err
	}
	p.ImportedWithout = env.Vault.ImportCertificate(ctx, names[0], imported, without...)
	p.DeletedWithout = env.Vault.DeletePending(ctx, names[0], without...)
	p.ReadAfterDeletion = env.Vault.GetPending(ctx, names[0])
	p.CreatedWithout = env.Create(ctx, names[1], ManualRequest("CN=tokenless.example.com"), without...)
	p.ReadAfterCreation = env.Vault.GetPending(ctx, names[1])
	p.CreatedWithTokenAtLast = env.Create(ctx, names[1], ManualRequest("CN=tokenless.example.com"))
	return nil
}

// emptyName takes the name out of the URL of a create.
func emptyName(link, name string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	u.Path = strings.Replace(u.Path, "/certificates/"+name+"/", "/certificates//", 1)
	u.RawPath = ""
	return u.String()
}
