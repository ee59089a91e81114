package schemas

import (
	"slices"
	"strings"
	"testing"
)

// policyHistory is the history of a policy's members, by pointer into the sample.
func policyHistory(at string) map[string]string {
	return map[string]string{
		at + "/key_props/crv":               "7.0",
		at + "/issuer/cert_transparency":    "7.0",
		at + "/x509_props/sans/uris":        "2025-06-01-preview",
		at + "/x509_props/sans/ipAddresses": "2025-06-01-preview",
		at + "/platformManaged":             "2026-03-01-preview",
		at + "/attributes/recoverableDays":  "7.1",
		at + "/attributes/recoveryLevel":    "2016-10-01",
	}
}

func historyOf(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, part := range parts {
		for pointer, version := range part {
			all[pointer] = version
		}
	}
	return all
}

func TestTooNewNamesEveryMemberThatCameLater(t *testing.T) {
	attributes := map[string]string{"/attributes/recoverableDays": "7.1", "/attributes/recoveryLevel": "2016-10-01"}
	order := map[string]string{"/preserveCertOrder": "7.6-preview.2"}
	failure := map[string]string{"/error/innererror": "2016-10-01"}
	operation := historyOf(failure, order, map[string]string{"/issuer/cert_transparency": "7.0"})
	bundle := historyOf(attributes, order, policyHistory("/policy"))
	page := map[string]string{"/value/0/attributes/recoverableDays": "7.1", "/value/0/attributes/recoveryLevel": "2016-10-01"}
	expected := map[Kind]map[string]string{
		ErrorBody: failure, "error-detail": {"/innererror": "2016-10-01"}, "inner-error": nil, "issuer-parameters": {"/cert_transparency": "7.0"},
		Operation: operation, OperationInProgress: operation, OperationCompleted: operation, OperationCancelled: operation, OperationFailed: operation,
		Attributes:                        {"/recoverableDays": "7.1", "/recoveryLevel": "2016-10-01"},
		"certificate-attributes-complete": {"/recoverableDays": "7.1", "/recoveryLevel": "2016-10-01"},
		Policy:                            policyHistory(""), PolicyRequest: policyHistory(""),
		"certificate-bundle-base": bundle, Bundle: bundle, BundleMerged: bundle, BundleVersioned: bundle, BundlePending: bundle,
		DeletedBundle: historyOf(bundle, map[string]string{"": "2016-10-01"}),
		Item:          attributes, DeletedItem: historyOf(attributes, map[string]string{"": "2016-10-01"}), IssuerItem: nil,
		List: page, DeletedList: historyOf(page, map[string]string{"": "2016-10-01", "/value/0": "2016-10-01"}), IssuerList: nil,
		Issuer: nil, IssuerSetRequest: nil, IssuerUpdateRequest: nil, Contacts: nil, ContactsRequest: nil,
		BackupResult: {"": "7.0"}, RestoreRequest: {"": "7.0"},
		CreateRequest: bundle, ImportRequest: bundle, UpdateRequest: historyOf(attributes, policyHistory("/policy")),
		MergeRequest: attributes, OperationUpdateRequest: nil,
	}
	set, _ := load(t)
	for kind, body := range samples(t) {
		want, listed := expected[kind]
		if !listed {
			t.Errorf("the history of %s is not written down", kind)
		}
		for _, asked := range Versions() {
			var pointers []string
			for pointer, since := range want {
				if order, err := Compare(since, string(asked)); err != nil {
					t.Fatal(err)
				} else if order > 0 {
					pointers = append(pointers, pointer)
				}
			}
			slices.Sort(pointers)
			var got []string
			for _, p := range set.TooNew(kind, string(asked), body) {
				got = append(got, p.Pointer)
				if since := want[p.Pointer]; !strings.Contains(p.Message, "appeared with api-version "+since+", after "+string(asked)) {
					t.Errorf("%s at %s: %s", kind, asked, p)
				}
			}
			if !slices.Equal(got, pointers) {
				t.Errorf("%s at %s: got %q, want %q", kind, asked, got, pointers)
			}
		}
	}
}

func TestANullMemberIsNotTooNew(t *testing.T) {
	set, _ := load(t)
	if problems := set.TooNew(Bundle, "7.5", map[string]any{"preserveCertOrder": nil}); len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
}

func TestTooNewAtAnUnknownVersionSaysSo(t *testing.T) {
	set, _ := load(t)
	problems := set.TooNew(Bundle, "8.0", map[string]any{})
	if len(problems) != 1 || problems[0].Message != `unknown api-version "8.0"` {
		t.Errorf("got %v", problems)
	}
}

func TestVersionsAreOrderedByHistory(t *testing.T) {
	ascending := []string{"2015-06-01", "2016-10-01", "7.0", "7.1", "7.6-preview.1", "7.6-preview.2", "7.6", "2025-06-01-preview", "2025-07-01", "2026-04-01"}
	for i, a := range ascending {
		for j, b := range ascending {
			got, err := Compare(a, b)
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if err != nil || got != want {
				t.Errorf("Compare(%s, %s) = %d, %v; want %d", a, b, got, err, want)
			}
		}
	}
	for _, unknown := range []string{"", "8.0", "7.0 ", "2014-12-08-preview", "2025-06-01"} {
		if Known(unknown) {
			t.Errorf("%q is known", unknown)
		}
		if _, err := Compare("7.0", unknown); err == nil {
			t.Errorf("%q was compared", unknown)
		}
		if _, err := Compare(unknown, "7.0"); err == nil {
			t.Errorf("%q was compared", unknown)
		}
	}
	versions := Versions()
	if got := len(slices.Compact(slices.Sorted(slices.Values(versions)))); got != len(versions) {
		t.Errorf("%d of %d versions differ", got, len(versions))
	}
	versions[0] = "changed"
	if Versions()[0] != "2015-06-01" {
		t.Error("a caller can change the list")
	}
}

func TestTheDefaultVersionIsTheNewestRelease(t *testing.T) {
	if got := Default(); got != "2025-07-01" || !got.Stable() {
		t.Errorf("Default() = %s", got)
	}
	if got := Newest(); got != "2026-07-01-preview" || got.Stable() {
		t.Errorf("Newest() = %s", got)
	}
	for version, stable := range map[APIVersion]bool{"7.4": true, "7.6-preview.1": false, "2026-04-01": false, "8.0": false} {
		if version.Stable() != stable {
			t.Errorf("%s: Stable() = %v", version, !stable)
		}
	}
}
