package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// This file reads the keys and the secrets of certificates. A target claims them (companions); without the claim the client
// sends no such request, and no certificate is made for it.

// companioned is a certificate with what its kid and sid lead to.
type companioned struct {
	made []*vault.Exchange
	// read is the certificate; key and secret are nil where it has no kid or sid. atKid and atSid are what these lead to, which
	// is something else where the link is wrong.
	read, key, secret, atKid, atSid *vault.Exchange
}

// withCompanions makes a certificate and reads it, its key and its secret. It signs the request by hand with a chain, or where
// the target does not claim merges, has an issuer do so. The error is one of a response that was missing.
func (env *Env) withCompanions(ctx context.Context, purpose string, change func(policy *vault.Policy)) (made companioned, name string, err error) {
	if name, err = env.Name(purpose); err != nil {
		return made, name, err
	}
	issuer := Unknown
	if !env.Vault.Claims("merge") {
		issuer = completingIssuer(env.Issuers)
		made.made = append(made.made, env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{})) // not sent, which says so
	}
	request := IssuerRequest("CN="+purpose+".example.com", issuer)
	change(request.Policy)
	created := env.Create(ctx, name, request)
	if made.made = append(made.made, created); !created.Succeeded() {
		return made, name, failureOf(created)
	}
	if issuer == Unknown {
		err = made.merge(ctx, env, name, created)
	} else {
		var polls []*vault.Exchange
		polls, err = env.AwaitEnd(ctx, name)
		made.made = append(made.made, polls...)
	}
	if err != nil {
		return made, name, err
	}
	return made, name, made.readAll(ctx, env, name)
}

// companionsOf makes and reads a certificate for a play that needs it: the play ends where the target does not claim companions,
// or where the certificate cannot be read.
func (env *Env) companionsOf(ctx context.Context, purpose string, change func(policy *vault.Policy)) (made companioned, name string, err error) {
	if err := env.claimsCompanions(ctx); err != nil {
		return made, "", err
	}
	made, name, err = env.withCompanions(ctx, purpose, change)
	if err == nil && !made.read.Succeeded() {
		err = env.Must(Last(made.made))
	}
	return made, name, err
}

// merge completes a request with a leaf and its authority or, if the target rejects a chain, with the leaf alone.
func (c *companioned) merge(ctx context.Context, env *Env, name string, created *vault.Exchange) error {
	leaf, authority, err := env.SignOnce(created)
	if err != nil {
		return err
	}
	merged := env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{X5C: vault.Chain(leaf, authority)})
	if c.made = append(c.made, merged); !merged.Succeeded() && !merged.Failed() {
		merged = env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{X5C: vault.Chain(leaf)})
		c.made = append(c.made, merged)
	}
	return failureOf(merged)
}

// readAll reads the current version of a certificate, and what its kid and sid lead to. A link that leads to no key or no secret
// is wrong by rules of its own; the key and the secret are then read by the certificate's name.
func (c *companioned) readAll(ctx context.Context, env *Env, name string) error {
	c.read, c.atKid, c.atSid = env.Vault.GetCertificate(ctx, name), nil, nil
	if kid := c.read.Text("kid"); kid != "" {
		c.atKid = env.Vault.Follow(ctx, vault.GetKey, kid)
	}
	if sid := c.read.Text("sid"); sid != "" {
		c.atSid = env.Vault.Follow(ctx, vault.GetSecret, sid)
	}
	c.key, c.secret = c.atKid, c.atSid
	if c.atKid != nil && !ShowsKey(c.atKid) && !c.atKid.Failed() {
		c.key = env.Vault.GetKey(ctx, name)
	}
	if c.atSid != nil && !ShowsSecret(c.atSid) && !c.atSid.Failed() {
		c.secret = env.Vault.GetSecret(ctx, name)
	}
	return failureOf(c.read)
}

// keyAgain reads the key as readAll did, at kid or by name.
func (c *companioned) keyAgain(ctx context.Context, env *Env, name string) *vault.Exchange {
	if c.key != c.atKid {
		return env.Vault.GetKey(ctx, name)
	}
	return env.Vault.Follow(ctx, vault.GetKey, c.read.Text("kid"))
}

// secretAgain reads the secret as readAll did, at sid or by name.
func (c *companioned) secretAgain(ctx context.Context, env *Env, name string) *vault.Exchange {
	if c.secret != c.atSid {
		return env.Vault.GetSecret(ctx, name)
	}
	return env.Vault.Follow(ctx, vault.GetSecret, c.read.Text("sid"))
}

// ShowsKey reports whether a response shows a key.
func ShowsKey(e *vault.Exchange) bool { return e.Succeeded() && e.Member("key") != nil }

// ShowsSecret reports whether a response shows a secret with a value, whatever that is.
func ShowsSecret(e *vault.Exchange) bool { return e.Succeeded() && e.Response.Content != nil }

// failureOf is the failure of an exchange as an error.
func failureOf(e *vault.Exchange) error {
	if e.Failure != nil {
		return e.Failure
	}
	return nil
}

// claimsCompanions ends a play early if the target has no keys and secrets: a certificate alone would show nothing.
func (env *Env) claimsCompanions(ctx context.Context) error {
	if env.Vault.Claims("companions") {
		return nil
	}
	return failureOf(env.Vault.GetKey(ctx, "unclaimed")) // not sent
}

