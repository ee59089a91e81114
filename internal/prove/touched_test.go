package prove_test

import (
	"slices"
	"testing"

	"github.com/kvconform/kvconform/internal/prove"
	"github.com/kvconform/kvconform/schemas"
)

func TestTheRulesThatADifferenceTouches(t *testing.T) {
	touched, err := prove.NewTouched()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		difference schemas.Difference
		has, lacks string
	}{
		{schemas.Difference{What: "member", Name: "kid", In: []string{"MergeCertificate 201"}}, "merge-manual-request/kid", "merge-manual-request/sid"},
		{schemas.Difference{What: "member", Name: "request_id", In: []string{"CreateCertificate 202"}}, "request-from-issuer/request-id", "merge-manual-request/kid"},
		{schemas.Difference{What: "member", Name: "kid", In: []string{"MergeCertificate request"}}, "", "merge-manual-request/kid"},
		{schemas.Difference{What: "member", Name: "attributes.recoverableDays", In: []string{"GetCertificate 200"}}, "every-answer/recovery-days", "merge-manual-request/nbf"},
		{schemas.Difference{What: "operation", Name: "MergeCertificate"}, "merge-manual-request/status", "delete-pending/gone-status"},
	} {
		got := touched.Rules(test.difference)
		if test.has != "" && !slices.Contains(got, test.has) || slices.Contains(got, test.lacks) {
			t.Errorf("%+v: got %q, want %q and not %q", test.difference, got, test.has, test.lacks)
		}
	}
}
