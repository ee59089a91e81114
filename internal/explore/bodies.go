package explore

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"fmt"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// changes is the body of an update.
func changes(step Step) any {
	tags := tagsOf(step)
	switch step.With {
	case "untagged":
		return map[string]any{"tags": map[string]string{}} // which UpdateParameters would leave out
	case "disabled", "enabled":
		enabled := step.With == "enabled"
		return vault.UpdateParameters{Attributes: &vault.Attributes{Enabled: &enabled}}
	case "both":
		enabled := step.Value%2 == 0
		return vault.UpdateParameters{Attributes: &vault.Attributes{Enabled: &enabled}, Tags: tags}
	}
	return vault.UpdateParameters{Tags: tags}
}

func tagsOf(step Step) map[string]string { return map[string]string{"step": fmt.Sprint(step.Value)} }

// changedPolicy is the body of a PATCH of the policy.
func changedPolicy(step Step) vault.Policy {
	if step.With == Wrong {
		return wrongPolicy(step)
	}
	if step.With == "months" {
		return vault.Policy{X509Properties: &vault.X509Properties{ValidityMonths: 2 + step.Value%20}}
	}
	switch step.With {
	case "issuer":
		return vault.Policy{Issuer: &vault.Issuer{Name: scenarios.Unknown}}
	case "content":
		return vault.Policy{SecretProperties: &vault.SecretProperties{ContentType: []string{"application/x-pkcs12", "application/x-pem-file"}[step.Value%2]}}
	}
	return vault.Policy{LifetimeActions: []vault.LifetimeAction{{
		Trigger: vault.Trigger{LifetimePercentage: 50 + step.Value%40}, Action: vault.Action{Type: "EmailContacts"},
	}}}
}

// create is the body of a create.
func (p *player) create(step Step) vault.CreateParameters {
	if step.Issuer == "" {
		body := vault.CreateParameters{}
		switch step.With {
		case "tags":
			body.Tags = tagsOf(step)
		case "disabled":
			body.Attributes = &vault.Attributes{Enabled: new(bool)}
		}
		return body
	}
	issuer := step.Issuer
	for outcome, name := range map[string]string{
		"stays": p.issuers.StaysInProgress, "completes": p.issuers.Completes, "fails": p.issuers.Fails, "rejects": p.issuers.Rejects,
	} {
		if issuer == outcome {
			issuer = name
		}
	}
	if issuer == Own {
		issuer = p.owns[step.Name]
	}
	body := scenarios.IssuerRequest(fmt.Sprintf("CN=explored-%d.example.com", step.Value), issuer)
	switch step.With {
	case "tags":
		body.Tags = tagsOf(step)
	case "disabled":
		disabled := false
		body.Attributes = &vault.Attributes{Enabled: &disabled}
	case "policy":
		body.Policy.X509Properties.ValidityMonths = 2 + step.Value%20
	case Wrong:
		body.Tags, body.Policy.LifetimeActions = tagsOf(step), wrongPolicy(step).LifetimeActions
	}
	return body
}

func (p *player) sendImport(ctx context.Context, step Step, name string) *vault.Exchange {
	env := &scenarios.Env{Clock: p.clock}
	body, err := env.PEM(fmt.Sprintf("CN=explored-%d.example.com", step.Value))
	if err != nil {
		return nil
	}
	switch step.With {
	case "tags":
		body.Tags = tagsOf(step)
	case "disabled":
		disabled := false
		body.Attributes = &vault.Attributes{Enabled: &disabled}
	case Wrong:
		body.Value, body.Tags = "no certificate at all", tagsOf(step)
		return p.client.ImportCertificate(ctx, name, body, vault.Deliberate())
	}
	return p.client.ImportCertificate(ctx, name, body)
}

// sendMerge signs the csr of a request and merges the certificate; a made-up one is for a key that no request has.
func (p *player) sendMerge(ctx context.Context, step Step, of known, name string) *vault.Exchange {
	request, ok := of.request(step.Which)
	if !ok {
		return nil
	}
	leaf, err := p.signed(request.csr)
	if step.Which == MadeUp || err != nil {
		leaf = p.authority.Certificate()
	}
	body := vault.MergeParameters{X5C: vault.Chain(leaf)}
	if step.With == "tags" {
		body.Tags = tagsOf(step)
	}
	var options []vault.Option
	if step.Which != Right {
		options = append(options, vault.Deliberate())
	}
	return p.client.MergeCertificate(ctx, name, body, options...)
}

func (p *player) signed(csr string) ([]byte, error) {
	der, err := base64.StdEncoding.DecodeString(csr)
	if err != nil {
		return nil, fmt.Errorf("reading a csr: %w", err)
	}
	asked, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("reading a csr: %w", err)
	}
	return p.authority.Sign(asked.PublicKey, asked.RawSubject, p.clock.Now())
}

// sendBackup backs a certificate up, or restores what was backed up last.
func (p *player) sendBackup(ctx context.Context, step Step, of known, name string) *vault.Exchange {
	if step.Operation == vault.RestoreCertificate {
		if of.backup == "" {
			return nil
		}
		return p.client.RestoreCertificate(ctx, of.backup)
	}
	e, backup := p.client.BackupCertificate(ctx, name)
	if backup != "" {
		p.mu.Lock()
		p.known[step.Name].backup = backup
		p.mu.Unlock()
	}
	return e
}

func (p *player) sendIssuer(ctx context.Context, step Step) *vault.Exchange {
	name := p.owns[step.Name]
	account := fmt.Sprintf("account-%d", step.Value)
	switch step.Operation {
	case vault.SetCertificateIssuer:
		body := scenarios.OwnIssuer(p.provider)
		body.Credentials = &vault.IssuerCredentials{AccountID: account, Password: "a password to throw away", Throwaway: true}
		switch step.With {
		case "provider":
			body.Credentials, body.Organization = nil, nil
		case "account":
			body.Organization = nil
		case "disabled":
			body.Attributes = &vault.Attributes{Enabled: new(bool)}
		}
		return p.client.SetIssuer(ctx, name, body)
	case vault.UpdateCertificateIssuer:
		body := vault.IssuerParameters{Credentials: &vault.IssuerCredentials{AccountID: account}}
		switch step.With {
		case "organization":
			body = vault.IssuerParameters{Organization: &vault.Organization{ID: account}}
		case "disabled":
			body = vault.IssuerParameters{Attributes: &vault.Attributes{Enabled: new(bool)}}
		}
		return p.client.UpdateIssuer(ctx, name, body)
	case vault.GetCertificateIssuer:
		return p.client.GetIssuer(ctx, name)
	case vault.DeleteCertificateIssuer:
		return p.client.DeleteIssuer(ctx, name)
	case vault.GetCertificateIssuers:
		return p.client.GetIssuers(ctx, pageSize(step)...)
	}
	return nil
}
