package match_test

import (
	"net/http"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// answered is an exchange with this answer.
func answered(status int, body string) *vault.Exchange {
	return &vault.Exchange{
		Request:  vault.Request{Method: http.MethodGet, URL: "https://vault.example/certificates/name/pending?api-version=7.4"},
		Response: &vault.Response{Status: status, Header: http.Header{}, Body: vault.Body(body)},
	}
}

// matching is a test of an exchange, and the member that a mismatch points at.
type matching struct {
	name     string
	test     match.Test
	exchange *vault.Exchange
	want     bool
	member   string
}

func (m matching) check(t *testing.T) {
	t.Helper()
	failure := m.test(m.exchange)
	if got := failure == nil; got != m.want {
		t.Errorf("%s: match is %t", m.name, got)
	}
	if failure == nil {
		return
	}
	if failure.Expected == "" || failure.Got == "" || failure.Member != m.member {
		t.Errorf("%s: the mismatch is %+v, the member wanted %q", m.name, failure, m.member)
	}
}

func TestMatchersOfOperations(t *testing.T) {
	running := answered(200, `{"status":"InProgress","request_id":"a","issuer":{"name":"self"},"cancellation_requested":false}`)
	for _, m := range []matching{
		{"a state, letter case aside", match.InState("inProgress"), running, true, ""},
		{"one of several states", match.InState("completed", "inProgress"), running, true, ""},
		{"another state", match.InState("completed"), running, false, "/status"},
		{"a state that is no string", match.InState("completed"), answered(200, `{"status":1}`), false, "/status"},
		{"a body that is no object", match.InState("completed"), answered(200, `[]`), false, "/status"},
		{"no cancellation", match.Uncancelled(), running, true, ""},
		{"a cancellation left out", match.Uncancelled(), answered(200, `{}`), true, ""},
		{"a cancellation that is null", match.Uncancelled(), answered(200, `{"cancellation_requested":null}`), true, ""},
		{"a cancellation", match.Uncancelled(), answered(200, `{"cancellation_requested":true}`), false, "/cancellation_requested"},
		{"a cancellation in words", match.Uncancelled(), answered(200, `{"cancellation_requested":"false"}`), false, "/cancellation_requested"},
		{"no JSON to be cancelled", match.Uncancelled(), answered(200, `<html>`), false, "/cancellation_requested"},
		{"an operation in progress that must not be", match.NotInProgress(), running, false, "/status"},
		{"an error in place of an operation", match.NotInProgress(), answered(404, `{"error":{}}`), true, ""},
		{"an operation that ended", match.NotInProgress(), answered(200, `{"status":"failed"}`), true, ""},
		{"the issuer, letter case aside", match.IssuerName("Self"), running, true, ""},
		{"another issuer", match.IssuerName("Unknown"), running, false, "/issuer/name"},
		{"the same body", match.SameBody(running), running, true, ""},
		{"the same body in another order", match.SameBody(answered(200, `{"a":1,"b":2}`)), answered(200, `{"b":2,"a":1}`), true, ""},
		{"another member", match.SameBody(answered(200, `{"a":1}`)), answered(200, `{"a":2}`), false, "/a"},
		{"a further member", match.SameBody(answered(200, `{"a":1}`)), answered(200, `{"a":1,"b":2}`), false, "/b"},
		{"another status", match.SameBody(answered(200, `{}`)), answered(404, `{}`), false, ""},
		{"no body again", match.SameBody(answered(200, ``)), answered(200, ``), false, ""},
		{"a member of its own", match.OtherMember(running, "request_id"), answered(200, `{"request_id":"b"}`), true, ""},
		{"the member of the other", match.OtherMember(running, "request_id"), running, false, "/request_id"},
		{"no member of its own", match.OtherMember(running, "request_id"), answered(200, `{}`), false, "/request_id"},
		{"no certificate", match.NoCertificate(), answered(404, `{"error":{}}`), true, ""},
		{"a stub of a certificate", match.NoCertificate(), answered(200, `{"id":"x"}`), true, ""},
		{"a certificate", match.NoCertificate(), answered(200, `{"cer":"AAAA"}`), false, "/cer"},
		{"a crash in place of a certificate", match.NoCertificate(), answered(500, ``), false, ""},
		{"another certificate", match.CarriesNot([]byte{1}), answered(200, `{"cer":"AAAA"}`), true, ""},
		{"the certificate", match.CarriesNot([]byte{0, 0, 0}), answered(200, `{"cer":"AAAA"}`), false, "/cer"},
		{"a refusal", match.Refused(), answered(400, ``), true, ""},
		{"a refusal for want of a token", match.Refused(), answered(401, ``), false, ""},
		{"a crash", match.Refused(), answered(500, ``), false, ""},
		{"a success", match.Refused(), answered(202, ``), false, ""},
	} {
		t.Run(m.name, m.check)
	}
}

func TestReadersOfOperations(t *testing.T) {
	for _, c := range []struct {
		name   string
		reader match.Reader
		body   string
		want   string // "": an error
	}{
		{"the state in its spelling", match.State(), `{"status":"INPROGRESS"}`, "inProgress"},
		{"a state in lower case", match.State(), `{"status":"Canceled"}`, "canceled"},
		{"the spelling of a state", match.StateSpelling(), `{"status":"INPROGRESS"}`, "INPROGRESS"},
		{"no state", match.State(), `{}`, ""},
		{"a state that is a number", match.StateSpelling(), `{"status":3}`, ""},
		{"no details", match.StatusDetails(), `{}`, "absent"},
		{"empty details", match.StatusDetails(), `{"status_details":""}`, "empty"},
		{"details", match.StatusDetails(), `{"status_details":"wait"}`, "text"},
		{"details that are a number", match.StatusDetails(), `{"status_details":3}`, ""},
		{"a target without a query", match.TargetQuery(), `{"target":"https://v/certificates/n"}`, "none"},
		{"a target with a query", match.TargetQuery(), `{"target":"https://v/certificates/n?b=1&api-version=7.4"}`, "api-version, b"},
		{"no target", match.TargetQuery(), `{}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.reader.Read(answered(200, c.body))
			if c.want == "" {
				if err == nil {
					t.Errorf("%v was read, where an error was due", got)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("%v was read (%v), want %v", got, err, c.want)
			}
		})
	}
}
