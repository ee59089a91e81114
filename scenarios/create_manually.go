package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CreateManually creates a certificate that the client has signed itself and reads the request, at once and later.
type CreateManually struct {
	Created *vault.Exchange
	// Simple is a request for a subject alone, made only if the fuller one is refused.
	Simple   *vault.Exchange
	Read     *vault.Exchange
	Followed *vault.Exchange
	Later    *vault.Exchange
	Elliptic *vault.Exchange
}

// Taken is the create that was accepted, the fuller one where neither was.
func (p *CreateManually) Taken() *vault.Exchange {
	if p.Simple.Succeeded() {
		return p.Simple
	}
	return p.Created
}

// Play asks for a subject of several parts, for names and for a key, so that the CSR has something to say.
func (p *CreateManually) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "manual", "manualelliptic")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=manual.example.com, OU=Certificates, O=Kvconform, C=CH")
	request.Policy.KeyProperties = &vault.KeyProperties{KeyType: "RSA", KeySize: 3072} // no default
	request.Policy.X509Properties.SubjectAlternativeNames = &vault.SubjectAlternativeNames{
		DNSNames: []string{"manual.example.com", "www.manual.example.com"},
	}
	p.Created = env.Create(ctx, names[0], request)
	if p.Created.Failure == nil && !p.Created.Succeeded() {
		if names[0], err = env.Name("manualsimple"); err != nil {
			return err
		}
		p.Simple = env.Create(ctx, names[0], ManualRequest("CN=manual.example.com"))
	}
	created := p.Taken()
	if err := env.Must(created); err != nil {
		return err
	}
	p.Read = env.Vault.GetPending(ctx, names[0])
	p.Followed = env.Vault.Follow(ctx, vault.GetCertificateOperation, created.Response.Header.Get("Location"))

	elliptic := ManualRequest("CN=manual-elliptic.example.com")
	elliptic.Policy.KeyProperties = &vault.KeyProperties{KeyType: "EC", Curve: "P-256"}
	p.Elliptic = env.Create(ctx, names[1], elliptic)

	if err := env.Clock.Sleep(ctx, env.Polling.Min); err != nil {
		return vault.Ended(ctx)
	}
	p.Later = env.Vault.GetPending(ctx, names[0])
	return nil
}

// CreateWithoutIssuer creates certificates whose policy names no issuer, and one whose issuer has no name.
type CreateWithoutIssuer struct {
	Created *vault.Exchange
	Policy  *vault.Exchange
	Unnamed *vault.Exchange
}

// Play leaves the issuer out, and then its name.
func (p *CreateWithoutIssuer) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "noissuer", "unnamedissuer")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, names[0], requestOf("CN=no-issuer.example.com", ""))
	if p.Created.Succeeded() {
		p.Policy = env.Vault.GetCertificatePolicy(ctx, names[0])
	}
	unnamed := requestOf("CN=unnamed-issuer.example.com", "")
	unnamed.Policy.Issuer = &vault.Issuer{}
	p.Unnamed = env.Create(ctx, names[1], unnamed)
	return nil
}

// CreateWithMembers creates a certificate for each of some members of a policy, with values that are no default, and reads
// the stored policy.
type CreateWithMembers struct {
	Plain          *vault.Exchange
	KeyUsage       *vault.Exchange
	KeyUsagePolicy *vault.Exchange
	Emails         *vault.Exchange
	EmailsPolicy   *vault.Exchange
	UPNs           *vault.Exchange
	UPNsPolicy     *vault.Exchange
	Action         *vault.Exchange
	ActionPolicy   *vault.Exchange
	Key            *vault.Exchange
	KeyPolicy      *vault.Exchange
	// Unreadable are reads of policies that were refused before the request was merged, Merged the merges.
	Unreadable []*vault.Exchange
	Merged     []*vault.Exchange
}

// Play sends each member in a request of its own, so that the refusal of one says nothing of another.
func (p *CreateWithMembers) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "plain", "keyusage", "emails", "upns", "action", "keyproperties")
	if err != nil {
		return err
	}
	p.Plain = env.Create(ctx, names[0], ManualRequest("CN=plain.example.com"))
	if p.Plain.Failure != nil {
		return p.Plain.Failure
	}
	no, yes := false, true
	for i, member := range []struct {
		created, policy **vault.Exchange
		set             func(*vault.Policy)
	}{
		{&p.KeyUsage, &p.KeyUsagePolicy, func(policy *vault.Policy) {
			policy.X509Properties.KeyUsage = []string{"digitalSignature", "keyAgreement"}
		}},
		{&p.Emails, &p.EmailsPolicy, func(policy *vault.Policy) {
			policy.X509Properties.SubjectAlternativeNames = &vault.SubjectAlternativeNames{Emails: []string{"ada@example.com"}}
		}},
		{&p.UPNs, &p.UPNsPolicy, func(policy *vault.Policy) {
			policy.X509Properties.SubjectAlternativeNames = &vault.SubjectAlternativeNames{UPNs: []string{"ada@corp.example.com"}}
		}},
		{&p.Action, &p.ActionPolicy, func(policy *vault.Policy) {
			policy.LifetimeActions = []vault.LifetimeAction{{
				Trigger: vault.Trigger{DaysBeforeExpiry: 30}, Action: vault.Action{Type: "EmailContacts"},
			}}
		}},
		{&p.Key, &p.KeyPolicy, func(policy *vault.Policy) {
			policy.KeyProperties = &vault.KeyProperties{KeyType: "RSA", KeySize: 2048, Exportable: &no, ReuseKey: &yes}
			policy.SecretProperties = &vault.SecretProperties{ContentType: "application/x-pem-file"}
		}},
	} {
		name := names[i+1]
		request := ManualRequest("CN=member.example.com")
		member.set(request.Policy)
		*member.created = env.Create(ctx, name, request)
		if (*member.created).Succeeded() {
			if *member.policy, err = p.policy(ctx, env, name, *member.created); err != nil {
				return err
			}
		}
	}
	return nil
}

// policy reads the policy of a certificate. Where it cannot be read while the request is in progress, the request is merged
// first.
func (p *CreateWithMembers) policy(ctx context.Context, env *Env, name string, created *vault.Exchange) (*vault.Exchange, error) {
	policy := env.Vault.GetCertificatePolicy(ctx, name)
	if policy.Failed() || policy.Succeeded() {
		return policy, nil
	}
	merged, err := mergeFor(ctx, env, name, created)
	if err != nil {
		return nil, err
	}
	p.Merged = append(p.Merged, merged)
	if !merged.Succeeded() {
		return policy, nil
	}
	p.Unreadable = append(p.Unreadable, policy)
	return env.Vault.GetCertificatePolicy(ctx, name), nil
}
