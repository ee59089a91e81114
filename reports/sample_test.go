package reports_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kvconform/kvconform/reports"
)

// hostile is what a target could send to break a report: control characters, the ends of CDATA, scripts and table cells, a colour, text
// that runs from the right, and bytes that are no UTF-8.
const hostile = "a\x00b\x1b[31mred\x1b[0m ]]> <script>alert('x')</script> </pre> | `tick` **bold** %0A ::error::x \u202egnp.exe 😀 עברית \xff\ufffe"

const endpoint = "https://127.0.0.1:8443"

func at(seconds int) time.Time { return time.Date(2026, 5, 4, 12, 0, seconds, 0, time.UTC) }

func ms(n int) reports.Duration { return reports.Duration(time.Duration(n) * time.Millisecond) }

// sample is a report with every verdict, every optional member and hostile text wherever a target's words can appear.
func sample() *reports.Report {
	r := &reports.Report{
		Format: reports.Format,
		Tool:   reports.Tool{Name: "kvconform", Version: "v0.1.0", Commit: "0123abc"},
		Target: reports.Target{
			Name: "sample vault", Endpoint: endpoint, Product: "Sample Vault", ProductVersion: "2.3",
			Contact: "vault@example.org", Reproduce: "docker compose up; kvconform run --config target.yaml", Profile: "core",
			Claims: reports.Claims{Without: []string{"contacts"}, Requires: []string{"create", "cancel"}},
		},
		APIVersion: "7.4", Oracle: "either", Started: at(0), Took: ms(4200), Again: "kvconform run --config kvconform.yaml --token \"$TOKEN\"",
		Notes:     []string{"3 answers were a 429 and were waited out, 6.0 s in all."},
		Left:      []string{"certificate kvc-1a2b-manual (deleted, not purged: the vault keeps it for 90 days)"},
		Scenarios: []reports.Scenario{createScenario(), cancelScenario(), hostileScenario()},
		Plays:     samplePlays(),
	}
	r.Conclude()
	return r
}

func createScenario() reports.Scenario {
	source := []reports.Source{{Text: "Create a certificate, Scenario 1", URL: "https://learn.microsoft.com/azure/key-vault/certificates/create-certificate-scenarios"}}
	both := reports.Accepts{Documented: []string{"202"}, Observed: []string{"202"}}
	return reports.Scenario{
		ID: "create-issuer", Title: "Create with an issuer that the vault knows", URL: source[0].URL,
		Rules: []reports.Result{
			{
				ID: "create-issuer/create-status", Level: reports.Must, Verdict: reports.Pass, As: []string{"documented", "observed"},
				Statement: "A create is accepted and not yet done.", Accepts: both, Got: "202", Sources: source,
				Play: "CreateWithIssuer", Step: "Created",
			},
			{
				ID: "create-issuer/location", Level: reports.Must, Verdict: reports.Pass, As: []string{"observed"},
				Statement: "The Location of a create names the pending operation.", Accepts: reports.Accepts{Observed: []string{"present"}},
				Got: "present", Sources: source, Play: "CreateWithIssuer", Step: "Created",
			},
			{
				ID: "create-issuer/request-id", Level: reports.Must, Verdict: reports.Fail,
				Statement: "The body carries the request_id that the Location names.", Expected: `a string of 32 hexadecimal digits, equal to that of the Location`,
				Got: `17, a number`, Member: "/request_id", Sources: source, Play: "CreateWithIssuer", Step: "Created",
			},
			{
				ID: "create-issuer/retry-after", Level: reports.Should, Verdict: reports.Warn, As: nil,
				Statement: "A poll that is not yet done says when to ask again.", Expected: "a Retry-After header", Got: "none",
				Sources: source, Play: "CreateWithIssuer", Step: "Polled", Index: 1,
			},
			{
				ID: "create-issuer/status-details", Level: reports.May, Verdict: reports.Info,
				Statement: "The status may come with details.", Got: "Pending certificate created.", Play: "CreateWithIssuer", Step: "Polled",
			},
			{
				ID: "create-issuer/target", Level: reports.Must, Verdict: reports.NotReached,
				Statement: "A completed operation names its certificate.", Reason: "an operation that completed", Sources: source,
			},
			{
				ID: "create-issuer/thumbprint", Level: reports.Must, Verdict: reports.NotReached,
				Statement: "The thumbprint is the SHA-1 of the certificate.", Reason: "an operation that completed", Sources: source,
			},
		},
	}
}

