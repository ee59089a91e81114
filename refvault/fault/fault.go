// Package fault holds deliberate breaches of the certificates API. Each breaks one documented behaviour of a vault, as
// a wrapper of its http.Handler, and names the rules of the suite that must fall by it. A rule that no fault fells is
// a guess.
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
	// Title says what the broken vault does, in one line.
	Title string
	// Breaks lists the ids of the rules that must fall.
	Breaks []string
	// AlsoFails lists the ids of rules that fail beside those, because what they say depends on what is broken. It is
	// read from the golden file, which "kvconform prove --update" writes.
	AlsoFails []string
	// On picks the requests that the fault acts on; any other passes through it unchanged. Where a play sends none
	// such, the fault cannot be seen in it.
	On tamper.On
	// Alters, where not nil, tells that the fault would make something else of an answer of the vault. A play none of
	// whose answers it alters cannot show the fault.
	Alters func(a *tamper.Answer) bool
	// Edit, where not nil, is all that the fault does to the responses to such requests. A fault that behaves wrongly
	// has none.
	Edit tamper.Edit
	// Members are the paths of the members of the body that such a fault makes wrong, where it is one or more of them.
	Members []string
	// Wrap makes the breach: the handler that it returns is the broken vault. It is called once a vault, and what it
	// returns may remember what it saw.
	Wrap func(next http.Handler) http.Handler
}

// edits is a fault that edits answers.
func edits(id, title string, on tamper.On, edit tamper.Edit, breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on,
		Alters: edit.Alters, Edit: edit,
		Wrap: func(next http.Handler) http.Handler { return tamper.Handler(next, on, edit) },
	}
}

// asks is a fault that passes other requests on than those that came.
func asks(id, title string, on tamper.On, change func(*http.Request) *http.Request, breaks ...string) Fault {
	f := acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Answer {
		return tamper.Pass(next, change(r))
	}, breaks...)
	f.Alters = func(a *tamper.Answer) bool {
		r := a.Request.Clone(a.Request.Context())
		r.Body = io.NopCloser(bytes.NewReader(a.Sent))
		to := change(r)
		return to.URL.RawQuery != a.Request.URL.RawQuery || !bytes.Equal(tamper.Sent(to), a.Sent)
	}
	return f
}

// acts is a fault that finds its answers by asking next what it likes.
func acts(id, title string, on tamper.On, act func(next http.Handler, r *http.Request) *tamper.Answer,
	breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on,
		Wrap: func(next http.Handler) http.Handler { return acting(next, on, act) },
	}
}

// remembers is a fault whose acts depend on what came before: its memory is new for every vault.
func remembers(id, title string, on tamper.On, act func(m *memory, next http.Handler, r *http.Request) *tamper.Answer,
	breaks ...string) Fault {
	return Fault{
		ID: id, Title: title, Breaks: breaks, On: on,
		Wrap: func(next http.Handler) http.Handler {
			m := newMemory()
			return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Answer { return act(m, next, r) })
		},
	}
}

func acting(next http.Handler, on tamper.On, act func(http.Handler, *http.Request) *tamper.Answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !on(r) {
			next.ServeHTTP(w, r)
			return
		}
		act(next, r).Write(w)
	})
}

// All lists every fault.
func All() []Fault {
	rows, err := tabled()
	if err != nil {
		panic("reading the tables of faults: " + err.Error()) // they are part of the program, and a test reads them
	}
	all := slices.Clone(rows)
	for _, kind := range [][]Fault{
		operations(), csrs(), filters(), conflicts(), merges(),
		cancellations(), deletions(), overwrites(), certificates(), bundles(), policies(), versions(), deletedCertificates(),
		imports(), issuers(), authentications(), apiVersions(), transports(), subtle(), emulations(),
	} {
		all = append(all, kind...)
	}
	falls := readFalls(fallsGolden)
	for i := range all {
		all[i].AlsoFails = falls[all[i].ID]
	}
	return all
}
