package fault

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// Sequences lists the faults that are wrong only after certain requests in a certain order. They were written before anybody
// looked at how a script could show them, and none names the rules that it breaks: the explorer has to find each.
func Sequences() []Fault {
	var all []Fault
	for _, kind := range [][]Fault{pendingSequences(), namesakes(), versionSequences(), deletionSequences(), settingSequences(), laterSequences(),
		endedSequences(), neighbourSequences(), revivedSequences(), furtherSequences(),
		policySequences(), remainingSequences(), pageSequences(), secondSequences(), afterSequences(), hiddenSequences()} {
		all = append(all, kind...)
	}
	return all
}

// notes is what a fault of a sequence remembers: texts and counts by key. It is safe for concurrent requests.
type notes struct {
	mu    sync.Mutex
	text  map[string]string
	list  map[string][]string
	count map[string]int
}

func (n *notes) put(key, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text[key] = text
}

func (n *notes) get(key string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text[key]
}

func (n *notes) add(key, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list[key] = append(n.list[key], text)
}

func (n *notes) all(key string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.list[key]...)
}

func (n *notes) next(key string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count[key]++
	return n.count[key]
}

// counted is how often next was called.
func (n *notes) counted(key string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.count[key]
}

// passNotingRequests passes a request on, and adds the request_id of a create that was accepted to the list of its name.
func (n *notes) passNotingRequests(next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if tamper.Create()(r) && a.OK() {
		n.add(key(r), a.Text("request_id"))
	}
	return a
}

// sequence builds a fault that acts on every request about a certificate, by what it noted of those before.
func sequence(id, title string, act func(n *notes, next http.Handler, r *http.Request) *tamper.Response) Fault {
	on := func(r *http.Request) bool { return tamper.Name(r) != "" }
	return Fault{
		ID: id, Title: title, On: on,
		Wrap: func(next http.Handler) http.Handler {
			n := &notes{text: map[string]string{}, list: map[string][]string{}, count: map[string]int{}}
			return acting(next, on, func(next http.Handler, r *http.Request) *tamper.Response { return act(n, next, r) })
		},
	}
}

// key is the name of a request in one case.
func key(r *http.Request) string { return strings.ToLower(tamper.Name(r)) }

// pendingOf reads the pending object of a request's name.
func pendingOf(next http.Handler, r *http.Request) *tamper.Response {
	return tamper.Ask(next, r, http.MethodGet, "/pending", nil)
}

// renamed gives every mention of one text in a response another.
func renamed(a *tamper.Response, from, to string) {
	a.Body = []byte(strings.ReplaceAll(string(a.Body), from, to))
	for _, values := range a.Header {
		for i := range values {
			values[i] = strings.ReplaceAll(values[i], from, to)
		}
	}
}