func cancelScenario() reports.Scenario {
	source := []reports.Source{
		{Text: "Request a cancellation", URL: "https://learn.microsoft.com/azure/key-vault/certificates/create-certificate-scenarios"},
		{Text: "Azure/azure-sdk-for-js#25758, recorded with 7.4"},
	}
	return reports.Scenario{
		ID: "cancel-in-progress", Title: "Request a cancellation", URL: source[0].URL,
		Rules: []reports.Result{
			{
				ID: "cancel-in-progress/late-status", Level: reports.Must, Verdict: reports.Fail,
				Statement: "A cancellation asked for when the request is not in progress is refused.",
				Accepts:   reports.Accepts{Documented: []string{"400"}, Observed: []string{"403"}}, Got: "200", Sources: source,
				Play: "Cancel", Step: "CancelledLate",
			},
			{
				ID: "cancel-in-progress/status", Level: reports.Must, Verdict: reports.KnownFail, Statement: "A cancellation is answered with 200.",
				Accepts: reports.Accepts{Documented: []string{"200"}, Observed: []string{"200"}}, Got: "404", Sources: source, Play: "Cancel", Step: "Cancelled",
				Known: &reports.Known{Reason: "cancelling is planned for 2.4", Link: "https://example.org/issues/17", Expires: "2026-12-31", Line: 3, Was: reports.Fail},
			},
			{
				ID: "cancel-in-progress/requested", Level: reports.Must, Verdict: reports.Stale, Statement: "A cancellation sets cancellation_requested.",
				Got: "true", Sources: source, Play: "Cancel", Step: "Cancelled",
				Known: &reports.Known{Reason: "cancelling is planned for 2.4", Line: 7, Was: reports.Pass},
			},
			{
				ID: "cancel-in-progress/error", Level: reports.Must, Verdict: reports.CouldNotRun, Statement: "A refused cancellation names its reason.",
				Reason: "no answer within 30 s", Sources: source, Play: "Cancel", Step: "Unanswered",
			},
			{
				ID: "contacts/read", Level: reports.Must, Feature: "contacts", Verdict: reports.NotClaimed, Statement: "The contacts can be read.",
				Reason: "the target file says that the target does not offer contacts", Sources: source,
			},
		},
	}
}

func hostileScenario() reports.Scenario {
	return reports.Scenario{
		ID: "error-bodies", Title: "What an error says " + hostile,
		Rules: []reports.Result{{
			ID: "error-bodies/code", Level: reports.Must, Verdict: reports.Fail, Statement: "An error has a code. " + hostile,
			Expected: "a string\n" + hostile, Got: hostile + "\nsecond line", Member: "/error/<b>~1|",
			Sources: []reports.Source{{Text: hostile, URL: "javascript:alert(1)"}}, Play: "Errors", Step: "Missing",
		}},
	}
}

