package variant

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// meetings are vaults that reject one of two requests which change a name at once, in the place of letting it wait.
func meetings() []Variant {
	return []Variant{
		rejectsMeeting("deletion-rejected-at-a-create", "a deletion of the pending object that meets a create returns 409",
			tamper.DeletePending(), tamper.Create()),
		rejectsMeeting("cancellation-rejected-at-a-deletion", "a cancellation that meets a deletion returns 409",
			tamper.PatchPending(), tamper.DeletePending()),
		rejectsMeeting("create-rejected-at-an-import", "a create that meets an import returns 409", tamper.Create(), tamper.Import()),
		rejectsMeeting("import-rejected-at-a-create", "an import that meets a create returns 409", tamper.Import(), tamper.Create()),
	}
}

// rejectsMeeting builds a variant that returns 409 to a request of one kind if it meets one of another kind about its name.
func rejectsMeeting(id, title string, rejected, other tamper.On) Variant {
	return Variant{
		ID: id, Title: title, AtOnce: true,
		Wrap: func(next http.Handler) http.Handler {
			at := &tamper.Meetings{}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var kind string
				switch {
				case rejected(r):
					kind = "rejected"
				case other(r):
					kind = "other"
				default:
					next.ServeHTTP(w, r)
					return
				}
				met, leave := at.Meet(strings.ToLower(tamper.Name(r)), kind, false)
				defer leave()
				if !met || kind == "other" {
					next.ServeHTTP(w, r)
					return
				}
				a := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
				a.Status = http.StatusConflict
				a.SetObject(map[string]any{"error": map[string]any{"code": "Conflict", "message": "Another request changes this name."}})
				a.Write(w)
			})
		},
	}
}
