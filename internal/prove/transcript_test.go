package prove

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// A transcript that loses anything that judging reads is judged again, so none of it may pass for equal.
func TestPerformancesThatDifferInAnythingAreNotEqual(t *testing.T) {
	made := func(change func(*scenarios.Performance, *vault.Exchange)) []*scenarios.Performance {
		exchange := &vault.Exchange{
			Operation: vault.CreateCertificate, Started: time.Unix(1, 0), Took: time.Second, Attempts: 1,
			Request:  vault.Request{Method: http.MethodPost, URL: "https://vault.localhost/certificates/a/create", Header: http.Header{"A": {"b"}}, Body: vault.Body(`{}`)},
			Response: &vault.Response{Status: 202, Header: http.Header{"Location": {"https://vault.localhost"}}, Body: vault.Body(`{"id": "a"}`)},
		}
		performance := &scenarios.Performance{Play: scenarios.Play{Name: "CreateManually"}, Script: &scenarios.CreateManually{Created: exchange}}
		if change != nil {
			change(performance, exchange)
		}
		return []*scenarios.Performance{performance}
	}
	if !equal(made(nil), made(nil)) {
		t.Fatal("two performances that are alike are not equal")
	}
	for name, change := range map[string]func(*scenarios.Performance, *vault.Exchange){
		"play":             func(p *scenarios.Performance, _ *vault.Exchange) { p.Play.Name = "Another" },
		"end":              func(p *scenarios.Performance, _ *vault.Exchange) { p.Err = errors.New("panicked") },
		"unreached":        func(p *scenarios.Performance, _ *vault.Exchange) { p.Err = &scenarios.Unreached{Reason: "none"} },
		"step":             func(p *scenarios.Performance, _ *vault.Exchange) { p.Script = &scenarios.CreateManually{} },
		"time":             func(_ *scenarios.Performance, e *vault.Exchange) { e.Started = e.Started.Add(1) },
		"duration":         func(_ *scenarios.Performance, e *vault.Exchange) { e.Took++ },
		"repetition":       func(_ *scenarios.Performance, e *vault.Exchange) { e.Repeated = []string{"503"} },
		"request's header": func(_ *scenarios.Performance, e *vault.Exchange) { e.Request.Header.Set("A", "c") },
		"request's mark":   func(_ *scenarios.Performance, e *vault.Exchange) { e.Request.Deliberate = true },
		"status":           func(_ *scenarios.Performance, e *vault.Exchange) { e.Response.Status = 200 },
		"header":           func(_ *scenarios.Performance, e *vault.Exchange) { e.Response.Header.Del("Location") },
		"body":             func(_ *scenarios.Performance, e *vault.Exchange) { e.Response.Body = vault.Body(`{"id":"a"}`) },
		"response":         func(_ *scenarios.Performance, e *vault.Exchange) { e.Response = nil },
		"failure":          func(_ *scenarios.Performance, e *vault.Exchange) { e.Failure = &vault.Failure{Kind: vault.TimedOut} },
	} {
		if equal(made(nil), made(change)) {
			t.Errorf("another %s passes for equal", name)
		}
	}
}
