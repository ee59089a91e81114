package reports_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// A rule that could not be judged stands under the cause that explains why, not under whatever else is wrong with the
// same response or in the same play.
func TestARuleThatIsHeldBackStandsUnderWhatExplainsIt(t *testing.T) {
	step := func(name, operation, method, path string, status int, body string) reports.Step {
		return reports.Step{Name: name, Operation: operation, Method: method, URL: "https://vault.example/" + path, Status: status, ResponseBody: body}
	}
	fails := func(id, step, aspect, member, got string, accepts ...string) reports.Result {
		return reports.Result{
			ID: id, Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: step, Aspect: aspect, Member: member, Got: got,
			Accepts: reports.Accepts{Documented: accepts},
		}
	}
	held := func(id, feature, step, want string) reports.Result {
		return reports.Result{
			ID: id, Level: reports.Must, Verdict: reports.NotReached, Feature: feature, Blocker: &reports.Blocker{Play: "P", Step: step, Want: want},
		}
	}
	const completed = `{"id":"x","csr":"c","status":"completed"}`
	for _, c := range []struct {
		name  string
		steps []reports.Step
		rules []reports.Result
		want  map[string][]string // the rules that each cause holds back
	}{
		{
			"an operation that is not there, and errors of another form",
			[]reports.Step{step("Cancelled", "UpdateCertificateOperation", "PATCH", "certificates/a/pending", 404, `{"code":"NotFound"}`)},
			[]reports.Result{fails("error", "Cancelled", "body", "/error", "error is missing"), held("state", "cancel", "Cancelled", "2xx")},
			map[string][]string{"error/body/error/missing": {}, "UpdateCertificateOperation/status/404/needed/2xx": {"state"}},
		},
		{
			"an operation that ends too early, and an id of another base",
			[]reports.Step{step("Created", "CreateCertificate", "POST", "certificates/a/create", 202, completed)},
			[]reports.Result{
				fails("id", "Created", "body", "/id", "id of another host"), fails("state", "Created", "state", "/status", "status completed"),
				held("conflict", "create", "Created", "an operation in progress"),
			},
			map[string][]string{"operation/body/id/wrong": {}, "CreateCertificate/state/completed": {"conflict"}},
		},
		{
			"a merge that is not there, and a csr with another subject",
			[]reports.Step{
				step("Created", "CreateCertificate", "POST", "certificates/a/create", 202, `{"csr":"c"}`),
				step("Merged", "MergeCertificate", "POST", "certificates/a/pending/merge", 404, `{}`),
			},
			[]reports.Result{fails("subject", "Created", "body", "/csr", "a csr for CN=b"), held("merged", "merge", "Merged", "2xx")},
			map[string][]string{"operation/body/csr/subject/wrong": {}, "MergeCertificate/status/404/needed/2xx": {"merged"}},
		},
		{
			"a merge that is refused, and a csr that cannot be read",
			[]reports.Step{
				step("Created", "CreateCertificate", "POST", "certificates/a/create", 202, `{"csr":"c"}`),
				step("Merged", "MergeCertificate", "POST", "certificates/a/pending/merge", 400, `{}`),
			},
			[]reports.Result{fails("csr", "Created", "body", "/csr", "csr is no PKCS#10 request"), held("merged", "merge", "Merged", "2xx")},
			map[string][]string{"operation/body/csr/wrong": {"merged"}},
		},
		{
			"a vault without soft delete",
			[]reports.Step{
				step("Deleted", "DeleteCertificate", "DELETE", "certificates/a", 200, `{"id":"x"}`),
				step("Read", "GetDeletedCertificate", "GET", "deletedcertificates/a", 404, `{}`),
			},
			[]reports.Result{
				fails("id", "Deleted", "body", "/id", "id of another host"), held("recovered", "soft-delete", "Deleted", "a deletion that can be taken back"),
				held("kept", "soft-delete", "Read", "2xx"),
			},
			map[string][]string{"deleted/body/id/wrong": {}, "DeleteCertificate/status/200/needed/a deletion that can be taken back": {"recovered", "kept"}},
		},
		{
			"a feature without routes",
			[]reports.Step{
				step("Set", "SetCertificateContacts", "PUT", "certificates/contacts", 405, `{}`),
				step("Read", "GetCertificateContacts", "GET", "certificates/contacts", 404, `{}`),
			},
			[]reports.Result{held("set", "contacts", "Set", "2xx"), held("read", "contacts", "Read", "2xx, as the control of the refusal")},
			map[string][]string{"SetCertificateContacts/status/405/needed/2xx": {"set", "read"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &reports.Report{Plays: []reports.Play{{Name: "P", Steps: c.steps}}, Scenarios: []reports.Scenario{{ID: "s", Rules: c.rules}}}
			got := map[string][]string{}
			for _, cause := range reports.Causes(r) {
				got[cause.Key] = cause.HoldsBack
			}
			if !maps.EqualFunc(got, c.want, slices.Equal[[]string]) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A csr holds many things. Each that is wrong is a cause, until so many are that nobody looked at the policy.
func TestThePartsOfACSR(t *testing.T) {
	parts := []string{"a csr for CN=b", "a csr with a key RSA 2048", "a csr asking for the DNS names (none) and 0 other names"}
	for n, want := range []int{1, 2, 1} {
		r := &reports.Report{Scenarios: []reports.Scenario{{ID: "s"}}, Plays: []reports.Play{{Name: "P", Steps: []reports.Step{
			{Name: "Created", Operation: "CreateCertificate", Method: "POST", URL: "https://vault.example/certificates/a/create", Status: 202, ResponseBody: `{"csr":"c"}`},
		}}}}
		for _, got := range parts[:n+1] {
			r.Scenarios[0].Rules = append(r.Scenarios[0].Rules, reports.Result{
				ID: got, Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Created", Aspect: "body", Member: "/csr", Got: got,
			})
		}
		causes := reports.Causes(r)
		if len(causes) != want {
			t.Errorf("%d parts are %d causes, want %d", n+1, len(causes), want)
		}
		if whole := strings.HasSuffix(causes[0].Title, "csr does not follow the policy in its key, names and subject"); whole != (n == 2) {
			t.Errorf("%d parts are called %q", n+1, causes[0].Title)
		}
	}
}

func TestAMemberThatACreateLostIsOneCauseThatNamesIt(t *testing.T) {
	const base = "https://vault.example/certificates/a"
	r := &reports.Report{
		Plays: []reports.Play{{Name: "P", Steps: []reports.Step{
			{
				Name: "Created", Operation: "CreateCertificate", Method: "POST", URL: base + "/create", Status: 202, ResponseBody: `{"csr":"c"}`,
				RequestBody: `{"policy":{"x509_props":{"sans":{"emails":["a@example.com"]}}}}`,
			},
			{Name: "Policy", Operation: "GetCertificatePolicy", Method: "GET", URL: base + "/policy", Status: 200, ResponseBody: `{"x509_props":{"sans":{}}}`},
		}}},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{
			{ID: "policy", Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Policy", Aspect: "body", Member: "/x509_props/sans/emails", Got: "x509_props.sans.emails is missing"},
			{ID: "csr", Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Created", Aspect: "body", Member: "/csr", Got: "csr with the emails (none)"},
		}}},
	}
	causes := reports.Causes(r)
	if len(causes) != 1 || causes[0].Operation != "CreateCertificate" || !strings.Contains(causes[0].Title, "x509_props.sans.emails") {
		t.Errorf("got %+v", causes)
	}
}

func TestAKeyThatIsNotFoundGoesWithTheKidThatLedToIt(t *testing.T) {
	r := &reports.Report{
		Plays: []reports.Play{{Name: "P", Steps: []reports.Step{
			{Name: "Read", Operation: "GetCertificate", Method: "GET", URL: "https://vault.example/certificates/a", Status: 200, ResponseBody: `{"kid":"k"}`},
			{Name: "Key", Operation: "GetKey", Method: "GET", URL: "https://vault.example/keys/b", Status: 404, ResponseBody: `{}`},
			{Name: "Listed", Operation: "GetCertificateIssuers", Method: "GET", URL: "https://vault.example/certificates/issuers", Status: 403, ResponseBody: `{}`},
			{Name: "Policy", Operation: "GetCertificatePolicy", Method: "GET", URL: "https://vault.example/certificates/a/policy", Status: 403, ResponseBody: `{}`},
		}}},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{
			{ID: "kid", Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Read", Aspect: "body", Member: "/kid", Got: "kid of another name"},
			{ID: "key", Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Key", Aspect: "status", Got: "status 404", Accepts: reports.Accepts{Documented: []string{"200"}}},
			{ID: "authentication/issuers", Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Listed", Aspect: "status", Got: "status 403", Accepts: reports.Accepts{Documented: []string{"401"}}},
			{ID: "authentication/policy", Level: reports.Must, Verdict: reports.Fail, Play: "P", Step: "Policy", Aspect: "status", Got: "status 403", Accepts: reports.Accepts{Documented: []string{"401"}}},
		}}},
	}
	got := map[string][]string{}
	for _, cause := range reports.Causes(r) {
		got[cause.Key] = cause.Breaks
	}
	want := map[string][]string{
		"bundle/body/kid/wrong": {"kid", "key"}, "authentication/refusal/403": {"authentication/issuers", "authentication/policy"},
	}
	if !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q, want %q", got, want)
	}
}
