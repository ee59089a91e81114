package explore

import (
	"context"
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// mostPages bounds how many pages of a list are followed: the lists of a vault may be long.
const mostPages = 20

// rest follows the links of the list that was begun last, page after page.
func (p *player) rest(ctx context.Context, group int, step Step) {
	p.mu.Lock()
	last := len(p.pages) - 1
	var of pages
	if last >= 0 {
		of, p.pages = p.pages[last], p.pages[:last]
	}
	p.mu.Unlock()
	for range mostPages {
		if of.link == "" || p.late() || ctx.Err() != nil {
			return
		}
		e := p.note(group, step, func() *vault.Exchange { return p.client.Follow(ctx, of.operation, of.link) })
		if e == nil || !e.Succeeded() {
			return
		}
		of.link = e.Text("nextLink")
	}
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
