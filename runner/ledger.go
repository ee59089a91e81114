package runner

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// cleaningTime bounds the cleaning up of a whole run.
const cleaningTime = time.Minute

// ledger holds the names that a run may have made certificates of.
type ledger struct {
	mu    sync.Mutex
	names []string
}

func (l *ledger) note(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names = append(l.names, name)
	return nil
}

func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.names)
}

// cleanUp removes what the run made, also when the run was ended, and returns in words what it could not remove.
func (r *run) cleanUp(ctx context.Context) []string {
	names := r.ledger.all()
	if r.target.Cleanup == Leave || len(names) == 0 {
		return nil
	}
	if r.options.Progress != nil {
		r.options.Progress.CleaningUp(len(names))
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaningTime)
	defer cancel()
	client := r.client(nil)
	left := make([]string, len(names))
	var workers sync.WaitGroup
	places := make(chan struct{}, r.target.Plays)
	for i, name := range names {
		workers.Add(1)
		places <- struct{}{}
		go func() {
			defer workers.Done()
			defer func() { <-places }()
			left[i] = r.remove(bounded, client, name)
		}()
	}
	workers.Wait()
	return slices.DeleteFunc(left, func(what string) bool { return what == "" })
}

// remove deletes one name, its pending request first; it returns what went wrong, "" where nothing is left.
func (r *run) remove(ctx context.Context, client *vault.Client, name string) string {
	client.DeletePending(ctx, name) // there may be none, and a certificate can be deleted without
	deleted := client.DeleteCertificate(ctx, name)
	switch {
	case deleted.Failure != nil:
		return fmt.Sprintf("%s: %s", name, deleted.Failure.Message)
	case deleted.Status() == http.StatusNotFound:
		return ""
	case !deleted.Succeeded():
		return fmt.Sprintf("%s: DELETE answered %d%s", name, deleted.Status(), codeOf(deleted))
	case r.target.Cleanup != Purge || deleted.Text("recoveryId") == "":
		return ""
	}
	return r.purge(ctx, client, name)
}

// purge waits for the delete to be seen, then removes the certificate for good.
func (r *run) purge(ctx context.Context, client *vault.Client, name string) string {
	until := r.options.Clock.Now().Add(r.target.Polling.Timeout)
	for {
		purged := client.PurgeDeletedCertificate(ctx, name)
		if purged.Succeeded() {
			return ""
		}
		settling := purged.Status() == http.StatusNotFound || purged.Status() == http.StatusConflict
		if purged.Failure != nil || !settling || r.options.Clock.Now().After(until) {
			return fmt.Sprintf("%s: deleted, but not purged: %s", name, purged.Line())
		}
		if r.options.Clock.Sleep(ctx, r.target.Polling.Min) != nil {
			return name + ": deleted, but not purged in time"
		}
	}
}
