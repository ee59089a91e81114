package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// operations are wrong members of certificate operations.
func operations() []Fault {
	all := append(requestIDs(), operationIDs()...)
	return append(all,
		read("completed-redirects", "a read of a completed request redirects to the certificate",
			tamper.Completed(func(a *tamper.Response) {
				a.Header.Set("Location", a.Text("target"))
				a.Status, a.Body = http.StatusSeeOther, nil
			}), "read-completed/status"))
}

// pending builds a fault that edits every operation.
func pending(id, title string, edit tamper.Edit, breaks ...string) Fault {
	return edits(id, title, tamper.Pending(), tamper.OnSuccess(edit), breaks...)
}

// read builds a fault that edits the operations that are read.
func read(id, title string, edit tamper.Edit, breaks ...string) Fault {
	return edits(id, title, tamper.ReadPending(), tamper.OnSuccess(edit), breaks...)
}

func requestIDs() []Fault {
	const there, format = "request-from-issuer/request-id", "request-from-issuer/request-id-format"
	return []Fault{
		{
			ID: "request-id-dashed", Title: "request_ids are GUIDs with dashes, in Location, bodies and filters alike",
			Breaks: []string{format}, On: tamper.Pending(),
			Wrap: translated(dashed, func(text string) string { return strings.ReplaceAll(text, "-", "") }),
		},
		{
			ID: "request-id-in-upper-case", Title: "request_ids are in upper case, in Location, bodies and filters alike",
			Breaks: []string{format}, On: tamper.Pending(),
			Wrap: translated(strings.ToUpper, strings.ToLower),
		},
		remembers("request-id-changing", "every read shows another request_id", tamper.ReadPending(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				turned := strings.Repeat(string("0123456789abcdef"[m.next()%16]), 32)
				tamper.OnSuccess(tamper.Set("request_id", turned))(a)
				return a
			},
			"read-in-progress/request-id-unchanged", "read-completed/request-id-unchanged", "read-in-progress/repeatable",
			"create-manually/read-request-id", "request-from-issuer/location-read"),
	}
}

// ended makes the edit only of operations that have ended.
func ended(edit tamper.Edit) tamper.Edit {
	return tamper.InState([]string{"completed", "failed", "cancelled", "canceled"}, edit)
}

// dashed writes 32 digits as a GUID.
func dashed(id string) string {
	if len(id) != 32 {
		return id
	}
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

// translated makes a vault write its request_ids in another form, and accept that form.
func translated(out, in func(string) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return acting(next, tamper.Pending(), func(next http.Handler, r *http.Request) *tamper.Response {
			if id := r.URL.Query().Get("request_id"); id != "" {
				r = tamper.WithQuery(r, "request_id", in(id))
			}
			a := tamper.Pass(next, r)
			tamper.OnSuccess(
				tamper.MapText("request_id", out),
				tamper.MapHeader("Location", tamper.OnURL(changed("request_id", out))),
			)(a)
			return a
		})
	}
}

func operationIDs() []Fault {
	const id = "request-from-issuer/operation-id"
	on := func(change func(*url.URL)) tamper.Edit { return tamper.EditURL("id", change) }
	return []Fault{
		pending("operation-id-with-a-version", "the id of an operation has a version", on(func(u *url.URL) {
			u.Path = strings.TrimSuffix(u.Path, "/pending") + "/" + strings.Repeat("0", 32) + "/pending"
		}), id, "create-manually/id"),
		remembers("operation-of-another-certificate", "a read shows the operation of the certificate created last",
			tamper.Create().Or(tamper.ReadPending()), func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Create()(r) {
					if a.OK() {
						m.keep("last", a)
					}
					return a
				}
				if last := m.kept("last"); a.OK() && last != nil && r.URL.Query().Get("request_id") == "" &&
					tamper.Name(last.Request) != tamper.Name(r) {
					a.Body = last.Body
				}
				return a
			},
			"read-in-progress/own-operation", "read-in-progress/id-unchanged", "read-in-progress/csr-unchanged",
			"read-in-progress/request-id-unchanged", "every-answer/pending-id"),
	}
}

func isManual(a *tamper.Response) bool {
	issuer, _ := a.Object()["issuer"].(map[string]any)
	name, _ := issuer["name"].(string)
	return strings.EqualFold(name, "Unknown")
}

func completedTarget(a *tamper.Response) {
	tamper.Set("target", strings.TrimSuffix(a.Text("id"), "/pending"))(a)
}
