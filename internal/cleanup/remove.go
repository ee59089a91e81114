// Package cleanup removes what runs made in a vault. A Ledger names a thing before the request that makes it is sent, so that
// nothing is lost where a run is killed; Remove deletes and purges; a Sweep finds what earlier runs left, by their ledgers
// or by the form of their names. It knows no run.
package cleanup

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// The bounds of cleaning up.
const (
	// cleaningTime bounds the deleting of a whole run; purging has as long again as the target may take for a transition.
	cleaningTime = time.Minute
	// requestTime bounds one request.
	requestTime = 10 * time.Second
	// retryTime is how long a delete is repeated that gets no response, or a 5xx, and longestPause the longest pause before
	// a repetition: a vault that restarts, or fails now and then, keeps nothing.
	retryTime    = 10 * time.Second
	longestPause = 2 * time.Second
)

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

// Options say how to remove.
type Options struct {
	Client *vault.Client
	// Cleanup says whether what is deleted is purged as well.
	Cleanup target.Cleanup
	Polling target.Polling
	Clock   vault.Clock
	// Plays is how many things are removed at once, by all who use the remover.
	Plays int
}

// Remover deletes what a run made, and purges it where the target says so. It remembers when a vault was waited for in vain,
// and waits no more. It may be used by many goroutines.
type Remover struct {
	Options
	slots        chan struct{}
	patienceLost atomic.Bool // one certificate could not be purged in time: the others need not wait as long
	hopeless     atomic.Bool // one delete was repeated in vain: the others are tried once
}

// thing is something to remove, and where the vault has it.
type thing struct {
	kind  Kind
	name  string
	where whereabouts
}

// whereabouts says where a vault has a thing.
type whereabouts int

const (
	live         whereabouts = iota // to be deleted, as far as is known
	gone                            // no longer anywhere
	maybeDeleted                    // a play may have deleted it already
	softDeleted                     // deleted, to be purged
)

// NewRemover makes a remover.
func NewRemover(options Options) *Remover {
	return &Remover{Options: options, slots: make(chan struct{}, max(options.Plays, 1))}
}

// Remove removes everything, several at once: first all are deleted, so that a vault that deletes slowly does so for
// all of them while the first is purged.
func (r *Remover) Remove(ctx context.Context, leftovers []Leftover) []Removal {
	things := make([]thing, len(leftovers))
	for i, leftover := range leftovers {
		things[i] = thing{kind: leftover.Kind, name: leftover.Name}
		if leftover.Deleted {
			things[i].where = softDeleted
		}
	}
	removals := make([]Removal, len(things))
	deleting, cancel := context.WithTimeout(ctx, cleaningTime)
	defer cancel()
	r.each(len(things), func(i int) { removals[i] = r.delete(deleting, &things[i]) })
	if r.Cleanup != target.Purge {
		return removals
	}
	purging, cancel := context.WithTimeout(ctx, cleaningTime+r.Polling.Timeout)
	defer cancel()
	r.each(len(things), func(i int) {
		thing := &things[i]
		if thing.kind.isCompanion() {
			removals[i] = r.purgeCompanion(purging, thing, removals[i])
			return
		}
		if thing.where == softDeleted || thing.where == maybeDeleted && r.Client.GetDeletedCertificate(purging, thing.name).Succeeded() {
			removals[i].Fate, removals[i].Reason = r.purge(purging, thing.name)
		}
	})
	return removals
}

// each does count things, as many at a time as there are slots.
func (r *Remover) each(count int, do func(i int)) {
	each(cap(r.slots), count, func(i int) {
		r.slots <- struct{}{}
		defer func() { <-r.slots }()
		do(i)
	})
}

// each does count things, so many at a time.
func each(atOnce, count int, do func(i int)) {
	var workers errgroup.Group
	workers.SetLimit(max(atOnce, 1))
	for i := range count {
		workers.Go(func() error { do(i); return nil })
	}
	_ = workers.Wait() // none fails
}

