package vault_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// The ids of the operations are those of the OpenAPI document.
func TestOperationsAreThoseOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../schemas/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, found := range regexp.MustCompile(`operationId: (\w+)`).FindAllSubmatch(document, -1) {
		want = append(want, string(found[1]))
	}
	slices.Sort(want)
	if got := vault.Operations(); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("got %v, want %v", got, want)
	}
}
