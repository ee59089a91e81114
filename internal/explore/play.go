package explore

import (
	"context"
	"slices"
	"strconv"
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

	name         string // of the certificate that the step is about
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
	// pages are the lists that were begun last: the operation and the link to the next page.
	pages []pages
	sent  []Sent
}

// pages is a list of which some pages were not read.
type pages struct{ operation, link string }

// known is what the responses have shown of a name.
type known struct {
	requests []request
	versions []string
	backup   string
	// owned says that a create named an issuer of the episode, which may be deleted.
	owned bool
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
	case Rest:
		p.rest(ctx, group, step)
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
	stays = stays || slices.ContainsFunc(p.owns[:], func(own string) bool { return strings.EqualFold(own, name) })
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
	p.learn(step, e)
	p.sent = append(p.sent, Sent{Group: group, Step: step, Exchange: e, name: p.names[step.Name], began: began, ended: ended})
	return e
}

// learn notes the request and the version that a response shows.
func (p *player) learn(step Step, e *vault.Exchange) {
	if !e.Succeeded() {
		return
	}
	of := &p.known[step.Name]
	of.owned = of.owned || step.Issuer == Own
	switch e.Operation {
	case vault.GetCertificates, vault.GetDeletedCertificates, vault.GetCertificateIssuers, vault.GetCertificateVersions:
		if link := e.Text("nextLink"); step.With == Paged && link != "" {
			p.pages = append(p.pages, pages{e.Operation, link})
		}
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
		return c.CreateCertificate(ctx, name, p.create(step), p.mayBeRejected(step, of)...)
	case vault.ImportCertificate:
		return p.sendImport(ctx, step, name)
	case vault.MergeCertificate:
		return p.sendMerge(ctx, step, of, name)
	case vault.GetCertificateVersions:
		return c.GetCertificateVersions(ctx, name, pageSize(step)...)
	case vault.GetCertificatePolicy:
		return c.GetCertificatePolicy(ctx, name)
	case vault.UpdateCertificatePolicy:
		return c.UpdateCertificatePolicy(ctx, name, changedPolicy(step), p.mayBeRejected(step, of)...)
	case vault.BackupCertificate, vault.RestoreCertificate:
		return p.sendBackup(ctx, step, of, name)
	}
	return p.sendDeletion(ctx, step, name)
}

// pageSize makes the pages of a list small, so that it has several.
func pageSize(step Step) []vault.Option {
	if step.With != Paged {
		return nil
	}
	return []vault.Option{vault.Parameter("maxresults", strconv.Itoa(1+step.Value%2))}
}

// mayBeRejected marks what is wrong, and a create by an issuer of the episode or by a policy that names one: the issuer may not be
// there, or be deleted.
func (p *player) mayBeRejected(step Step, of known) []vault.Option {
	if step.With == Wrong || step.Issuer == Own || step.Issuer == "" && of.owned {
		return []vault.Option{vault.Deliberate()}
	}
	return nil
}

// sendDeletion sends a step about lists, and about what is deleted.
func (p *player) sendDeletion(ctx context.Context, step Step, name string) *vault.Exchange {
	c := p.client
	switch step.Operation {
	case vault.GetCertificates:
		return c.GetCertificates(ctx, pageSize(step)...)
	case vault.GetDeletedCertificates:
		return c.GetDeletedCertificates(ctx, pageSize(step)...)
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
