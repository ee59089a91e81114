package bump_test

import (
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/bump"
)

func TestReasonsNameTheMembersAndTheRulesOfABump(t *testing.T) {
	for _, test := range []struct {
		before, after string
		want          []string
	}{
		{"7.4", "7.4", nil},
		{"7.3", "7.5", nil},
		{"7.4", "2025-07-01", []string{
			"the API at 2025-07-01 has, and at 7.4 has not: member policy.x509_props.sans.ipAddresses, ",
		}},
		{"2025-07-01", "7.4", []string{"the API at 7.4 has no longer, and at 2025-07-01 has: member policy.x509_props.sans.ipAddresses, "}},
		{"7.0", "7.1", []string{"the API at 7.1 has, and at 7.0 has not: member attributes.recoverableDays", "hold since 7.1: "}},
		{"7.1", "7.0", []string{"the API at 7.0 has no longer", "hold since 7.1: "}},
		{"2016-10-01", "7.0", []string{"operation BackupCertificate, operation RestoreCertificate, parameter includePending", "since 7.0: "}},
	} {
		reasons, err := bump.Reasons(test.before, test.after)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(reasons, "\n")
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s to %s: %q is missing in\n%s", test.before, test.after, want, got)
			}
		}
		if test.want == nil && got != "" {
			t.Errorf("%s to %s: got %s", test.before, test.after, got)
		}
	}
	if _, err := bump.Reasons("7.4", "8.0"); err == nil {
		t.Error("an unknown api-version has reasons")
	}
}
