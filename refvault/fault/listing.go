package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// enabled reports whether an item of a list is enabled.
func enabled(item map[string]any) bool {
	in, _ := item["attributes"].(map[string]any)
	return in["enabled"] == true
}

// complete reports whether an item of a list stands for a certificate that was issued.
func complete(item map[string]any) bool { return item["x5t"] != nil }

// listings are lists of certificates that have the wrong items, or items that are wrong.
func listings() []Fault {
	on := tamper.ListCertificates()
	pending := func(value string) func(r *http.Request) *http.Request {
		return func(r *http.Request) *http.Request { return tamper.WithQuery(r, "includePending", value) }
	}
	asFalse := func(r *http.Request) bool { return r.URL.Query().Get("includePending") == "false" }
	return append(staleItems(), []Fault{
		edits("list-hides-disabled", "a list has no disabled certificates", on, keepItems(func(item map[string]any) bool {
			return enabled(item) || !complete(item)
		}), "list-certificates/disabled-listed"),
		asks("list-with-pending-if-false", "includePending=false is the same as true", on.And(asFalse), pending("true"),
			"list-certificates/pending-false"),
		edits("list-forgets-pending", "the pages of a list after the first ignore includePending", on.And(tamper.Followed()),
			keepItems(complete), "list-certificates/pending-pages"),
		edits("list-pending-enabled", "a certificate in progress is enabled in a list", on, mapItems(func(item map[string]any) {
			if in, ok := item["attributes"].(map[string]any); ok && !complete(item) {
				in["enabled"] = true
			}
		}), "list-certificates/pending-item"),
		acts("list-one-item-a-version", "a list has an item for every version of a certificate", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				var list []any
				for _, item := range items(a) {
					object, _ := item.(map[string]any)
					for range max(1, len(versionsOf(next, r, object))) {
						list = append(list, item)
					}
				}
				if a.OK() {
					setItems(a, list)
				}
				return a
			}, "list-certificates/one-item"),
		edits("list-lacks-one", "a list lacks the last certificate of each page", on, tamper.OnSuccess(func(a *tamper.Response) {
			if list := items(a); len(list) > 0 {
				setItems(a, list[:len(list)-1])
			}
		}), "list-certificates/many-listed"),
		edits("list-only-lists-tagged", "a list has only certificates with tags", on, keepItems(func(item map[string]any) bool {
			return item["tags"] != nil
		}), "list-certificates/listed"),
	}...)
}

// staleItems are lists whose items describe another version than the current one.
func staleItems() []Fault {
	var all []Fault
	for _, stale := range []struct{ id, of, member, rule string }{
		{"list-x5t-of-an-earlier-version", "x5t", "x5t", "list-certificates/item-x5t"},
		{"list-attributes-of-an-earlier-version", "attributes", "attributes", "list-certificates/item-attributes"},
		{"list-tags-of-an-earlier-version", "tags", "tags", "list-certificates/item-tags"},
	} {
		all = append(all, acts(stale.id, "the items of a list have the "+stale.of+" of an earlier version", tamper.ListCertificates(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				mapItems(func(item map[string]any) {
					for _, version := range versionsOf(next, r, item) {
						if version["x5t"] != item["x5t"] {
							item[stale.member] = version[stale.member]
							return
						}
					}
				})(a)
				return a
			}, stale.rule))
	}
	return all
}

// versionsOf lists the versions of an item of a list of certificates.
func versionsOf(next http.Handler, r *http.Request, item map[string]any) []map[string]any {
	id, _ := item["id"].(string)
	u, err := url.Parse(id)
	if err != nil {
		return nil
	}
	var versions []map[string]any
	for _, version := range items(tamper.AskPath(next, r, http.MethodGet, u.Path+"/versions", nil)) {
		if object, ok := version.(map[string]any); ok {
			versions = append(versions, object)
		}
	}
	return versions
}

// versionLists are lists of versions that have the wrong items, or items that are wrong.
func versionLists() []Fault {
	on := tamper.ListVersions()
	all := []Fault{
		edits("versions-hide-disabled", "a list of versions has no disabled ones", on, keepItems(enabled),
			"list-certificates/versions-disabled"),
		acts("versions-with-the-one-in-progress", "a list of versions has the one that is in progress", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				pending := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
				if list := items(a); len(list) > 0 && strings.EqualFold(pending.Text("status"), "inProgress") {
					item := list[0].(map[string]any)
					id, _ := item["id"].(string)
					setItems(a, append(list, map[string]any{
						"id": strings.TrimSuffix(id, lastOf(id)) + strings.Repeat("e", 32), "attributes": map[string]any{"enabled": false},
					}))
				}
				return a
			}, "list-certificates/versions-in-progress"),
		acts("versions-of-longer-names", "a list of versions has those of every name that begins the same way", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
				for _, item := range items(tamper.AskPath(next, r, http.MethodGet, base+"/certificates", nil)) {
					object, _ := item.(map[string]any)
					id, _ := object["id"].(string)
					name := lastOf(id)
					if name != tamper.Name(r) && strings.HasPrefix(name, tamper.Name(r)) {
						more := tamper.AskPath(next, r, http.MethodGet, base+"/certificates/"+name+"/versions", nil)
						setItems(a, append(items(a), items(more)...))
					}
				}
				return a
			}, "list-certificates/versions-own"),
		edits("versions-lack-imported", "a list of versions has only those that were created", on, keepItems(func(item map[string]any) bool {
			tags, _ := item["tags"].(map[string]any)
			return tags["version"] != "first" && tags["version"] != "second"
		}), "list-certificates/versions-listed"),
		edits("versions-unknown-forbidden", "a list of the versions of an unknown name is forbidden", on, tamper.Where(func(a *tamper.Response) bool {
			return a.OK() && len(items(a)) == 0
		}, func(a *tamper.Response) {
			a.Status = http.StatusForbidden
			a.SetObject(failure("Forbidden"))
		}), "list-certificates/versions-unknown"),
	}
	for _, shared := range []struct{ id, of, member, rule string }{
		{"versions-share-their-attributes", "attributes", "attributes", "list-certificates/versions-attributes"},
		{"versions-share-their-tags", "tags", "tags", "list-certificates/versions-tags"},
	} {
		all = append(all, edits(shared.id, "all items of a list of versions have the same "+shared.of, on,
			tamper.OnSuccess(func(a *tamper.Response) {
				list := items(a)
				for _, item := range list {
					item.(map[string]any)[shared.member] = list[len(list)-1].(map[string]any)[shared.member]
				}
				if list != nil {
					setItems(a, list)
				}
			}), shared.rule))
	}
	return all
}
