package scenarios

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// LongFirst orders plays so that the long ones start first and none of them is alone at the end: the plays that find out
// the forms, since others wait for them, then those that wait most often, then those with the most requests.
func LongFirst(plays []Play) []Play {
	ordered := slices.Clone(plays)
	slices.SortStableFunc(ordered, func(a, b Play) int {
		first := func(p Play) int {
			if FindsForms(p) {
				return 0
			}
			return 1
		}
		waitsA, requestsA := extent(a)
		waitsB, requestsB := extent(b)
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(waitsB, waitsA), cmp.Compare(requestsB, requestsA))
	})
	return ordered
}

// extent is how often a play waits for a state, and how many other requests and lists of requests it sends, as the fields
// of its script show: the polls of a wait are a list whose name ends in Polls, or Looks if its waits overlap. Other lists, such
// as the pages of a list, are soon over.
func extent(play Play) (waits, requests int) {
	script := reflect.TypeOf(play.New()).Elem()
	for i := range script.NumField() {
		switch field := script.Field(i); field.Type {
		case reflect.TypeFor[[]*vault.Exchange]():
			if strings.HasSuffix(field.Name, "Polls") || field.Name == "Looks" {
				waits++
			} else {
				requests++
			}
		case reflect.TypeFor[*vault.Exchange]():
			requests++
		}
	}
	return waits, requests
}

// yielding is a clock on which a play gives up its place among those that run at once while it sleeps: waiting for an
// operation is no load on the target.
type yielding struct {
	vault.Clock
	places *places
	rank   int
}

// Sleep sleeps, and comes back when there is a place.
func (y yielding) Sleep(ctx context.Context, d time.Duration) error {
	y.places.give()
	defer y.places.take(y.rank)
	return y.Clock.Sleep(ctx, d)
}

// Waits remembers which waits of a run were in vain. A target that never ends the requests of an issuer would otherwise
// cost one timeout after the other, as would one that never lists a new certificate: a wait ends early when every other wait
// for the same issuer, or the same change, has ended in vain. It may
// be used by many goroutines; nil remembers nothing.
type Waits struct {
	mu   sync.Mutex
	kept map[string]waited
}

// waited counts how the waits for one issuer or change have ended.
type waited struct{ seen, inVain int }

// enoughInVain is how many waits in vain show that a further one is in vain too.
const enoughInVain = 2

// ended takes note of how a wait ended.
func (w *Waits) ended(awaited string, seen bool) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept == nil {
		w.kept = map[string]waited{}
	}
	count := w.kept[awaited]
	if seen {
		count.seen++
	} else {
		count.inVain++
	}
	w.kept[awaited] = count
}

// hopeless reports whether waits for an issuer or a change have only been in vain.
func (w *Waits) hopeless(awaited string) bool {
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	count := w.kept[awaited]
	return count.seen == 0 && count.inVain >= enoughInVain
}

// pollsAgain sleeps before the next poll for a change, and reports whether there is one: not when the time is up, where every
// other wait for the change was in vain, or once the run ends.
func (env *Env) pollsAgain(ctx context.Context, awaits string, until time.Time, pause time.Duration) bool {
	if env.Clock.Now().Add(pause).After(until) {
		env.Waits.ended(awaits, false)
		return false
	}
	return !env.Waits.hopeless(awaits) && env.Clock.Sleep(ctx, pause) == nil
}

// issuerOf names the issuer of an operation.
func issuerOf(e *vault.Exchange) string {
	issuer, _ := e.Member("issuer").(map[string]any)
	name, _ := issuer["name"].(string)
	return name
}
