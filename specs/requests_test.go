package specs

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

func TestARequestOfOursThatBreaksOurDocumentIsAFaultOfOurs(t *testing.T) {
	book := bookOf(t)
	facts := Facts{Endpoint: "https://vault.example/prefix", IDBase: "https://vault.example/prefix"}
	request := func(change func(*vault.Request)) *vault.Exchange {
		e := &vault.Exchange{Operation: "UpdateCertificateOperation", Request: vault.Request{
			Method: http.MethodPatch, URL: "https://vault.example/prefix/certificates/n/pending?api-version=7.4",
			Header: http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}},
			Body:   vault.Body(`{"cancellation_requested":true}`),
		}}
		change(&e.Request)
		return e
	}
	for _, test := range []struct {
		name   string
		change func(*vault.Request)
		want   string // "" for no fault
	}{
		{"as it should be", func(*vault.Request) {}, ""},
		{"no api-version", func(r *vault.Request) { r.URL = "https://vault.example/prefix/certificates/n/pending" }, "api-version"},
		{"no operation", func(r *vault.Request) { r.Method = http.MethodPut }, "no operation"},
		{"a member of another type", func(r *vault.Request) { r.Body = vault.Body(`{"cancellation_requested":"yes"}`) }, "cancellation_requested"},
		{"a link of the vault's own", func(r *vault.Request) { r.URL, r.Followed = r.URL+"&cursor=1", true }, ""},
		{"the same made by us", func(r *vault.Request) { r.URL += "&cursor=1" }, "cursor"},
		{"on purpose", func(r *vault.Request) { r.Body, r.Deliberate = vault.Body(`{}`), true }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			faults := strings.Join(book.OwnFaults(request(test.change), facts), "\n")
			if (test.want == "") != (faults == "") || !strings.Contains(faults, test.want) {
				t.Errorf("got %q, want %q", faults, test.want)
			}
		})
	}
}

func TestAPanicInASpecIsThatRulesAlone(t *testing.T) {
	book := bookOf(t)
	spec := book.Specs()[0]
	spec.judge = func(*Check, Performances) { panic("no") }
	finding := book.Judge(t.Context(), spec, "either", Facts{}, nil)
	if finding.Kind != CouldNotRun || !finding.Panicked || !strings.Contains(finding.Reason, "panicked") {
		t.Errorf("got %+v", finding)
	}
}
