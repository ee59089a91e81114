package fault

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// cancellations are cancellations that do not do what they say.
func cancellations() []Fault {
	asked := func(value any) []byte {
		if value == nil {
			return []byte("{}")
		}
		if value == true {
			return []byte(`{"cancellation_requested":true}`)
		}
		return []byte(`{"cancellation_requested":false}`)
	}
	return []Fault{
		acts("cancellation-forgotten", "a cancellation gets the right response and is forgotten", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				wanted := bytes.Contains(tamper.Sent(r), []byte("true"))
				a := tamper.Pass(next, tamper.WithBody(r, asked(false)))
				if a.OK() && wanted {
					tamper.Set("cancellation_requested", true)(a)
				}
				return a
			}, "cancel-in-progress/requested-later"),
		acts("late-cancellation-accepted", "a cancellation that is too late returns 200", tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusForbidden || a.Status == http.StatusBadRequest {
					if now := tamper.Ask(next, r, http.MethodGet, "/pending", nil); ends(now) {
						return now
					}
				}
				return a
			}, "cancel-in-progress/late-refused", "cancel-in-progress/late-status"),
		{
			ID: "late-cancellation-noted", Title: "a cancellation that is too late is refused and noted anyway",
			Breaks: []string{"cancel-in-progress/late-unchanged"}, On: tamper.PatchPending().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.PatchPending(), http.StatusForbidden, tamper.ReadPending(),
				tamper.Set("cancellation_requested", true)),
		},
		{
			ID: "late-cancellation-takes-effect", Title: "a cancellation that is too late is refused and takes effect",
			Breaks: []string{"cancel-in-progress/late-unchanged"}, On: tamper.PatchPending().Or(tamper.ReadPending()),
			Wrap: shadowing(tamper.PatchPending(), http.StatusForbidden, tamper.ReadPending(),
				tamper.All(tamper.Set("status", "cancelled"), tamper.Set("cancellation_requested", true), tamper.Drop("target"))),
		},
		asks("cancellation-without-member", "a patch without cancellation_requested is taken for a cancellation",
			tamper.PatchPending(),
			func(r *http.Request) *http.Request {
				if body := tamper.Sent(r); !bytes.Contains(body, []byte("cancellation_requested")) {
					return tamper.WithBody(r, asked(true))
				}
				return r
			}, "cancel-in-progress/member-required", "cancel-in-progress/member-required-unchanged"),
		asks("patch-of-nothing-accepted", "a patch without cancellation_requested changes nothing and is accepted",
			tamper.PatchPending(),
			func(r *http.Request) *http.Request {
				if body := tamper.Sent(r); !bytes.Contains(body, []byte("cancellation_requested")) {
					return tamper.WithBody(r, asked(false))
				}
				return r
			}, "cancel-in-progress/member-required"),
		acts("patch-of-nothing-cancels", "a patch without cancellation_requested is refused and cancels",
			tamper.PatchPending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusBadRequest {
					cancel(next, a)
				}
				return a
			}, "cancel-in-progress/member-required-unchanged"),
		lapsing("cancelled-lapses", "a request that was cancelled is in progress again at the next read",
			"cancelled", "read-cancelled-or-failed/cancelled-lasts"),
		lapsing("failed-lapses", "a request that failed is in progress again at the next read",
			"failed", "read-cancelled-or-failed/failed-lasts"),
		lapsing("completed-lapses", "a request that completed is in progress again at the next read",
			"completed", "history/states", "read-completed/state-lasts"),
	}
}

// lapsing builds a fault that shows the end of an operation once, and then the state before it.
func lapsing(id, title, state string, breaks ...string) Fault {
	return remembers(id, title, tamper.ReadPending(), func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if !is(state)(a) {
			return a
		}
		if m.marked(tamper.Name(r)) {
			tamper.All(tamper.Set("status", "inProgress"), tamper.Set("status_details", "at work"),
				tamper.Drop("target"), tamper.Drop("error"))(a)
		}
		m.mark(tamper.Name(r))
		return a
	}, breaks...)
}

