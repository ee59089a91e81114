package variant

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// refusals are other ways to refuse.
func refusals() []Variant {
	return []Variant{
		edits("messages-in-other-words", "errors have other messages",
			tamper.Anything(), tamper.OnRefusal(tamper.Set("error.message", "処理できません。"))),
		edits("messages-empty", "errors have empty messages",
			tamper.Anything(), tamper.OnRefusal(tamper.Set("error.message", ""))),
		edits("errors-with-an-inner-null", "errors have an innererror that is null",
			tamper.Anything(), tamper.OnRefusal(func(a *tamper.Response) {
				if in, ok := a.Object()["error"].(map[string]any); ok && in["innererror"] == nil {
					tamper.Set("error.innererror", nil)(a)
				}
			}), "F-11"),
		edits("unauthorized-without-body", "a 401 has no body",
			tamper.Anything(), tamper.OnStatus(http.StatusUnauthorized, tamper.Body("", ""))).
			warns("authentication/code", "every-answer/unauthorized-error"),
		edits("bad-requests-answer-422", "what cannot be carried out returns 422",
			tamper.Create().Or(tamper.Import()).Or(tamper.PatchPending()),
			tamper.OnStatus(http.StatusBadRequest, tamper.Status(http.StatusUnprocessableEntity),
				tamper.Set("error.code", "InvalidRequest")), "F-22").warns("create-members/subject-malformed-code"),
		edits("bad-requests-answer-403", "what cannot be carried out returns 403", tamper.Create().Or(tamper.Import()),
			tamper.OnStatus(http.StatusBadRequest, tamper.Status(http.StatusForbidden),
				tamper.Set("error.code", "Forbidden")), "F-22").warns("create-members/subject-malformed-code"),
		edits("unknown-version-answers-404", "an api-version that is missing or unknown returns 404",
			func(r *http.Request) bool {
				version := r.URL.Query().Get("api-version")
				return version == "" || version < "2010"
			}, tamper.OnStatus(http.StatusBadRequest, tamper.Status(http.StatusNotFound), tamper.Set("error.code",
				"ApiVersionNotFound")), "F-22").
			warns("api-version/missing-status", "api-version/unknown-status", "api-version/unknown-code"),
	}
}

// pagedLists picks the four lists that come in pages.
func pagedLists() tamper.On {
	return tamper.ListVersions().Or(tamper.ListCertificates()).Or(tamper.ListDeleted()).
		Or(tamper.Operation(http.MethodGet, "/certificates/issuers"))
}

// lists are other ways to page.
func lists() []Variant {
	on := pagedLists()
	return []Variant{
		{ID: "list-begins-empty", Title: "the first page of a list is empty and links to the next, with the port",
			Ambiguities: []string{"F-21"}, Wrap: emptyFirst},
		edits("list-backwards", "lists are in another order", on, tamper.OnSuccess(tamper.Map("value", func(v any) any {
			items, _ := v.([]any)
			turned := []any{}
			for i := len(items) - 1; i >= 0; i-- {
				turned = append(turned, items[i])
			}
			return turned
		})), "F-21"),
		edits("list-next-link-empty", "the last page has an empty nextLink",
			on, tamper.OnSuccess(func(a *tamper.Response) {
				if a.Object()["nextLink"] == nil {
					tamper.Set("nextLink", "")(a)
				}
			}), "F-11", "F-21"),
		edits("list-without-next-link", "the last page has no nextLink", on, tamper.OnSuccess(func(a *tamper.Response) {
			if a.Object()["nextLink"] == nil {
				tamper.Drop("nextLink")(a)
			}
		}), "F-11", "F-21"),
		{ID: "list-in-pages-of-one", Title: "every page of a list has one item", Ambiguities: []string{"F-21"},
			Wrap: onePerPage},
	}
}

