package reports_test

import (
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// An emulator that takes a policy as it comes, looks at nothing that it is sent, and lists everything on one page.
func TestOneCauseHasOneCure(t *testing.T) {
	const (
		created  = `{"policy":{"x509_props":{"subject":"CN=a, O=b"}}}`
		imported = `{"value":"MA=="}`
	)
	for _, c := range []merging{
		{
			"a csr for another subject than the policy keeps, and an import's policy without a subject",
			[]reports.Play{
				{Name: "Members", Steps: []reports.Step{
					sending(created, step("Created", "CreateCertificate", "POST", "a/create", 202, `{"csr":"MII"}`)),
					step("Policy", "GetCertificatePolicy", "GET", "a/policy", 200, `{"id":"p","x509_props":{"subject":"CN=a, O=b"}}`),
				}},
				{Name: "Import", Steps: []reports.Step{step("Imported", "ImportCertificate", "POST", "b/import", 200, `{"policy":{"id":"p"}}`)}},
			},
			[]reports.Result{
				rule("csr", "Members", "Created", "body", "/csr", `a csr for CN=a\, O=b`),
				rule("import", "Import", "Imported", "body", "/policy/x509_props/subject", "policy.x509_props is missing"),
			},
			map[string][]string{"operation/body/csr/subject/wrong": {"csr"}, "policy/body/x509_props/missing": {"import"}},
		},
		{
			"a csr for another subject than was sent, which the policy has lost",
			[]reports.Play{{Name: "Members", Steps: []reports.Step{
				sending(created, step("Created", "CreateCertificate", "POST", "a/create", 202, `{"csr":"MII"}`)),
				step("Policy", "GetCertificatePolicy", "GET", "a/policy", 200, `{"id":"p","x509_props":{"subject":"CN=default"}}`),
			}}},
			[]reports.Result{
				rule("csr", "Members", "Created", "body", "/csr", "a csr for CN=default"),
				rule("policy", "Members", "Policy", "body", "/x509_props/subject", "x509_props.subject is CN=default"),
			},
			map[string][]string{"policy/body/x509_props.subject/wrong": {"policy", "csr"}},
		},
		{
			"a page of all items, and a member of an item",
			[]reports.Play{{Name: "Lists", Steps: []reports.Step{
				step("Small", "GetCertificates", "GET", "", 200, `{"value":[{},{},{}]}`), step("All", "GetCertificates", "GET", "", 200, `{"value":[{"tags":{}}]}`),
			}}},
			[]reports.Result{
				rule("page", "Lists", "Small", "body", "/value", "a page of 3 items"), rule("tags", "Lists", "All", "body", "/value/0/tags", "the tags {}"),
			},
			map[string][]string{"list/paging": {"page"}, "GetCertificates/body/items": {"tags"}},
		},
		{
			"an update that adds tags to those that are there, and takes too many of them",
			[]reports.Play{{Name: "Update", Steps: []reports.Step{
				sending(`{"tags":{"a":"1"}}`, step("Updated", "UpdateCertificate", "PATCH", "a", 200, `{"tags":{"a":"1","b":"2"}}`)),
				sending(`{"tags":{"c":"1","d":"1"}}`, step("TooMany", "UpdateCertificate", "PATCH", "b", 200, `{"tags":{"c":"1","d":"1"}}`)),
			}}},
			[]reports.Result{
				rule("tags", "Update", "Updated", "body", "/tags", "tags is an object"), rule("many", "Update", "TooMany", "status", "", "want 4xx"),
			},
			map[string][]string{"bundle/body/tags/wrong": {"tags"}, "UpdateCertificate/refusal/2xx/Update.TooMany": {"many"}},
		},
		{
			"a patch of the policy that is not offered, and a path with a slash that is not found",
			[]reports.Play{{Name: "Changed", Steps: []reports.Step{
				sending(`{}`, step("Patched", "UpdateCertificatePolicy", "PATCH", "a/policy", 404, `{}`)), sending(`{}`, step("Slash", "UpdateCertificate", "PATCH", "a/1/", 404, `{}`)),
			}}},
			[]reports.Result{rule("patch", "Changed", "Patched", "status", "", "want 200"), rule("slash", "Changed", "Slash", "status", "", "want 200")},
			map[string][]string{"UpdateCertificatePolicy/status/404": {"patch"}, "UpdateCertificate/status/404": {"slash"}},
		},
		{
			"two illegal imports of one name",
			[]reports.Play{{Name: "Again", Steps: []reports.Step{
				sending(imported, step("NoKey", "ImportCertificate", "POST", "a/import", 200, `{"id":"1"}`)), sending(imported, step("Expired", "ImportCertificate", "POST", "a/import", 200, `{"id":"2"}`)),
			}}},
			[]reports.Result{rule("key", "Again", "NoKey", "status", "", "want 4xx"), rule("expired", "Again", "Expired", "status", "", "want 4xx")},
			map[string][]string{"ImportCertificate/refusal/2xx/Again.NoKey": {"key"}, "ImportCertificate/refusal/2xx/Again.Expired": {"expired"}},
		},
		{
			"three illegal imports, and names that no certificate can have",
			[]reports.Play{{Name: "Forms", Steps: []reports.Step{
				sending(imported, step("NoKey", "ImportCertificate", "POST", "a/import", 200, `{"id":"1"}`)), sending(imported, step("Old", "ImportCertificate", "POST", "b/import", 200, `{"id":"2"}`)),
				sending(imported, step("Locked", "ImportCertificate", "POST", "c/import", 200, `{"id":"3"}`)), sending(imported, step("Name", "ImportCertificate", "POST", "d_d/import", 200, `{"id":"4"}`)),
				sending(created, step("Dotted", "CreateCertificate", "POST", "e.e/create", 202, `{"id":"5"}`)),
			}}},
			[]reports.Result{
				rule("key", "Forms", "NoKey", "status", "", "want 4xx"), rule("old", "Forms", "Old", "status", "", "want 4xx"), rule("locked", "Forms", "Locked", "status", "", "want 4xx"),
				rule("name", "Forms", "Name", "status", "", "want 4xx"), rule("dotted", "Forms", "Dotted", "status", "", "want 4xx"),
			},
			map[string][]string{
				"ImportCertificate/refusal/2xx/Forms.NoKey": {"key", "old", "locked"}, "ImportCertificate/refusal/2xx/Forms.Name": {"name", "dotted"},
			},
		},
	} {
		t.Run(c.name, c.test)
	}
}
