package profile

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// This file holds what several implementations do alike.

// filterIgnored reads past the request_id in the query.
func filterIgnored() Deviation {
	on := tamper.ReadPending().Or(tamper.PatchPending()).Or(tamper.DeletePending())
	return changes("filter-ignored", "a request_id in the query filters nothing", on,
		func(r *http.Request) *http.Request {
			return tamper.WithQuery(r, "request_id", "")
		}).because("SC-02-03 SC-05-03 SC-08-07 SC-09-08")
}

// noLocation leaves out the header that says where to look for the operation.
func noLocation() Deviation {
	return edits("no-location", "a create has no Location", tamper.Create(), tamper.DropHeader("Location")).
		because("SC-01-02 SC-10-01 E-5-06")
}

// noRetryAfter never says when to look again.
func noRetryAfter() Deviation {
	return configured("no-retry-after", "no response says when to look again",
		func(o *refvault.Options) { o.RetryAfter = -1 }).because("SC-01-18 E-5-05")
}

// noPendingInBundles leaves out the link to the operation.
func noPendingInBundles(on tamper.On) Deviation {
	return edits("no-pending-in-bundles", "a certificate does not name its pending object", on, tamper.Drop("pending")).
		because("SC-11-09")
}

// bornCompletedBy responds to a create with the operation as it stands at the next look, which is when it is completed.
func bornCompletedBy(edit ...tamper.Edit) Deviation {
	return acts("completed-at-once", "a create returns an operation that is completed", tamper.Create(),
		func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			if a.OK() {
				a.Body = tamper.Ask(next, r, http.MethodGet, "/pending", nil).Body
				tamper.All(edit...)(a)
			}
			return a
		}).because("SC-01-10 SC-10-04 SC-10-07 SC-12-01").
		with(func(o *refvault.Options) { o.IssueAfter = -1 })
}

// pendingOfImports shows an operation for an import, which nobody asked for one.
func pendingOfImports() Deviation {
	on := tamper.Import().Or(tamper.ReadPending()).Or(tamper.DeletePending()).Or(tamper.Create())
	return remembers("pending-of-imports", "an import leaves a completed pending object", on, func() action {
		imported := newNotes[map[string]any]()
		return func(next http.Handler, r *http.Request) *tamper.Response {
			name := tamper.Name(r)
			a := tamper.Pass(next, r)
			operation, known := imported.get(name)
			switch {
			case tamper.Import()(r) && a.OK():
				id, _, _ := strings.Cut(a.Text("id"), "/certificates/")
				target := id + "/certificates/" + name
				imported.set(name, map[string]any{
					"id": target + "/pending", "issuer": map[string]any{"name": "Self"}, "status": "completed",
					"target": target, "cancellation_requested": false, "request_id": lastSegment(a.Text("id")),
				})
			case tamper.Create()(r) && a.OK():
				imported.forget(name)
			case known && a.Status == http.StatusNotFound && tamper.Ask(next, r, http.MethodGet, "", nil).OK():
				a.Status = http.StatusOK
				a.SetObject(operation)
				if tamper.DeletePending()(r) {
					imported.forget(name)
				}
			}
			return a
		}
	}).because("B-2-01 B-11-02")
}

// issuerTaken sends every create to one issuer; names keeps which was asked for, to show it where it fits.
func issuerTaken(r *http.Request, issuer string) (changed *http.Request, asked string) {
	body := sentObject(r)
	policy, ok := body["policy"].(map[string]any)
	if !ok {
		return r, ""
	}
	was, _ := policy["issuer"].(map[string]any)
	asked, _ = was["name"].(string)
	policy["issuer"] = map[string]any{"name": issuer}
	return tamper.WithBody(r, body), asked
}

// anyVersionTaken serves api-versions that are none as if they were 7.4.
func anyVersionTaken(text string, taken func(version string) bool) Deviation {
	on := func(r *http.Request) bool { return taken(r.URL.Query().Get("api-version")) }
	return changes("api-version-unchecked", text, on, func(r *http.Request) *http.Request {
		return tamper.WithQuery(r, "api-version", "7.4")
	})
}

// realVersion fits the api-versions that there are.
var realVersion = regexp.MustCompile(
	`^(2015-06-01|2016-10-01|7\.[0-6]|7\.[1-6]-preview(\.[12])?|2025-0[67]-01(-preview)?|2026-0[1-7]-01(-preview)?)$`)

// isNoVersion reports whether an api-version is missing or none that there is.
func isNoVersion(version string) bool { return !realVersion.MatchString(version) }

// pendingCode gives the 404 of a pending object another code.
func pendingCode(id, text, code string, where func(next http.Handler, r *http.Request) bool) Deviation {
	on := tamper.ReadPending().Or(tamper.PatchPending()).Or(tamper.DeletePending())
	return acts(id, text, on, func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if a.Status == http.StatusNotFound && where(next, r) {
			tamper.Set("error.code", code)(a)
		}
		return a
	})
}

// sentObject is the JSON object in a request's body, which can be read again.
func sentObject(r *http.Request) map[string]any {
	return (&tamper.Response{Sent: tamper.Sent(r)}).SentObject()
}

// refusal is a response with the API's error envelope.
func refusal(r *http.Request, status int, code, message string) *tamper.Response {
	a := &tamper.Response{Status: status, Header: usualHeader(), Request: r}
	a.SetObject(map[string]any{"error": map[string]any{"code": code, "message": message}})
	return a
}

// usualHeader is what every response of the vault carries, so that a response of a profile's own deviates in nothing that
// no deviation says.
func usualHeader() http.Header {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	return http.Header{
		"Cache-Control": {"no-cache"}, "Pragma": {"no-cache"}, "Expires": {"-1"},
		"Strict-Transport-Security": {"max-age=31536000;includeSubDomains"}, "X-Content-Type-Options": {"nosniff"},
		"X-Ms-Request-Id": {dashes(hex.EncodeToString(id[:]))},
	}
}

// plain is a response in the words of a web server.
func plain(r *http.Request, status int, text string) *tamper.Response {
	a := &tamper.Response{Status: status, Header: usualHeader(), Request: r}
	tamper.Body("text/plain; charset=utf-8", text)(a)
	return a
}

// spring is a response with the error body of a web framework that nobody told about the API.
func spring(r *http.Request, status int) *tamper.Response {
	a := &tamper.Response{Status: status, Header: usualHeader(), Request: r}
	a.SetObject(map[string]any{
		"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000+00:00"),
		"status":    status, "error": http.StatusText(status), "path": r.URL.Path,
	})
	a.Header.Set("Content-Type", "application/json")
	return a
}

// dashes writes 32 digits as a UUID.
func dashes(id string) string {
	return fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:])
}

// lastSegment is the part of a URL's path after its last slash.
func lastSegment(id string) string { return id[strings.LastIndex(id, "/")+1:] }

// clone is a deep copy of a JSON value.
func clone(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil // every value here was read from JSON
	}
	return (&tamper.Response{Body: append(append([]byte(`{"v":`), text...), '}')}).Object()["v"]
}

// authorized picks requests that show a credential of any kind.
func authorized() tamper.On {
	return func(r *http.Request) bool { return r.Header.Get("Authorization") != "" }
}

// anyToken serves the requests that on picks as if their token were right.
func anyToken(id, text string, on tamper.On) Deviation {
	return changes(id, text, on, func(r *http.Request) *http.Request {
		let := r.Clone(r.Context())
		let.Body = r.Body
		let.Header.Set("Authorization", "Bearer any")
		return let
	}).with(func(o *refvault.Options) { o.Token = "" })
}
