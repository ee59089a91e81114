package profile_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/profile"
)

// A vault that completes every create at once, whoever was asked to issue.
func Example() {
	p, _ := profile.Named("born-completed")
	var options refvault.Options
	p.Configure(&options)
	vault, err := refvault.New(options)
	if err != nil {
		fmt.Println(err)
		return
	}
	create := httptest.NewRequest(http.MethodPost, "/certificates/shop/create?api-version=7.4", strings.NewReader(`{"policy": {
		"key_props": {"kty": "EC", "crv": "P-256"},
		"x509_props": {"subject": "CN=shop.example"},
		"issuer": {"name": "an issuer that nobody has set"}
	}}`))
	create.Header.Set("Authorization", "Bearer anything")
	response := httptest.NewRecorder()
	p.Wrap(vault).ServeHTTP(response, create)
	fmt.Println(response.Code, strings.Contains(response.Body.String(), `"status":"completed"`))
	// Output: 202 true
}
