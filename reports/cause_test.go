package reports_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// deviating is a report of a play whose responses deviate; its rules are added by the tests.
func deviating(rules ...reports.Result) *reports.Report {
	const url = "https://vault.example/certificates/x"
	r := &reports.Report{
		Plays: []reports.Play{{Name: "Create", Steps: []reports.Step{
			{Name: "Created", Operation: "CreateCertificate", Method: "POST", URL: url + "/create", Status: 201, ResponseBody: `{"id":"x"}`},
			{Name: "Read", Operation: "GetCertificateOperation", Method: "GET", URL: url + "/pending", Status: 200, ResponseBody: `{"id":"x","csr":"!"}`},
			{Name: "Merged", Operation: "MergeCertificate", Method: "POST", URL: url + "/pending/merge", Status: 500, ResponseBody: ""},
			{Name: "Bundle", Operation: "GetCertificate", Method: "GET", URL: url, Status: 200, ResponseBody: `{"id":"x","policy":{"key_props":null}}`},
			{Name: "Policy", Operation: "GetCertificatePolicy", Method: "GET", URL: url + "/policy", Status: 200, ResponseBody: `{"id":"x","key_props":null}`},
		}}},
		Scenarios: []reports.Scenario{{ID: "s", Rules: rules}},
	}
	r.Conclude()
	return r
}

func broken(id, step, aspect, member string) reports.Result {
	return reports.Result{
		ID: id, Level: reports.Must, Verdict: reports.Fail, Play: "Create", Step: step, Aspect: aspect, Member: member, Got: "wrong",
	}
}

func held(id, step, want string) reports.Result {
	return reports.Result{
		ID: id, Level: reports.Must, Verdict: reports.NotReached, Play: "Create", Step: step,
		Blocker: &reports.Blocker{Play: "Create", Step: step, Want: want},
	}
}

func TestCausesGroupWhatIsWrongByWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules []reports.Result
		want  []string
	}{
		{"nothing", nil, nil},
		{"rules of one member", []reports.Result{
			broken("a", "Read", "body", "/csr"), broken("b", "Read", "body", "/csr"),
		}, []string{"operation/body/csr/wrong"}},
		{"two members are two causes", []reports.Result{
			broken("a", "Read", "body", "/csr"), broken("b", "Read", "body", "/issuer"),
		}, []string{"operation/body/csr/wrong", "operation/body/issuer/missing"}},
		{"a policy is the same in a bundle and alone", []reports.Result{
			broken("a", "Bundle", "body", "/policy/key_props/kty"), broken("b", "Policy", "body", "/key_props"),
		}, []string{"policy/body/key_props/null"}},
		{"a wrong success explains nothing of its body", []reports.Result{
			broken("a", "Created", "status", ""), broken("b", "Created", "body", "/csr"),
		}, []string{"CreateCertificate/status/201", "operation/body/csr/missing"}},
		{"a server error explains its body", []reports.Result{
			broken("a", "Merged", "status", ""), broken("b", "Merged", "body", "/error/code"),
		}, []string{"MergeCertificate/status/500"}},
		{"two deviations of two operations", []reports.Result{
			broken("a", "Created", "status", ""), broken("b", "Merged", "status", ""),
		}, []string{"CreateCertificate/status/201", "MergeCertificate/status/500"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := slices.Clone(c.rules)
			for i := range rules {
				if rules[i].Aspect == "status" {
					rules[i].Accepts = reports.Accepts{Documented: []string{"202"}}
				}
			}
			var got []string
			for _, cause := range deviating(rules...).Causes {
				got = append(got, cause.Key)
			}
			if slices.Sort(got); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestACauseHasTheRulesThatItKeepsFromBeingJudged(t *testing.T) {
	status := broken("a", "Created", "status", "")
	status.Accepts = reports.Accepts{Documented: []string{"202"}}
	r := deviating(broken("b", "Read", "body", "/csr"), status, held("c", "Created", "202"), held("d", "Created", "202"))
	if len(r.Causes) != 2 || r.Causes[0].Key != "CreateCertificate/status/201" || !slices.Equal(r.Causes[0].HoldsBack, []string{"c", "d"}) {
		t.Errorf("got %+v", r.Causes)
	}
	if got := r.Causes[0].Title; got != "CreateCertificate returns 201, want 202" {
		t.Errorf("the title is %q", got)
	}
}

func TestARuleOfEveryResponseStandsUnderEachOfItsBreaches(t *testing.T) {
	each := broken("each", "Read", "body", "/csr")
	each.Breaches = []reports.Breach{
		{Play: "Create", Step: "Read", Aspect: "body", Member: "/csr", Got: "csr is wrong", Count: 3},
		{Play: "Create", Step: "Bundle", Aspect: "header", Header: "Location", Got: "no Location", Count: 74},
	}
	r := deviating(each)
	if len(r.Causes) != 2 || r.Causes[0].Exchanges+r.Causes[1].Exchanges != 77 {
		t.Errorf("got %+v", r.Causes)
	}
}

// An operation that is not offered explains what is wrong with its own responses, and neither what is wrong with those of
// other operations nor that no token is asked for.
func TestAnOperationThatIsNotOfferedExplainsNothingOfOthers(t *testing.T) {
	const url = "https://vault.example/certificates/x/pending"
	status := func(id, play, step string, accepted string) reports.Result {
		return reports.Result{
			ID: id, Level: reports.Must, Verdict: reports.Fail, Play: play, Step: step, Aspect: "status", Got: "wrong",
			Accepts: reports.Accepts{Documented: []string{accepted}},
		}
	}
	each := reports.Result{
		ID: "error", Level: reports.Must, Verdict: reports.Fail, Got: "no JSON",
		Breaches: []reports.Breach{
			{Play: "Delete", Step: "Deleted", Aspect: "body", Got: "the body is empty", Count: 2},
			{Play: "Read", Step: "Gone", Aspect: "body", Got: "the body is text", Count: 5},
			{Play: "Read", Step: "Unset", Aspect: "body", Got: "the body is text", Count: 1},
		},
	}
	r := &reports.Report{
		Plays: []reports.Play{
			{Name: "Authentication", Steps: []reports.Step{
				{Name: "Read", Operation: "GetCertificateOperation", Method: "GET", URL: url, Status: 200, ResponseBody: `{}`},
				{Name: "Deleted", Operation: "DeleteCertificateOperation", Method: "DELETE", URL: url, Status: 501},
			}},
			{Name: "Delete", Steps: []reports.Step{{Name: "Deleted", Operation: "DeleteCertificateOperation", Method: "DELETE", URL: url, Status: 501}}},
			{Name: "Read", Steps: []reports.Step{
				{Name: "Gone", Operation: "GetCertificateOperation", Method: "GET", URL: url, Status: 404, ResponseBody: "no"},
				{Name: "Unset", Operation: "SetCertificateIssuer", Method: "PUT", URL: url, Status: 404, ResponseBody: "no"},
			}},
		},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{
			status("open", "Authentication", "Read", "401"), status("delete-open", "Authentication", "Deleted", "401"),
			status("delete", "Delete", "Deleted", "200"), status("issuer", "Read", "Unset", "200"), each,
		}}},
	}
	r.Conclude()
	got := map[string][]string{}
	for _, cause := range r.Causes {
		got[cause.Key] = cause.Breaks
	}
	want := map[string][]string{
		"authentication/refusal/2xx":            {"open"},
		"DeleteCertificateOperation/status/501": {"delete-open", "delete", "error"},
		"SetCertificateIssuer/status/404":       {"issuer"},
		"error/body/whole/no JSON":              {"error"},
	}
	if !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestACauseSaysHowItIsCured(t *testing.T) {
	for _, c := range []struct {
		name, play, operation string
		status                int
		accepted, feature     string
		want                  string
	}{
		{"no token is asked for", "Authentication", "GetCertificate", 200, "401", "authentication",
			"reject each request without a valid token with 401, or claim less with `without: [authentication]`"},
		{"any api-version is taken", "APIVersions", "GetCertificate", 200, "4xx", "api-version",
			"reject each request whose api-version is missing or unknown, or claim less with `without: [api-version]`"},
		{"an operation is not offered", "Import", "ImportCertificate", 501, "200", "import",
			"offer ImportCertificate, or claim less with `without: [import]`"},
		{"an operation that every target offers", "Create", "CreateCertificate", 501, "202", "create", ""},
		{"what is wrong is accepted", "Import", "ImportCertificate", 200, "4xx", "import", "An import of nothing is rejected"},
		{"another success", "Create", "CreateCertificate", 200, "202", "create", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &reports.Report{
				Plays: []reports.Play{{Name: c.play, Steps: []reports.Step{
					{Name: "Sent", Operation: c.operation, Method: "POST", URL: "https://vault.example/certificates/x", Status: c.status, ResponseBody: "{}"},
				}}},
				Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{{
					ID: "a", Level: reports.Must, Verdict: reports.Fail, Play: c.play, Step: "Sent", Aspect: "status", Got: "wrong",
					Feature: c.feature, Statement: "An import of nothing is rejected.", Accepts: reports.Accepts{Documented: []string{c.accepted}},
				}}}},
			}
			r.Conclude()
			if len(r.Causes) != 1 || r.Causes[0].Hint != c.want {
				t.Errorf("got %+v, want the hint %q", r.Causes, c.want)
			}
		})
	}
}

