package specs_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Every fault that only edits responses is applied to a rehearsal of the perfect vault, and the rules that it names
// must fail, each because of a response that the fault changed. `kvconform prove` shows the same of the vault itself,
// where a play may go another way after the edit.
func TestTheRulesThatAFaultNamesFailOnARehearsalItEdited(t *testing.T) {
	r := observedEverywhere(t)
	for _, f := range fault.All() {
		if f.Edit == nil {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			broken, changed := r.with(t, f)
			for _, rule := range f.Breaks {
				finding := broken.judge(t, rule, scenarios.Either)
				live := onlyLive(f.ID, rule)
				switch {
				case live && finding.Kind != specs.Broken:
				case live:
					t.Errorf("%s fails offline as well: take it off the list of onlyLive", rule)
				case finding.Kind != specs.Broken:
					t.Errorf("%s is %s: %s", rule, finding.Kind, finding.Text())
				case finding.Expected == "" || finding.Got == "" || finding.Exchange == nil:
					t.Errorf("%s does not say what was expected of which exchange and what it got: %+v", rule, finding)
				case changed[finding.Exchange]:
					if !blames(finding.Member, f.Members) {
						t.Errorf("%s blames the member %s, the fault edits %v", rule, finding.Member, f.Members)
					}
				case !changed.in(broken, finding.Play): // a rule that compares may blame the other of two responses
					t.Errorf("%s fails because of the play %s, in which the fault changed nothing: %s", rule, finding.Play,
						finding.Text())
				}
			}
		})
	}
}

// exchanges are those that a fault changed.
type exchanges map[*vault.Exchange]bool

// in tells whether one of them is of a play.
func (e exchanges) in(r *rehearsal, play string) bool {
	for _, performance := range r.performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if performance.Play.Name == play && e[step.Exchange] {
				return true
			}
		}
	}
	return false
}

// blames tells whether a finding points at a member that a fault edits, at one in it or at one around it. Without
// either of them there is nothing to compare.
func blames(pointer string, members []string) bool {
	if pointer == "" || len(members) == 0 {
		return true
	}
	found := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if found[0] == "policy" && len(found) > 1 {
		found = found[1:]
	}
	return slices.ContainsFunc(members, func(member string) bool {
		if member == "policy" || member == "status" { // the state says which members an operation has besides
			return true
		}
		edited := strings.Split(strings.TrimPrefix(member, "policy."), ".")
		for i := range min(len(found), len(edited)) {
			if edited[i] != found[i] && edited[i] != "*" {
				return false
			}
		}
		return true
	})
}

// onlyLive tells whether a rule fails for a fault only where requests are sent: the rules about what a link leads to
// follow the link, what a redacted request carried is not in the rehearsal, and a simpler request is sent only after a
// refusal.
func onlyLive(faultID, rule string) bool {
	return slices.Contains(map[string][]string{
		"location-missing":                 {"request-from-issuer/location-read"},
		"location-with-another-request-id": {"request-from-issuer/location-read", "create-manually/location-followed"},
		"merge-location-missing":           {"merge-manual-request/location-followed"},
		"merge-location-of-the-pending":    {"merge-manual-request/location-followed"},
		"merge-location-of-another-name":   {"merge-manual-request/location-followed"},
		"target-of-another-name":           {"read-completed/target-read", "api-version/target"},
		"target-dead":                      {"read-completed/target-read", "api-version/target"},
		"csr-of-another-key":               {"merge-manual-request/status"},
		"create-with-validity-refused":     {"issue-next-version/first-accepted"},
		"next-link-without-maxresults":     {"list-certificates/page-size-kept"},
		"list-cut-off":                     {"list-certificates/all-pages"},
		"issuer-list-ends-early":           {"issuers/all-pages"},
		"list-issuers-cut-off":             {"issuers/all-pages"},
		"issuer-list-page-twice":           {"issuers/all-pages"},
		"list-deleted-cut-off":             {"delete-certificate/list-all-pages"},
		"versions-cut-off":                 {"list-certificates/versions-all-pages"},
		"list-forgets-pending":             {"list-certificates/pending-pages"}, // in a vault of a few certificates
	}[faultID], rule)
}

// with is the rehearsal with every response edited that the fault edits, in the plays that the rules it names are judged
// on, and the exchanges that it changed.
func (r *rehearsal) with(t *testing.T, f fault.Fault) (*rehearsal, exchanges) {
	t.Helper()
	edited := *r
	edited.performances = slices.Clone(r.performances)
	changed := exchanges{}
	judged := r.judgedOn(t, f.Breaks)
	for i, performance := range r.performances {
		if !judged(performance.Play.Name) {
			continue
		}
		steps := slices.Clone(performance.Steps())
		before := len(changed)
		for j := range steps {
			if exchange := tampered(t, steps[j].Exchange, f); exchange != nil {
				steps[j].Exchange = exchange
				changed[exchange] = true
			}
		}
		if len(changed) == before {
			continue
		}
		copied := scenarios.Performance{Play: performance.Play, Err: performance.Err, Started: performance.Started, Took: performance.Took}
		copied.Script = performance.Play.New()
		if err := scenarios.Restore(copied.Script, steps); err != nil {
			t.Fatal(err)
		}
		edited.performances[i] = &copied
	}
	return &edited, changed
}

// judgedOn tells which plays some rules are judged on: all, if one of them is a rule of every response.
func (r *rehearsal) judgedOn(t *testing.T, rules []string) func(play string) bool {
	t.Helper()
	plays := map[string]bool{}
	for _, rule := range rules {
		spec, ok := r.book.Spec(rule)
		if !ok {
			t.Fatalf("the rule %s has no spec", rule)
		}
		plays[spec.Play] = true
	}
	return func(play string) bool { return plays[""] || plays[play] }
}

// tampered is an exchange with its response edited, nil where the fault leaves that as it is.
func tampered(t *testing.T, exchange *vault.Exchange, f fault.Fault) *vault.Exchange {
	t.Helper()
	if exchange == nil || exchange.Response == nil {
		return nil
	}
	u, err := url.Parse(exchange.Request.URL)
	if err != nil {
		t.Fatal(err)
	}
	request := &http.Request{Method: exchange.Request.Method, URL: u, Host: u.Host, Header: exchange.Request.Header,
		Body: io.NopCloser(bytes.NewReader(exchange.Request.Body))}
	if !f.On(request) {
		return nil
	}
	answer := &tamper.Response{
		Status: exchange.Response.Status, Header: exchange.Response.Header.Clone(), Body: bytes.Clone(exchange.Response.Body),
		Request: request, Sent: exchange.Request.Body,
	}
	f.Edit(answer)
	before := exchange.Response
	if answer.Status == before.Status && bytes.Equal(answer.Body, before.Body) &&
		maps.EqualFunc(answer.Header, before.Header, slices.Equal[[]string]) {
		return nil
	}
	changed := *exchange
	changed.Response = &vault.Response{Status: answer.Status, Header: answer.Header, Body: answer.Body, Content: before.Content}
	return &changed
}
