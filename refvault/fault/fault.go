// Package fault holds the deliberate breaches of the certificates API that prove the suite: each breaks one documented
// behaviour of a vault and names the rules that must fail because of it. A rule that fails for no fault is a guess.
//
// A fault is a wrapper of a vault's http.Handler, so that it works for the reference vault and for a reverse proxy in
// front of any other. There are two kinds:
//
//   - Faults that only edit responses are rows of a table in table/*.yaml: a member or a header, the way in which it
//     is wrong (see operators), and the rules that must fail. The tests of package specs apply them without a vault.
//     An edit that no operator makes, such as that of a certificate, is written in Go.
//   - Faults that behave wrongly, which means that they forget, delete or accept what they should not, are written in
//     Go, grouped by what they get wrong.
//
// Other rules may fail beside those that a fault names. The golden file fails.golden lists them; "kvconform prove
// --update" writes it, and a failure that it does not list is a problem of the proof.
package fault

import (
	"bytes"
	"io"
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// Fault is one breach.
type Fault struct {
	// ID is stable and says what is wrong.
	ID string
	// Title says in one line what the broken vault does.
	Title string
	// Breaks lists the ids of the rules that must fail.
	Breaks []string
	// AlsoFails lists the ids of the rules that fail beside those, from the golden file.
	AlsoFails []string
	// On picks the requests that the fault acts on; any other passes through unchanged. A play without such a request
	// cannot show the fault.
	On tamper.On
	// Alters, if not nil, reports whether the fault would change a response of the vault. A play none of whose
	// responses it changes cannot show the fault.
	Alters func(a *tamper.Response) bool
	// AtOnce is true if the fault acts only on requests that are under way at the same time. A play that sends one request
	// after the other cannot show it.
	AtOnce bool
	// Edit, if not nil, is all that the fault does: it edits the responses to such requests. It is nil for a fault
	// that behaves wrongly.
	Edit tamper.Edit
	// Members are the paths of the members of the body that the edit makes wrong, if it makes nothing else wrong.
	Members []string
	// Wrap makes a broken vault of a vault. It is called once for each vault; the handler that it returns may remember
	// earlier requests.
	Wrap func(next http.Handler) http.Handler
}

// edits builds a fault that edits responses and does nothing else.
func edits(id, title string, on tamper.On, edit tamper.Edit, breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on,
		Alters: edit.Alters, Edit: edit,
		Wrap: func(next http.Handler) http.Handler { return tamper.Handler(next, on, edit) },
	}
}

// asks builds a fault that rewrites the request before the vault sees it.
func asks(id, title string, on tamper.On, change func(*http.Request) *http.Request, breaks ...string) Fault {
	f := acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Response {
		return tamper.Pass(next, change(r))
	}, breaks...)
	f.Alters = func(a *tamper.Response) bool {
		r := a.Request.Clone(a.Request.Context())
		r.Body = io.NopCloser(bytes.NewReader(a.Sent))
		to := change(r)
		return to.URL.RawQuery != a.Request.URL.RawQuery || !bytes.Equal(tamper.Sent(to), a.Sent)
	}
	return f
}

// acts builds a fault that produces the response itself and may call the vault any number of times.
func acts(id, title string, on tamper.On, act func(next http.Handler, r *http.Request) *tamper.Response,
	breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on,
		Wrap: func(next http.Handler) http.Handler { return acting(next, on, act) },
	}
}

// remembers builds a fault that acts by what it remembers of earlier requests to the same vault.
func remembers(id, title string, on tamper.On, act func(m *memory, next http.Handler, r *http.Request) *tamper.Response,
	breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on,
		Wrap: func(next http.Handler) http.Handler {
			m := newMemory()
			return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Response { return act(m, next, r) })
		},
	}
}

// acting serves the requests that on picks by act, and passes all others to next.
func acting(next http.Handler, on tamper.On, act func(http.Handler, *http.Request) *tamper.Response) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !on(r) {
			next.ServeHTTP(w, r)
			return
		}
		act(next, r).Write(w)
	})
}

// All lists every fault: the rows of the tables first, then those written in Go.
func All() []Fault {
	rows, err := tabled()
	if err != nil {
		panic("reading the tables of faults: " + err.Error()) // they are part of the program, and a test reads them
	}
	all := slices.Clone(rows)
	for _, kind := range [][]Fault{
		operations(), csrs(), filters(), conflicts(), merges(),
		cancellations(), deletions(), overwrites(), certificates(), bundles(), policies(), versions(), deletedCertificates(),
		pagings(), listings(), versionLists(), removals(), recoveries(), purgings(), wrongUpdates(), unguarded(), tagLimits(), unknownUpdates(), readings(), deletedLists(), backups(), restores(),
		imports(), issuers(), authentications(), apiVersions(), transports(), subtle(), emulations(), unfinished(), endings(),
		furtherMerges(), limits(), requestsAtOnce(), partial(), renewed(), everyday(),
		membersSent(), companions(),
	} {
		all = append(all, kind...)
	}
	falls := readAlsoFailing(alsoFailsGolden)
	for i := range all {
		all[i].AlsoFails = falls[all[i].ID]
	}
	return all
}
