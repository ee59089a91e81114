package fault

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// pageSequences are wrong about names and lists of them that change from one request to the next.
func pageSequences() []Fault {
	return []Fault{
		sequence("recovery-by-prefix", "a recovery recovers the deleted names that begin alike as well", recoversLongerNames),
		sequence("deleted-in-another-case-is-free", "a create in another case than a deleted name was spelled in is accepted", createsInAnotherCase),
		sequence("deleted-only-in-the-spelling-it-was-made-in", "a deleted certificate is not found in another case than it was made in", findsDeletedSpelling),
		sequence("versions-page-has-longer-names", "the second page of a list of versions has those of a name that begins alike", listsLongerNames),
		everySequence("pages-are-counted", "a further page begins after as many items as were listed, although names were deleted since", countsPages),
		everySequence("deleted-pages-are-counted", "a further page of deleted certificates begins after as many items as were listed", countsDeletedPages),
		everySequence("link-ends-with-its-name", "the link to a further page is dead once the name before it was deleted", deadAfterDeletion),
		everySequence("recovered-name-listed-twice", "the list of certificates has a recovered name twice", listsTwice),
		everySequence("list-hides-names-in-progress", "the list of certificates lacks a name with a version while another is in progress", hidesInProgress),
	}
}

func recoversLongerNames(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.DeleteCertificate()(r) && !slices.Contains(n.all("deleted"), key(r)):
		n.add("deleted", key(r))
	case tamper.Recover()(r):
		base, _, _ := strings.Cut(r.URL.Path, "/deletedcertificates/")
		for _, name := range n.all("deleted") {
			if name != key(r) && strings.HasPrefix(name, key(r)) {
				tamper.AskPath(next, r, http.MethodPost, base+"/deletedcertificates/"+name+"/recover", nil)
			}
		}
	}
	return a
}

func createsInAnotherCase(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	of := key(r)
	switch {
	case tamper.DeleteCertificate()(r) && a.OK():
		id := a.Text("id")
		_, rest, _ := strings.Cut(id, "/certificates/")
		spelled, _, _ := strings.Cut(rest, "/")
		n.put(of, spelled)
	case (tamper.Create()(r) || tamper.Import()(r)) && a.Status == http.StatusConflict && n.get(of) != "" && n.get(of) != tamper.Name(r):
		base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
		if tamper.AskPath(next, r, http.MethodDelete, base+"/deletedcertificates/"+tamper.Name(r), nil).OK() {
			return tamper.Pass(next, r)
		}
	}
	return a
}

func findsDeletedSpelling(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	spelled := n.get(key(r))
	if tamper.ReadDeleted()(r) && spelled != "" && spelled != tamper.Name(r) {
		return refusal(r, http.StatusNotFound, "CertificateNotFound")
	}
	a := tamper.Pass(next, r)
	if (tamper.Create()(r) || tamper.Import()(r)) && a.OK() {
		n.put(key(r), tamper.Name(r))
	}
	return a
}

func listsLongerNames(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case (tamper.Create()(r) || tamper.Import()(r)) && !slices.Contains(n.all("names"), key(r)):
		n.add("names", key(r))
	case tamper.ListVersions().And(tamper.Followed())(r):
		list := items(a)
		for _, name := range n.all("names") {
			if name != key(r) && strings.HasPrefix(name, key(r)) {
				more, _ := tamper.Ask(next, at(r, name), http.MethodGet, "/versions", nil).Object()["value"].([]any)
				list = append(list, more...)
			}
		}
		setItems(a, list)
	}
	return a
}

// counted serves the further pages of a list by the count of the items before them.
func counted(on tamper.On) func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	return func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
		if !on(r) {
			return tamper.Pass(next, r)
		}
		token := r.URL.Query().Get("$skiptoken")
		served, _ := strconv.Atoi(n.get(token))
		a := tamper.Pass(next, r)
		if link, err := url.Parse(a.Text("nextLink")); a.OK() && err == nil && a.Text("nextLink") != "" {
			n.put(link.Query().Get("$skiptoken"), strconv.Itoa(served+len(items(a))))
		}
		if token == "" || served == 0 || !a.OK() {
			return a
		}
		first := tamper.Pass(next, tamper.WithQuery(r, "$skiptoken", ""))
		everything := append(items(first), rest(next, r, first)...)
		size := max(len(items(a)), 1)
		from := min(served, len(everything))
		setItems(a, everything[from:min(from+size, len(everything))])
		return a
	}
}

func countsPages(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	return counted(tamper.ListCertificates())(n, next, r)
}

func countsDeletedPages(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	return counted(tamper.ListDeleted())(n, next, r)
}

func deadAfterDeletion(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if token := r.URL.Query().Get("$skiptoken"); tamper.ListCertificates()(r) && token != "" {
		if last := n.get(token); last != "" && !current(next, at(r, last)).OK() {
			return refusal(r, http.StatusBadRequest, "BadParameter")
		}
	}
	a := tamper.Pass(next, r)
	if list := items(a); tamper.ListCertificates()(r) && a.OK() && len(list) > 0 {
		item, _ := list[len(list)-1].(map[string]any)
		id, _ := item["id"].(string)
		if link, err := url.Parse(a.Text("nextLink")); err == nil && link.Query().Get("$skiptoken") != "" {
			n.put(link.Query().Get("$skiptoken"), nameIn(id))
		}
	}
	return a
}

func listsTwice(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Recover()(r):
		n.add("recovered", key(r))
	case tamper.ListCertificates()(r):
		var list []any
		for _, item := range items(a) {
			list = append(list, item)
			text, _ := json.Marshal(item) // was JSON before
			id, _ := (&tamper.Response{Body: text}).Object()["id"].(string)
			if slices.Contains(n.all("recovered"), nameIn(id)) {
				list = append(list, item)
			}
		}
		setItems(a, list)
	}
	return a
}

func hidesInProgress(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if tamper.ListCertificates()(r) && !strings.EqualFold(r.URL.Query().Get("includePending"), "true") {
		keepItems(func(item map[string]any) bool {
			id, _ := item["id"].(string)
			return !is("inProgress")(pendingOf(next, at(r, nameIn(id))))
		})(a)
	}
	return a
}