// pendingSequences are wrong about a later request because of an earlier one.
func pendingSequences() []Fault {
	return []Fault{
		sequence("third-create-repeats-a-request-id", "the third request of a name has the request_id of the first",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				first, third := n.get(key(r)+"/1"), n.get(key(r)+"/3")
				if third != "" && r.URL.Query().Get("request_id") == first {
					r = tamper.WithQuery(r, "request_id", third)
				}
				a := tamper.Pass(next, r)
				if tamper.Create()(r) && a.OK() {
					switch n.next(key(r)) {
					case 1:
						n.put(key(r)+"/1", a.Text("request_id"))
					case 3:
						third = a.Text("request_id")
						n.put(key(r)+"/3", third)
					}
				}
				if third != "" {
					renamed(a, third, first)
				}
				return a
			}),
		sequence("deletion-of-a-cancelled-request", "deleting a cancelled request gets the right response and deletes nothing",
			func(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
				if tamper.DeletePending()(r) && r.URL.Query().Get("request_id") == "" {
					if now := pendingOf(next, r); is("cancelled", "canceled")(now) {
						return now
					}
				}
				return tamper.Pass(next, r)
			}),
		sequence("creates-at-once-accepted", "of two creates of a name at once both are accepted", atOnce),
		sequence("second-deletion-brings-back", "deleting the second request of a name brings the first one back",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.DeletePending()(r) && a.OK():
					n.add(key(r), string(a.Body))
				case tamper.Create()(r) && a.OK():
					n.put(key(r)+"/since", string(a.Body))
				case tamper.ReadPending()(r) && a.Status == http.StatusNotFound && r.URL.Query().Get("request_id") == "":
					if gone := n.all(key(r)); len(gone) == 2 {
						a.Status, a.Body = http.StatusOK, []byte(gone[0])
					}
				}
				return a
			}),
		sequence("earlier-request-id-deletes", "a deletion with the request_id of an earlier request deletes the present one",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				if id := r.URL.Query().Get("request_id"); tamper.DeletePending()(r) && id != "" && slices.Contains(n.all(key(r)), id) {
					r = tamper.WithQuery(r, "request_id", "")
				}
				return n.passNotingRequests(next, r)
			}),
		sequence("request-id-cut-short", "a read with the beginning of a request_id is answered like one with the whole, once a request was overwritten",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				id := r.URL.Query().Get("request_id")
				if ids := n.all(key(r)); tamper.ReadPending()(r) && len(id) >= 8 && len(ids) > 1 && strings.HasPrefix(ids[len(ids)-1], id) {
					r = tamper.WithQuery(r, "request_id", "")
				}
				return n.passNotingRequests(next, r)
			}),
		sequence("import-revives-a-cancelled-request", "after an import a cancelled request is in progress again",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				var before *tamper.Response
				if tamper.Import()(r) {
					before = pendingOf(next, r)
				}
				a := tamper.Pass(next, r)
				switch {
				case before != nil && a.OK() && is("cancelled", "canceled")(before):
					tamper.Set("status", "inProgress")(before)
					n.put(key(r), string(before.Body))
				case (tamper.Create()(r) || tamper.DeletePending()(r)) && a.OK():
					n.put(key(r), "")
				case tamper.ReadPending()(r) && n.get(key(r)) != "":
					a.Status, a.Body = http.StatusOK, []byte(n.get(key(r)))
				}
				return a
			}),
		sequence("refused-create-leaves-its-tags", "a version has the tags of a create that was refused meanwhile",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.Create()(r) && a.Status == http.StatusConflict && a.SentObject()["tags"] != nil:
					n.put(key(r), string(a.Sent))
				case tamper.Merge()(r) && a.OK() && n.get(key(r)) != "":
					refused := &tamper.Response{Sent: []byte(n.get(key(r)))}
					tags := refused.SentObject()["tags"]
					tamper.Ask(next, r, http.MethodPatch, "", map[string]any{"tags": tags})
					tamper.Set("tags", tags)(a)
				}
				return a
			}),
		sequence("merge-for-an-earlier-csr", "a merge of a certificate for the csr of an earlier request is accepted",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Create()(r) && a.OK() {
					n.add(key(r), a.Text("csr"))
				}
				if leaf := parsed(firstCertificate(a)); tamper.Merge()(r) && a.Status == http.StatusBadRequest && leaf != nil {
					for _, csr := range n.all(key(r)) {
						if sameKey(csr, leaf) {
							a.Become(tamper.Ask(next, r, http.MethodGet, "", nil))
							a.Status = http.StatusCreated
							break
						}
					}
				}
				return a
			}),
		sequence("tenth-poll-completes", "every tenth read of a manual request says that it completed",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.ReadPending()(r) && is("inprogress")(a) && n.next(key(r))%10 == 0 {
					tamper.All(tamper.Set("status", "completed"), completedTarget, tamper.Drop("status_details"))(a)
				}
				return a
			}),
		sequence("second-cancellation-forgotten", "a cancellation of the second request of a name gets the right response and is forgotten",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.Create()(r) && a.OK():
					n.next(key(r))
				case tamper.ReadPending()(r) && is("inprogress", "cancelled", "canceled")(a) && n.counted(key(r)) > 1:
					tamper.All(tamper.Set("status", "inProgress"), tamper.Set("cancellation_requested", false))(a)
				}
				return a
			}),
	}
}

