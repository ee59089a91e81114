package scenarios

import (
	"context"
	"net/url"
	"path"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ReadCompleted waits until a self-signed certificate is there, reads its pending object with and without the filter,
// and looks at what the operation made: at its target, under its name and under its version.
type ReadCompleted struct {
	Created    *vault.Exchange
	Polls      []*vault.Exchange
	Matched    *vault.Exchange
	Mismatched *vault.Exchange
	Target     *vault.Exchange
	Current    *vault.Exchange
	Version    *vault.Exchange
	Versions   []*vault.Exchange
	Later      *vault.Exchange
}

// Play goes on in whatever state the request ends: that state is what one of the rules is about.
func (p *ReadCompleted) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("completed")
	if err != nil {
		return err
	}
	p.Created = env.Create(ctx, name, IssuerRequest("CN=completed.example.com", Self))
	if err := env.Must(p.Created); err != nil {
		return err
	}
	if p.Polls, err = env.AwaitEnd(ctx, name); err != nil {
		return err
	}
	ended := p.Polls[len(p.Polls)-1]
	id := RequestID(p.Created, ended)
	if id != "" {
		p.Matched = env.Vault.GetPending(ctx, name, vault.RequestID(id))
	}
	p.Mismatched = env.Vault.GetPending(ctx, name, vault.RequestID(anotherRequestID(id)))
	if target := ended.Text("target"); target != "" {
		p.Target = env.Vault.Follow(ctx, vault.GetCertificate, target)
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	if version := lastSegment(p.Current.Text("id")); version != "" && version != name {
		p.Version = env.Vault.GetCertificateVersion(ctx, name, version)
	}
	p.Versions = everyVersion(ctx, env, name)
	p.Later = env.Vault.GetPending(ctx, name)
	return nil
}

// lastSegment is the last segment of an id's path: the version, if the id has one. A segment that names another resource of
// a certificate is no version, whatever the target says: a request for it would be another request.
func lastSegment(id string) string {
	u, err := url.Parse(id)
	if err != nil || u.Path == "" {
		return ""
	}
	switch segment := path.Base(u.Path); segment {
	case "pending", "policy", "versions", "create", "import", "backup", "restore", "/", ".", "..":
		return ""
	default:
		return segment
	}
}

// everyVersion reads the list of a certificate's versions, page by page.
func everyVersion(ctx context.Context, env *Env, name string) []*vault.Exchange {
	return pages(ctx, env, env.Vault.GetCertificateVersions(ctx, name))
}
