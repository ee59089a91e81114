package tamper_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// A vault whose creates return 200 instead of 202, and whose operations in progress have no csr.
func Example() {
	vault := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"csr":"MIIC","status":"inProgress"}`)
	})
	changed := tamper.Handler(vault, tamper.Create(), tamper.All(
		tamper.InProgress(tamper.Drop("csr")),
		tamper.OnStatus(http.StatusAccepted, tamper.Status(http.StatusOK)),
	))
	for _, path := range []string{"/certificates/web/create", "/certificates/web/import"} {
		response := httptest.NewRecorder()
		changed.ServeHTTP(response, httptest.NewRequest(http.MethodPost, "https://vault.example"+path, nil))
		fmt.Println(path, response.Code, response.Body)
	}
	// Output:
	// /certificates/web/create 200 {"status":"inProgress"}
	// /certificates/web/import 202 {"csr":"MIIC","status":"inProgress"}
}
