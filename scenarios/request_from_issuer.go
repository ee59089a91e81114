package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// RequestFromIssuer asks an issuer of the target for a certificate and follows the Location; then it asks for more
// particular certificates, whose signing requests tell more, and for one from an issuer that is not there.
type RequestFromIssuer struct {
	Created  *vault.Exchange
	Followed *vault.Exchange
	// Read is sent only if there is nothing to follow.
	Read           *vault.Exchange
	Detailed       *vault.Exchange
	Elliptic       *vault.Exchange
	UnknownIssuer  *vault.Exchange
	UnknownPending *vault.Exchange
}

// Play takes the issuer that keeps its requests in progress, for then the responses are those of a fresh operation
// however slow the connection is; without one it takes another, and Self where the target names none.
func (p *RequestFromIssuer) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("request")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name,
		IssuerRequest("CN=request.example.com, O=Kvconform, C=CH", issuerOrSelf(env.Issuers)))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Followed = env.Vault.Follow(ctx, vault.GetCertificateOperation, p.Created.Response.Header.Get("Location"))
	if !p.Followed.Succeeded() {
		p.Read = env.Vault.GetPending(ctx, name)
	}
	if err := p.particular(ctx, env); err != nil {
		return err
	}
	return p.nobody(ctx, env)
}

// particular asks for everything that a signing request can carry. The client signs these itself, so that no issuer's
// own rules stand in the way.
func (p *RequestFromIssuer) particular(ctx context.Context, env *Env) error {
	name, err := env.Name("detailed")
	if err != nil {
		return err
	}
	detailed := ManualRequest("CN=detailed.example.com")
	detailed.Policy.X509Properties.SubjectAlternativeNames = &vault.SubjectAlternativeNames{
		DNSNames: []string{"detailed.example.com", "www.detailed.example.com"},
	}
	detailed.Policy.X509Properties.ExtendedKeyUsages = []string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4"}
	detailed.Policy.X509Properties.KeyUsage = []string{"digitalSignature", "dataEncipherment"}
	p.Detailed = env.Create(ctx, name, detailed)

	if name, err = env.Name("elliptic"); err != nil {
		return err
	}
	elliptic := ManualRequest("CN=elliptic.example.com")
	elliptic.Policy.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-384"}
	elliptic.Policy.X509Properties.KeyUsage = []string{"digitalSignature"}
	p.Elliptic = env.Create(ctx, name, elliptic)
	return nil
}

func (p *RequestFromIssuer) nobody(ctx context.Context, env *Env) error {
	name, err := env.Name("nobody")
	if err != nil {
		return err
	}
	p.UnknownIssuer = env.Create(ctx, name, IssuerRequest("CN=nobody.example.com", name))
	p.UnknownPending = env.Vault.GetPending(ctx, name)
	return nil
}

// RequestFromOwnIssuer sets an issuer of its own in the vault, reads it, asks it for a certificate and takes it away.
type RequestFromOwnIssuer struct {
	IssuerSet     *vault.Exchange
	IssuerRead    *vault.Exchange
	Created       *vault.Exchange
	IssuerDeleted *vault.Exchange
	IssuerGone    *vault.Exchange
}

// Play gives the issuer the certificate's name, which is the run's own. The account does not exist: whether the
// provider fulfils the request is of no account here.
func (p *RequestFromOwnIssuer) Play(ctx context.Context, env *Env) error {
	name, err := env.IssuerName("issuer")
	if err != nil {
		return err
	}
	p.IssuerSet = env.Vault.SetIssuer(ctx, name, OwnIssuer(env.Provider))
	if err := env.Must(p.IssuerSet); err != nil {
		return err
	}
	p.IssuerRead = env.Vault.GetIssuer(ctx, name)
	request := IssuerRequest("CN=issuer.example.com", name)
	request.Policy.Issuer.CertificateType = "OV-SSL"
	p.Created = env.Create(ctx, name, request)
	p.IssuerDeleted = env.Vault.DeleteIssuer(context.WithoutCancel(ctx), name)
	p.IssuerGone = env.Vault.GetIssuer(ctx, name)
	return nil
}

// issuerOrSelf is an issuer whose requests stay in progress if there is one, or complete, or else Self.
func issuerOrSelf(issuers Issuers) string {
	for _, name := range []string{issuers.StaysInProgress, issuers.Completes} {
		if name != "" {
			return name
		}
	}
	return Self
}

// completingIssuer is an issuer of the target that completes its requests, or else Self.
func completingIssuer(issuers Issuers) string {
	if issuers.Completes != "" {
		return issuers.Completes
	}
	return Self
}

// noSuchPassword is that of an account which no provider has.
const noSuchPassword = "kvconform-no-such-password"

// OwnIssuer is an issuer of the run's own, of a provider that the service knows if the target file names none. The account
// does not exist.
func OwnIssuer(provider string) vault.IssuerParameters {
	if provider == "" {
		provider = "DigiCert"
	}
	return vault.IssuerParameters{
		Provider:    provider,
		Credentials: &vault.IssuerCredentials{AccountID: "kvconform", Password: noSuchPassword, Throwaway: true},
		Organization: &vault.Organization{
			ID: "1234567",
			Admins: []vault.Administrator{{
				FirstName: "Ada", LastName: "Example", Email: "ada@example.com", Phone: "4255550100",
			}},
		},
	}
}
