package cleanup

import (
	"context"
	"net/http"

	"github.com/kvconform/kvconform/runner/target"
)

// lookForCompanion reports whether a secret or a key of its own is in the vault. No operation shows a deleted one, so where the
// target purges, one that is not there is taken to be in the bin.
func (s *Sweep) lookForCompanion(ctx context.Context, leftover *Leftover) (*Leftover, error) {
	look := s.options.Client.GetSecret
	if leftover.Kind == KeyKind {
		look = s.options.Client.GetKey
	}
	e := look(ctx, leftover.Name)
	if err := s.usable(e); err != nil {
		return nil, err
	}
	if managed, _ := e.Member("managed").(bool); managed && e.Succeeded() {
		return nil, nil // it is that of a certificate, and goes with it
	}
	if e.Status() == http.StatusNotFound && s.options.Cleanup != target.Purge {
		return nil, nil
	}
	return leftover, nil
}

// purgeCompanion purges a secret or a key of its own. A 404 means that nothing is left of one that was not there to be deleted,
// and of one that was just deleted that the delete is still under way.
func (r *Remover) purgeCompanion(ctx context.Context, of *thing, removal Removal) Removal {
	purge := r.Client.PurgeSecret
	if of.kind == KeyKind {
		purge = r.Client.PurgeKey
	}
	if of.where != softDeleted && of.where != maybeDeleted {
		return removal
	}
	for began := r.Clock.Now(); ; {
		purged := purge(ctx, of.name)
		if passing(purged) && r.retries(ctx, began) {
			continue
		}
		if of.where == maybeDeleted && purged.Failure == nil && purged.Status() == http.StatusNotFound {
			return removal
		}
		var final bool
		if removal.Fate, removal.Reason, final = purgeFate(purged, false); final {
			return removal
		}
		if !r.waits(ctx, began) {
			removal.Fate, removal.Reason = Unsettled, "deleted, but not purged in time"
			return removal
		}
	}
}
