package runner

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// cleaningTime bounds the deleting of a whole run; purging has as long again as the target may take for a transition.
const cleaningTime = time.Minute

// Fate is what became of something that was to be removed.
type Fate int

// The fates, the best first.
const (
	// Gone: nothing of it is left, or nothing but what the target was asked to keep.
	Gone Fate = iota
	// Unpurged: it is deleted, and the vault does not purge.
	Unpurged
	// Unsettled: it is deleted, and could not be purged in time.
	Unsettled
	// Live: it is still there.
	Live
)

// Removal is something that was to be removed, with its fate and the reason where that is not Gone.
type Removal struct {
	Kind   Kind
	Name   string
	Fate   Fate
	Reason string
}

// String is the removal in one line.
func (r Removal) String() string {
	if r.Reason == "" {
		return r.Name
	}
	return r.Name + ": " + r.Reason
}

// remover deletes what a run made, and purges it where the target says so.
type remover struct {
	client  *vault.Client
	cleanup Cleanup
	polling Polling
	clock   vault.Clock
	plays   int

	patienceLost atomic.Bool // one certificate could not be purged in time: the others need not wait as long
}

// doomed is something to remove, and where the vault has it.
type doomed struct {
	kind  Kind
	name  string
	place place
}

// place is where a vault has a thing.
type place int

const (
	shelved  place = iota // to be deleted, as far as is known
	nowhere               // no longer anywhere
	perhaps               // deleted by someone before, so that the bin may have it
	inTheBin              // deleted, to be purged
)

// remove removes everything, several at once: first all are deleted, so that a vault that deletes slowly does so for
// all of them while the first is purged. It goes on where the context of the run has ended.
func (r *remover) remove(ctx context.Context, things []doomed) []Removal {
	removals := make([]Removal, len(things))
	unended := context.WithoutCancel(ctx)
	deleting, cancel := context.WithTimeout(unended, cleaningTime)
	defer cancel()
	r.each(len(things), func(i int) { removals[i] = r.delete(deleting, &things[i]) })
	if r.cleanup != Purge {
		return removals
	}
	purging, cancel := context.WithTimeout(unended, cleaningTime+r.polling.Timeout)
	defer cancel()
	r.each(len(things), func(i int) {
		thing := &things[i]
		if thing.place == inTheBin || thing.place == perhaps && r.client.GetDeletedCertificate(purging, thing.name).Succeeded() {
			removals[i].Fate, removals[i].Reason = r.purge(purging, thing.name)
		}
	})
	return removals
}

func (r *remover) each(count int, do func(i int)) {
	var workers sync.WaitGroup
	places := make(chan struct{}, max(r.plays, 1))
	for i := range count {
		places <- struct{}{}
		workers.Go(func() {
			defer func() { <-places }()
			do(i)
		})
	}
	workers.Wait()
}

// delete deletes one thing unless that is done, and says where it is then.
func (r *remover) delete(ctx context.Context, thing *doomed) Removal {
	removal := Removal{Kind: thing.kind, Name: thing.name}
	if thing.place == inTheBin {
		return removal
	}
	var deleted *vault.Exchange
	if thing.kind == IssuerKind {
		deleted = r.client.DeleteIssuer(ctx, thing.name)
	} else {
		r.client.DeletePending(ctx, thing.name) // there may be none, and a certificate can be deleted without
		deleted = r.client.DeleteCertificate(ctx, thing.name)
	}
	thing.place = nowhere
	switch {
	case deleted.Failure != nil:
		removal.Fate, removal.Reason = Live, deleted.Failure.Message
	case deleted.Status() == http.StatusNotFound:
		if thing.kind == CertificateKind {
			thing.place = perhaps // a play may have deleted it
		}
	case !deleted.Succeeded():
		removal.Fate, removal.Reason = Live, fmt.Sprintf("DELETE answered %d%s", deleted.Status(), codeOf(deleted))
	case thing.kind == CertificateKind && deleted.Text("recoveryId") != "":
		thing.place = inTheBin
	}
	return removal
}

// purge waits for the delete to be seen, then removes the certificate for good.
func (r *remover) purge(ctx context.Context, name string) (Fate, string) {
	until := r.clock.Now().Add(r.polling.Timeout)
	for settled := false; ; {
		purged := r.client.PurgeDeletedCertificate(ctx, name)
		if purged.Succeeded() {
			return Gone, ""
		}
		if purged.Failure != nil {
			return Unsettled, "deleted, but not purged: " + purged.Failure.Message
		}
		refused := purged.Status() != http.StatusConflict && purged.Status() != http.StatusNotFound
		if refused || settled && purged.Status() == http.StatusNotFound {
			return Unpurged, fmt.Sprintf("deleted, but not purged: the purge answered %d%s", purged.Status(), codeOf(purged))
		}
		// A 404 says that there is nothing to purge yet, or that nothing can be purged; the bin tells which.
		if settled = r.client.GetDeletedCertificate(ctx, name).Succeeded(); settled && purged.Status() == http.StatusNotFound {
			continue
		}
		if r.patienceLost.Load() || r.clock.Now().After(until) {
			r.patienceLost.Store(true)
			return Unsettled, "deleted, but not purged in time"
		}
		if r.clock.Sleep(ctx, r.polling.Min) != nil {
			return Unsettled, "deleted, but not purged in time"
		}
	}
}

// cleanUp removes what the run made, also when the run was ended, and settles the ledger. It returns what is still
// there, and what a reader of the report should know.
func (r *run) cleanUp(ctx context.Context) (left, notes []string) {
	entries := r.ledger.all()
	if len(entries) == 0 {
		return nil, nil
	}
	if r.target.Cleanup == Leave {
		return nil, r.sweepable(fmt.Sprintf("%d things that the run made are left in the vault, as the target asks", len(entries)))
	}
	if r.options.Progress != nil {
		r.options.Progress.CleaningUp(len(entries))
	}
	remover := &remover{
		client: r.client, cleanup: r.target.Cleanup, polling: r.target.Polling,
		clock: r.options.Clock, plays: r.target.Plays,
	}
	things := make([]doomed, len(entries))
	for i, entry := range entries {
		things[i] = doomed{kind: entry.Kind, name: entry.Name}
	}
	fates := map[Fate][]Removal{}
	for _, removal := range remover.remove(ctx, things) {
		fates[removal.Fate] = append(fates[removal.Fate], removal)
	}
	for _, removal := range fates[Live] {
		left = append(left, removal.String())
	}
	if kept := fates[Unpurged]; len(kept) > 0 {
		notes = append(notes, fmt.Sprintf("the vault keeps %d deleted certificates, as it does not purge (%s)", len(kept), kept[0]))
	}
	if waiting := fates[Unsettled]; len(waiting) > 0 {
		notes = append(notes, r.sweepable(fmt.Sprintf("%d deleted certificates could not be purged in time (%s)", len(waiting), waiting[0]))...)
	}
	if len(left) > 0 {
		notes = append(notes, r.sweepable(fmt.Sprintf("%d things that the run made are left in the vault", len(left)))...)
	}
	r.clean = len(fates[Live])+len(fates[Unsettled]) == 0
	return left, notes
}

// sweepable says how to remove what is left.
func (r *run) sweepable(what string) []string {
	if r.ledger.path == "" {
		return []string{what}
	}
	return []string{fmt.Sprintf("%s; `kvconform sweep --ledger %s` removes them", what, r.ledger.path)}
}