func samplePlays() []reports.Play {
	header := func(kv ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Add(kv[i], kv[i+1])
		}
		return h
	}
	sent := func() http.Header {
		return header("Authorization", "Bearer REDACTED", "Content-Type", "application/json", "Accept", "application/json", "User-Agent", "kvconform")
	}
	create := endpoint + "/certificates/kvc-1a2b-issuer/create?api-version=7.4"
	pending := endpoint + "/certificates/kvc-1a2b-issuer/pending?api-version=7.4&request_id=0f"
	operation := `{"id":"https://127.0.0.1:8443/certificates/kvc-1a2b-issuer/pending","issuer":{"name":"slow"},"status":"inProgress","request_id":17,"csr":"` + strings.Repeat("MIIC", 300) + `"}`
	return []reports.Play{
		{
			Name: "CreateWithIssuer", Scenario: "create-issuer", Started: at(0), Took: ms(2300),
			Steps: []reports.Step{
				{
					Name: "Created", Operation: "CreateCertificate", Method: "POST", URL: create, RequestHeader: sent(),
					RequestBody: `{"policy":{"x509_props":{"subject":"CN=it's $HOME"},"issuer":{"name":"slow"}}}`, Status: 202,
					ResponseHeader: header("Content-Type", "application/json; charset=utf-8", "Location", pending, "X-Ms-Request-Id", "5e1"),
					ResponseBody:   operation, Started: at(0), Took: ms(12), Attempts: 1,
				},
				{
					Name: "Polled", Operation: "GetCertificateOperation", Method: "GET", URL: pending, RequestHeader: sent(), Status: 200,
					ResponseHeader: header("Content-Type", "application/json", "Retry-After", "1"), ResponseBody: operation, Started: at(1), Took: ms(4), Waited: ms(1000), Attempts: 1,
				},
				{
					Name: "Polled", Index: 1, Operation: "GetCertificateOperation", Method: "GET", URL: pending, RequestHeader: sent(), Status: 200,
					ResponseHeader: header("Content-Type", "application/json"), ResponseBody: operation, Started: at(2), Took: ms(5), Waited: ms(1250), Attempts: 2,
				},
			},
		},
		{
			Name: "Cancel", Scenario: "cancel-in-progress", Error: "Unanswered: no answer within 30 s", Started: at(0), Took: ms(31500),
			Steps: []reports.Step{
				{Name: "Cancelled", Operation: "UpdateCertificateOperation", Method: "PATCH", URL: pending, RequestHeader: sent(), RequestBody: `{"cancellation_requested":true}`, Status: 404, ResponseHeader: header("Content-Type", "application/json"), ResponseBody: `{"error":{"code":"PendingCertificateNotFound","message":"gone"}}`, Started: at(0), Took: ms(3), Attempts: 1},
				{Name: "CancelledLate", Operation: "UpdateCertificateOperation", Method: "PATCH", URL: pending, RequestHeader: sent(), RequestBody: `{"cancellation_requested":true}`, Status: 200, ResponseHeader: header("Content-Type", "application/json"), ResponseBody: `{"status":"completed"}`, Started: at(1), Took: ms(3), Attempts: 1},
				{Name: "Unanswered", Operation: "UpdateCertificateOperation", Method: "PATCH", URL: pending, RequestHeader: sent(), RequestBody: `{"cancellation_requested":true}`, Started: at(2), Took: ms(30000), Attempts: 1, Failure: "no answer within 30 s"},
			},
		},
		{
			Name: "Errors", Scenario: "error-bodies", Started: at(3), Took: ms(9),
			Steps: []reports.Step{{
				Name: "Missing", Operation: "GetCertificate", Method: "GET", URL: endpoint + "/certificates/{none}?api-version=7.4&x=<script>",
				RequestHeader: header("X-Hostile", hostile), RequestBody: "it's\x1b[2J " + hostile, Status: 404,
				ResponseHeader: header("Content-Type", "text/html", "X-Hostile", hostile), ResponseBody: "<h1>" + hostile + "</h1>" + strings.Repeat("very long ", 2000),
				Started: at(3), Took: ms(9), Attempts: 1,
			}},
		},
	}
}

// green is a report of a run in which everything held.
func green() *reports.Report {
	r := sample()
	s := createScenario()
	s.Rules = s.Rules[:2]
	r.Scenarios, r.Plays, r.Notes, r.Left = []reports.Scenario{s}, r.Plays[:1], nil, nil
	r.Target.Claims.Without = nil
	r.Conclude()
	return r
}

// full is a report as large as a run of the whole catalogue makes it: 150 rules and 400 exchanges, a third of the rules failing.
func full() *reports.Report {
	r := sample()
	plays := r.Plays
	body := plays[0].Steps[0]
	for i := range 20 {
		s := createScenario()
		s.ID = fmt.Sprintf("scenario-%02d", i)
		p := reports.Play{Name: fmt.Sprintf("Play%02d", i), Scenario: s.ID, Started: at(i), Took: ms(900)}
		for j := range 20 {
			step := body
			step.Name, step.Index = "Polled", j
			p.Steps = append(p.Steps, step)
		}
		for j := range s.Rules {
			s.Rules[j].ID = fmt.Sprintf("%s/rule-%d", s.ID, j)
			s.Rules[j].Play, s.Rules[j].Step, s.Rules[j].Index = p.Name, "Polled", j
		}
		r.Scenarios = append(r.Scenarios, s)
		r.Plays = append(r.Plays, p)
	}
	r.Conclude()
	return r
}
