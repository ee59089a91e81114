package variant

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// timings are other speeds, and other ways to tell a client to wait.
func timings() []Variant {
	slow := func(o *refvault.Options) { o.IssueAfter = 4 * time.Second }
	return []Variant{
		made("slow-issuance", "issues after four seconds", slow, "F-20"),
		made("slow-issuance-without-retry-after", "issues after four seconds and never says when to try again",
			func(o *refvault.Options) {
				slow(o)
				o.RetryAfter = -1
			}, "F-20"),
		made("issuance-at-once", "issues before the next request comes",
			func(o *refvault.Options) { o.IssueAfter = -1 }, "F-20"),
		made("cancellation-late", "a cancellation takes effect after three seconds",
			func(o *refvault.Options) { o.CancelAfter = 3 * time.Second }, "F-20"),
		made("cancellation-at-the-next-look", "a cancellation has taken effect when the next request comes",
			func(o *refvault.Options) { o.CancelAfter = -1 }, "F-20"),
		made("cancellation-never", "a cancellation is noted and never takes effect",
			func(o *refvault.Options) { o.CancelAfter = time.Hour }, "F-20"),
		{
			ID: "cancellation-loses", Title: "a request completes before its cancellation takes effect",
			Ambiguities: []string{"F-20"},
			Options:     func(o *refvault.Options) { o.IssueAfter, o.CancelAfter = 100*time.Millisecond, time.Hour },
			Wrap:        renamedIssuer("stays", "Self"),
		},
		made("deletion-late", "a deletion is seen after two seconds",
			func(o *refvault.Options) { o.DeleteAfter = 2 * time.Second }, "F-20"),
		made("kept-for-ninety-days", "keeps deleted certificates for 90 days",
			func(o *refvault.Options) { o.RecoverableDays = 90 }),
		edits("retry-after-as-a-date", "says when to try again as a date",
			tamper.Anything(), tamper.MapHeader("Retry-After", func(string) string {
				return time.Now().Add(time.Second).UTC().Format(http.TimeFormat)
			}), "F-20"),
		edits("retry-after-for-ever", "says Retry-After on every read of a pending object",
			tamper.ReadPending(), tamper.OnSuccess(tamper.SetHeader("Retry-After", "1"))),
		{ID: "throttled", Title: "returns 429 to the first sending of every request", Wrap: busy(http.StatusTooManyRequests),
			Ambiguities: []string{"F-20"}},
		{ID: "unavailable-at-times", Title: "returns 503 with Retry-After to the first sending of every request",
			Wrap: busy(http.StatusServiceUnavailable)},
	}
}

// renamedIssuer sends creates for one issuer to another, and hides that in the responses.
func renamedIssuer(shown, taken string) func(http.Handler) http.Handler {
	swap := func(from, to string) func(string) string {
		return func(name string) string {
			if name == from {
				return to
			}
			return name
		}
	}
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		renamed := map[string]bool{}
		on := tamper.Create().Or(tamper.Pending()).Or(tamper.Policy()).Or(tamper.Bundle()).Or(tamper.DeletedBundle()).Or(tamper.Recover())
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !on(r) {
				next.ServeHTTP(w, r)
				return
			}
			name := strings.ToLower(tamper.Name(r))
			mu.Lock()
			back := renamed[name]
			mu.Unlock()
			asked, hides := false, false
			if tamper.Create()(r) {
				before := tamper.Response{Sent: tamper.Sent(r)}
				body := before.SentObject()
				policy, _ := body["policy"].(map[string]any)
				issuer, _ := policy["issuer"].(map[string]any)
				asked, hides = issuer != nil, issuer["name"] == shown
				if hides {
					issuer["name"] = taken
					r = tamper.WithBody(r, body)
				}
			}
			answer := tamper.Pass(next, r)
			if asked && answer.OK() { // one that was rejected leaves the request before it
				back = hides
				mu.Lock()
				renamed[name] = hides
				mu.Unlock()
			}
			if back {
				tamper.All(tamper.MapText("issuer.name", swap(taken, shown)),
					tamper.MapText("policy.issuer.name", swap(taken, shown)))(answer)
			}
			answer.Write(w)
		})
	}
}

// busy returns a status to every other request, so that it is sent again.
func busy(status int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		turn := false
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			turn = !turn
			put := turn
			mu.Unlock()
			if !put {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Retry-After", "0")
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(status)
			// A client that is gone gets nothing.
			_, _ = w.Write([]byte(`{"error":{"code":"Throttled","message":"Come again."}}`))
		})
	}
}
