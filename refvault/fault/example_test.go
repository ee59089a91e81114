package fault_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kvconform/kvconform/refvault/fault"
)

// A fault makes a broken vault of any vault, here of one that accepts every request.
func Example() {
	vault := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	for _, f := range fault.All() {
		if f.ID != "create-answers-200" {
			continue
		}
		fmt.Println(f.Title)
		fmt.Println("must fail:", f.Breaks[0])
		response := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodPost, "https://vault.example/certificates/web/create?api-version=7.4", nil)
		f.Wrap(vault).ServeHTTP(response, request)
		fmt.Println("a create returns", response.Code)
	}
	// Output:
	// the response to a create has the status 200, not 202
	// must fail: request-from-issuer/create-status
	// a create returns 200
}
