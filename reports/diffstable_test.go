package reports

import (
	"net/http"
	"testing"
	"time"
)

func TestWhatOtherRequestsDecideIsNoDifference(t *testing.T) {
	start := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	step := func(name, operation string, at, took time.Duration, status int, body string) Step {
		return Step{
			Name: name, Method: http.MethodPost, Operation: operation, Status: status, ResponseBody: body,
			Started: start.Add(at), Took: Duration(took),
		}
	}
	const ms = time.Millisecond
	play := func(steps ...Step) *Report { return &Report{Plays: []Play{{Name: "P", Steps: steps}}} }
	contacts := func(body string) Step { return step("Contacts", "GetCertificateContacts", 0, ms, 200, body) }
	sets := step("Set", "SetCertificateContacts", 2*ms, ms, 200, `{}`)
	for _, c := range []struct {
		name     string
		old, new *Report
		changed  int
	}{
		{
			"one of two at once, and what follows",
			play(step("A", "CreateCertificate", 0, 9*ms, 202, ""), step("B", "CreateCertificate", ms, 9*ms, 409, ""), step("After", "GetCertificate", 20*ms, ms, 200, "")),
			play(step("A", "CreateCertificate", 0, 9*ms, 409, ""), step("B", "CreateCertificate", ms, 9*ms, 202, ""), step("After", "GetCertificate", 20*ms, ms, 404, "")), 0,
		},
		{
			"one after the other",
			play(step("A", "CreateCertificate", 0, ms, 202, ""), step("B", "CreateCertificate", 2*ms, ms, 409, "")),
			play(step("A", "CreateCertificate", 0, ms, 409, ""), step("B", "CreateCertificate", 2*ms, ms, 202, "")), 2,
		},
		{
			"before the first of several at once",
			play(step("First", "GetCertificate", 0, ms, 200, ""), step("A", "CreateCertificate", 2*ms, 9*ms, 202, ""), step("B", "CreateCertificate", 3*ms, 9*ms, 409, "")),
			play(step("First", "GetCertificate", 0, ms, 404, ""), step("A", "CreateCertificate", 2*ms, 9*ms, 202, ""), step("B", "CreateCertificate", 3*ms, 9*ms, 409, "")), 1,
		},
		{
			"polls among others of a step",
			play(step("Made", "ImportCertificate", 0, ms, 200, ""), step("Made", "GetCertificateOperation", 2*ms, ms, 200, `{"status":"inProgress"}`), step("Made", "GetCertificateOperation", 4*ms, ms, 200, `{"status":"completed"}`), step("Made", "ImportCertificate", 6*ms, ms, 200, "")),
			play(step("Made", "ImportCertificate", 0, ms, 200, ""), step("Made", "GetCertificateOperation", 2*ms, ms, 200, `{"status":"completed"}`), step("Made", "ImportCertificate", 4*ms, ms, 200, "")), 0,
		},
		{
			"the end of polls among others of a step",
			play(step("Made", "GetCertificateOperation", 0, ms, 200, `{"status":"inProgress"}`), step("Made", "GetCertificateOperation", 2*ms, ms, 200, `{"status":"completed"}`), step("Made", "ImportCertificate", 4*ms, ms, 200, "")),
			play(step("Made", "GetCertificateOperation", 0, ms, 200, `{"status":"failed"}`), step("Made", "ImportCertificate", 4*ms, ms, 200, "")), 1,
		},
		{"contacts of another play", play(contacts(`{"contacts":[]}`)), play(contacts(`{}`)), 0},
		{
			"contacts that another play deleted", play(contacts(`{"contacts":[]}`)),
			play(step("Contacts", "GetCertificateContacts", 0, ms, 404, `{}`)), 0,
		},
		{"contacts of the play", play(contacts(`{"contacts":[]}`), sets), play(contacts(`{}`), sets), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Diff(c.old, c.new).Exchanges; len(got) != c.changed {
				t.Errorf("%d responses changed, want %d: %+v", len(got), c.changed, got)
			}
		})
	}
}

func TestTheSameBreachOfTwoRunsIsNoDifference(t *testing.T) {
	side := func(run, id, version, host string, offset, count string) *Report {
		return &Report{Target: Target{Endpoint: "https://" + host}, Scenarios: []Scenario{{ID: "s", Rules: []Result{{
			ID: "s/r", Level: Must, Verdict: Fail,
			Got: "id https://" + host + "/certificates/kvconform-" + run + "-create/" + version + " of " + id + " at byte " + offset +
				", created 2026-11-25T10:00:0" + count + "Z (1790000" + count + "00) (and 1" + count + " more responses of 2" + count + ")",
		}}}}}
	}
	one := side("0123456789ab", "3d6c8b1e-0000-4000-8000-0123456789ab", "0123456789abcdef0123456789abcdef", "127.0.0.1:4000", "17", "1")
	other := side("ba9876543210", "9f6c8b1e-1111-4000-8000-ba9876543210", "fedcba9876543210fedcba9876543210", "127.0.0.1:5000", "99", "2")
	if d := Diff(one, other); !d.Equal() {
		t.Errorf("%s: %+v", d.Line(), d.Rules)
	}
	other.Scenarios[0].Rules[0].Got = "status 500"
	if d := Diff(one, other); len(d.Of(ChangedOther)) != 1 {
		t.Errorf("another breach: %s", d.Line())
	}
}

// A proxy that leaves a header as it is changes nothing, also if the header names the endpoint behind it.
func TestAHeaderThatNamesTheSameHostOnBothSidesIsNoDifference(t *testing.T) {
	side := func(endpoint, challenge string) *Report {
		return &Report{Target: Target{Endpoint: endpoint}, Plays: []Play{{Name: "P", Steps: []Step{{
			Name: "Refused", Operation: "GetCertificate", Status: 401, ResponseHeader: http.Header{"Www-Authenticate": {challenge}},
		}}}}}
	}
	const direct, proxy = "https://direct:1", "https://proxy:2"
	for _, c := range []struct {
		name, old, new string
		changed        int
	}{
		{"passed on", `Bearer resource="https://direct:1"`, `Bearer resource="https://direct:1"`, 0},
		{"written anew", `Bearer resource="https://direct:1"`, `Bearer resource="https://proxy:2"`, 0},
		{"another", `Bearer resource="https://direct:1"`, `Bearer resource="https://other:3"`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Diff(side(direct, c.old), side(proxy, c.new)).Exchanges; len(got) != c.changed {
				t.Errorf("%d responses changed, want %d: %+v", len(got), c.changed, got)
			}
		})
	}
}