// emptyFirst puts an empty page before every list.
func emptyFirst(next http.Handler) http.Handler {
	return tamper.Handler(next, pagedLists(),
		tamper.OnSuccess(func(a *tamper.Response) {
			if a.Request.URL.Query().Has("$skiptoken") || a.Request.URL.Query().Has("seen") {
				return
			}
			a.SetObject(map[string]any{"value": []any{},
				"nextLink": linkTo(a.Request, func(q url.Values) { q.Set("seen", "0") })})
		}))
}

// linkTo is the URL of a request with another query.
func linkTo(r *http.Request, change func(url.Values)) string {
	query := r.URL.Query()
	change(query)
	return (&url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}).String()
}

func onePerPage(next http.Handler) http.Handler {
	on := pagedLists()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if on(r) {
			r = tamper.WithQuery(r, "maxresults", "1")
		}
		next.ServeHTTP(w, r)
	})
}

// keepsOldRequest still shows the request that existed before an import.
func keepsOldRequest(next http.Handler) http.Handler {
	var mu sync.Mutex
	old := map[string]*tamper.Response{}
	on := tamper.Import().Or(tamper.ReadPending()).Or(tamper.DeletePending()).Or(tamper.Create())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !on(r) {
			next.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		var before *tamper.Response
		if tamper.Import()(r) {
			before = tamper.Ask(next, r, http.MethodGet, "/pending", nil)
		}
		answer := tamper.Pass(next, r)
		name := strings.ToLower(tamper.Name(r))
		switch {
		case before != nil && before.OK() && answer.OK():
			old[name] = before
		case tamper.ReadPending()(r) && answer.Status == http.StatusNotFound && old[name] != nil:
			if id := r.URL.Query().Get("request_id"); id == "" || id == old[name].Text("request_id") {
				answer.Status, answer.Body = old[name].Status, old[name].Body // the headers are this response's own
			}
		case !tamper.ReadPending()(r):
			delete(old, name)
		}
		answer.Write(w)
	})
}

// forGood purges what is deleted, and its responses have no recoveryId.
func forGood(next http.Handler) http.Handler {
	return tamper.Handler(next, tamper.Bundle().Or(tamper.DeletedBundle()), func(a *tamper.Response) {
		if tamper.ReadDeleted()(a.Request) {
			if a.Status == http.StatusUnauthorized {
				return
			}
			a.Status = http.StatusForbidden
			a.SetObject(problem("Forbidden"))
			return
		}
		tamper.OnSuccess(tamper.Drop("recoveryId"), tamper.Drop("deletedDate"), tamper.Drop("scheduledPurgeDate"),
			tamper.Replace("attributes.recoverableDays", 0), tamper.Replace("attributes.recoveryLevel", "Purgeable"))(a)
		if tamper.DeleteCertificate()(a.Request) && a.OK() {
			base, _, _ := strings.Cut(a.Request.URL.Path, "/certificates/")
			tamper.AskPath(next, a.Request, http.MethodDelete, base+"/deletedcertificates/"+tamper.Name(a.Request), nil)
		}
	})
}

// notExportable makes every key not exportable that was not imported, until a PATCH of the policy says otherwise.
func notExportable(next http.Handler) http.Handler {
	var mu sync.Mutex
	asked := map[string]bool{}
	on := tamper.Policy().Or(tamper.Bundle()).Or(tamper.DeletedBundle()).Or(tamper.Recover()).Or(tamper.PatchPolicy()).Or(tamper.Create())
	return tamper.Handler(next, on, tamper.OnSuccess(func(a *tamper.Response) {
		mu.Lock()
		defer mu.Unlock()
		name := strings.ToLower(tamper.Name(a.Request))
		policy := a.SentObject() // of a PATCH
		if tamper.Create()(a.Request) {
			policy, _ = policy["policy"].(map[string]any)
		}
		keys, _ := policy["key_props"].(map[string]any)
		if tamper.Import()(a.Request) || keys["exportable"] != nil {
			asked[name] = true
		}
		if !asked[name] {
			tamper.All(tamper.Replace("key_props.exportable", false), tamper.Replace("policy.key_props.exportable", false))(a)
		}
	}))
}
