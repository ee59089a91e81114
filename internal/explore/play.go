package explore

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Sent is a step that was sent, with its exchange and when it began and ended.
type Sent struct {
	Group    int             `json:"group"`
	Step     Step            `json:"step"`
	Exchange *vault.Exchange `json:"exchange"`

	began, ended time.Time
}

// stage is what an episode is played on.
type stage struct {
	client    *vault.Client
	clock     vault.Clock
	polling   scenarios.Polling
	issuers   scenarios.Issuers
	provider  string
	authority *scenarios.Authority
}

// player plays one plan, on names of its own.
type player struct {
	*stage
	names  [names]string
	issuer string

	mu    sync.Mutex
	known [names]known
	sent  []Sent
}

// known is what the responses have shown of a name.
type known struct {
	requests []request
	versions []string
}

type request struct{ id, csr string }

// play sends a plan, group after group.
func (p *player) play(ctx context.Context, plan Plan) []Sent {
	for i, group := range plan.Groups {
		if ctx.Err() != nil {
			break
		}
		var together sync.WaitGroup
		for _, step := range group[1:] {
			together.Go(func() { p.take(ctx, i, step) })
		}
		p.take(ctx, i, group[0])
		together.Wait()
	}
	return p.sent
}

// take sends one step; Await sends as many polls as it takes.
func (p *player) take(ctx context.Context, group int, step Step) {
	if step.Operation != Await {
		p.one(ctx, group, step)
		return
	}
	step.Operation = vault.GetCertificateOperation
	until := p.clock.Now().Add(p.polling.Timeout)
	for pause := p.polling.Min; ; pause = min(2*pause, p.polling.Max) {
		e := p.one(ctx, group, step)
		if e == nil || !scenarios.InProgress(e) || p.endless(e) || p.clock.Now().After(until) || p.clock.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// endless reports whether a request never ends by itself.
func (p *player) endless(e *vault.Exchange) bool {
	issuer, _ := e.Member("issuer").(map[string]any)
	name, _ := issuer["name"].(string)
	stays := strings.EqualFold(name, scenarios.Unknown) || p.issuers.StaysInProgress != "" && strings.EqualFold(name, p.issuers.StaysInProgress)
	return stays && e.Member("cancellation_requested") != true
}

func (p *player) one(ctx context.Context, group int, step Step) *vault.Exchange {
	p.mu.Lock()
	of := p.known[step.Name]
	p.mu.Unlock()
	began := time.Now()
	e := p.send(ctx, step, of)
	ended := time.Now()
	if e == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.learn(step.Name, e)
	p.sent = append(p.sent, Sent{Group: group, Step: step, Exchange: e, began: began, ended: ended})
	return e
}

// learn notes the request and the version that a response shows.
func (p *player) learn(name int, e *vault.Exchange) {
	if !e.Succeeded() {
		return
	}
	of := &p.known[name]
	if id := e.Text("request_id"); id != "" && e.Operation == vault.CreateCertificate {
		of.requests = append(of.requests, request{id, e.Text("csr")})
	}
	if e.Text("cer") == "" {
		return
	}
	id := e.Text("id")
	id = id[strings.LastIndex(id, "/")+1:]
	for _, version := range of.versions {
		if version == id {
			return
		}
	}
	of.versions = append(of.versions, id)
}

// request names the request that a step means; false if there is none yet.
func (k known) request(which string) (request, bool) {
	last := len(k.requests) - 1
	switch which {
	case MadeUp:
		return request{id: strings.Repeat("0", 31) + "1"}, true
	case Earlier:
		if last < 1 {
			return request{}, false
		}
		return k.requests[0], true
	}
	if last < 0 {
		return request{}, false
	}
	of := k.requests[last]
	if which == Cut {
		of.id = of.id[:len(of.id)/2]
	}
	return of, true
}

// version names the version that a step means; false if there is none yet.
func (k known) version(step Step) (string, bool) {
	count := len(k.versions)
	switch {
	case step.Which == MadeUp:
		return strings.Repeat("0", 31) + "1", true
	case count == 0, step.Which == Earlier && count < 2:
		return "", false
	case step.Which == Earlier:
		return k.versions[step.Value%(count-1)], true
	}
	return k.versions[count-1], true
}

// send sends one step; nil if it names something that no response has shown.
func (p *player) send(ctx context.Context, step Step, of known) *vault.Exchange {
	name := p.names[step.Name]
	if step.OtherCase {
		name = strings.ToUpper(name)
	}
	c := p.client
	switch step.Operation {
	case vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		return p.sendPending(ctx, step, of, name)
	case vault.GetCertificate, vault.UpdateCertificate:
		return p.sendVersion(ctx, step, of, name)
	case vault.CreateCertificate:
		return c.CreateCertificate(ctx, name, p.create(step))
	case vault.ImportCertificate:
		return p.sendImport(ctx, step, name)
	case vault.MergeCertificate:
		return p.sendMerge(ctx, step, of, name)
	case vault.GetCertificateVersions:
		return c.GetCertificateVersions(ctx, name)
	case vault.GetCertificatePolicy:
		return c.GetCertificatePolicy(ctx, name)
	case vault.UpdateCertificatePolicy:
		return c.UpdateCertificatePolicy(ctx, name, changedPolicy(step))
	case vault.DeleteCertificate:
		return c.DeleteCertificate(ctx, name)
	case vault.GetDeletedCertificate:
		return c.GetDeletedCertificate(ctx, name)
	case vault.RecoverDeletedCertificate:
		return c.RecoverDeletedCertificate(ctx, name)
	case vault.PurgeDeletedCertificate:
		return c.PurgeDeletedCertificate(ctx, name)
	}
	return p.sendIssuer(ctx, step)
}

func (p *player) sendPending(ctx context.Context, step Step, of known, name string) *vault.Exchange {
	var filter []vault.Option
	if step.Which != "" {
		request, ok := of.request(step.Which)
		if !ok {
			return nil
		}
		filter = []vault.Option{vault.RequestID(request.id)}
	}
	switch step.Operation {
	case vault.UpdateCertificateOperation:
		return p.client.CancelPending(ctx, name, true, filter...)
	case vault.DeleteCertificateOperation:
		return p.client.DeletePending(ctx, name, filter...)
	}
	return p.client.GetPending(ctx, name, filter...)
}

func (p *player) sendVersion(ctx context.Context, step Step, of known, name string) *vault.Exchange {
	var version string
	if step.Which != "" {
		var ok bool
		if version, ok = of.version(step); !ok {
			return nil
		}
	}
	switch {
	case step.Operation == vault.UpdateCertificate && version == "":
		return p.client.UpdateCertificate(ctx, name, changes(step))
	case step.Operation == vault.UpdateCertificate:
		return p.client.UpdateCertificateVersion(ctx, name, version, changes(step))
	case version == "":
		return p.client.GetCertificate(ctx, name)
	}
	return p.client.GetCertificateVersion(ctx, name, version)
}

// changes is the body of an update.
func changes(step Step) vault.UpdateParameters {
	switch step.With {
	case "disabled", "enabled":
		enabled := step.With == "enabled"
		return vault.UpdateParameters{Attributes: &vault.Attributes{Enabled: &enabled}}
	}
	tags := tagsOf(step)
	return vault.UpdateParameters{Tags: tags}
}

func tagsOf(step Step) map[string]string { return map[string]string{"step": fmt.Sprint(step.Value)} }

// changedPolicy is the body of a PATCH of the policy.
func changedPolicy(step Step) vault.Policy {
	if step.With == "months" {
		return vault.Policy{X509Properties: &vault.X509Properties{ValidityMonths: 2 + step.Value%20}}
	}
	return vault.Policy{LifetimeActions: []vault.LifetimeAction{{
		Trigger: vault.Trigger{LifetimePercentage: 50 + step.Value%40}, Action: vault.Action{Type: "EmailContacts"},
	}}}
}

// create is the body of a create.
func (p *player) create(step Step) vault.CreateParameters {
	if step.Issuer == "" {
		body := vault.CreateParameters{}
		if step.With == "tags" {
			body.Tags = tagsOf(step)
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
	body := scenarios.IssuerRequest(fmt.Sprintf("CN=explored-%d.example.com", step.Value), issuer)
	switch step.With {
	case "tags":
		body.Tags = tagsOf(step)
	case "disabled":
		disabled := false
		body.Attributes = &vault.Attributes{Enabled: &disabled}
	case "policy":
		body.Policy.X509Properties.ValidityMonths = 2 + step.Value%20
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

func (p *player) sendIssuer(ctx context.Context, step Step) *vault.Exchange {
	switch step.Operation {
	case vault.SetCertificateIssuer:
		body := scenarios.OwnIssuer(p.provider)
		body.Credentials = &vault.IssuerCredentials{AccountID: fmt.Sprintf("account-%d", step.Value), Password: "a password to throw away", Throwaway: true}
		return p.client.SetIssuer(ctx, p.issuer, body)
	case vault.GetCertificateIssuer:
		return p.client.GetIssuer(ctx, p.issuer)
	case vault.DeleteCertificateIssuer:
		return p.client.DeleteIssuer(ctx, p.issuer)
	}
	return nil
}
