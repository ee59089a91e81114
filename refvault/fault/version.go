package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// versions are versions that are lost, stale or not what they say, and wrong lists of them.
func versions() []Fault {
	return append(append(versionsOverTime(), lists()...), updates()...)
}

func versionsOverTime() []Fault {
	return []Fault{
		acts("earlier-version-lost", "only the current version can be read", tamper.ReadVersion(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				now := tamper.Ask(next, r, http.MethodGet, "", nil)
				if now.OK() && !strings.HasSuffix(now.Text("id"), lastSegment(r)) {
					return refusal(r, http.StatusNotFound, "CertificateNotFound")
				}
				return tamper.Pass(next, r)
			}, "history/versions", "issue-next-version/earlier-readable", "import-certificate/again-earlier"),
		acts("earlier-version-shows-the-current", "a read of any version shows the current one", tamper.ReadVersion(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					a.Become(tamper.Ask(next, r, http.MethodGet, "", nil))
				}
				return a
			}, "issue-next-version/earlier-readable", "import-certificate/again-earlier"),
		acts("unknown-version-shows-the-current", "a read of a version that does not exist shows the current one",
			tamper.ReadVersion(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusNotFound {
					a.Become(tamper.Ask(next, r, http.MethodGet, "", nil))
				}
				return a
			}, "issue-next-version/version-unknown"),
		remembers("current-version-the-first", "a read without a version shows the first version forever",
			tamper.ReadCertificate(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() && a.Text("cer") != "" {
					return m.first(tamper.Name(r), a)
				}
				return a
			}, "history/updates", "issue-next-version/next-current", "issue-next-version/merged-current"),
		acts("current-version-hidden-in-progress", "while a request is in progress the certificate is not found",
			tamper.ReadCertificate(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if is("inprogress")(tamper.Ask(next, r, http.MethodGet, "/pending", nil)) {
					return refusal(r, http.StatusNotFound, "CertificateNotFound")
				}
				return tamper.Pass(next, r)
			}, "issue-next-version/current-kept"),
		acts("current-version-empty-in-progress",
			"while a request is in progress the certificate has another version without a cer", tamper.ReadCertificate(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() && is("inprogress")(tamper.Ask(next, r, http.MethodGet, "/pending", nil)) {
					tamper.All(otherVersion, tamper.Drop("cer"), tamper.Drop("x5t"), tamper.Drop("kid"), tamper.Drop("sid"),
						tamper.Set("attributes.enabled", false))(a)
				}
				return a
			}, "issue-next-version/current-kept", "issue-next-version/current-kept-certificate"),
		acts("current-certificate-changed-in-progress",
			"while a request is in progress the current version shows another certificate", tamper.ReadCertificate(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() && is("inprogress")(tamper.Ask(next, r, http.MethodGet, "/pending", nil)) {
					issuer{key: lazyRSA(2048)}.reissued(nil, nil)(a)
				}
				return a
			}, "issue-next-version/current-kept-certificate"),
		acts("usable-after-the-end", "a first request that failed or was cancelled leaves an enabled certificate",
			tamper.ReadCertificate(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if is("failed", "cancelled", "canceled")(tamper.Ask(next, r, http.MethodGet, "/pending", nil)) {
					issuedAnyhow(lazyRSA(2048))(a)
				}
				return a
			}, "read-cancelled-or-failed/failed-no-certificate", "read-cancelled-or-failed/cancelled-no-certificate"),
		acts("enabled-after-the-end", "a first request that failed or was cancelled leaves a stub that is enabled",
			tamper.ReadCertificate(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() && a.Text("cer") == "" && is("failed", "cancelled",
					"canceled")(tamper.Ask(next, r, http.MethodGet, "/pending", nil)) {
					tamper.Set("attributes.enabled", true)(a)
				}
				return a
			}, "every-answer/certificate-bundle"),
		remembers("next-version-has-the-key-of-the-first", "every version of a name has the key of the first",
			tamper.ReadCertificate(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if !a.OK() || a.Text("cer") == "" {
					return a
				}
				first := m.first(tamper.Name(r), &tamper.Response{Header: http.Header{}, Body: a.Body})
				if first.Text("id") != a.Text("id") {
					withCertificate(first.Text("cer"))(a)
				}
				return a
			}, "issue-next-version/next-key"),
		remembers("next-version-keeps-its-id", "a later version has the id of the first", tamper.ReadCertificate(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if !a.OK() || a.Text("cer") == "" {
					return a
				}
				first := m.first(tamper.Name(r), &tamper.Response{Header: http.Header{}, Body: a.Body})
				for _, member := range []string{"id", "kid", "sid"} {
					tamper.Set(member, first.Text(member))(a)
				}
				return a
			}, "issue-next-version/next-current", "every-answer/version-kept"),
		edits("slash-not-found", "a path that ends in a slash is not found",
			func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/") },
			tamper.OnSuccess(func(a *tamper.Response) {
				a.Status = http.StatusNotFound
				a.SetObject(failure("CertificateNotFound"))
			}), "issue-next-version/slash"),
		acts("slash-lists", "a path that ends in a slash lists the versions",
			func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/") },
			func(next http.Handler, r *http.Request) *tamper.Response {
				return tamper.Ask(next, r, http.MethodGet, "/versions", nil)
			}, "issue-next-version/slash"),
	}
}

func lastSegment(r *http.Request) string {
	path := strings.TrimSuffix(r.URL.Path, "/")
	return path[strings.LastIndex(path, "/")+1:]
}

