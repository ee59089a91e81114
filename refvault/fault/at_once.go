package fault

import (
	"maps"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// requestsAtOnce are wrong only if two requests about one name are under way at once.
func requestsAtOnce() []Fault {
	var all []Fault
	for _, kind := range [][]Fault{createsAtOnce(), namesAtOnce(), deletionsAtOnce(), cancellationsAtOnce(), importsAtOnce(), importsTogether()} {
		all = append(all, kind...)
	}
	return all
}

// metCreate builds a fault of creates of one name that meet: wrong makes the response to each, one after the other.
func metCreate(id, title string, wrong wrongAtOnce, breaks ...string) Fault {
	return overlapping(id, title, tamper.Create().Or(tamper.ReadPending()),
		func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
			if !tamper.Create()(r) {
				if kept := o.notes.kept(key(r)); kept != nil && o.notes.next()%2 == 0 {
					return kept
				}
				return tamper.Pass(next, r)
			}
			return o.meeting(key(r), "create", true, wrong, next, r)
		}, breaks...)
}

func createsAtOnce() []Fault {
	return []Fault{
		metCreate("creates-at-once-all-accepted", "of several creates of a name at once each is accepted, and the last one stays",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				tamper.Ask(next, r, http.MethodDelete, "/pending", nil)
				return tamper.Pass(next, r)
			}, "at-once/creates-one-accepted"),
		metCreate("creates-at-once-another-stays", "after several creates of a name at once the pending object is of one that was rejected",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					overwrite(next, a)
				}
				return a
			}, "at-once/creates-one-pending"),
		metCreate("creates-at-once-pending-alternates", "after several creates of a name at once reads show two requests in turn",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					shown := pendingOf(next, r)
					overwrite(next, a)
					o.notes.keep(key(r), shown)
				}
				return a
			}, "at-once/creates-one-pending"),
		metCreate("creates-at-once-server-error", "of several creates of a name at once all but one return 500",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if !a.OK() {
					serverError(a)
				}
				return a
			}, "at-once/creates-others-rejected"),
		metCreate("creates-at-once-none-accepted", "several creates of a name at once are all rejected",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					forget(next, a)
					conflict(a)
				}
				return a
			}, "at-once/creates-one-begins"),
		metCreate("creates-at-once-two-accepted-alike", "of two creates of a name at once both get the response of the one that was accepted",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if first := o.notes.first("accepted "+key(r), a); !a.OK() && first.OK() {
					a.Become(first)
				}
				return a
			}, "at-once/creates-one-accepted"),
		secondVersion(),
	}
}

// secondVersion lists a version twice, each time with another id, of a name whose creates met.
func secondVersion() Fault {
	on := tamper.Create().Or(tamper.ListVersions())
	return overlapping("creates-at-once-second-version", "after several creates of a name at once the list of versions has one more", on,
		func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
			if tamper.Create()(r) {
				met, leave := o.Meet(key(r), "create", true)
				defer leave()
				if met {
					o.notes.mark(key(r))
				}
				return tamper.Pass(next, r)
			}
			a := tamper.Pass(next, r)
			body := a.Object()
			if items, _ := body["value"].([]any); o.notes.marked(key(r)) && len(items) > 0 {
				second := maps.Clone(items[0].(map[string]any))
				id, _ := second["id"].(string)
				second["id"] = id[:strings.LastIndex(id, "/")+1] + strings.Repeat("0", 31) + "1"
				body["value"] = append(items, second)
				a.SetObject(body)
			}
			return a
		}, "at-once/creates-one-version")
}

// serverError makes a response that of a vault that failed.
func serverError(a *tamper.Response) {
	a.Status = http.StatusInternalServerError
	a.Header.Del("Location")
	a.SetObject(failure("InternalServerError"))
}

// conflict makes a response the rejection of a request that another one stands against.
func conflict(a *tamper.Response) {
	a.Status = http.StatusConflict
	a.Header.Del("Location")
	a.SetObject(failure("Conflict"))
}