// CompanionsRead reads the key and the secret of a certificate with an RSA key that is exportable, as PKCS#12: at kid and sid,
// by the certificate's name, and without a token.
type CompanionsRead struct {
	Made   []*vault.Exchange
	Read   *vault.Exchange
	Key    *vault.Exchange
	Secret *vault.Exchange
	// NamedKey and NamedSecret are read without a version.
	NamedKey    *vault.Exchange
	NamedSecret *vault.Exchange

	TokenlessKey    *vault.Exchange
	TokenlessSecret *vault.Exchange
}

// Play says in the policy what the rules are about, except for the usage.
func (p *CompanionsRead) Play(ctx context.Context, env *Env) error {
	made, name, err := env.companionsOf(ctx, "companions", func(policy *vault.Policy) {
		policy.KeyProperties = &vault.KeyProperties{KeyType: "RSA", KeySize: 2048, Exportable: addressOf(true)}
		policy.SecretProperties = &vault.SecretProperties{ContentType: "application/x-pkcs12"}
	})
	p.Made, p.Read, p.Key, p.Secret = made.made, made.read, made.atKid, made.atSid
	if err != nil || !p.Read.Succeeded() {
		return err
	}
	p.NamedKey, p.NamedSecret = env.Vault.GetKey(ctx, name), env.Vault.GetSecret(ctx, name)
	if p.Key.Succeeded() {
		p.TokenlessKey = env.Vault.Follow(ctx, vault.GetKey, p.Read.Text("kid"), vault.WithoutToken(), vault.Deliberate())
	}
	if p.Secret.Succeeded() {
		p.TokenlessSecret = env.Vault.Follow(ctx, vault.GetSecret, p.Read.Text("sid"), vault.WithoutToken(), vault.Deliberate())
	}
	return nil
}

// CompanionForms reads the secrets of certificates that are not exportable, that are PEM, and that were imported, and the keys
// of certificates with other usages.
type CompanionForms struct {
	// Kept has a key that is not exportable.
	Kept       []*vault.Exchange
	KeptRead   *vault.Exchange
	KeptSecret *vault.Exchange

	PEM       []*vault.Exchange
	PEMRead   *vault.Exchange
	PEMKey    *vault.Exchange
	PEMSecret *vault.Exchange

	KeptPEM       []*vault.Exchange
	KeptPEMRead   *vault.Exchange
	KeptPEMSecret *vault.Exchange

	// Enciphering and Signing have one usage more than none: dataEncipherment, nonRepudiation.
	Enciphering     []*vault.Exchange
	EncipheringRead *vault.Exchange
	EncipheringKey  *vault.Exchange
	Signing         []*vault.Exchange
	SigningRead     *vault.Exchange
	SigningKey      *vault.Exchange

	Imported       *vault.Exchange
	ImportedSecret *vault.Exchange
}

// Play makes each certificate on its own, so that one that is refused stands in no other's way.
func (p *CompanionForms) Play(ctx context.Context, env *Env) error {
	if err := env.claimsCompanions(ctx); err != nil {
		return err
	}
	const pem = "application/x-pem-file"
	form := func(contentType string, exportable bool, keyType string, usage ...string) func(*vault.Policy) {
		return func(policy *vault.Policy) {
			policy.KeyProperties = &vault.KeyProperties{KeyType: keyType, Exportable: &exportable}
			if keyType == "EC" {
				policy.KeyProperties.Curve = "P-256"
			}
			policy.SecretProperties = &vault.SecretProperties{ContentType: contentType}
			policy.X509Properties.KeyUsage = usage
		}
	}
	var unread *vault.Exchange
	for _, certificate := range []struct {
		purpose string
		change  func(*vault.Policy)
		made    *[]*vault.Exchange
		read    **vault.Exchange
		key     **vault.Exchange
		secret  **vault.Exchange
	}{
		{"kept", form("application/x-pkcs12", false, "RSA"), &p.Kept, &p.KeptRead, &unread, &p.KeptSecret},
		{"companionpem", form(pem, true, "EC", "digitalSignature"), &p.PEM, &p.PEMRead, &p.PEMKey, &p.PEMSecret},
		{"keptpem", form(pem, false, "RSA"), &p.KeptPEM, &p.KeptPEMRead, &unread, &p.KeptPEMSecret},
		{"enciphering", form("application/x-pkcs12", true, "RSA", "dataEncipherment"), &p.Enciphering, &p.EncipheringRead, &p.EncipheringKey, &unread},
		{"signing", form("application/x-pkcs12", true, "RSA", "nonRepudiation"), &p.Signing, &p.SigningRead, &p.SigningKey, &unread},
	} {
		made, _, err := env.withCompanions(ctx, certificate.purpose, certificate.change)
		*certificate.made, *certificate.read, *certificate.key, *certificate.secret = made.made, made.read, made.key, made.secret
		if err != nil {
			return err
		}
	}
	return p.imported(ctx, env)
}

// imported imports a PFX with a password.
func (p *CompanionForms) imported(ctx context.Context, env *Env) error {
	name, err := env.Name("companionimport")
	if err != nil {
		return err
	}
	file, err := env.importable("CN=companionimport.example.com", FormRSAPFX, env.Clock.Now())
	if err != nil {
		return err
	}
	p.Imported = env.Vault.ImportCertificate(ctx, name, file)
	if sid := p.Imported.Text("sid"); sid != "" {
		p.ImportedSecret = env.Vault.Follow(ctx, vault.GetSecret, sid)
	}
	return nil
}