// raceWindow is the time between the look at the store and the write of a vault without locks.
const raceWindow = 4 * time.Millisecond

// meet looks for another request of the name that is under way, for as long as raceWindow. Call leave when the request is over.
func (n *notes) meet(r *http.Request) (met bool, leave func()) {
	met = n.next(key(r)) > 1
	time.Sleep(raceWindow)
	n.mu.Lock()
	defer n.mu.Unlock()
	return met || n.count[key(r)] > 1, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.count[key(r)]--
	}
}

// atOnce accepts a create that meets another one under way.
func atOnce(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.Create()(r) {
		return tamper.Pass(next, r)
	}
	met, leave := n.meet(r)
	defer leave()
	a := tamper.Pass(next, r)
	if met && a.Status == http.StatusConflict {
		forget(next, a)
		a = tamper.Pass(next, r)
	}
	return a
}

// namesakes mix up names that begin alike, or that are spelled in another case.
func namesakes() []Fault {
	// others lists the other names that were created and begin with the one of a request.
	others := func(n *notes, r *http.Request) []string {
		var found []string
		for _, name := range n.all("names") {
			if lower := strings.ToLower(name); lower != key(r) && strings.HasPrefix(lower, key(r)) {
				found = append(found, name)
			}
		}
		return found
	}
	note := func(n *notes, r *http.Request, a *tamper.Response) {
		if (tamper.Create()(r) || tamper.Import()(r)) && a.OK() && !slices.Contains(n.all("names"), tamper.Name(r)) {
			n.add("names", tamper.Name(r))
		}
	}
	path := func(r *http.Request, name, below string) string {
		base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
		return base + "/certificates/" + name + below
	}
	return []Fault{
		sequence("deletion-by-prefix", "deleting a request deletes those of all names that begin alike",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				note(n, r, a)
				if tamper.DeletePending()(r) && a.OK() {
					for _, name := range others(n, r) {
						tamper.AskPath(next, r, http.MethodDelete, path(r, name, "/pending"), nil)
					}
				}
				return a
			}),
		sequence("policy-by-prefix", "a patch of a policy changes those of all names that begin alike",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				note(n, r, a)
				if tamper.PatchPolicy()(r) && a.OK() {
					for _, name := range others(n, r) {
						tamper.AskPath(next, r, http.MethodPatch, path(r, name, "/policy"), a.Sent)
					}
				}
				return a
			}),
		sequence("cancellation-hits-the-name-before", "a cancellation cancels the request that was created last before it as well",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Create()(r) && a.OK() {
					n.put("before", n.get("last"))
					n.put("last", tamper.Name(r))
				}
				if before := n.get("before"); tamper.PatchPending()(r) && a.OK() && before != "" && a.SentObject()["cancellation_requested"] == true {
					tamper.AskPath(next, r, http.MethodPatch, path(r, before, "/pending"), a.Sent)
				}
				return a
			}),
		sequence("update-in-another-case-lost", "an update of a name in another case than it was made in gets the right response and is lost",
			func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
				if tamper.UpdateCertificate()(r) {
					if made := n.get(key(r)); made != "" && made != tamper.Name(r) {
						read := r.Clone(r.Context())
						read.Method = http.MethodGet
						a := tamper.Pass(next, read)
						sent := &tamper.Response{Sent: tamper.Sent(r)}
						if tags := sent.SentObject()["tags"]; tags != nil {
							tamper.Set("tags", tags)(a)
						}
						return a
					}
				}
				a := tamper.Pass(next, r)
				if (tamper.Create()(r) || tamper.Import()(r)) && a.OK() && n.get(key(r)) == "" {
					n.put(key(r), tamper.Name(r))
				}
				return a
			}),
	}
}