// namesAtOnce mix up creates of different names whose bodies are alike.
func namesAtOnce() []Fault {
	build := func(id, title string, wrong wrongAtOnce, breaks ...string) Fault {
		return overlapping(id, title, tamper.Create(), func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
			return o.meeting(string(tamper.Sent(r)), key(r), false, wrong, next, r)
		}, breaks...)
	}
	return []Fault{
		build("names-at-once-one-request-id", "creates of several names at once get one request_id",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if first := o.notes.first(string(a.Sent), a); a.OK() {
					renamed(a, a.Text("request_id"), first.Text("request_id"))
				}
				return a
			}, "at-once/names-request-ids"),
		build("names-at-once-rejected", "of creates of several names at once all but the first are rejected",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if first := o.notes.first(string(a.Sent), a); a.OK() && first != a {
					forget(next, a)
					conflict(a)
				}
				return a
			}, "at-once/names-accepted"),
		build("names-at-once-lost", "of creates of several names at once all but the first are accepted and forgotten",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if first := o.notes.first(string(a.Sent), a); a.OK() && first != a {
					forget(next, a)
				}
				return a
			}, "at-once/names-readable"),
		build("names-at-once-one-csr", "creates of several names at once get one csr",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if first := o.notes.first(string(a.Sent), a); a.OK() {
					tamper.Replace("csr", first.Text("csr"))(a)
				}
				return a
			}, "at-once/names-readable"),
	}
}

// against builds a fault of two kinds of requests about one name that meet: each of them has its own wrong behaviour, nil for
// the right one. Reads of the pending object show what the memory keeps under the name.
func against(id, title string, first, second tamper.On, wrongFirst, wrongSecond wrongAtOnce, breaks ...string) Fault {
	on := first.Or(second).Or(tamper.ReadPending())
	return overlapping(id, title, on, func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
		kind, wrong := "first", wrongFirst
		switch {
		case second(r):
			kind, wrong = "second", wrongSecond
		case !first(r):
			if kept := o.notes.kept(key(r)); kept != nil {
				return kept
			}
			return tamper.Pass(next, r)
		}
		return o.meeting(key(r), kind, false, wrong, next, r)
	}, breaks...)
}

// failsAtOnce returns 500 and does nothing.
func failsAtOnce(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
	a := pendingOf(next, r)
	serverError(a)
	return a
}

func deletionsAtOnce() []Fault {
	build := func(id, title string, deletion, create wrongAtOnce, breaks ...string) Fault {
		return against(id, title, tamper.DeletePending(), tamper.Create(), deletion, create, breaks...)
	}
	return []Fault{
		build("deletion-at-once-deletes-the-new", "a deletion at once with a create deletes the new request too",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				if kept := o.notes.kept("deleted " + key(r)); kept != nil {
					return kept // the create has deleted it already
				}
				return tamper.Pass(next, r)
			},
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				if before := tamper.Ask(next, r, http.MethodDelete, "/pending", nil); before.OK() {
					o.notes.keep("deleted "+key(r), before)
				}
				a := tamper.Pass(next, r)
				forget(next, a)
				return a
			}, "at-once/deletion-outcome"),
		build("deletion-at-once-shows-another", "a deletion at once with a create shows another request than the deleted one",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				tamper.Replace("request_id", strings.Repeat("0", 31)+"1")(a)
				return a
			}, nil, "at-once/deletion-shows-the-deleted"),
		build("deletion-at-once-lost", "a deletion at once with a create gets the right response and deletes nothing",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				return pendingOf(next, r)
			}, nil, "at-once/deletion-outcome"),
		build("create-at-once-server-error", "a create at once with a deletion returns 500", nil, failsAtOnce,
			"at-once/create-against-deletion"),
		build("deletion-at-once-server-error", "a deletion at once with a create returns 500", failsAtOnce, nil,
			"at-once/deletion-against-create"),
	}
}

