package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// locations are wrong Locations, targets and ids: the links of an answer.
func locations() []Fault {
	create := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, tamper.Create(), tamper.OnSuccess(edit), breaks...)
	}
	location := func(change func(*url.URL)) tamper.Edit { return tamper.MapHeader("Location", tamper.OnURL(change)) }
	const path, query, id = "request-from-issuer/location-path", "request-from-issuer/location-api-version", "request-from-issuer/location-request-id"
	return []Fault{
		create("location-missing", "a create has no Location", tamper.DropHeader("Location"),
			path, "create-manually/location", "request-from-issuer/location-read"),
		create("location-relative", "the Location of a create is a path", tamper.MapHeader("Location", pathOnly),
			path, "create-manually/location"),
		create("location-without-scheme", "the Location of a create has no ://", tamper.MapHeader("Location", func(text string) string {
			return strings.Replace(text, "://", "", 1)
		}), path, "create-manually/location"),
		create("location-of-another-host", "the Location of a create is on another host",
			location(func(u *url.URL) { u.Host = "elsewhere.invalid" }), path, "create-manually/location"),
		create("location-of-another-port", "the Location of a create is on another port",
			location(func(u *url.URL) { u.Host = u.Hostname() + ":1" }), path, "create-manually/location"),
		create("location-of-the-certificate", "the Location of a create is the certificate",
			location(func(u *url.URL) { u.Path = strings.TrimSuffix(u.Path, "/pending") }), path, "create-manually/location"),
		create("location-of-another-name", "the Location of a create is another certificate's",
			location(otherName), path, "create-manually/location"),
		create("location-with-a-version", "the Location of a create has a version in its path",
			location(func(u *url.URL) { u.Path += "/" + strings.Repeat("0", 32) }), path, "create-manually/location"),
		create("location-without-api-version", "the Location of a create has no api-version",
			location(without("api-version")), query, "create-manually/location-api-version", "api-version/location"),
		create("location-with-another-api-version", "the Location of a create has an api-version that was not asked for",
			location(with("api-version", "2015-06-01")), query, "create-manually/location-api-version", "api-version/location"),
		create("location-without-request-id", "the Location of a create has no request_id",
			location(without("request_id")), id, "create-manually/location-request-id"),
		create("location-with-an-empty-request-id", "the request_id in the Location of a create is empty",
			location(with("request_id", "")), id, "create-manually/location-request-id"),
		create("location-with-another-request-id", "the request_id in the Location is not the one in the body",
			location(with("request_id", strings.Repeat("a", 32))), id, "create-manually/location-request-id",
			"request-from-issuer/location-read", "create-manually/location-followed"),
		create("location-request-id-in-another-case", "the request_id in the Location is in upper case, the one in the body is not",
			location(changed("request_id", strings.ToUpper)), id, "create-manually/location-request-id"),
		create("location-query-escaped", "the question mark of the Location is escaped", tamper.MapHeader("Location", func(text string) string {
			return strings.Replace(text, "?", "%3F", 1)
		}), path, "create-manually/location"),
		create("location-http", "the Location of a create is http, not https",
			location(func(u *url.URL) { u.Scheme = "http" }), path, "create-manually/location"),
		edits("merge-location-missing", "a merge has no Location", tamper.Merge(), tamper.DropHeader("Location"),
			"merge-manual-request/location", "merge-manual-request/location-followed"),
		edits("merge-location-of-the-pending", "the Location of a merge is the pending object", tamper.Merge(),
			location(func(u *url.URL) { u.Path += "/pending" }), "merge-manual-request/location", "merge-manual-request/location-followed"),
		edits("merge-location-with-a-version", "the Location of a merge has a version", tamper.Merge(),
			func(a *tamper.Answer) {
				if id, err := url.Parse(a.Text("id")); err == nil && a.OK() {
					location(func(u *url.URL) { u.Path = id.Path })(a)
				}
			}, "merge-manual-request/location"),
		edits("merge-location-relative", "the Location of a merge is a path", tamper.Merge(), tamper.MapHeader("Location", pathOnly),
			"merge-manual-request/location"),
		edits("merge-location-of-another-name", "the Location of a merge is another certificate", tamper.Merge(),
			location(otherName), "merge-manual-request/location", "merge-manual-request/location-followed"),
		edits("merge-location-without-api-version", "the Location of a merge has no api-version", tamper.Merge(),
			location(without("api-version")), "merge-manual-request/location-api-version"),
		edits("merge-location-with-request-id", "the Location of a merge has a request_id", tamper.Merge(),
			location(with("request_id", strings.Repeat("a", 32))), "merge-manual-request/location-no-request-id"),
		edits("import-with-location", "an import has a Location", tamper.Import(), tamper.OnSuccess(func(a *tamper.Answer) {
			a.Header.Set("Location", a.Text("id"))
		}), "import-certificate/no-location"),
		edits("location-read-fails", "a read of the Location of a create finds nothing",
			tamper.ReadPending().And(tamper.Filtered()), tamper.OnSuccess(notFound),
			"request-from-issuer/location-read", "create-manually/location-followed", "read-in-progress/filter-match-status",
			"read-deleted-or-overwritten/overwritten-read-filter", "read-completed/filter-match", "api-version/location"),
		edits("location-read-of-another", "a read of the Location of a create shows another request_id",
			tamper.ReadPending().And(tamper.Filtered()), tamper.OnSuccess(tamper.Set("request_id", strings.Repeat("b", 32))),
			"request-from-issuer/location-read", "create-manually/location-followed", "read-in-progress/filter-match-body"),
	}
}

