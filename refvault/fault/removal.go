package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// following edits the responses to later requests about a certificate once a request for it has succeeded.
func following(on, seen tamper.On, edit tamper.Edit) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		m := newMemory()
		return acting(next, on.Or(seen), func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			switch {
			case on(r) && a.OK():
				m.mark(nameOf(a))
			case seen(r) && m.marked(tamper.Name(r)):
				edit(a)
			}
			return a
		})
	}
}

// nameOf is the name of the certificate that a response is about: that of the path or, after a restore, that of the id.
func nameOf(a *tamper.Response) string {
	if name := tamper.Name(a.Request); name != "restore" {
		return name
	}
	u, err := url.Parse(a.Text("id"))
	if err != nil {
		return ""
	}
	return tamper.Name(&http.Request{URL: u})
}

// then builds a fault that shows only after a request has succeeded.
func then(id, title string, on, seen tamper.On, edit tamper.Edit, breaks ...string) Fault {
	return Fault{ID: id, Title: title, Breaks: breaks, On: on.Or(seen), Wrap: following(on, seen, edit)}
}

// leftover builds a fault that goes on to serve reads of a deleted certificate as they were before.
func leftover(id, title string, read tamper.On, rule string) Fault {
	on := tamper.DeleteCertificate()
	return Fault{ID: id, Title: title, Breaks: []string{rule}, On: on.Or(read), Wrap: func(next http.Handler) http.Handler {
		m := newMemory()
		return acting(next, on.Or(read), func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			path := strings.ToLower(strings.TrimSuffix(r.URL.Path, "/"))
			gone := a.Status == http.StatusNotFound || tamper.ListVersions()(r) && len(items(a)) == 0
			switch {
			case read(r) && a.OK() && !gone:
				m.keep(path, a)
			case read(r) && gone && m.kept(path) != nil:
				served := *m.kept(path)
				return &served
			}
			return a
		})
	}}
}

// madeOf turns a 404 into a success with a body.
func madeOf(body map[string]any) tamper.Edit {
	return tamper.OnStatus(http.StatusNotFound, func(a *tamper.Response) {
		a.Status = http.StatusOK
		a.SetObject(body)
	})
}

// removals are deletions of certificates that leave something, take too much or are misreported.
func removals() []Fault {
	const of = "delete-certificate/"
	missing := tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound"))
	one := tamper.Operation(http.MethodDelete, "/certificates/[^/]+/[0-9a-fA-F]{32}")
	body := map[string]any{"attributes": map[string]any{"enabled": true}}
	return []Fault{
		edits("deletion-of-nothing-accepted", "a deletion of a name that does not exist returns 200", tamper.DeleteCertificate(),
			madeOf(body), of+"unknown", of+"again"),
		edits("deletion-of-nothing-code-wrong", "a deletion of a name that does not exist has another code",
			tamper.DeleteCertificate(), missing, of+"unknown-code"),
		edits("read-deleted-unknown-accepted", "a read of a deleted certificate that does not exist returns 200",
			tamper.ReadDeleted(), madeOf(body), of+"read-unknown"),
		edits("read-deleted-unknown-code-wrong", "a read of a deleted certificate that does not exist has another code",
			tamper.ReadDeleted(), missing, of+"read-unknown-code"),
		leftover("deletion-leaves-versions", "the versions of a deleted certificate can still be read", tamper.ReadVersion(),
			of+"versions-gone"),
		leftover("deletion-leaves-the-policy", "the policy of a deleted certificate can still be read", tamper.ReadPolicy(),
			of+"policy-gone"),
		leftover("deletion-leaves-the-pending-object", "the pending object of a deleted certificate can still be read",
			tamper.ReadPending(), of+"pending-gone"),
		leftover("deletion-leaves-the-list-of-versions", "the versions of a deleted certificate are still listed",
			tamper.ListVersions(), of+"versions-list-gone"),
		then("deletion-leaves-updates", "a deleted certificate can be updated", tamper.DeleteCertificate(),
			tamper.UpdateCertificate(), madeOf(body), of+"update-gone"),
		acts("deletion-of-a-version-deletes-all", "a deletion of one version deletes the certificate", one,
			func(next http.Handler, r *http.Request) *tamper.Response {
				return tamper.Ask(next, r, http.MethodDelete, "", nil)
			}, of+"one-version"),
		edits("deletion-of-a-version-accepted", "a deletion of one version returns 200 and does nothing", one,
			func(a *tamper.Response) {
				a.Status = http.StatusOK
				a.SetObject(body)
			}, of+"one-version"),
		acts("deleted-is-listed", "a list has the certificates that are deleted", tamper.ListCertificates(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				base, _, _ := strings.Cut(r.URL.Path, "/certificates")
				if a.OK() && a.Text("nextLink") == "" {
					gone := items(tamper.AskPath(next, r, http.MethodGet, base+"/deletedcertificates", nil))
					setItems(a, append(items(a), gone...))
				}
				return a
			}, of+"not-listed"),
		edits("unfinished-deleted-as-complete", "a deleted certificate that was never complete is enabled and has a kid",
			tamper.DeleteCertificate(), tamper.OnSuccess(func(a *tamper.Response) {
				if a.Text("cer") == "" {
					tamper.Set("attributes.enabled", true)(a)
					tamper.Set("kid", strings.Replace(a.Text("id"), "/certificates/", "/keys/", 1))(a)
				}
			}), of+"unfinished-form"),
	}
}

