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
