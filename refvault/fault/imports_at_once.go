package fault

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// importsTogether are wrong only if several imports of one name are under way at once.
func importsTogether() []Fault {
	on := tamper.Import()
	met := func(id, title string, wrong wrongAtOnce, breaks ...string) Fault {
		return overlapping(id, title, on, func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
			return o.meeting(key(r), "import", true, wrong, next, r)
		}, breaks...)
	}
	return []Fault{
		met("imports-at-once-server-error", "of several imports of a name at once all but one return 500",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if o.notes.first("accepted "+key(r), a) != a {
					serverError(a)
				}
				return a
			}, "at-once/imports-status", "every-answer/no-server-fault"),
		met("imports-at-once-none-accepted", "several imports of a name at once are all rejected",
			func(_ *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					conflict(a)
				}
				return a
			}, "at-once/imports-one-accepted"),
		met("imports-at-once-one-kept", "of several imports of a name at once all are accepted and one is kept",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				if kept := o.notes.kept("accepted " + key(r)); kept != nil {
					return kept
				}
				a := tamper.Pass(next, r)
				o.notes.keep("accepted "+key(r), a)
				return a
			}, "at-once/imports-versions"),
		met("imports-at-once-last-lost", "of several imports of a name at once the last is rejected and kept",
			func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if o.notes.first("accepted "+key(r), a) != a {
					conflict(a)
				}
				return a
			}, "at-once/imports-versions"),
		importsMixedUp(),
	}
}

// importsMixedUp shows the certificate of another name after imports that met.
func importsMixedUp() Fault {
	return overlapping("imports-at-once-mixed-up", "after several imports of a name at once it has the certificate of another name",
		tamper.Import().Or(tamper.ReadCertificate()),
		func(o *overlaps, next http.Handler, r *http.Request) *tamper.Response {
			if tamper.Import()(r) {
				met, leave := o.Meet(key(r), "import", true)
				defer leave()
				a := tamper.Pass(next, r)
				if met {
					o.notes.mark(key(r))
				} else if a.OK() {
					o.notes.first("other", a)
				}
				return a
			}
			a := tamper.Pass(next, r)
			if other := o.notes.kept("other"); other != nil && o.notes.marked(key(r)) && a.OK() {
				tamper.Set("cer", other.Text("cer"))(a)
				tamper.Set("x5t", other.Text("x5t"))(a)
			}
			return a
		}, "at-once/imports-current")
}
