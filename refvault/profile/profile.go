// Package profile holds sets of deviations that stand together, as they do in life.
//
// A fault (package fault) breaks one thing in a vault that is perfect otherwise, and a variant (package variant) differs
// legally. No emulator is like that: each deviates in dozens of places at once, and at the root first. A suite that has
// met single faults only does not know whether one deviation hides the next. A profile is how it gets to know: each is
// modelled on a real implementation, written down deviation by deviation, and named for what it does.
//
//   - random-request-ids makes up a request_id for every response, puts new requests in the place of those in progress,
//     and keeps policies as they were sent.
//   - born-completed completes every request in the response to its create, reads neither policies nor imports, and
//     lacks half of the routes.
//   - full-policy-only rejects a create whose policy leaves anything to a default, and returns the errors of a web
//     framework.
//   - open-door asks nobody for a token and looks at no api-version.
//
// # Layers
//
// A Deviation is a layer around a handler, an option of the reference vault, or both. A Profile is a list of them, the
// innermost first: each layer sees the requests that the layers after it let through, and the responses of those before
// it. What a layer remembers is new for every vault, and any part of a profile is a vault as well:
//
//	p, _ := profile.Named("born-completed")
//	options := refvault.Options{}
//	p.Configure(&options)
//	vault, err := refvault.New(options)
//	...
//	handler := p.Wrap(vault)
//
// Every deviation names the statements of docs/contract.md that it breaks or stretches, so that a finding of the suite
// on a profile can be signed as true.
package profile

import (
	"net/http"
	"strings"
	"sync"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// Profile is a set of deviations that stand together.
type Profile struct {
	// ID is stable and says the deviation that it is known by.
	ID string
	// Title says what such a vault is like, in one line.
	Title string
	// Claims is how the owner of such a vault describes it in a target file.
	Claims Claims
	// Deviations are its layers, the innermost first.
	Deviations []Deviation
}

// Claims are the entries of a target file that such a vault needs.
type Claims struct {
	// IDBase is what its ids begin with; empty means its own address.
	IDBase string
	// The issuers are those whose requests end so; empty means that there are none.
	StaysInProgress, Completes, Fails, Rejects string
}

// Deviation is one thing that a vault does otherwise than the contract says.
type Deviation struct {
	// ID is stable, and says the deviation; no two of a profile are the same.
	ID string
	// Text says what the vault does.
	Text string
	// Statements are the ids of the statements of the contract that it breaks or stretches.
	Statements []string
	// Options, where not nil, changes how the vault is made.
	Options func(*refvault.Options)
	// Wrap, where not nil, makes the deviation: the handler that it returns is the deviating vault. It is called once a
	// vault, and the handler may remember what it saw.
	Wrap func(next http.Handler) http.Handler
}

// All lists every profile.
func All() []Profile {
	return []Profile{randomRequestIDs(), bornCompleted(), fullPolicyOnly(), openDoor()}
}

// Named is the profile with an id, and whether there is one.
func Named(id string) (Profile, bool) {
	for _, p := range All() {
		if p.ID == id {
			return p, true
		}
	}
	return Profile{}, false
}

// Configure changes the options of a vault into those of the profile.
func (p Profile) Configure(options *refvault.Options) {
	for _, d := range p.Deviations {
		if d.Options != nil {
			d.Options(options)
		}
	}
}

// Wrap puts all layers around a vault. Where there are layers, it serves one request at a time: a layer may send several to
// the vault for one that it gets, and a change between them would show a race that no emulator has.
func (p Profile) Wrap(vault http.Handler) http.Handler {
	if len(p.Deviations) == 0 {
		return vault
	}
	for _, d := range p.Deviations {
		if d.Wrap != nil {
			vault = d.Wrap(vault)
		}
	}
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		vault.ServeHTTP(w, r)
	})
}

// because names the statements, by their ids with blanks between.
func (d Deviation) because(statements string) Deviation {
	d.Statements = strings.Fields(statements)
	return d
}

// with adds a change of the vault's options.
func (d Deviation) with(options func(*refvault.Options)) Deviation {
	d.Options = options
	return d
}

// edits is a deviation of what responses say.
func edits(id, text string, on tamper.On, edit ...tamper.Edit) Deviation {
	return Deviation{ID: id, Text: text, Wrap: func(next http.Handler) http.Handler {
		return tamper.Handler(next, on, tamper.All(edit...))
	}}
}

// An action finds the response to a request; next is the vault within.
type action func(next http.Handler, r *http.Request) *tamper.Response

// acts is a deviation of what a vault does.
func acts(id, text string, on tamper.On, act action) Deviation {
	return remembers(id, text, on, func() action { return act })
}

// remembers is a deviation whose action depends on what came before: begin makes the action of one vault.
func remembers(id, text string, on tamper.On, begin func() action) Deviation {
	return Deviation{ID: id, Text: text, Wrap: func(next http.Handler) http.Handler {
		act := begin()
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !on(r) {
				next.ServeHTTP(w, r)
				return
			}
			act(next, r).Write(w)
		})
	}}
}

// changes is a deviation of how requests are read.
func changes(id, text string, on tamper.On, change func(*http.Request) *http.Request) Deviation {
	return acts(id, text, on, func(next http.Handler, r *http.Request) *tamper.Response {
		return tamper.Pass(next, change(r))
	})
}

// configured is a deviation by options alone.
func configured(id, text string, options func(*refvault.Options)) Deviation {
	return Deviation{ID: id, Text: text, Options: options}
}
