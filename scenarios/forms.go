package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// A target may refuse one form of a request and take another: a create with the least policy, a PEM file. Two small plays
// find out which form works before all other plays; the refusal fails a rule of its own, once, and the other plays go on
// with the form that works.

// ImportForm is a file format of an import.
type ImportForm string

// The formats, in the order in which they are tried.
const (
	FormPEM    ImportForm = ""
	FormRSAPFX ImportForm = "RSA PFX"
	FormECPFX  ImportForm = "EC PFX"
)

// CreateForm is how much of a policy a create carries.
type CreateForm int

// The forms, in the order in which they are tried.
const (
	// LeastPolicy is what the situation needs, such as a subject and an issuer.
	LeastPolicy CreateForm = iota
	// KeyedPolicy adds the properties of the key and of the secret.
	KeyedPolicy
	// WholePolicy leaves nothing to the vault's defaults.
	WholePolicy
)

// FormsOfCreate finds out which policy a create needs.
type FormsOfCreate struct {
	Minimal *vault.Exchange
	Read    *vault.Exchange
	Full    *vault.Exchange
	Whole   *vault.Exchange
}

// Play sends the least policy, and only if that is refused fuller ones.
func (p *FormsOfCreate) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "minimal", "full", "whole")
	if err != nil {
		return err
	}
	p.Minimal = env.Vault.CreateCertificate(ctx, names[0], ManualRequest("CN=minimal.example.com"))
	if p.Minimal.Failed() {
		return nil
	}
	if p.Minimal.Succeeded() {
		p.Read = env.Vault.GetPending(ctx, names[0])
		return nil
	}
	p.Full = env.Vault.CreateCertificate(ctx, names[1], inForm(ManualRequest("CN=full.example.com"), KeyedPolicy))
	if p.Full.Failed() || p.Full.Succeeded() {
		return nil
	}
	p.Whole = env.Vault.CreateCertificate(ctx, names[2], inForm(ManualRequest("CN=whole.example.com"), WholePolicy))
	return nil
}

// FormsOfImport finds out which file an import takes.
type FormsOfImport struct {
	PEM    *vault.Exchange
	RSAPFX *vault.Exchange
	ECPFX  *vault.Exchange
	Read   *vault.Exchange
	// Disabled is an import of a disabled certificate, which some vaults do not return.
	Disabled     *vault.Exchange
	DisabledRead *vault.Exchange
}

// Play sends one file after the other until one is accepted.
func (p *FormsOfImport) Play(ctx context.Context, env *Env) error {
	for _, try := range []struct {
		form ImportForm
		name string
		step **vault.Exchange
	}{{FormPEM, "importpem", &p.PEM}, {FormRSAPFX, "importrsa", &p.RSAPFX}, {FormECPFX, "importec", &p.ECPFX}} {
		name, err := env.Name(try.name)
		if err != nil {
			return err
		}
		file, err := env.importable("CN=forms.example.com", try.form, env.Clock.Now())
		if err != nil {
			return err
		}
		*try.step = env.Vault.ImportCertificate(ctx, name, file)
		if (*try.step).Failed() {
			return nil
		}
		if (*try.step).Succeeded() {
			p.Read = env.Vault.GetCertificate(ctx, name)
			return p.disabled(ctx, env, file)
		}
	}
	return nil
}

// disabled looks whether a disabled certificate can be read.
func (p *FormsOfImport) disabled(ctx context.Context, env *Env, file vault.ImportParameters) error {
	name, err := env.Name("importdisabled")
	if err != nil {
		return err
	}
	file.Attributes = &vault.Attributes{Enabled: addressOf(false)}
	if p.Disabled = env.Vault.ImportCertificate(ctx, name, file); p.Disabled.Succeeded() {
		p.DisabledRead = env.Vault.GetCertificate(ctx, name)
	}
	return nil
}

// FindsForms reports whether a play is one of those that find out the forms: they are first in Plays, and every other play
// waits for the one that it needs.
func FindsForms(play Play) bool {
	return play.Name == nameOf[FormsOfCreate]() || play.Name == nameOf[FormsOfImport]()
}

// createForm is how much of a policy the target's creates need: what its file says, or the least that it was seen to take.
func (env *Env) createForm(ctx context.Context) CreateForm {
	if env.CreateForm != LeastPolicy {
		return env.CreateForm
	}
	p, _ := env.found(ctx, nameOf[FormsOfCreate]()).(*FormsOfCreate)
	switch {
	case p == nil || p.Minimal.Succeeded():
		return LeastPolicy
	case p.Full.Succeeded():
		return KeyedPolicy
	case p.Whole.Succeeded():
		return WholePolicy
	default:
		return LeastPolicy
	}
}

