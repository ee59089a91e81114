package reports_test

import (
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// One thing that is wrong is seen in several places, and is one cause.
func TestWhatIsWrongInSeveralPlacesIsOneCause(t *testing.T) {
	for _, c := range []merging{
		{
			"a state that is wrong in one play, and contradicted in another",
			[]reports.Play{
				{Name: "Cancel", Steps: []reports.Step{
					step("Created", "CreateCertificate", "POST", "a/create", 202, `{"status":"inProgress"}`), step("Asked", "UpdateCertificateOperation", "PATCH", "a/pending", 200, `{"status":"cancelled"}`),
				}},
				{Name: "Filter", Steps: []reports.Step{
					step("Created", "CreateCertificate", "POST", "b/create", 202, `{"status":"inProgress"}`), step("Asked", "UpdateCertificateOperation", "PATCH", "b/pending", 200, `{"status":"cancelled"}`),
					step("Read", "GetCertificateOperation", "GET", "b/pending", 200, `{"status":"inProgress"}`),
				}},
			},
			[]reports.Result{
				rule("still", "Cancel", "Asked", "state", "/status", "status cancelled"),
				rule("history/states", "Filter", "Read", "state", "/status", "in progress, after UpdateCertificateOperation returned 200"),
			},
			map[string][]string{"UpdateCertificateOperation/state/cancelled/after CreateCertificate": {"still", "history/states"}},
		},
		{
			"one form that is refused in two plays, and another form",
			[]reports.Play{{Name: "Forms", Steps: []reports.Step{
				sending(`{"policy":{"key_props":{"kty":"RSA"}}}`, step("Fine", "CreateCertificate", "POST", "a/create", 202, `{}`)),
				sending(`{"policy":{"key_props":{"kty":"EC","crv":"P-256"}}}`, step("Elliptic", "CreateCertificate", "POST", "b/create", 400, `{}`)),
				sending(`{"policy":{"key_props":{"kty":"EC","crv":"P-384"}}}`, step("Larger", "CreateCertificate", "POST", "c/create", 400, `{}`)),
				sending(`{"policy":{"key_props":{"kty":"RSA"}},"tags":{"a":"b"}}`, step("Tagged", "CreateCertificate", "POST", "d/create", 400, `{}`)),
			}}},
			[]reports.Result{
				rule("ec", "Forms", "Elliptic", "status", "", "want 202"), rule("larger", "Forms", "Larger", "status", "", "want 202"), rule("tags", "Forms", "Tagged", "status", "", "want 202"),
			},
			map[string][]string{"CreateCertificate/status/400/Forms.Elliptic": {"ec", "larger"}, "CreateCertificate/status/400/Forms.Tagged": {"tags"}},
		},
		{
			"a member that is not read, and so cannot be found illegal",
			[]reports.Play{{Name: "Members", Steps: []reports.Step{
				sending(`{"policy":{"x509_props":{"subject":"CN=a","validity_months":7}}}`, step("Created", "CreateCertificate", "POST", "a/create", 202, `{}`)),
				step("Policy", "GetCertificatePolicy", "GET", "a/policy", 200, `{"x509_props":{"subject":"CN=a","validity_months":12}}`),
				sending(`{"policy":{"x509_props":{"subject":"CN=a","validity_months":-1}}}`, step("Negative", "CreateCertificate", "POST", "b/create", 202, `{}`)),
				sending(`{"policy":{"x509_props":{"subject":"none"}}}`, step("Malformed", "CreateCertificate", "POST", "c/create", 202, `{}`)),
			}}},
			[]reports.Result{
				rule("kept", "Members", "Policy", "body", "/x509_props/validity_months", "12"), rule("negative", "Members", "Negative", "status", "", "want 4xx"),
				rule("malformed", "Members", "Malformed", "status", "", "want 4xx"),
			},
			map[string][]string{
				"policy/body/x509_props.validity_months/wrong": {"kept", "negative"}, "CreateCertificate/refusal/2xx/Members.Malformed": {"malformed"},
			},
		},
		{
			"a member that the items of two lists lack",
			[]reports.Play{{Name: "Lists", Steps: []reports.Step{
				step("All", "GetCertificates", "GET", "", 200, `{"value":[{}]}`), step("Versions", "GetCertificateVersions", "GET", "a/versions", 200, `{"value":[{}]}`),
			}}},
			[]reports.Result{
				rule("items", "Lists", "All", "body", "/value/0/attributes/enabled", "missing"), rule("versions", "Lists", "Versions", "body", "/value/0/attributes/enabled", "missing"),
			},
			map[string][]string{"GetCertificates/body/items": {"items", "versions"}},
		},
		{
			"errors with the status of a success",
			[]reports.Play{{Name: "Errors", Steps: []reports.Step{
				step("Read", "GetCertificate", "GET", "a", 200, `{"error":{"code":"NotFound"}}`), step("Pending", "GetCertificateOperation", "GET", "a/pending", 200, `{"error":{"code":"NotFound"}}`),
				step("Policy", "GetCertificatePolicy", "GET", "a/policy", 200, `{"error":{"code":"NotFound"}}`),
			}}},
			[]reports.Result{
				rule("read", "Errors", "Read", "status", "", "want 404"), rule("pending", "Errors", "Pending", "status", "", "want 404"), rule("policy", "Errors", "Policy", "status", "", "want 404"),
				rule("whole", "Errors", "Pending", "body", "/id", "id is missing"),
			},
			map[string][]string{"GetCertificate/refusal/2xx": {"read", "pending", "policy", "whole"}},
		},
		{
			"pages in a circle, and a list that filters",
			[]reports.Play{{Name: "Lists", Steps: []reports.Step{
				step("Small", "GetCertificates", "GET", "?maxresults=1", 200, `{"nextLink":"https://vault.example/1"}`), step("Whole", "GetCertificates", "GET", "", 200, `{"value":[]}`),
				step("Versions", "GetCertificateVersions", "GET", "a/versions", 200, `{"nextLink":"https://elsewhere.example/"}`), step("Listed", "GetCertificateVersions", "GET", "a/versions", 200, `{"value":[]}`),
			}}},
			[]reports.Result{
				rule("ends", "Lists", "Small", "body", "/nextLink", "the nextLink of an earlier page"), rule("whole", "Lists", "Whole", "body", "/value", "a list without it"),
				rule("listed", "Lists", "Listed", "body", "/value", "a list without it"),
			},
			map[string][]string{"list/body/nextLink/wrong": {"ends", "whole"}, "GetCertificateVersions/body/items": {"listed"}},
		},
		{
			"a policy as a whole, and a member of it",
			[]reports.Play{{Name: "Policies", Steps: []reports.Step{
				step("Read", "GetCertificatePolicy", "GET", "a/policy", 200, `{"key_props":{"key_size":4096},"x509_props":{}}`),
			}}},
			[]reports.Result{
				rule("group", "Policies", "Read", "body", "/key_props", "another key"), rule("size", "Policies", "Read", "body", "/key_props/key_size", "4096"),
				rule("subject", "Policies", "Read", "body", "/x509_props/subject", "missing"),
			},
			map[string][]string{"policy/body/key_props.key_size/wrong": {"size", "group"}, "policy/body/x509_props.subject/missing": {"subject"}},
		},
	} {
		t.Run(c.name, c.test)
	}
}

// A history that only histories find keeps a cause of its own: nothing else is wrong with the name.
func TestWhatOnlyHistoriesFindOfAnotherNameStaysACause(t *testing.T) {
	c := merging{
		"", []reports.Play{{Name: "Two", Steps: []reports.Step{
			step("Created", "CreateCertificate", "POST", "a/create", 202, `{"status":"completed"}`),
			step("Other", "CreateCertificate", "POST", "b/create", 202, `{"status":"inProgress"}`),
			step("Read", "GetCertificateOperation", "GET", "b/pending", 200, `{"status":"inProgress","csr":"x"}`),
		}}},
		[]reports.Result{
			rule("state", "Two", "Created", "state", "/status", "status completed"), rule("history/identity", "Two", "Read", "identity", "/csr", "another csr, after CreateCertificate returned 202"),
		},
		map[string][]string{"CreateCertificate/state/completed": {"state"}, "operation/identity/csr": {"history/identity"}},
	}
	c.test(t)
}
