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

// FormsOfCreate finds out which policy a create needs.
type FormsOfCreate struct {
	Minimal *vault.Exchange
	Read    *vault.Exchange
	Full    *vault.Exchange
}

// Play sends the least policy, and only if that is refused a fuller one.
func (p *FormsOfCreate) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "minimal", "full")
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
	p.Full = env.Vault.CreateCertificate(ctx, names[1], withFullPolicy(ManualRequest("CN=full.example.com")))
	return nil
}

// FormsOfImport finds out which file an import takes.
type FormsOfImport struct {
	PEM    *vault.Exchange
	RSAPFX *vault.Exchange
	ECPFX  *vault.Exchange
	Read   *vault.Exchange
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
			return nil
		}
	}
	return nil
}

// FindsForms reports whether a play is one of those that find out the forms: they are first in Plays, and every other play
// waits for the one that it needs.
func FindsForms(play Play) bool {
	return play.Name == nameOf[FormsOfCreate]() || play.Name == nameOf[FormsOfImport]()
}

// fullPolicy reports whether the target accepts a create only with key and secret properties in its policy.
func (env *Env) fullPolicy(ctx context.Context) bool {
	p, _ := env.found(ctx, nameOf[FormsOfCreate]()).(*FormsOfCreate)
	return p != nil && !p.Minimal.Succeeded() && p.Full.Succeeded()
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

func (env *Env) found(ctx context.Context, play string) Script {
	if env.Found == nil {
		return nil
	}
	return env.Found(ctx, play)
}

// Create sends a create in a form that the target takes.
func (env *Env) Create(ctx context.Context, name string, body vault.CreateParameters, options ...vault.Option) *vault.Exchange {
	if env.fullPolicy(ctx) {
		body = withFullPolicy(body)
	}
	return env.Vault.CreateCertificate(ctx, name, body, options...)
}

// withFullPolicy adds the groups to a policy that it leaves to the vault's defaults, with the documented defaults.
func withFullPolicy(body vault.CreateParameters) vault.CreateParameters {
	if body.Policy == nil {
		return body
	}
	policy := *body.Policy
	if policy.KeyProperties == nil {
		exportable, reuse := true, false
		policy.KeyProperties = &vault.KeyProperties{KeyType: "RSA", KeySize: 2048, Exportable: &exportable, ReuseKey: &reuse}
	}
	if policy.SecretProperties == nil {
		policy.SecretProperties = &vault.SecretProperties{ContentType: "application/x-pkcs12"}
	}
	body.Policy = &policy
	return body
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
		newKey := env.newRSAKey
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