// deletions are deletions of the pending object that do not do what they say, and deleted requests that reappear.
func deletions() []Fault {
	gone := []string{
		"read-deleted-or-overwritten/deleted-status", "read-deleted-or-overwritten/deleted-filter-status",
		"read-deleted-or-overwritten/completed-deleted-status", "delete-pending/gone-status",
		"delete-pending/gone-by-request-id",
	}
	return []Fault{
		acts("deletion-deletes-nothing", "a deletion gets the right response and deletes nothing", tamper.DeletePending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				read := r.Clone(r.Context())
				read.Method = http.MethodGet
				return tamper.Pass(next, read)
			}, append([]string{
				"history/pending", "history/gone", "conflict-while-in-progress/delete-ends-it", "conflict-while-in-progress/issuer-delete-ends-it",
				"conflict-while-in-progress/delete-ends-it-for-import", "delete-pending/create-after",
				"delete-pending/import-after",
			}, gone...)...),
		remembers("deleted-request-readable", "a deleted request can still be read",
			tamper.DeletePending().Or(tamper.ReadPending()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				deleted := m.kept(tamper.Name(r))
				switch {
				case tamper.DeletePending()(r) && a.OK():
					m.keep(tamper.Name(r), a)
				case tamper.ReadPending()(r) && a.Status == http.StatusNotFound && deleted != nil:
					a.Become(deleted)
				}
				return a
			}, gone...),
		remembers("deleted-request-readable-by-its-id", "a deleted request can still be read by its request_id",
			tamper.DeletePending().Or(tamper.ReadPending()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				deleted := m.kept(r.URL.Query().Get("request_id"))
				switch {
				case tamper.DeletePending()(r) && a.OK():
					m.keep(a.Text("request_id"), a)
				case tamper.ReadPending()(r) && a.Status == http.StatusNotFound && deleted != nil:
					a.Become(deleted)
				}
				return a
			}, "read-deleted-or-overwritten/deleted-filter-status", "delete-pending/gone-by-request-id",
			"read-deleted-or-overwritten/deleted-stays-gone"),
		remembers("deleted-request-comes-back", "a create after a deletion brings the deleted request back",
			tamper.DeletePending().Or(tamper.Create()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				deleted := m.kept(tamper.Name(r))
				switch {
				case tamper.DeletePending()(r) && a.OK():
					m.keep(tamper.Name(r), a)
				case tamper.Create()(r) && a.OK() && deleted != nil:
					tamper.All(tamper.Set("request_id", deleted.Text("request_id")), tamper.Set("csr", deleted.Text("csr")),
						tamper.MapHeader("Location", tamper.OnURL(with("request_id", deleted.Text("request_id")))))(a)
				}
				return a
			}, "delete-pending/create-after-request-id", "read-deleted-or-overwritten/deleted-stays-gone"),
		{
			ID: "deletion-deletes-the-certificate", Title: "deleting the pending object deletes the certificate as well",
			Breaks: []string{"read-deleted-or-overwritten/completed-deleted-certificate",
				"delete-pending/completed-certificate"},
			On: tamper.DeletePending(),
			Wrap: func(next http.Handler) http.Handler {
				return acting(next, tamper.DeletePending(), func(next http.Handler, r *http.Request) *tamper.Response {
					a := tamper.Pass(next, r)
					if a.OK() {
						tamper.Ask(next, r, http.MethodDelete, "", nil)
					}
					return a
				})
			},
		},
		{
			ID: "deletion-changes-the-certificate", Title: "deleting the pending object gives the certificate another version",
			Breaks: []string{"delete-pending/completed-certificate"}, On: tamper.DeletePending().Or(tamper.ReadCertificate()),
			Wrap: shadowing(tamper.DeletePending(), http.StatusOK, tamper.ReadCertificate(), otherVersion),
		},
		{
			ID: "deletion-disables-the-certificate", Title: "deleting the pending object disables the certificate",
			Breaks: []string{"delete-pending/completed-certificate"}, On: tamper.DeletePending().Or(tamper.ReadCertificate()),
			Wrap: shadowing(tamper.DeletePending(), http.StatusOK, tamper.ReadCertificate(),
				tamper.Set("attributes.enabled", false)),
		},
		{
			ID: "deleted-request-completes", Title: "a request in progress that was deleted becomes a certificate anyway",
			Breaks: []string{"delete-pending/not-created"}, On: tamper.DeletePending().Or(tamper.ReadCertificate()),
			Wrap: shadowing(tamper.DeletePending(), http.StatusOK, tamper.ReadCertificate(), issuedAnyhow(lazyRSA(2048))),
		},
		acts("deletion-only-in-progress", "deleting a completed request gets the right response and deletes nothing",
			tamper.DeletePending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if now := tamper.Ask(next, r, http.MethodGet, "/pending", nil); is("completed")(now) {
					return now
				}
				return tamper.Pass(next, r)
			}, "read-deleted-or-overwritten/completed-deleted-status"),
	}
}