func TestAnOperationThatAcceptsNothingIsOneCause(t *testing.T) {
	const url = "https://vault.example/certificates/x/import"
	refused := func(id, play string) reports.Result {
		return reports.Result{
			ID: id, Level: reports.Must, Verdict: reports.Fail, Play: play, Step: "Imported", Aspect: "status", Got: "status 400",
			Accepts: reports.Accepts{Documented: []string{"200"}},
		}
	}
	step := func(status int) reports.Step {
		return reports.Step{Name: "Imported", Operation: "ImportCertificate", Method: "POST", URL: url, Status: status, ResponseBody: `{"error":{"code":"BadParameter"}}`}
	}
	for _, c := range []struct {
		name string
		last int
		want int
	}{{"nothing is accepted", 400, 1}, {"one form is accepted", 200, 2}} {
		t.Run(c.name, func(t *testing.T) {
			r := &reports.Report{
				Plays: []reports.Play{
					{Name: "ImportPFX", Steps: []reports.Step{step(400)}}, {Name: "ImportPEM", Steps: []reports.Step{step(400)}},
					{Name: "ImportChain", Steps: []reports.Step{step(c.last)}},
				},
				Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{refused("pfx", "ImportPFX"), refused("pem", "ImportPEM")}}},
			}
			r.Conclude()
			if len(r.Causes) != c.want {
				t.Errorf("got %d causes, want %d: %+v", len(r.Causes), c.want, r.Causes)
			}
		})
	}
}

// What is wrong with the responses of two operations that are not offered is told with each of them, and not once more.
func TestEvidenceThatGoesToTwoCausesLeavesNoneBehind(t *testing.T) {
	const url = "https://vault.example/certificates/x/pending"
	step := func(operation, method string) reports.Step {
		return reports.Step{Name: operation, Operation: operation, Method: method, URL: url, Status: 501}
	}
	status := func(id, play, operation string) reports.Result {
		return reports.Result{
			ID: id, Level: reports.Must, Verdict: reports.Fail, Play: play, Step: operation, Aspect: "status", Got: "status 501",
			Accepts: reports.Accepts{Documented: []string{"200"}},
		}
	}
	r := &reports.Report{
		Plays: []reports.Play{
			{Name: "Cancelled", Steps: []reports.Step{step("UpdateCertificateOperation", "PATCH")}},
			{Name: "Deleted", Steps: []reports.Step{step("DeleteCertificateOperation", "DELETE")}},
		},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{
			status("update", "Cancelled", "UpdateCertificateOperation"), status("delete", "Deleted", "DeleteCertificateOperation"),
			{
				ID: "error", Level: reports.Must, Verdict: reports.Fail, Got: "the body is empty",
				Breaches: []reports.Breach{
					{Play: "Cancelled", Step: "UpdateCertificateOperation", Aspect: "body", Got: "the body is empty", Count: 3},
					{Play: "Deleted", Step: "DeleteCertificateOperation", Aspect: "body", Got: "the body is empty", Count: 2},
				},
			},
		}}},
	}
	r.Conclude()
	got := map[string][]string{}
	for _, cause := range r.Causes {
		got[cause.Key] = cause.Breaks
	}
	want := map[string][]string{
		"UpdateCertificateOperation/status/501": {"update", "error"},
		"DeleteCertificateOperation/status/501": {"delete", "error"},
	}
	if !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q, want %q", got, want)
	}
}
