package specs_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// A spec sends nothing: it judges the exchanges of a play, wherever they come from. Here they are made up.
func Example() {
	suite, err := specs.NewSuite()
	if err != nil {
		fmt.Println(err)
		return
	}
	script := &scenarios.CreateManually{Created: &vault.Exchange{
		Operation: vault.CreateCertificate,
		Response:  &vault.Response{Status: http.StatusOK, Header: http.Header{}, Body: vault.Body(`{"status":"inProgress"}`)},
	}}
	spec, _ := suite.Spec("create-manually/status")
	made := specs.NewPerformed([]*scenarios.Performance{{Play: scenarios.Play{Name: spec.Play}, Script: script}})
	finding := suite.Judge(context.Background(), spec, scenarios.Either, specs.Facts{APIVersion: "7.4"}, made)
	fmt.Println(finding.Kind)
	fmt.Println("want", finding.Expected)
	fmt.Println("got ", finding.Got)
	// Output:
	// broken
	// want status 202
	// got  status 200
}