// delete deletes one thing unless that is done, and says where it is then.
func (r *Remover) delete(ctx context.Context, thing *thing) Removal {
	removal := Removal{Kind: thing.kind, Name: thing.name}
	if thing.where == softDeleted {
		return removal
	}
	deleted := r.send(ctx, thing)
	thing.where = gone
	switch {
	case deleted.Failure != nil:
		removal.Fate, removal.Reason = Live, deleted.Failure.Message
	case deleted.Status() == http.StatusNotFound:
		if thing.kind != IssuerKind {
			thing.where = maybeDeleted
		}
	case !deleted.Succeeded():
		removal.Fate, removal.Reason = Live, fmt.Sprintf("DELETE returned %d%s", deleted.Status(), session.Code(deleted))
	case thing.kind != IssuerKind && deleted.Text("recoveryId") != "":
		thing.where = softDeleted
	}
	return removal
}

// send sends the delete of a thing, again and again for a while if that may help.
func (r *Remover) send(ctx context.Context, thing *thing) *vault.Exchange {
	until := r.Clock.Now().Add(retryTime)
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, longestPause) {
		var deleted *vault.Exchange
		switch thing.kind {
		case IssuerKind:
			deleted = r.Client.DeleteIssuer(ctx, thing.name)
		case SecretKind:
			deleted = r.Client.DeleteSecret(ctx, thing.name)
		case KeyKind:
			deleted = r.Client.DeleteKey(ctx, thing.name)
		default:
			r.Client.DeletePending(ctx, thing.name) // there may be none, and a certificate can be deleted without
			deleted = r.Client.DeleteCertificate(ctx, thing.name)
		}
		if !passing(deleted) || r.hopeless.Load() {
			return deleted
		}
		if r.Clock.Now().Add(pause).After(until) || r.Clock.Sleep(ctx, pause) != nil {
			r.hopeless.Store(true)
			return deleted
		}
	}
}

// passing reports whether what kept a request from its effect may pass.
func passing(e *vault.Exchange) bool {
	if e.Failure == nil {
		return e.Status() >= http.StatusInternalServerError
	}
	return !slices.Contains([]vault.FailureKind{vault.NotSent, vault.NotClaimed, vault.NoToken, vault.Untrusted, vault.Interrupted}, e.Failure.Kind)
}

// purge waits for the delete to be seen, then removes the certificate for good.
func (r *Remover) purge(ctx context.Context, name string) (Fate, string) {
	began := r.Clock.Now()
	for settled := false; ; {
		purged := r.Client.PurgeDeletedCertificate(ctx, name)
		if passing(purged) && r.retries(ctx, began) {
			continue
		}
		if fate, reason, final := purgeFate(purged, settled); final {
			return fate, reason
		}
		// A 404 says that there is nothing to purge yet, or that nothing can be purged; the bin tells which.
		if settled = r.Client.GetDeletedCertificate(ctx, name).Succeeded(); settled && purged.Status() == http.StatusNotFound {
			continue
		}
		if !r.waits(ctx, began) {
			return Unsettled, "deleted, but not purged in time"
		}
	}
}

// retries pauses before a purge is sent again that something passing has kept from its effect. It reports false where
// sending it again is in vain.
func (r *Remover) retries(ctx context.Context, began time.Time) bool {
	return !r.hopeless.Load() && r.Clock.Now().Before(began.Add(retryTime)) && r.Clock.Sleep(ctx, r.Polling.Min) == nil
}

// purgeFate is the fate of a certificate after a purge, if the response settles it: it does not where the delete may still
// be under way. Settled says that the certificate is known to be in the bin, so that a 404 is a refusal.
func purgeFate(purged *vault.Exchange, settled bool) (fate Fate, reason string, final bool) {
	if purged.Succeeded() {
		return Gone, "", true
	}
	if purged.Failure != nil {
		return Unsettled, "deleted, but not purged: " + purged.Failure.Message, true
	}
	switch purged.Status() {
	case http.StatusConflict:
		return Unsettled, "", false
	case http.StatusNotFound:
		if !settled {
			return Unsettled, "", false
		}
	}
	return Unpurged, fmt.Sprintf("deleted, but not purged: the purge returned %d%s", purged.Status(), session.Code(purged)), true
}

// waits pauses while a delete is under way. It reports false once the time for that is over, and then for every other
// certificate too: a vault that is slow with one is slow with all.
func (r *Remover) waits(ctx context.Context, began time.Time) bool {
	if r.patienceLost.Load() || r.Clock.Now().After(began.Add(r.Polling.Timeout)) {
		r.patienceLost.Store(true)
		return false
	}
	return r.Clock.Sleep(ctx, r.Polling.Min) == nil
}
