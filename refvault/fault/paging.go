package fault

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// items are those of a page.
func items(a *tamper.Response) []any {
	list, _ := a.Object()["value"].([]any)
	return list
}

// setItems gives a page other items.
func setItems(a *tamper.Response, list []any) {
	body := a.Object()
	if body == nil {
		return
	}
	if list == nil {
		list = []any{}
	}
	body["value"] = list
	a.SetObject(body)
}

// keepItems drops the items of a page that keep is false of.
func keepItems(keep func(item map[string]any) bool) tamper.Edit {
	return tamper.OnSuccess(func(a *tamper.Response) {
		var kept []any
		for _, item := range items(a) {
			if object, ok := item.(map[string]any); ok && keep(object) {
				kept = append(kept, item)
			}
		}
		setItems(a, kept)
	})
}

// mapItems changes the items of a page.
func mapItems(change func(item map[string]any)) tamper.Edit {
	return tamper.OnSuccess(func(a *tamper.Response) {
		list := items(a)
		for _, item := range list {
			if object, ok := item.(map[string]any); ok {
				change(object)
			}
		}
		if list != nil {
			setItems(a, list)
		}
	})
}

// rest gathers the items of the pages that a page links to.
func rest(next http.Handler, r *http.Request, a *tamper.Response) []any {
	var list []any
	for a.OK() && a.Text("nextLink") != "" {
		link, err := url.Parse(a.Text("nextLink"))
		if err != nil {
			break
		}
		asked := r.Clone(r.Context())
		asked.URL.RawQuery, asked.Body = link.RawQuery, http.NoBody
		a = tamper.Pass(next, asked)
		list = append(list, items(a)...)
	}
	return list
}

// smallPage picks the requests that ask for fewer items than a page has by itself.
func smallPage(r *http.Request) bool {
	const usual = "25"
	size := r.URL.Query().Get("maxresults")
	return size != "" && size != usual
}

// pagings are lists whose pages are wrong: too long, cut off, repeated, without an end.
func pagings() []Fault {
	var all []Fault
	for _, list := range []struct {
		id, of string
		on     tamper.On
		rules  string // what the ids of the rules begin with
		once   string // what the id of the rule ends with that wants no item twice
	}{
		{"list", "certificates", tamper.ListCertificates(), "list-certificates/", "once"},
		{"versions", "versions", tamper.ListVersions(), "list-certificates/versions-", "once"},
		{"list-deleted", "deleted certificates", tamper.ListDeleted(), "delete-certificate/list-", "once"},
		{"list-issuers", "issuers", listIssuers(), "issuers/", "all-pages"},
	} {
		all = append(all, pagesOf(list.id, list.of, list.on, list.rules, list.once)...)
	}
	all = append(all, linksOf("versions", "versions", tamper.ListVersions(), "list-certificates/versions-")...)
	all = append(all, linksOf("list-issuers", "issuers", listIssuers(), "issuers/")...)
	all = append(all,
		edits("list-issuers-link-relative", "the links of a list of issuers are relative", listIssuers(), tamper.OnSuccess(
			tamper.EditURL("nextLink", func(u *url.URL) { u.Scheme, u.Host = "", "" })), "issuers/link-absolute"),
		edits("list-issuers-link-without-api-version", "the links of a list of issuers have no api-version", listIssuers(),
			tamper.OnSuccess(tamper.EditURL("nextLink", without("api-version"))),
			"issuers/link-api-version"))
	return append(all, acts("list-in-one-page", "a list without maxresults has all certificates on one page",
		tamper.ListCertificates(), func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			if a.OK() && !r.URL.Query().Has("maxresults") {
				setItems(a, append(items(a), rest(next, r, a)...))
				tamper.Set("nextLink", nil)(a)
			}
			return a
		}, "list-certificates/default-page"))
}

// listIssuers picks GetCertificateIssuers.
func listIssuers() tamper.On { return tamper.Operation(http.MethodGet, "/certificates/issuers") }

// linksOf are links that lead to pages of another size.
func linksOf(id, of string, on tamper.On, rules string) []Fault {
	return []Fault{
		asks(id+"-link-forgets-maxresults", "a further page of "+of+" has as many items as fit", on.And(tamper.Followed()),
			func(r *http.Request) *http.Request { return tamper.WithQuery(r, "maxresults", "") }, rules+"page-size-kept"),
	}
}

func pagesOf(id, of string, on tamper.On, rules, once string) []Fault {
	return []Fault{
		asks(id+"-maxresults-ignored", "a list of "+of+" ignores maxresults", on, func(r *http.Request) *http.Request {
			return tamper.WithQuery(r, "maxresults", "")
		}, rules+"page-size"),
		asks(id+"-page-of-one-more", "a page of "+of+" has one item more than maxresults", on, func(r *http.Request) *http.Request {
			size, err := strconv.Atoi(r.URL.Query().Get("maxresults"))
			if err != nil {
				return r
			}
			return tamper.WithQuery(r, "maxresults", strconv.Itoa(size+1))
		}, rules+"page-size"),
		edits(id+"-cut-off", "a list of "+of+" ends after its first page", on, tamper.OnSuccess(tamper.Set("nextLink", nil)),
			rules+"all-pages"),
		edits(id+"-page-skips-an-item", "every further page of "+of+" that is smaller than usual lacks its first item", on.And(tamper.Followed()).And(smallPage),
			tamper.OnSuccess(func(a *tamper.Response) {
				if list := items(a); len(list) > 0 {
					setItems(a, list[1:])
				}
			}), rules+"all-pages"),
		remembers(id+"-page-repeats-an-item", "every further page of "+of+" begins with the last item of the page before", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				token := r.URL.Query().Get("$skiptoken")
				a := tamper.Pass(next, r)
				list := items(a)
				if link, err := url.Parse(a.Text("nextLink")); err == nil && len(list) > 0 {
					m.keep(link.Query().Get("$skiptoken"), a)
				}
				if before := m.kept(token); token != "" && before != nil {
					last := items(before)
					repeated := *a
					setItems(&repeated, append([]any{last[len(last)-1]}, list...))
					return &repeated
				}
				return a
			}, rules+once),
		asks(id+"-link-to-the-first-page", "every link of a list of "+of+" leads to its first page", on,
			func(r *http.Request) *http.Request { return tamper.WithQuery(r, "$skiptoken", "") }, rules+"ends"),
		edits(id+"-last-page-links-to-itself", "the last page of "+of+" links to itself", on,
			tamper.OnSuccess(func(a *tamper.Response) {
				if a.Text("nextLink") == "" {
					tamper.Set("nextLink", "https://"+a.Request.Host+a.Request.URL.RequestURI())(a)
				}
			}), rules+"ends"),
		edits(id+"-link-is-dead", "the links of a list of "+of+" lead nowhere", on.And(tamper.Followed()), func(a *tamper.Response) {
			a.Status = http.StatusNotFound
			a.SetObject(failure("NotFound"))
		}, rules+"link-works"),
	}
}
