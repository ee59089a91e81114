package variant

import (
	"net/http"
	"sync"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// racesDeletion refuses the first deletion of a pending object with a conflict, as the service does where it is at work on the
// request at that moment.
func racesDeletion() Variant {
	return Variant{
		ID: "deletion-races-the-service", Title: "the first deletion of a pending object is a conflict, because the vault is at work on it",
		Wrap: func(next http.Handler) http.Handler {
			var refused sync.Map
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !tamper.DeletePending()(r) {
					next.ServeHTTP(w, r)
					return
				}
				there := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil)
				asked := r.URL.Query().Get("request_id")
				if !there.OK() || asked != "" && asked != there.Text("request_id") {
					next.ServeHTTP(w, r)
					return
				}
				if _, before := refused.LoadOrStore(tamper.Name(r), true); before {
					next.ServeHTTP(w, r)
					return
				}
				there.Status = http.StatusConflict
				there.SetObject(map[string]any{"error": map[string]any{"code": "Conflict", "message": "The request is being processed."}})
				there.Write(w)
			})
		},
	}
}
