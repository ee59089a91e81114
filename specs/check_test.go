package specs

import (
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// A response may hold any text, so a finding keeps the three parts of a failure apart without any mark in them.
func TestATextOfTheTargetDoesNotChangeTheFormOfAFinding(t *testing.T) {
	t.Parallel()
	suite, err := NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"NUL":           "a\\u0000b\\u0000c",
		"line breaks":   "a\\ngot: b\\nmember: c",
		"a bare string": "a",
	} {
		t.Run(name, func(t *testing.T) {
			e := &vault.Exchange{
				Request:  vault.Request{Method: "GET", URL: "https://vault.example/certificates/name"},
				Response: &vault.Response{Status: 200, Body: vault.Body(`{"id":"` + text + `"}`)},
			}
			spec := Spec{Rule: suite.Catalogue.RuleIDs()[0], judge: func(c *Check, _ Performances) {
				c.Expect(e, match.ID("https://vault.example", "id", "certificates"))
			}}
			finding := suite.Judge(t.Context(), spec, scenarios.Either, Facts{}, nil)
			if finding.Kind != Broken || finding.Expected != "id https://vault.example/certificates" || finding.Member != "/id" {
				t.Errorf("got %s, expected %q, member %q", finding.Kind, finding.Expected, finding.Member)
			}
			if !strings.HasPrefix(finding.Got, "id a") {
				t.Errorf("got %q", finding.Got)
			}
		})
	}
}
