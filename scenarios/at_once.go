package scenarios

import (
	"context"
	"fmt"
	"sync"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// How often the plays of requests at once try, and how many requests of one kind they send. A vault without locks goes wrong
// only if the requests meet at the wrong moment, so one try may show nothing.
const (
	atOnceRounds = 2
	atOnceMany   = 8
)

// atOnce sends requests at the same time and returns their exchanges in the order of the requests. All wait until every one
// is ready. Each panics where a play does: a panic ends the play, and not the program.
func atOnce(requests ...func() *vault.Exchange) []*vault.Exchange {
	exchanges := make([]*vault.Exchange, len(requests))
	panics := make([]any, len(requests))
	start := make(chan struct{})
	var ready, sent sync.WaitGroup
	ready.Add(len(requests))
	for i, request := range requests {
		sent.Go(func() {
			defer func() { panics[i] = recover() }()
			ready.Done()
			<-start
			exchanges[i] = request()
		})
	}
	ready.Wait()
	close(start)
	sent.Wait()
	for _, panicked := range panics {
		if panicked != nil {
			panic(panicked)
		}
	}
	return exchanges
}

// warm opens as many connections as requests will be sent at once, so that none of them has to wait for its own.
func warm(ctx context.Context, env *Env, name string, connections int) []*vault.Exchange {
	reads := make([]func() *vault.Exchange, connections)
	for i := range reads {
		reads[i] = func() *vault.Exchange { return env.Vault.GetPending(ctx, name) }
	}
	return atOnce(reads...)
}

// CreatesAtOnce sends many creates of one name at once, sees which request stands afterwards, and merges it.
type CreatesAtOnce struct {
	// Free is a create of a name of its own: the control of those that are rejected.
	Free     *vault.Exchange
	Warming  []*vault.Exchange
	Created  []*vault.Exchange
	Pending  []*vault.Exchange
	Merged   []*vault.Exchange
	Versions []*vault.Exchange
}

// Play asks for certificates that nothing completes by itself, so that the first request is in progress at all the others.
func (p *CreatesAtOnce) Play(ctx context.Context, env *Env) error {
	free, err := env.Name("atoncefree")
	if err != nil {
		return err
	}
	request := ManualRequest("CN=creates-at-once.example.com")
	p.Free = env.Create(ctx, free, request)
	if err := env.Must(p.Free); err != nil {
		return err
	}
	for round := range atOnceRounds {
		name, err := env.Name(fmt.Sprintf("atoncecreates%d", round+1))
		if err != nil {
			return err
		}
		p.Warming = append(p.Warming, warm(ctx, env, name, atOnceMany)...)
		creates := make([]func() *vault.Exchange, atOnceMany)
		for i := range creates {
			creates[i] = func() *vault.Exchange { return env.Create(ctx, name, request) }
		}
		created := atOnce(creates...)
		p.Created = append(p.Created, created...)
		for range 4 { // reads may show two requests in turn
			p.Pending = append(p.Pending, env.Vault.GetPending(ctx, name))
		}
		if err := p.merge(ctx, env, name, created); err != nil {
			return err
		}
	}
	return nil
}

// merge completes the request that stands, and lists the versions that the name has then.
func (p *CreatesAtOnce) merge(ctx context.Context, env *Env, name string, created []*vault.Exchange) error {
	last := p.Pending[len(p.Pending)-1]
	if !InProgress(last) || !Signable(last) {
		return nil
	}
	merged, err := mergeFor(ctx, env, name, append([]*vault.Exchange{last}, created...)...)
	if err != nil {
		return err
	}
	p.Merged = append(p.Merged, merged)
	p.Versions = append(p.Versions, env.Vault.GetCertificateVersions(ctx, name))
	return nil
}

// NamesAtOnce sends creates of many names at once, all with one body, and reads each request.
type NamesAtOnce struct {
	Warming []*vault.Exchange
	Created []*vault.Exchange
	Pending []*vault.Exchange
}

// Play asks for certificates that nothing completes by itself.
func (p *NamesAtOnce) Play(ctx context.Context, env *Env) error {
	names := make([]string, atOnceMany)
	creates := make([]func() *vault.Exchange, atOnceMany)
	request := ManualRequest("CN=names-at-once.example.com")
	for i := range names {
		name, err := env.Name(fmt.Sprintf("atoncename%d", i+1))
		if err != nil {
			return err
		}
		names[i] = name
		creates[i] = func() *vault.Exchange { return env.Create(ctx, name, request) }
	}
	p.Warming = warm(ctx, env, names[0], atOnceMany)
	p.Created = atOnce(creates...)
	for _, name := range names {
		p.Pending = append(p.Pending, env.Vault.GetPending(ctx, name))
	}
	return nil
}

// DeleteAgainstCreate deletes a pending object and creates its name again at once.
type DeleteAgainstCreate struct {
	Created      []*vault.Exchange
	Before       []*vault.Exchange
	Deleted      []*vault.Exchange
	CreatedAgain []*vault.Exchange
	After        []*vault.Exchange
}

// Play asks for certificates that nothing completes by itself.
func (p *DeleteAgainstCreate) Play(ctx context.Context, env *Env) error {
	request := ManualRequest("CN=delete-at-once.example.com")
	of := meeting{&p.Created, &p.Before, &p.Deleted, &p.CreatedAgain, &p.After}
	return of.play(ctx, env, "atoncedelete", request,
		func(name string) *vault.Exchange { return env.Vault.DeletePending(ctx, name) },
		func(name string) *vault.Exchange { return env.Create(ctx, name, request) })
}

// CancelAgainstDelete requests the cancellation of a request and deletes its pending object at once.
type CancelAgainstDelete struct {
	Created   []*vault.Exchange
	Before    []*vault.Exchange
	Cancelled []*vault.Exchange
	Deleted   []*vault.Exchange
	After     []*vault.Exchange
}

// Play needs an issuer that keeps its requests in progress.
func (p *CancelAgainstDelete) Play(ctx context.Context, env *Env) error {
	if env.Issuers.StaysInProgress == "" {
		return noStayingIssuer()
	}
	of := meeting{&p.Created, &p.Before, &p.Cancelled, &p.Deleted, &p.After}
	return of.play(ctx, env, "atoncecancel", IssuerRequest("CN=cancel-at-once.example.com", env.Issuers.StaysInProgress),
		func(name string) *vault.Exchange { return env.Vault.CancelPending(ctx, name, true) },
		func(name string) *vault.Exchange { return env.Vault.DeletePending(ctx, name) })
}

// meeting is where a script keeps what two requests about a pending object at once showed, in all rounds.
type meeting struct{ created, before, first, second, after *[]*vault.Exchange }

// play creates a name in each round and sends two requests about it at once.
func (m meeting) play(ctx context.Context, env *Env, purpose string, request vault.CreateParameters, first, second func(name string) *vault.Exchange) error {
	for round := range atOnceRounds {
		name, err := env.Name(fmt.Sprintf("%s%d", purpose, round+1))
		if err != nil {
			return err
		}
		created := env.Create(ctx, name, request)
		*m.created = append(*m.created, created)
		if err := env.Must(created); err != nil {
			return err
		}
		*m.before = append(*m.before, warm(ctx, env, name, 2)...)
		both := atOnce(
			func() *vault.Exchange { return first(name) },
			func() *vault.Exchange { return second(name) },
		)
		*m.first, *m.second = append(*m.first, both[0]), append(*m.second, both[1])
		for range 2 {
			*m.after = append(*m.after, env.Vault.GetPending(ctx, name))
		}
	}
	return nil
}

// freeImport imports a name of its own, which has to be accepted before several requests are sent at once.
func freeImport(ctx context.Context, env *Env, purpose string) (*vault.Exchange, error) {
	name, err := env.Name(purpose)
	if err != nil {
		return nil, err
	}
	imported, err := importOver(ctx, env, name)
	if err != nil {
		return imported, err
	}
	return imported, env.Must(imported)
}

// ImportAgainstCreate imports and creates a name at once that nothing has made before.
type ImportAgainstCreate struct {
	// Free is an import of a name of its own: the control of those that are rejected.
	Free     *vault.Exchange
	Warming  []*vault.Exchange
	Imported []*vault.Exchange
	Created  []*vault.Exchange
	Current  []*vault.Exchange
	Pending  []*vault.Exchange
}

// Play asks for certificates that nothing completes by itself.
func (p *ImportAgainstCreate) Play(ctx context.Context, env *Env) error {
	var err error
	if p.Free, err = freeImport(ctx, env, "atonceimport"); err != nil {
		return err
	}
	request := ManualRequest("CN=create-at-once.example.com")
	for round := range atOnceRounds {
		name, err := env.Name(fmt.Sprintf("atonceimport%d", round+1))
		if err != nil {
			return err
		}
		file, err := env.Importable(ctx, "CN=import-at-once.example.com")
		if err != nil {
			return err
		}
		p.Warming = append(p.Warming, warm(ctx, env, name, 2)...)
		both := atOnce(
			func() *vault.Exchange { return env.Vault.ImportCertificate(ctx, name, file) },
			func() *vault.Exchange { return env.Create(ctx, name, request) },
		)
		p.Imported, p.Created = append(p.Imported, both[0]), append(p.Created, both[1])
		p.Current = append(p.Current, env.Vault.GetCertificate(ctx, name))
		p.Pending = append(p.Pending, env.Vault.GetPending(ctx, name))
	}
	return nil
}