func lists() []Fault {
	const valid = "every-answer/certificate-list"
	on := tamper.ListVersions()
	first := func(a *tamper.Response) {
		body := a.Object()
		if items, ok := body["value"].([]any); ok && len(items) > 1 {
			body["value"] = items[:1]
			a.SetObject(body)
		}
	}
	return []Fault{
		edits("versions-only-one", "the list of versions has one of them",
			on, tamper.OnSuccess(first), "history/versions-kept", "issue-next-version/versions-listed"),
		edits("versions-with-the-placeholder", "the list of versions has one besides from the time in progress",
			on, tamper.OnSuccess(func(a *tamper.Response) {
				body := a.Object()
				items, _ := body["value"].([]any)
				if len(items) == 0 {
					return
				}
				item, _ := items[0].(map[string]any)
				copied := map[string]any{}
				for name, value := range item {
					copied[name] = value
				}
				copied["id"] = strings.TrimSuffix(copied["id"].(string), lastOf(copied["id"].(string))) + strings.Repeat("f", 32)
				body["value"] = append(items, copied)
				a.SetObject(body)
			}), "read-completed/version-only"),
		edits("versions-with-other-thumbprints", "the items of a list of versions have another x5t", on,
			tamper.OnSuccess(tamper.MapText("value.*.x5t",
				func(x5t string) string { return "A" + x5t[1:] })), "issue-next-version/versions-thumbprints"),
		edits("list-as-array", "a list is an array",
			on.Or(tamper.ListCertificates()), tamper.OnSuccess(func(a *tamper.Response) {
				a.SetObject(a.Object()["value"])
			}), valid),
		edits("list-of-ids", "a list has only ids",
			on.Or(tamper.ListCertificates()), tamper.OnSuccess(tamper.Map("value", func(v any) any {
				items, _ := v.([]any)
				var ids []any
				for _, item := range items {
					in, _ := item.(map[string]any)
					ids = append(ids, in["id"])
				}
				return ids
			})), valid),
	}
}

func lastOf(id string) string { return id[strings.LastIndex(id, "/")+1:] }

func updates() []Fault {
	on := tamper.UpdateCertificate()
	return []Fault{
		acts("update-forgotten", "an update gets the right response and stores nothing",
			on, func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					tamper.AskPath(next, r, http.MethodPatch, r.URL.Path,
						map[string]any{"attributes": map[string]any{"enabled": true}, "tags": map[string]any{}})
				}
				return a
			}, "issue-next-version/update-kept", "issue-next-version/update-tags-kept"),
		asks("update-ignored", "an update changes nothing",
			on, func(r *http.Request) *http.Request { return tamper.WithBody(r, map[string]any{}) },
			"issue-next-version/update-enabled", "issue-next-version/update-tags"),
		asks("update-ignores-the-tags", "an update does not take tags", on, func(r *http.Request) *http.Request {
			body := sentObject(r)
			delete(body, "tags")
			return tamper.WithBody(r, body)
		}, "history/tags", "issue-next-version/update-tags"),
		{
			ID: "update-makes-a-version", Title: "an update gives the certificate another version",
			Breaks: []string{"issue-next-version/update-kept"}, On: on.Or(tamper.ReadCertificate()),
			Wrap: shadowing(on, http.StatusOK, tamper.ReadCertificate(), otherVersion),
		},
		{
			ID: "update-changes-the-certificate", Title: "after an update the certificate is another",
			Breaks: []string{"issue-next-version/update-kept"}, On: on.Or(tamper.ReadCertificate()),
			Wrap: shadowing(on, http.StatusOK, tamper.ReadCertificate(), issuer{key: lazyRSA(2048)}.reissued(nil, nil)),
		},
	}
}

// outlives returns what was read below a certificate before its deletion where a read finds nothing any more.
func outlives(below string) func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
	return func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
		if tamper.DeleteCertificate()(r) {
			before := tamper.Ask(next, r, http.MethodGet, below, nil)
			a := tamper.Pass(next, r)
			if a.OK() {
				m.keep(tamper.Name(r), before)
			}
			return a
		}
		a := tamper.Pass(next, r)
		if before := m.kept(tamper.Name(r)); before != nil && a.Status == http.StatusNotFound {
			a.Become(before)
		}
		return a
	}
}

// deletedCertificates are deletions of certificates that do not do what they say.
func deletedCertificates() []Fault {
	return []Fault{
		remembers("deleted-certificate-readable", "a deleted certificate can still be read under its name",
			tamper.DeleteCertificate().Or(tamper.ReadCertificate()), outlives(""), "history/deletion", "issue-next-version/deleted-unreadable"),
		acts("deleted-name-free", "the name of a deleted certificate can be used at once",
			tamper.Create().Or(tamper.Import()),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusConflict {
					base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
					if tamper.AskPath(next, r, http.MethodDelete, base+"/deletedcertificates/"+tamper.Name(r), nil).OK() {
						return tamper.Pass(next, r)
					}
				}
				return a
			}, "issue-next-version/deleted-name-refused", "import-certificate/deleted-name-refused"),
		edits("deleted-name-code-wrong",
			"a create under the name of a deleted certificate has the code ObjectIsDeletedButRecoverable", tamper.Create(),
			tamper.OnStatus(http.StatusConflict, tamper.Where(func(a *tamper.Response) bool {
				problem, _ := a.Object()["error"].(map[string]any)
				return problem["innererror"] != nil
			}, tamper.Set("error.code", "ObjectIsDeletedButRecoverable"))), "issue-next-version/deleted-name-code"),
	}
}