// overwrites are new requests that do not replace the earlier one.
func overwrites() []Fault {
	on := tamper.Create().Or(tamper.ReadPending())
	return []Fault{
		remembers("overwritten-request-readable", "a request that was overwritten can still be read by its request_id", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					m.keep(a.Text("request_id"), a)
				}
				old := m.kept(r.URL.Query().Get("request_id"))
				if tamper.ReadPending()(r) && a.Status == http.StatusNotFound && old != nil &&
					tamper.Name(old.Request) == tamper.Name(r) {
					a.Become(old)
					a.Status = http.StatusOK
				}
				return a
			}, "read-deleted-or-overwritten/overwritten-filter-status"),
		remembers("overwriting-keeps-the-request-id", "a request that overwrites another has its request_id",
			on.Or(tamper.DeletePending()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				if id := r.URL.Query().Get("request_id"); id != "" {
					if first := m.kept(tamper.Name(r)); first != nil && first.Text("request_id") == id {
						r = tamper.WithQuery(r, "request_id", "")
					}
				}
				a := tamper.Pass(next, r)
				if a.OK() && a.Text("request_id") != "" {
					first := m.first(tamper.Name(r), &tamper.Response{Header: http.Header{}, Body: a.Body}).Text("request_id")
					tamper.All(tamper.Set("request_id", first),
						tamper.MapHeader("Location", tamper.OnURL(with("request_id", first))))(a)
				}
				return a
			}, "history/identity", "read-deleted-or-overwritten/overwrite-request-id", "issue-next-version/next-request-id",
			"read-cancelled-or-failed/create-after-failed-request-id", "read-cancelled-or-failed/create-after-cancelled-request-id",
			"delete-pending/create-after-request-id"),
		remembers("overwriting-begins-ended", "a request that overwrites another begins with the target of the other", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.ReadPending()(r) && is("completed")(a) {
					m.keep(tamper.Name(r), a)
				} else if old := m.kept(tamper.Name(r)); tamper.Create()(r) && a.OK() && old != nil {
					tamper.Set("target", old.Text("target"))(a)
				}
				return a
			}, "read-deleted-or-overwritten/overwrite-no-outcome"),
		remembers("overwriting-begins-completed", "a request that overwrites another has its status", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.ReadPending()(r) && ends(a) {
					m.keep(tamper.Name(r), a)
				} else if old := m.kept(tamper.Name(r)); tamper.Create()(r) && a.OK() && old != nil {
					tamper.Set("status", old.Text("status"))(a)
				}
				return a
			}, "read-deleted-or-overwritten/overwrite-fresh"),
		remembers("later-request-fails", "a request that follows a completed one fails", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				done, later := tamper.Name(r)+"/done", tamper.Name(r)+"/later"
				switch {
				case tamper.Create()(r) && a.OK() && m.marked(done):
					m.mark(later)
				case is("completed")(a) && m.marked(later):
					tamper.All(tamper.Set("status", "failed"), tamper.Set("error", failure("Certificate issuer error")["error"]),
						tamper.Drop("target"))(a)
				case is("completed")(a):
					m.mark(done)
				}
				return a
			}, "issue-next-version/next-completes"),
		remembers("overwritten-request-read", "a read after an overwrite still shows the old request", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				if tamper.Create()(r) {
					old := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
					a := tamper.Pass(next, r)
					if a.OK() && old.OK() {
						m.keep(tamper.Name(r), old)
					}
					return a
				}
				a := tamper.Pass(next, r)
				if old := m.kept(tamper.Name(r)); old != nil && a.OK() && r.URL.Query().Get("request_id") == "" {
					a.Become(old)
				}
				return a
			}, "read-deleted-or-overwritten/overwritten-read"),
	}
}

// otherVersion gives a bundle's identifiers another version.
func otherVersion(a *tamper.Response) {
	version := func(text string) string {
		i := strings.LastIndex(text, "/")
		return text[:i+1] + strings.Repeat("f", 32)
	}
	tamper.All(tamper.MapText("id", version), tamper.MapText("kid", version), tamper.MapText("sid", version))(a)
}