// targets are wrong targets of completed requests.
func targets() []Fault {
	target := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, tamper.ReadPending(), tamper.Completed(edit), breaks...)
	}
	const present, certificate, merged = "read-completed/target-present", "read-completed/target-certificate", "merge-manual-request/completed-target"
	return []Fault{
		target("target-missing", "a completed request has no target", tamper.Drop("target"), present, merged, "every-answer/operation-completed"),
		target("target-null", "the target of a completed request is null", tamper.Set("target", nil), present, merged, "every-answer/operation-completed"),
		target("target-in-capitals", "the member target is written Target", tamper.Rename("target", "Target"), present, merged),
		target("target-relative", "the target of a completed request is a path", tamper.MapText("target", pathOnly), present, merged),
		target("target-an-object", "the target of a completed request is an object", tamper.Map("target", func(v any) any {
			return map[string]any{"id": v}
		}), present, merged, "every-answer/operation"),
		target("target-of-another-host", "the target of a completed request is on another host",
			tamper.EditURL("target", func(u *url.URL) { u.Host = "elsewhere.invalid" }), present, merged),
		target("target-with-a-version", "the target of a completed request has a version",
			tamper.EditURL("target", func(u *url.URL) { u.Path += "/" + strings.Repeat("0", 32) }), certificate, merged),
		target("target-of-the-pending", "the target of a completed request is the pending object",
			tamper.EditURL("target", func(u *url.URL) { u.Path += "/pending" }), certificate, merged),
		target("target-of-the-secret", "the target of a completed request is the secret",
			tamper.EditURL("target", func(u *url.URL) { u.Path = strings.Replace(u.Path, "/certificates/", "/secrets/", 1) }), certificate, merged),
		target("target-of-another-name", "the target of a completed request is another certificate",
			tamper.EditURL("target", otherName), certificate, merged, "read-completed/target-read", "api-version/target"),
		edits("target-while-in-progress", "a request in progress has a target", tamper.Create().Or(tamper.ReadPending()),
			tamper.InProgress(func(a *tamper.Answer) { tamper.Set("target", strings.TrimSuffix(a.Text("id"), "/pending"))(a) }),
			"request-from-issuer/no-target", "read-in-progress/no-outcome"),
		edits("target-after-failure", "a failed request has a target", tamper.ReadPending(),
			tamper.Failed(func(a *tamper.Answer) { tamper.Set("target", strings.TrimSuffix(a.Text("id"), "/pending"))(a) }),
			"read-cancelled-or-failed/failed-no-target"),
		edits("target-after-cancellation", "a cancelled request has a target", tamper.ReadPending(),
			tamper.Cancelled(func(a *tamper.Answer) { tamper.Set("target", strings.TrimSuffix(a.Text("id"), "/pending"))(a) }),
			"read-cancelled-or-failed/cancelled-no-target"),
		target("target-dead", "the target of a completed request cannot be read", tamper.EditURL("target", func(u *url.URL) {
			u.Path += "-gone"
		}), "read-completed/target-read", "api-version/target"),
		edits("target-version-missing", "the certificate at the target has an id without a version", tamper.ReadCertificate(),
			tamper.OnSuccess(tamper.EditURL("id", dropLastSegment)), "read-completed/target-version", "every-answer/certificate-id"),
	}
}

func pathOnly(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.RequestURI()
}

// otherName makes a URL that of another certificate.
func otherName(u *url.URL) {
	segments := strings.Split(u.Path, "/")
	for i := range len(segments) - 1 {
		switch segments[i] {
		case "certificates", "keys", "secrets", "deletedcertificates":
			segments[i+1] = "another" + segments[i+1]
			u.Path = strings.Join(segments, "/")
			return
		}
	}
}

func dropLastSegment(u *url.URL) {
	if i := strings.LastIndex(u.Path, "/"); i > 0 {
		u.Path = u.Path[:i]
	}
}

func without(parameter string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Del(parameter)
		u.RawQuery = query.Encode()
	}
}

func with(parameter, value string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Set(parameter, value)
		u.RawQuery = query.Encode()
	}
}

func changed(parameter string, change func(string) string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Set(parameter, change(query.Get(parameter)))
		u.RawQuery = query.Encode()
	}
}

// notFound makes an answer say that the pending object is not there.
func notFound(a *tamper.Answer) {
	a.Status = http.StatusNotFound
	a.Header.Del("Location")
	a.SetObject(failure("PendingCertificateNotFound"))
}

// failure is an error body with a code.
func failure(code string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": "refused"}}
}
