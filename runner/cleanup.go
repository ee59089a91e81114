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

// remove removes everything, several at once: first all are deleted, so that a vault that deletes slowly does so for
// all of them while the first is purged. It goes on where the context of the run has ended.
func (r *remover) remove(ctx context.Context, entries []LedgerEntry) []Removal {
	removals := make([]Removal, len(entries))
	unended := context.WithoutCancel(ctx)
	deleting, cancel := context.WithTimeout(unended, cleaningTime)
	defer cancel()
	inTheBin := make([]bool, len(entries))
	r.each(len(entries), func(i int) { removals[i], inTheBin[i] = r.delete(deleting, entries[i]) })
	if r.cleanup != Purge {
		return removals
	}
	purging, cancel := context.WithTimeout(unended, cleaningTime+r.polling.Timeout)
	defer cancel()
	r.each(len(entries), func(i int) {
		if inTheBin[i] {
			removals[i].Fate, removals[i].Reason = r.purge(purging, entries[i].Name)
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

// delete deletes one thing, and tells whether it may now be in the vault's bin.
func (r *remover) delete(ctx context.Context, entry LedgerEntry) (removal Removal, inTheBin bool) {
	removal = Removal{Kind: entry.Kind, Name: entry.Name}
	var deleted *vault.Exchange
	if entry.Kind == IssuerKind {
		deleted = r.client.DeleteIssuer(ctx, entry.Name)
	} else {
		r.client.DeletePending(ctx, entry.Name) // there may be none, and a certificate can be deleted without
		deleted = r.client.DeleteCertificate(ctx, entry.Name)
	}
	switch {
	case deleted.Failure != nil:
		removal.Fate, removal.Reason = Live, deleted.Failure.Message
	case deleted.Status() == http.StatusNotFound:
		// A play may have deleted it, so that the bin has it all the same.
		return removal, entry.Kind == CertificateKind && r.cleanup == Purge && r.client.GetDeletedCertificate(ctx, entry.Name).Succeeded()
	case !deleted.Succeeded():
		removal.Fate, removal.Reason = Live, fmt.Sprintf("DELETE answered %d%s", deleted.Status(), codeOf(deleted))
	default:
		return removal, entry.Kind == CertificateKind && deleted.Text("recoveryId") != ""
	}
	return removal, false
}

// purge waits for the delete to be seen, then removes the certificate for good.
func (r *remover) purge(ctx context.Context, name string) (Fate, string) {
	until := r.clock.Now().Add(r.polling.Timeout)
	for {
		purged := r.client.PurgeDeletedCertificate(ctx, name)
		if purged.Succeeded() {
			return Gone, ""
		}
		if purged.Failure != nil {
			return Unsettled, "deleted, but not purged: " + purged.Failure.Message
		}
		settling := purged.Status() == http.StatusConflict ||
			purged.Status() == http.StatusNotFound && !r.client.GetDeletedCertificate(ctx, name).Succeeded()
		if !settling {
			return Unpurged, fmt.Sprintf("deleted, but not purged: the purge answered %d%s", purged.Status(), codeOf(purged))
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
		return nil, r.sweepable(fmt.Sprintf("%d certificates are left in the vault, as the target asks", len(entries)))
	}
	if r.options.Progress != nil {
		r.options.Progress.CleaningUp(len(entries))
	}
	remover := &remover{
		client: r.client(nil), cleanup: r.target.Cleanup, polling: r.target.Polling,
		clock: r.options.Clock, plays: r.target.Plays,
	}
	fates := map[Fate][]Removal{}
	for _, removal := range remover.remove(ctx, entries) {
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
		notes = append(notes, r.sweepable(fmt.Sprintf("%d certificates are left in the vault", len(left)))...)
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
