package specs_test

import (
	"slices"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

func brokenIssuers() []broken {
	return []broken{
		{rule: "issuers/deleted-unlisted", step: "ListedAfter", borrow: func(t *testing.T, r *rehearsal) func(*testing.T, *vault.Response) {
			before := r.exchange(t, "SetIssuers", "Listed")
			return func(_ *testing.T, response *vault.Response) { response.Body = slices.Clone(before.Response.Body) }
		}},
	}
}
