package scenarios

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ListedCertificates lists the certificates of the vault in every way. Its own are one with two versions, one that is
// disabled, one more, and one whose only version is in progress.
type ListedCertificates struct {
	// Made are the requests that make the certificates.
	Made     []*vault.Exchange
	Current  *vault.Exchange
	Disabled *vault.Exchange
	Other    *vault.Exchange
	Created  *vault.Exchange
	Pending  *vault.Exchange

	Pages          []*vault.Exchange
	WithPending    []*vault.Exchange
	WithoutPending []*vault.Exchange
	// Small are pages of a few items, SmallWithPending too; Single is a page of one item and the next one.
	Small            []*vault.Exchange
	SmallWithPending []*vault.Exchange
	Single           []*vault.Exchange
}

// Play makes the certificates, then reads the list once it shows them.
func (p *ListedCertificates) Play(ctx context.Context, env *Env) error {
	if err := p.make(ctx, env); err != nil {
		return err
	}
	own := []string{CertificateOf(p.Current), CertificateOf(p.Disabled), CertificateOf(p.Other)}
	list := func(options ...vault.Option) func() *vault.Exchange {
		return func() *vault.Exchange { return env.Vault.GetCertificates(ctx, options...) }
	}
	shows := func(ids ...string) func([]*vault.Exchange) bool {
		return func(pages []*vault.Exchange) bool { return Lists(pages, ids...) }
	}
	const awaits = "the list of certificates"
	p.Pages = env.awaitList(ctx, awaits, list(), shows(own...))
	with := vault.Parameter("includePending", "true")
	pending := CertificateOf(p.Current)
	if id := strings.TrimSuffix(p.Pending.Text("id"), "/pending"); id != "" {
		pending = id
	}
	p.WithPending = env.awaitList(ctx, awaits+" with the pending", list(with), shows(append(own, pending)...))
	p.WithoutPending = pages(ctx, env, list(vault.Parameter("includePending", "false"))())
	size := maxResults(smallPage(count(p.Pages)))
	p.Small = pages(ctx, env, list(size)())
	p.SmallWithPending = pages(ctx, env, list(size, with)())
	first := list(maxResults(1))()
	p.Single = append(p.Single, first)
	if next := first.Text("nextLink"); next != "" {
		p.Single = append(p.Single, env.Vault.Follow(ctx, vault.GetCertificates, next))
	}
	return nil
}

func maxResults(size int) vault.Option { return vault.Parameter("maxresults", strconv.Itoa(size)) }

// smallPage is a size of pages by which a list of so many items has several and not too many of them.
func smallPage(items int) int {
	const pages = 30
	return max(2, min(25, items/pages))
}

func (p *ListedCertificates) make(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "listed", "listeddisabled", "listedother", "listedpending")
	if err != nil {
		return err
	}
	for _, version := range []struct {
		name  string
		stock stock
		read  **vault.Exchange
	}{
		{names[0], stock{tags: map[string]string{"version": "first"}, disabled: true, age: 48 * time.Hour}, nil},
		{names[0], stock{tags: map[string]string{"version": "second"}}, &p.Current},
		{names[1], stock{disabled: true, age: 24 * time.Hour}, &p.Disabled},
		{names[2], stock{}, &p.Other},
	} {
		made, err := env.supply(ctx, version.name, version.stock)
		p.Made = append(p.Made, made...)
		if err != nil {
			return err
		}
		if version.read != nil {
			*version.read = env.Vault.GetCertificate(ctx, version.name)
		}
	}
	p.Created = env.Create(ctx, names[3], ManualRequest("CN=listed-pending.example.com"))
	p.Pending = env.Vault.GetPending(ctx, names[3])
	return nil
}

// ManyCertificates lists more certificates than fit on a page.
type ManyCertificates struct {
	Made  []*vault.Exchange
	Pages []*vault.Exchange
}

// Play imports one file under many names. It ends early if one of them is refused.
func (p *ManyCertificates) Play(ctx context.Context, env *Env) error {
	const certificates = 26 // one more than a page has
	file, err := env.Importable(ctx, "CN=many.example.com")
	if err != nil {
		return err
	}
	var own []string
	for i := range certificates {
		name, err := env.Name(fmt.Sprintf("many%02d", i))
		if err != nil {
			return err
		}
		imported := env.Vault.ImportCertificate(ctx, name, file)
		p.Made = append(p.Made, imported)
		if err := env.Must(imported); err != nil {
			return err
		}
		own = append(own, CertificateOf(imported))
	}
	p.Pages = env.awaitList(ctx, "the list of certificates", func() *vault.Exchange { return env.Vault.GetCertificates(ctx) },
		func(pages []*vault.Exchange) bool { return Lists(pages, own...) })
	return nil
}

// ListedVersions lists the versions of a certificate that has three, imported and created, one of them disabled, and a
// fourth in progress.
type ListedVersions struct {
	Made []*vault.Exchange
	// Reads are of the certificate after each version was made.
	Reads   []*vault.Exchange
	Created *vault.Exchange
	Pending *vault.Exchange
	// Longer has a name that begins as the other one does.
	Longer *vault.Exchange

	Pages  []*vault.Exchange
	Single []*vault.Exchange
	Pairs  []*vault.Exchange
	// Unknown are the versions of a name that was never made.
	Unknown *vault.Exchange
}

// Play makes the versions, then lists them.
func (p *ListedVersions) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "versions", "versions-longer", "versionsunknown")
	if err != nil {
		return err
	}
	name := names[0]
	if err := p.make(ctx, env, name, names[1]); err != nil {
		return err
	}
	var own []string
	for _, read := range p.Reads {
		own = append(own, read.Text("id"))
	}
	p.Pages = env.awaitList(ctx, "the list of versions", func() *vault.Exchange { return env.Vault.GetCertificateVersions(ctx, name) },
		func(pages []*vault.Exchange) bool { return Lists(pages, own...) })
	p.Single = pages(ctx, env, env.Vault.GetCertificateVersions(ctx, name, maxResults(1)))
	p.Pairs = pages(ctx, env, env.Vault.GetCertificateVersions(ctx, name, maxResults(2)))
	p.Unknown = env.Vault.GetCertificateVersions(ctx, names[2])
	return nil
}

func (p *ListedVersions) make(ctx context.Context, env *Env, name, longer string) error {
	for _, wanted := range []stock{
		{tags: map[string]string{"version": "first"}, age: 48 * time.Hour},
		{tags: map[string]string{"version": "second"}, disabled: true, age: 24 * time.Hour},
	} {
		made, err := env.supply(ctx, name, wanted)
		p.Made = append(p.Made, made...)
		if err != nil {
			return err
		}
		p.Reads = append(p.Reads, env.Vault.GetCertificate(ctx, name))
	}
	request := IssuerRequest("CN=versions.example.com", completingIssuer(env.Issuers))
	request.Tags = map[string]string{"version": "third"}
	created := env.Create(ctx, name, request)
	p.Made = append(p.Made, created)
	if created.Succeeded() {
		polls, err := env.AwaitState(ctx, name, vault.StateCompleted)
		p.Made = append(p.Made, polls...)
		if err != nil {
			return err
		}
		p.Reads = append(p.Reads, env.Vault.GetCertificate(ctx, name))
	}
	made, err := env.supply(ctx, longer, stock{})
	p.Made = append(p.Made, made...)
	if err == nil {
		p.Longer = env.Vault.GetCertificate(ctx, longer)
	}
	p.Created = env.Create(ctx, name, ManualRequest("CN=versions-next.example.com"))
	p.Pending = env.Vault.GetPending(ctx, name)
	return nil
}