// recoveries are recoveries of deleted certificates that lose something or do not happen.
func recoveries() []Fault {
	const of = "delete-certificate/recovered-"
	on := tamper.Recover()
	missing := tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound"))
	all := []Fault{
		edits("recovery-of-nothing-accepted", "a recovery of a name that is not deleted returns 200", on,
			madeOf(map[string]any{"attributes": map[string]any{"enabled": true}}), "delete-certificate/recover-unknown"),
		edits("recovery-of-nothing-code-wrong", "a recovery of a name that is not deleted has another code", on, missing,
			"delete-certificate/recover-unknown-code"),
		edits("recovery-shows-the-deletion", "a recovered certificate has a recoveryId and a deletedDate", on,
			tamper.OnSuccess(tamper.Set("recoveryId", "https://vault.invalid/deletedcertificates/x"), tamper.Set("deletedDate", 1700000000)),
			of+"form"),
		{
			ID: "recovery-leaves-the-deleted-certificate", Title: "a recovered certificate can still be read as a deleted one",
			Breaks: []string{of + "deleted-gone"}, On: on.Or(tamper.ReadDeleted()), Wrap: keepsDeleted,
		},
		{
			ID: "recovery-is-not-listed", Title: "a recovered certificate is in no list", Breaks: []string{of + "listed"},
			On: on.Or(tamper.ListCertificates()), Wrap: hidesRecovered,
		},
		then("recovery-blocks-the-name", "a recovered certificate takes no new version", on, tamper.Create().Or(tamper.Import()),
			func(a *tamper.Response) {
				a.Status = http.StatusConflict
				a.SetObject(failure("Conflict"))
			}, of+"next-version"),
		acts("recovery-not-carried-out", "a recovery gets the right response and recovers nothing", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				path := strings.TrimSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/recover")
				a := tamper.AskPath(next, r, http.MethodGet, path, nil)
				for _, member := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate"} {
					tamper.Drop(member)(a)
				}
				return a
			}, of+"current"),
	}
	return append(all, lossesAfter("recovery", "a recovered certificate", on, of)...)
}

// keepsDeleted serves reads of a deleted certificate after it was recovered.
func keepsDeleted(next http.Handler) http.Handler {
	m := newMemory()
	return acting(next, tamper.ReadDeleted(), func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if a.OK() {
			m.keep(tamper.Name(r), a)
		} else if before := m.kept(tamper.Name(r)); before != nil {
			served := *before
			return &served
		}
		return a
	})
}

// hidesRecovered takes certificates that were recovered out of every list.
func hidesRecovered(next http.Handler) http.Handler {
	m := newMemory()
	return acting(next, tamper.Recover().Or(tamper.ListCertificates()), func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if tamper.Recover()(r) && a.OK() {
			m.mark(tamper.Name(r))
		}
		if tamper.ListCertificates()(r) {
			keepItems(func(item map[string]any) bool {
				id, _ := item["id"].(string)
				return !m.marked(lastOf(id))
			})(a)
		}
		return a
	})
}

// lossesAfter are faults by which a certificate that came back lacks something that it had.
func lossesAfter(id, of string, on tamper.On, rules string) []Fault {
	bundles := tamper.ReadBundle()
	lost := func(a *tamper.Response) { notFound(a) }
	return []Fault{
		then(id+"-loses-the-earlier-versions", of+" has its current version alone", on, tamper.ReadVersion(), func(a *tamper.Response) {
			if tags, _ := a.Object()["tags"].(map[string]any); tags["version"] == "first" {
				lost(a)
			}
		}, rules+"versions"),
		then(id+"-loses-versions-in-the-list", of+" lists its current version alone", on, tamper.ListVersions(),
			keepItems(func(item map[string]any) bool {
				tags, _ := item["tags"].(map[string]any)
				return tags["version"] != "first"
			}), rules+"versions"),
		then(id+"-loses-the-tags", of+" has no tags", on, bundles, tamper.Drop("tags"), rules+"tags"),
		then(id+"-loses-the-tags-of-earlier-versions", "the earlier versions of "+of+" have no tags", on, tamper.ReadVersion(),
			tamper.Drop("tags"), rules+"tags"),
		then(id+"-enables", of+" is enabled, whatever it was", on, bundles, tamper.Set("attributes.enabled", true),
			rules+"attributes"),
		then(id+"-is-the-creation", of+" was created when it came back", on, bundles,
			tamper.MapNumber("attributes.created", func(at int64) any { return at + 1 }), rules+"attributes"),
		then(id+"-loses-the-policy", of+" has a policy of defaults", on, tamper.ReadPolicy(),
			tamper.Set("x509_props.validity_months", 12), rules+"policy"),
		then(id+"-makes-versions", of+" has other versions than before", on, tamper.ReadCertificate(), otherVersion, rules+"current"),
		then(id+"-changes-the-certificate", of+" has another cer", on, tamper.ReadCertificate(),
			issuer{key: lazyRSA(2048)}.reissued(nil, nil), rules+"current"),
	}
}

