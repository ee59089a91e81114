package fault

import (
	"net/http"
	"sync"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// overlaps is what a vault without locks has in the place of them: a request that met another behaves wrongly, and one that
// is alone is as it should be.
type overlaps struct {
	tamper.Meetings
	// one is held while a request that met another behaves wrongly.
	one   sync.Mutex
	notes *memory
}

// overlapping builds a fault of requests at once.
func overlapping(id, title string, on tamper.On, act func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response,
	breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on, AtOnce: true,
		Wrap: func(next http.Handler) http.Handler {
			o := &overlaps{notes: newMemory()}
			return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Response { return act(o, next, r) })
		},
	}
}

// wrongAtOnce makes the response to a request that met another.
type wrongAtOnce func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response

// meeting makes the response to a request of a kind: wrong, one after the other, if it met another under the key, and the right one
// otherwise, or if nothing is wrong with the kind.
func (o *overlaps) meeting(key, kind string, alike bool, wrong wrongAtOnce, next http.Handler, r *http.Request) *tamper.Response {
	met, leave := o.Meet(key, kind, alike)
	defer leave()
	if !met || wrong == nil {
		return tamper.Pass(next, r)
	}
	o.one.Lock()
	defer o.one.Unlock()
	return wrong(o, next, r)
}
