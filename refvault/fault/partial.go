package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// partial are vaults that keep a part of what was sent: one of several names, tags or persons, one of two members of a
// request, a member of an object in a list.
func partial() []Fault {
	keeps := func(id, title string, on tamper.On, change func(sent map[string]any) bool, breaks ...string) Fault {
		return asks(id, title, on, func(r *http.Request) *http.Request {
			sent := sentObject(r)
			if sent == nil || !change(sent) {
				return r
			}
			return tamper.WithBody(r, sent)
		}, breaks...)
	}
	return []Fault{
		keeps("merge-forgets-tags", "a merge forgets the tags that it was sent", tamper.Merge(), dropping("tags"), "merge-manual-request/tags"),
		keeps("merge-forgets-enabled", "a merge forgets enabled false", tamper.Merge(), dropping("attributes"), "merge-manual-request/enabled-false"),
		keeps("merge-keeps-one-tag", "a merge keeps one of several tags", tamper.Merge(), oneTag, "merge-manual-request/tags"),
		keeps("update-keeps-one-tag", "an update of a certificate keeps one of several tags", tamper.UpdateCertificate(), oneTag, "update-certificate/tags-replaced"),
		keeps("update-lower-cases-tags", "an update of a certificate writes the values of tags in lower case", tamper.UpdateCertificate(),
			func(sent map[string]any) bool {
				tags, _ := sent["tags"].(map[string]any)
				for name, value := range tags {
					text, _ := value.(string)
					tags[name] = strings.ToLower(text)
				}
				return len(tags) > 0
			}, "update-certificate/tags-replaced"),
		keeps("update-takes-tags-alone", "an update of a certificate with tags and attributes takes the tags alone",
			tamper.UpdateCertificate(), func(sent map[string]any) bool {
				return sent["tags"] != nil && dropping("attributes")(sent)
			}, "issue-next-version/update-enabled"),
		keeps("create-keeps-one-dns-name", "a create keeps one of several DNS names", tamper.Create(), firstOf("policy.x509_props.sans.dns_names"), "create-members/dns-names-policy"),
		keeps("create-keeps-one-key-usage", "a create keeps one of several key usages", tamper.Create(), firstOf("policy.x509_props.key_usage"), "create-manually/key-usage-policy"),
		keeps("policy-patch-keeps-one-email", "a patch of a policy keeps one of several e-mail addresses", tamper.PatchPolicy(), firstOf("x509_props.sans.emails"), "certificate-policy/emails"),
		keeps("issuer-keeps-one-administrator", "setting an issuer keeps one of several administrators", tamper.SetIssuer(), firstOf("org_details.admin_details"), "issuers/administrators"),
		keeps("contacts-keep-one", "setting the contacts keeps one of several persons", contactsSet(), firstOf("contacts"), "contacts/list"),
		keeps("contacts-forget-the-phone", "setting the contacts forgets the telephone numbers", contactsSet(),
			func(sent map[string]any) bool {
				contacts, _ := sent["contacts"].([]any)
				for _, contact := range contacts {
					if person, ok := contact.(map[string]any); ok {
						delete(person, "phone")
					}
				}
				return len(contacts) > 0
			}, "contacts/list"),
		keeps("import-keeps-one-tag", "an import keeps one of several tags", tamper.Import(), oneTag, "import-certificate/tags-kept"),
		keeps("create-writes-tags-small", "a create keeps the names of tags in lower case", tamper.Create(), smallTags, "create-members/tags-bundle"),
		keeps("import-writes-tags-small", "an import keeps the names of tags in lower case", tamper.Import(), smallTags, "import-certificate/tags-kept"),
		keeps("cancellation-false-cancels", "a PATCH of the pending object with cancellation_requested false requests it", tamper.PatchPending(),
			func(sent map[string]any) bool {
				asked := sent["cancellation_requested"] == false
				sent["cancellation_requested"] = true
				return asked
			}, "cancel-in-progress/false-unchanged"),
	}
}

// smallTags writes the names of tags in lower case.
func smallTags(sent map[string]any) bool {
	tags, _ := sent["tags"].(map[string]any)
	changed := false
	for name, value := range tags {
		if small := strings.ToLower(name); small != name {
			delete(tags, name)
			tags[small], changed = value, true
		}
	}
	return changed
}

// renewed are wrong renewals, and wrong pages of issuers.
func renewed() []Fault {
	list := tamper.Operation(http.MethodGet, "/certificates/issuers")
	paged := list.And(func(r *http.Request) bool { return r.URL.Query().Get("maxresults") != "" })
	return []Fault{
		acts("renewal-forgets-reuse-key", "a create without a policy makes a new key although the policy says reuse_key",
			tamper.Create().And(func(r *http.Request) bool {
				return sentObject(r)["policy"] == nil
			}),
			func(next http.Handler, r *http.Request) *tamper.Response {
				tamper.Ask(next, r, http.MethodPatch, "/policy", map[string]any{"key_props": map[string]any{"reuse_key": false}})
				return tamper.Pass(next, r)
			}, "issue-next-version/reused-key"),
		asks("issuer-list-ignores-maxresults", "a list of issuers ignores maxresults", paged, func(r *http.Request) *http.Request {
			return tamper.WithQuery(r, "maxresults", "")
		}, "issuers/page-size"),
		edits("issuer-list-ends-early", "a page of issuers has no link to the next", paged, tamper.Drop("nextLink"), "issuers/all-pages"),
		edits("issuer-list-page-twice", "a page of issuers links to itself once", paged, tamper.OnSuccess(func(a *tamper.Response) {
			if body := a.Object(); body["nextLink"] != nil && a.Request.URL.Query().Get("again") == "" {
				u := *a.Request.URL
				query := u.Query()
				query.Set("again", "1")
				link, _ := body["nextLink"].(string)
				base, _, _ := strings.Cut(link, "/certificates/")
				body["nextLink"] = base + "/certificates/issuers?" + query.Encode()
				a.SetObject(body)
			}
		}), "issuers/all-pages"),
		edits("issuer-list-link-leaves", "a page of issuers links to another host", paged,
			tamper.EditURL("nextLink", func(u *url.URL) { u.Host = "elsewhere.example.com" }), "issuers/link-in-vault"),
	}
}

func contactsSet() tamper.On { return tamper.Operation(http.MethodPut, "/certificates/contacts") }

// inside is the object that has the last member of a path, and the name of that member; nil if there is none.
func inside(sent map[string]any, path string) (in map[string]any, last string) {
	names := strings.Split(path, ".")
	in = sent
	for _, name := range names[:len(names)-1] {
		in, _ = in[name].(map[string]any)
	}
	return in, names[len(names)-1]
}

// dropping drops a member.
func dropping(path string) func(sent map[string]any) bool {
	return func(sent map[string]any) bool {
		in, last := inside(sent, path)
		if in[last] == nil {
			return false
		}
		delete(in, last)
		return true
	}
}

// firstOf keeps the first element of a list.
func firstOf(path string) func(sent map[string]any) bool {
	return func(sent map[string]any) bool {
		in, last := inside(sent, path)
		list, _ := in[last].([]any)
		if len(list) < 2 {
			return false
		}
		in[last] = list[:1]
		return true
	}
}

// oneTag keeps the tag whose name is the first.
func oneTag(sent map[string]any) bool {
	tags, _ := sent["tags"].(map[string]any)
	if len(tags) < 2 {
		return false
	}
	var names []string
	for name := range tags {
		names = append(names, name)
	}
	slices.Sort(names)
	sent["tags"] = map[string]any{names[0]: tags[names[0]]}
	return true
}
