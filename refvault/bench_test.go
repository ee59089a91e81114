package refvault_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
)

// BenchmarkCreateAndIssue is one RSA certificate from create to bundle, without a network: what the vault itself costs
// a run. The pool is not full when it starts.
func BenchmarkCreateAndIssue(b *testing.B) {
	vault, err := refvault.New(refvault.Options{IssueAfter: -1})
	if err != nil {
		b.Fatal(err)
	}
	send := func(method, path, body string, want int) {
		request := httptest.NewRequestWithContext(b.Context(), method, path+"?api-version=7.4", strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer any")
		recorder := httptest.NewRecorder()
		vault.ServeHTTP(recorder, request)
		if recorder.Code != want {
			b.Fatalf("%s %s: %d %s", method, path, recorder.Code, recorder.Body)
		}
	}
	names := 0
	for b.Loop() {
		path := fmt.Sprintf("/certificates/c%d", names)
		names++
		send(http.MethodPost, path+"/create", `{"policy":{"x509_props":{"subject":"CN=a"},"issuer":{"name":"Self"}}}`, http.StatusAccepted)
		send(http.MethodGet, path, "", http.StatusOK)
	}
}
