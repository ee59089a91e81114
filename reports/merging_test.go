package reports_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// merging is what is wrong with a few plays, and the causes that it is told as: their keys with the rules that they break.
type merging struct {
	name  string
	plays []reports.Play
	rules []reports.Result
	want  map[string][]string
}

func (c *merging) test(t *testing.T) {
	r := &reports.Report{Plays: c.plays, Scenarios: []reports.Scenario{{ID: "s", Rules: c.rules}}}
	r.Conclude()
	got := map[string][]string{}
	for _, cause := range r.Causes {
		got[cause.Key] = cause.Breaks
	}
	if !maps.EqualFunc(got, c.want, slices.Equal[[]string]) {
		t.Errorf("got  %v\nwant %v", got, c.want)
	}
}

func step(name, operation, method, path string, status int, body string) reports.Step {
	return reports.Step{Name: name, Operation: operation, Method: method, URL: "https://vault.example/certificates/" + path, Status: status, ResponseBody: body}
}

func sending(request string, s reports.Step) reports.Step {
	s.RequestBody = request
	return s
}

// rule is one that fails. What it got is "want STATUS" where it wants another status.
func rule(id, play, step, aspect, member, got string) reports.Result {
	result := reports.Result{ID: id, Level: reports.Must, Verdict: reports.Fail, Play: play, Step: step, Aspect: aspect, Member: member, Got: got}
	if status, ok := strings.CutPrefix(got, "want "); ok {
		result.Got, result.Accepts.Documented = "status", []string{status}
	}
	return result
}

// These stand together in an emulator that is wrong in many places. None of them is the reason of the other.
func TestWhatIsWrongTogetherStaysTwoCauses(t *testing.T) {
	for _, c := range []merging{
		{
			"a create despite a conflict, and a csr that is wrong in any case",
			[]reports.Play{
				{Name: "Conflict", Steps: []reports.Step{
					step("First", "CreateCertificate", "POST", "a/create", 202, `{"csr":"1"}`), step("Second", "CreateCertificate", "POST", "a/create", 202, `{"csr":"2"}`),
					step("After", "GetCertificateOperation", "GET", "a/pending", 200, `{"csr":"2"}`),
				}},
				{Name: "Names", Steps: []reports.Step{step("Created", "CreateCertificate", "POST", "b/create", 202, `{"csr":"3"}`)}},
			},
			[]reports.Result{
				rule("names", "Names", "Created", "body", "/csr", "a csr without names"), rule("conflict", "Conflict", "Second", "status", "", "want 409"),
				rule("kept", "Conflict", "After", "identity", "/csr", "csr is another"),
			},
			map[string][]string{
				"operation/body/csr/wrong": {"names"}, "CreateCertificate/refusal/2xx/conflict/after CreateCertificate": {"conflict", "kept"},
			},
		},
		{
			"dates that an update changes, and a certificate that is wrong elsewhere",
			[]reports.Play{
				{Name: "Update", Steps: []reports.Step{step("Updated", "UpdateCertificate", "PATCH", "a", 200, `{"attributes":{"nbf":1}}`)}},
				{Name: "Usages", Steps: []reports.Step{step("Read", "GetCertificate", "GET", "b", 200, `{"cer":"x"}`)}},
			},
			[]reports.Result{
				rule("dates", "Update", "Updated", "body", "/attributes/nbf", "attributes.nbf is the number 1"), rule("usages", "Usages", "Read", "body", "/cer", "no usages"),
			},
			map[string][]string{"bundle/body/attributes.nbf/wrong": {"dates"}, "bundle/body/cer/wrong": {"usages"}},
		},
		{
			"pages that are too long, and an item that is not listed",
			[]reports.Play{{Name: "Lists", Steps: []reports.Step{
				step("Small", "GetCertificates", "GET", "?maxresults=1", 200, `{"value":[{},{}]}`), step("Issuers", "GetCertificateIssuers", "GET", "issuers?maxresults=1", 200, `{"value":[{},{}]}`),
				step("Whole", "GetCertificates", "GET", "", 200, `{"value":[{}]}`),
			}}},
			[]reports.Result{
				rule("size", "Lists", "Small", "body", "/value", "a page of 2 items"), rule("issuers", "Lists", "Issuers", "body", "/value", "a page of 2 items"),
				rule("listed", "Lists", "Whole", "body", "/value", "a list without it"),
			},
			map[string][]string{"list/paging": {"size", "issuers"}, "GetCertificates/body/items": {"listed"}},
		},
		{
			"names in another case, and an operation that is lost",
			[]reports.Play{
				{Name: "Case", Steps: []reports.Step{
					step("Read", "GetCertificate", "GET", "a", 200, `{}`), step("Upper", "GetCertificate", "GET", "A", 404, `{}`),
					step("Policy", "GetCertificatePolicy", "GET", "a/policy", 200, `{}`), step("UpperPolicy", "GetCertificatePolicy", "GET", "A/policy", 404, `{}`),
				}},
				{Name: "Lost", Steps: []reports.Step{step("Pending", "GetCertificateOperation", "GET", "b/pending", 404, `{}`)}},
			},
			[]reports.Result{
				rule("name", "Case", "Upper", "status", "", "want 200"), rule("policy", "Case", "UpperPolicy", "status", "", "want 200"),
				rule("pending", "Lost", "Pending", "status", "", "want 200"),
			},
			map[string][]string{"names/case": {"name", "policy"}, "GetCertificateOperation/status/404": {"pending"}},
		},
		{
			"a filter that two operations ignore, seen by histories",
			[]reports.Play{{Name: "Filter", Steps: []reports.Step{
				step("Read", "GetCertificateOperation", "GET", "a/pending?request_id=1", 200, `{"request_id":"2"}`),
				step("Again", "GetCertificateOperation", "GET", "a/pending?request_id=3", 200, `{"request_id":"2"}`),
				step("Deleted", "DeleteCertificateOperation", "DELETE", "a/pending?request_id=1", 200, `{"request_id":"2"}`),
				step("Deleting", "DeleteCertificateOperation", "DELETE", "a/pending?request_id=3", 200, `{"request_id":"2"}`),
			}}},
			[]reports.Result{
				rule("read", "Filter", "Read", "status", "", "want 404"), rule("delete", "Filter", "Deleted", "status", "", "want 404"),
				rule("history/read", "Filter", "Again", "body", "/request_id", "the request 2"), rule("history/delete", "Filter", "Deleting", "body", "/request_id", "the request 2"),
			},
			map[string][]string{
				"GetCertificateOperation/refusal/2xx/request_id":    {"read", "history/read"},
				"DeleteCertificateOperation/refusal/2xx/request_id": {"delete", "history/delete"},
			},
		},
	} {
		t.Run(c.name, c.test)
	}
}
