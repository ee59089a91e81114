package refvault_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kvconform/kvconform/refvault"
)

// The vault is an http.Handler, so that any server serves it.
func Example() {
	vault, err := refvault.New(refvault.Options{Token: "secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, token := range []string{"", "secret"} {
		request := httptest.NewRequest(http.MethodGet, "https://vault.example/certificates?api-version=7.4", nil)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response := httptest.NewRecorder()
		vault.ServeHTTP(response, request)
		fmt.Println(response.Code)
	}
	// Output:
	// 401
	// 200
}
