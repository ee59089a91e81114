package explore

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Sent is a step that was sent, with its exchange and when it began and ended.
type Sent struct {
	Group    int             `json:"group"`
	Step     Step            `json:"step"`
	Exchange *vault.Exchange `json:"exchange"`
	// Overdue says that it is the last poll for a deletion, a recovery or a purge, which has had its time.
	Overdue bool `json:"overdue,omitempty"`

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
	names [names]string
	// owns are the issuers of the episode, uses is what may be left behind of it.
	owns [names]string
	uses []cleanup.Leftover
	// until is when the plan is broken off; zero is never.
	until time.Time

	mu    sync.Mutex
	known [names]known
	sent  []Sent
}

// known is what the responses have shown of a name.
type known struct {
	requests []request
	versions []string
	backup   string
	// other and otherVersion are the last ones of another name.
	other        request
	otherVersion string
	// settling is how the last deletion, recovery or purge shows; nil if there was none, or if it shows at once.
	settling func(ctx context.Context, c *vault.Client, name string) (e *vault.Exchange, shows bool)
}

type request struct{ id, csr string }

// play sends a plan, group after group.
func (p *player) play(ctx context.Context, plan Plan) []Sent {
	for i, group := range plan.Groups {
		if ctx.Err() != nil || p.late() {
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

// late reports whether the plan is to be broken off.
func (p *player) late() bool { return !p.until.IsZero() && p.clock.Now().After(p.until) }

// pause is longer than the granularity of times in responses.
const pause = 1100 * time.Millisecond

// take sends one step; Await sends as many polls as it takes.
func (p *player) take(ctx context.Context, group int, step Step) {
	switch step.Operation {
	case Await:
	case Pause:
		_ = p.clock.Sleep(ctx, pause) // the end of the context ends the plan
		return
	case Settle:
		p.settle(ctx, group, step)
		return
	default:
		p.one(ctx, group, step)
		return
	}
	step.Operation = vault.GetCertificateOperation
	until := p.clock.Now().Add(p.polling.Timeout)
	for wait := p.polling.Min; ; wait = min(2*wait, p.polling.Max) {
		e := p.one(ctx, group, step)
		if e == nil || !scenarios.InProgress(e) || p.endless(e) || p.late() || p.clock.Now().After(until) || p.clock.Sleep(ctx, wait) != nil {
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
	for i := range p.known {
		if last := len(p.known[i].requests) - 1; i != step.Name && last >= 0 {
			of.other = p.known[i].requests[last]
		}
		if last := len(p.known[i].versions) - 1; i != step.Name && last >= 0 {
			of.otherVersion = p.known[i].versions[last]
		}
	}
	p.mu.Unlock()
	return p.note(group, step, func() *vault.Exchange { return p.send(ctx, step, of) })
}

// note sends a request and keeps its exchange, if there is one.
func (p *player) note(group int, step Step, send func() *vault.Exchange) *vault.Exchange {
	began := time.Now()
	e := send()
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

// settle polls until the last deletion, recovery or purge of a name shows, or until its time is over.
func (p *player) settle(ctx context.Context, group int, step Step) {
	p.mu.Lock()
	settling := p.known[step.Name].settling
	p.known[step.Name].settling = nil
	p.mu.Unlock()
	if settling == nil {
		return
	}
	until := p.clock.Now().Add(p.polling.Timeout)
	for wait := p.polling.Min; ; wait = min(2*wait, p.polling.Max) {
		shows := false
		e := p.note(group, step, func() *vault.Exchange {
			e, now := settling(ctx, p.client, p.names[step.Name])
			shows = now
			return e
		})
		switch {
		case shows, e.Failure != nil, e.Status() >= http.StatusInternalServerError:
			return
		case p.clock.Now().After(until):
			p.overdue(e)
			return
		case p.late(), p.clock.Sleep(ctx, wait) != nil:
			return
		}
	}
}

// overdue marks an exchange as the last poll.
func (p *player) overdue(e *vault.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.sent {
		p.sent[i].Overdue = p.sent[i].Overdue || p.sent[i].Exchange == e
	}
}

// settlingOf is how a request shows that takes a while.
func settlingOf(e *vault.Exchange) func(context.Context, *vault.Client, string) (*vault.Exchange, bool) {
	switch e.Operation {
	case vault.DeleteCertificate:
		if e.Text("recoveryId") == "" {
			return nil // gone at once
		}
		return func(ctx context.Context, c *vault.Client, name string) (*vault.Exchange, bool) {
			e := c.GetDeletedCertificate(ctx, name)
			return e, e.Succeeded()
		}
	case vault.RecoverDeletedCertificate:
		return func(ctx context.Context, c *vault.Client, name string) (*vault.Exchange, bool) {
			e := c.GetCertificate(ctx, name)
			return e, e.Succeeded()
		}
	case vault.PurgeDeletedCertificate:
		return func(ctx context.Context, c *vault.Client, name string) (*vault.Exchange, bool) {
			e := c.GetDeletedCertificate(ctx, name)
			return e, e.Status() == http.StatusNotFound
		}
	}
	return nil
}

// learn notes the request and the version that a response shows.
func (p *player) learn(name int, e *vault.Exchange) {
	if !e.Succeeded() {
		return
	}
	of := &p.known[name]
	switch e.Operation {
	case vault.DeleteCertificate, vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate:
		of.settling = settlingOf(e)
	}
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
	case Other:
		return k.other, k.other.id != ""
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
	case step.Which == Other:
		return k.otherVersion, k.otherVersion != ""
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
	case vault.BackupCertificate, vault.RestoreCertificate:
		return p.sendBackup(ctx, step, of, name)
	}
	return p.sendDeletion(ctx, step, name)
}

// sendDeletion sends a step about lists, and about what is deleted.
func (p *player) sendDeletion(ctx context.Context, step Step, name string) *vault.Exchange {
	c := p.client
	switch step.Operation {
	case vault.GetCertificates:
		return c.GetCertificates(ctx)
	case vault.GetDeletedCertificates:
		return c.GetDeletedCertificates(ctx)
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
	case step.Operation == vault.UpdateCertificate:
		return p.client.Update(ctx, name, version, changes(step))
	case version == "":
		return p.client.GetCertificate(ctx, name)
	}
	return p.client.GetCertificateVersion(ctx, name, version)
}