// purgings are purges that do not happen, or happen where they must not.
func purgings() []Fault {
	const of = "delete-certificate/purge-"
	on := tamper.Purge()
	missing := func(a *tamper.Response) {
		a.Status = http.StatusNoContent
		tamper.Body("", "")(a)
	}
	return []Fault{
		acts("purge-not-carried-out", "a purge returns 204 and purges nothing", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil)
				if a.OK() {
					missing(a)
				}
				return a
			}, of+"gone", of+"final"),
		{
			ID: "purge-leaves-it-readable", Title: "a purged certificate can still be read as a deleted one",
			Breaks: []string{of + "gone"}, On: on.Or(tamper.ReadDeleted()), Wrap: keepsDeleted,
		},
		then("purge-leaves-it-recoverable", "a purged certificate can be recovered", on, tamper.Recover(),
			madeOf(map[string]any{"attributes": map[string]any{"enabled": true}}), of+"final"),
		then("purge-keeps-the-name", "the name of a purged certificate stays taken", on, tamper.Create().Or(tamper.Import()),
			func(a *tamper.Response) {
				a.Status = http.StatusConflict
				a.SetObject(failure("Conflict"))
			}, of+"name-free"),
		then("purge-keeps-the-tags", "a certificate under a purged name has the tags of the one before", on, tamper.ReadCertificate(),
			tamper.Set("tags", map[string]any{"version": "purged"}), of+"name-fresh"),
		edits("purge-of-nothing-accepted", "a purge of a certificate that is not deleted returns 204", on,
			tamper.OnStatus(http.StatusNotFound, missing), of+"again", of+"live"),
		acts("purge-of-a-live-certificate", "a purge removes a certificate that is not deleted", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				path := strings.Replace(r.URL.Path, "/deletedcertificates/", "/certificates/", 1)
				tamper.AskPath(next, r, http.MethodDelete, path, nil)
				return tamper.Pass(next, r)
			}, of+"live"),
		edits("purge-with-a-body", "a purge returns 200 with a body", on, tamper.OnSuccess(func(a *tamper.Response) {
			a.Status = http.StatusOK
			a.SetObject(map[string]any{})
		}), of+"status"),
	}
}

// deletedLists are lists of deleted certificates that have the wrong items.
func deletedLists() []Fault {
	const of = "delete-certificate/list-"
	on := tamper.ListDeleted()
	return []Fault{
		acts("list-deleted-has-live-ones", "the list of deleted certificates has those that are not deleted", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				base, _, _ := strings.Cut(r.URL.Path, "/deletedcertificates")
				if a.OK() && a.Text("nextLink") == "" {
					live := items(tamper.AskPath(next, r, http.MethodGet, base+"/certificates", nil))
					for _, item := range live {
						object, _ := item.(map[string]any)
						id, _ := object["id"].(string)
						object["recoveryId"] = strings.Replace(id, "/certificates/", "/deletedcertificates/", 1)
						object["deletedDate"], object["scheduledPurgeDate"] = 1700000000, 1700604800
					}
					setItems(a, append(items(a), live...))
				}
				return a
			}, of+"live"),
		{
			ID: "list-deleted-keeps-the-recovered", Title: "the list of deleted certificates keeps those that were recovered",
			Breaks: []string{of + "recovered"}, On: on.Or(tamper.Recover()), Wrap: listsGone(tamper.Recover()),
		},
		{
			ID: "list-deleted-keeps-the-purged", Title: "the list of deleted certificates keeps those that were purged",
			Breaks: []string{of + "purged"}, On: on.Or(tamper.Purge()), Wrap: listsGone(tamper.Purge()),
		},
	}
}

// listsGone adds to the list of deleted certificates what a request took out of it.
func listsGone(on tamper.On) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		m := newMemory()
		return acting(next, tamper.ListDeleted().Or(on), func(next http.Handler, r *http.Request) *tamper.Response {
			if on(r) {
				base, _, _ := strings.Cut(r.URL.Path, "/deletedcertificates/")
				before := tamper.AskPath(next, r, http.MethodGet, base+"/deletedcertificates", nil)
				a := tamper.Pass(next, r)
				if a.OK() {
					m.keep("", before)
				}
				return a
			}
			a := tamper.Pass(next, r)
			if before := m.kept(""); before != nil && a.OK() && a.Text("nextLink") == "" {
				setItems(a, append(items(a), items(before)...))
			}
			return a
		})
	}
}
