package scenarios

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// MergeManualRequest merges a certificate for the CSR of a manual request and reads all that came of it.
type MergeManualRequest struct {
	Created  *vault.Exchange
	Before   *vault.Exchange
	Merged   *vault.Exchange
	Pending  *vault.Exchange
	Current  *vault.Exchange
	Followed *vault.Exchange
	Version  *vault.Exchange
	Nothing  *vault.Exchange
}

// Play asks for no more than a subject, so that the policy shows the defaults. A merge without a pending object needs no
// csr: it is sent in any case.
func (p *MergeManualRequest) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "merge", "mergenothing")
	if err != nil {
		return err
	}
	foreign, err := env.foreignLeaf()
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, names[0], ManualRequest("CN=merge.example.com"))
	if err = env.Must(p.Created); err == nil {
		err = p.merge(ctx, env, names[0])
	}
	p.Nothing = env.Vault.MergeCertificate(ctx, names[1], vault.MergeParameters{X5C: vault.Chain(foreign)})
	return err
}

func (p *MergeManualRequest) merge(ctx context.Context, env *Env, name string) error {
	p.Before = env.Vault.GetPending(ctx, name)
	var err error
	if p.Merged, err = mergeFor(ctx, env, name, p.Created, p.Before); err != nil {
		return err
	}
	if err := env.Must(p.Merged); err != nil {
		return err
	}
	p.Pending = env.Vault.GetPending(ctx, name)
	p.Current = env.Vault.GetCertificate(ctx, name)
	p.Followed = env.Vault.Follow(ctx, vault.GetCertificate, p.Merged.Response.Header.Get("Location"))
	p.Version = env.Vault.Follow(ctx, vault.GetCertificate, p.Merged.Text("id"))
	return nil
}

// MergeRefused merges what must be refused, looks at the request after it, and at last merges what is right.
type MergeRefused struct {
	Created       *vault.Exchange
	Before        *vault.Exchange
	Foreign       *vault.Exchange
	AfterForeign  *vault.Exchange
	Missing       *vault.Exchange
	Empty         *vault.Exchange
	Garbage       *vault.Exchange
	AfterRefusals *vault.Exchange
	// InPEM has the right certificate as PEM text, GarbageBehind has bytes behind it that are no certificate.
	InPEM         *vault.Exchange
	GarbageBehind *vault.Exchange
	Merged        *vault.Exchange
	// Recreated are further requests, each made because a merge that had to be refused was accepted and used one up.
	Recreated []*vault.Exchange
}

// Play has the right certificate ready: that it is merged in the end shows that nothing else was in the way.
func (p *MergeRefused) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergerefused")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=merge-refused.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	foreign, err := env.foreignLeaf(p.Created, p.Before)
	if err != nil {
		return err
	}
	p.Foreign = env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{X5C: vault.Chain(foreign)})
	p.AfterForeign = env.Vault.GetPending(ctx, name)
	for _, wrong := range []struct {
		step    **vault.Exchange
		body    any
		options []vault.Option
	}{
		{&p.Missing, struct{}{}, []vault.Option{vault.Deliberate()}},
		{&p.Empty, vault.MergeParameters{X5C: []string{}}, []vault.Option{vault.Deliberate()}},
		{&p.Garbage, vault.MergeParameters{X5C: vault.Chain([]byte("no certificate"))}, nil},
	} {
		if name, err = p.afresh(ctx, env, name); err != nil {
			return err
		}
		*wrong.step = env.Vault.Merge(ctx, name, wrong.body, wrong.options...)
	}
	p.AfterRefusals = env.Vault.GetPending(ctx, name)
	for _, wrong := range []struct {
		step **vault.Exchange
		x5c  func(leaf []byte) []string
	}{
		{&p.InPEM, func(leaf []byte) []string {
			return []string{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}))}
		}},
		{&p.GarbageBehind, func(leaf []byte) []string { return vault.Chain(leaf, []byte("no certificate")) }},
	} {
		if name, err = p.afresh(ctx, env, name); err != nil {
			return err
		}
		leaf, _, err := env.SignOnce(p.requested()...)
		if err != nil {
			return err
		}
		*wrong.step = env.Vault.Merge(ctx, name, vault.MergeParameters{X5C: wrong.x5c(leaf)}, vault.Deliberate())
	}
	if name, err = p.afresh(ctx, env, name); err != nil {
		return err
	}
	p.Merged, err = mergeFor(ctx, env, name, p.requested()...)
	return err
}