// importForm is the file format that the target's imports take; PEM where it takes none, so that each says so.
func (env *Env) importForm(ctx context.Context) ImportForm {
	p, _ := env.found(ctx, nameOf[FormsOfImport]()).(*FormsOfImport)
	switch {
	case p == nil || p.PEM.Succeeded():
		return FormPEM
	case p.RSAPFX.Succeeded():
		return FormRSAPFX
	case p.ECPFX.Succeeded():
		return FormECPFX
	default:
		return FormPEM
	}
}

// showsDisabled reports whether the target returns disabled certificates, as far as anybody knows. Where it does not, plays that
// are about something else make enabled ones.
func (env *Env) showsDisabled(ctx context.Context) bool {
	p, _ := env.found(ctx, nameOf[FormsOfImport]()).(*FormsOfImport)
	return p == nil || p.DisabledRead == nil || p.DisabledRead.Succeeded() || p.DisabledRead.Failed()
}

func (env *Env) found(ctx context.Context, play string) Script {
	if env.Found == nil {
		return nil
	}
	return env.Found(ctx, play)
}

// Create sends a create in a form that the target takes.
func (env *Env) Create(ctx context.Context, name string, body vault.CreateParameters, options ...vault.Option) *vault.Exchange {
	return env.Vault.CreateCertificate(ctx, name, inForm(body, env.createForm(ctx)), options...)
}

// inForm adds to a create what a form of it has more, with the documented defaults. A create without a policy is left alone.
func inForm(body vault.CreateParameters, form CreateForm) vault.CreateParameters {
	if body.Policy == nil || form == LeastPolicy {
		return body
	}
	policy, yes, no := *body.Policy, true, false
	if policy.KeyProperties == nil {
		policy.KeyProperties = &vault.KeyProperties{KeyType: "RSA", KeySize: 2048, Exportable: &yes, ReuseKey: &no}
	}
	if policy.SecretProperties == nil {
		policy.SecretProperties = &vault.SecretProperties{ContentType: "application/x-pkcs12"}
	}
	if form == WholePolicy {
		policy.X509Properties = wholeX509(policy.X509Properties, policy.KeyProperties.KeyType)
		if policy.LifetimeActions == nil {
			policy.LifetimeActions = []vault.LifetimeAction{
				{Trigger: vault.Trigger{LifetimePercentage: 80}, Action: vault.Action{Type: "EmailContacts"}},
			}
		}
		if body.Attributes == nil {
			body.Attributes = &vault.Attributes{Enabled: &yes}
		}
	}
	body.Policy = &policy
	return body
}

// wholeX509 adds usages and validity to what a certificate is to say.
func wholeX509(sent *vault.X509Properties, keyType string) *vault.X509Properties {
	whole := vault.X509Properties{}
	if sent != nil {
		whole = *sent
	}
	if whole.ExtendedKeyUsages == nil {
		whole.ExtendedKeyUsages = []string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}
	}
	if whole.KeyUsage == nil {
		whole.KeyUsage = []string{"digitalSignature"}
		if strings.HasPrefix(keyType, "RSA") { // an EC key enciphers nothing
			whole.KeyUsage = append(whole.KeyUsage, "keyEncipherment")
		}
	}
	if whole.ValidityMonths == 0 {
		whole.ValidityMonths = 12
	}
	return &whole
}

// Importable is a new self-signed certificate with its key, in a file that the target's imports take.
func (env *Env) Importable(ctx context.Context, subject string) (vault.ImportParameters, error) {
	return env.importable(subject, env.importForm(ctx), env.Clock.Now())
}

// importable is a file of a form with a certificate that was made at a time.
func (env *Env) importable(subject string, form ImportForm, made time.Time) (vault.ImportParameters, error) {
	switch form {
	case FormPEM:
		return pemOf(subject, made)
	case FormRSAPFX, FormECPFX:
		newKey := known(rsa2048)
		if form == FormECPFX {
			newKey = newECKey
		}
		key, err := newKey()
		if err != nil {
			return vault.ImportParameters{}, err
		}
		file, err := certify(key, importTemplate(strings.TrimPrefix(subject, "CN="), made), env.Clock.Now())
		if err != nil {
			return vault.ImportParameters{}, err
		}
		return file.pfx(importPassword, false)
	default:
		return vault.ImportParameters{}, fmt.Errorf("no file is known as %q", form)
	}
}
