package reports

import "testing"

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
	if d := Diff(one, other); len(d.Of(Otherwise)) != 1 {
		t.Errorf("another breach: %s", d.Line())
	}
}