// requested are the responses that show the request that can still be merged.
func (p *MergeRefused) requested() []*vault.Exchange {
	if last := len(p.Recreated); last > 0 {
		return p.Recreated[last-1:]
	}
	return []*vault.Exchange{p.Created, p.Before}
}

// afresh makes another request under a name of its own if the last wrong merge was accepted: the request is used up.
func (p *MergeRefused) afresh(ctx context.Context, env *Env, name string) (string, error) {
	var last *vault.Exchange
	for _, wrong := range []*vault.Exchange{p.Foreign, p.Missing, p.Empty, p.Garbage, p.InPEM, p.GarbageBehind} {
		if wrong != nil {
			last = wrong
		}
	}
	if !last.Succeeded() {
		return name, nil
	}
	name, err := env.Name(fmt.Sprintf("mergerefused%d", len(p.Recreated)+2))
	if err != nil {
		return "", err
	}
	p.Recreated = append(p.Recreated, env.Create(ctx, name, ManualRequest("CN=merge-refused.example.com")))
	return name, nil
}

// MergeChain merges a leaf with the certificate of its authority.
type MergeChain struct {
	Created *vault.Exchange
	Before  *vault.Exchange
	Merged  *vault.Exchange
	Current *vault.Exchange
}

// Play sends the leaf first.
func (p *MergeChain) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergechain")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=merge-chain.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	leaf, authority, err := env.SignOnce(p.Created, p.Before)
	if err != nil {
		return err
	}
	p.Merged = env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{X5C: vault.Chain(leaf, authority)})
	p.Current = env.Vault.GetCertificate(ctx, name)
	return nil
}

// MergeFuture merges a certificate whose validity begins in years to come.
type MergeFuture struct {
	Created *vault.Exchange
	Before  *vault.Exchange
	Merged  *vault.Exchange
}

// Play signs for the CSR's key with dates of its own.
func (p *MergeFuture) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergefuture")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=merge-future.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	request, err := readRequest(p.Created, p.Before)
	if err != nil {
		return env.unsignable(p.Created, err)
	}
	authority, err := NewAuthority(env.Clock.Now())
	if err != nil {
		return err
	}
	begins := env.Clock.Now().AddDate(5, 0, 0).UTC().Truncate(time.Second)
	leaf, err := authority.issue(&x509.Certificate{
		RawSubject: request.subject, NotBefore: begins, NotAfter: begins.AddDate(1, 0, 0),
	}, request.key)
	if err != nil {
		return err
	}
	p.Merged = env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{X5C: vault.Chain(leaf)})
	return nil
}

// MergeWithAttributes merges a certificate that is to be disabled, and to have tags.
type MergeWithAttributes struct {
	Created *vault.Exchange
	Before  *vault.Exchange
	Merged  *vault.Exchange
	Current *vault.Exchange
}

// Play asks for both in the merge alone.
func (p *MergeWithAttributes) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("mergeattributes")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=merge-attributes.example.com"))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	p.Before = env.Vault.GetPending(ctx, name)
	leaf, _, err := env.SignOnce(p.Created, p.Before)
	if err != nil {
		return err
	}
	p.Merged = env.Vault.MergeCertificate(ctx, name, vault.MergeParameters{
		X5C: vault.Chain(leaf), Attributes: &vault.Attributes{Enabled: addressOf(false)},
		Tags: map[string]string{"purpose": "conformance", "Team": "Members of A", "stage": "3"},
	})
	p.Current = env.Vault.GetCertificate(ctx, name)
	return nil
}

// foreignLeaf has the subject of an operation's CSR and another key, of the same kind as the default one. Where the CSR
// cannot be read the subject is one of its own: the key is foreign all the same.
func (env *Env) foreignLeaf(responses ...*vault.Exchange) ([]byte, error) {
	subject, err := asn1.Marshal(pkix.Name{CommonName: "foreign.example.com"}.ToRDNSequence())
	if err != nil {
		return nil, fmt.Errorf("writing a subject: %w", err)
	}
	if request, err := readRequest(responses...); err == nil {
		subject = request.subject
	}
	key, err := known(rsa2048)()
	if err != nil {
		return nil, err
	}
	authority, err := NewAuthority(env.Clock.Now())
	if err != nil {
		return nil, err
	}
	return authority.Sign(key.Public(), subject, env.Clock.Now())
}

// issue signs a certificate as the template has it, with a serial number of its own.
func (a *Authority) issue(template *x509.Certificate, public any) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, public, a.key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	return der, nil
}