func cancellationsAtOnce() []Fault {
	build := func(id, title string, cancellation, deletion wrongAtOnce, breaks ...string) Fault {
		return against(id, title, tamper.PatchPending(), tamper.DeletePending(), cancellation, deletion, breaks...)
	}
	return []Fault{
		build("cancellation-at-once-brings-back", "a cancellation at once with a deletion writes the deleted request back", cancelledBefore,
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				cancelFirst(o, next, r)
				a := tamper.Pass(next, r)
				back := &tamper.Response{}
				back.Become(a)
				o.notes.keep(key(r), back)
				return a
			}, "at-once/cancelled-and-deleted-gone"),
		build("cancellation-at-once-server-error", "a cancellation at once with a deletion returns 500", failsAtOnce, nil,
			"at-once/cancellation-against-deletion"),
		build("deletion-at-once-not-found", "a deletion at once with a cancellation deletes and returns 404", nil,
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				tamper.Pass(next, r)
				return tamper.Pass(next, r)
			}, "at-once/deletion-against-cancellation"),
		build("deletion-at-once-keeps", "a deletion at once with a cancellation gets the right response and deletes nothing", cancelledBefore,
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				cancelFirst(o, next, r)
				return pendingOf(next, r)
			}, "at-once/cancelled-and-deleted-gone"),
	}
}

// cancelFirst lets the cancellation come before the deletion that it meets, whichever was sent first: what fails because of the
// fault is then the same each time.
func cancelFirst(o *overlaps, next http.Handler, r *http.Request) {
	if o.notes.kept("cancelled "+key(r)) == nil {
		o.notes.keep("cancelled "+key(r), tamper.Ask(next, r, http.MethodPatch, "/pending", map[string]any{"cancellation_requested": true}))
	}
}

// cancelledBefore is the cancellation that cancelFirst let come before.
func cancelledBefore(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
	if kept := o.notes.kept("cancelled " + key(r)); kept != nil {
		return kept
	}
	a := tamper.Pass(next, r)
	o.notes.keep("cancelled "+key(r), a)
	return a
}

func importsAtOnce() []Fault {
	build := func(id, title string, imported, created wrongAtOnce, breaks ...string) Fault {
		return against(id, title, tamper.Import(), tamper.Create(), imported, created, breaks...)
	}
	return []Fault{
		build("import-at-once-lost", "an import at once with a create is accepted and lost",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
				other := tamper.Name(r) + "-lost"
				a := tamper.Pass(next, tamper.WithPath(r, base+"/certificates/"+other+"/import"))
				renamed(a, other, tamper.Name(r))
				return a
			}, nil, "at-once/import-outcome"),
		build("create-at-once-lost", "a create at once with an import is accepted and forgotten", nil,
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				forget(next, a)
				return a
			}, "at-once/create-outcome"),
		build("import-at-once-server-error", "an import at once with a create returns 500", failsAtOnce, nil,
			"at-once/import-against-create"),
		build("create-at-once-with-import-server-error", "a create at once with an import returns 500", nil, failsAtOnce,
			"at-once/create-against-import"),
		keptThoughRejected(),
	}
}

// keptThoughRejected lets an import take effect before it looks for the create that it met.
func keptThoughRejected() Fault {
	on := tamper.Import().Or(tamper.Create())
	return overlapping("import-at-once-kept-though-rejected", "an import at once with a create is rejected and kept", on,
		func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
			var a *tamper.Response
			kind := "create"
			if tamper.Import()(r) {
				kind, a = "import", tamper.Pass(next, r)
			}
			met, leave := o.Meet(key(r), kind, false)
			defer leave()
			if a == nil {
				return tamper.Pass(next, r)
			}
			if met && a.OK() {
				conflict(a)
			}
			return a
		}, "at-once/import-outcome")
}
