package match_test

import (
	"fmt"
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func Example() {
	created := &vault.Exchange{Response: &vault.Response{
		Status: http.StatusOK,
		Body:   vault.Body(`{"status":"inProgress"}`),
	}}
	for _, test := range []match.Test{match.HasStatus(http.StatusAccepted), match.InState("inProgress")} {
		if failure := test(created); failure != nil {
			fmt.Println(failure)
		}
	}
	// Output: want status 202, got status 200
}
