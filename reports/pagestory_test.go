package reports_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// The story of a pending object has a row for each state, and says which request moved the object where.
func TestThePageTellsTheStoryOfAPendingObject(t *testing.T) {
	step := func(second int, name, method, operation, query string, status int, body string) reports.Step {
		return reports.Step{
			Name: name, Method: method, Operation: operation, URL: endpoint + "/certificates/kvc-1-Story/pending?api-version=7.4" + query,
			Status: status, ResponseBody: body, Started: at(second), Took: ms(100),
		}
	}
	r := &reports.Report{Plays: []reports.Play{{Name: "Cancel", Started: at(0), Took: ms(9000), Steps: []reports.Step{
		step(1, "Created", http.MethodPost, "CreateCertificate", "", 202, `{"status":"inProgress"}`),
		step(2, "Mismatched", http.MethodGet, "GetCertificateOperation", "&request_id=0", 404, `{"error":{}}`),
		step(3, "Cancelled", http.MethodPatch, "UpdateCertificateOperation", "", 200, `{"status":"inProgress","cancellation_requested":true}`),
		step(5, "Polled", http.MethodGet, "GetCertificateOperation", "", 200, `{"status":"cancelled"}`),
		step(6, "Late", http.MethodPatch, "UpdateCertificateOperation", "", 403, `{"error":{}}`),
		step(7, "Deleted", http.MethodDelete, "DeleteCertificateOperation", "", 200, `{"status":"cancelled"}`),
	}}}}
	r.Conclude()
	page := string(html(t, r))
	const want = `aria-label="start → inProgress by CreateCertificate (Created), after 100 ms; ` +
		`inProgress → cancelled between two requests, shown by Polled, after 4.1 s; ` +
		`cancelled → none by DeleteCertificateOperation (Deleted), after 6.1 s"`
	if !strings.Contains(page, want) {
		t.Errorf("the page lacks %s:\n%s", want, regexp.MustCompile(`(?s)<figure.*</figure>`).FindString(page))
	}
	for _, mark := range []struct {
		class string
		n     int
	}{{"change", 3}, {"get", 1}, {"refused", 2}} {
		if n := strings.Count(page, `<circle class="`+mark.class+`" cx="`) - 1; n != mark.n { // one is in the legend
			t.Errorf("%d dots of the class %s, want %d", n, mark.class, mark.n)
		}
	}
}

// An object that never moved has no story to tell.
func TestAnObjectThatNeverMovedHasNoStory(t *testing.T) {
	if page := string(html(t, sample())); strings.Contains(page, `class="story"`) {
		t.Error("a story is drawn of an object in one state")
	}
}

// A rule has the address that its id is, so that a link to it can be written by hand, and the causes lead to it.
func TestRulesAreLinkedByTheirIDs(t *testing.T) {
	r := sample()
	page := string(html(t, r))
	for _, want := range []string{
		`id="create-issuer/request-id"`, `<a class="anchor" href="#create-issuer/request-id"`,
		`<details class="cause" id="cause-0" open>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Index(page, `id="causes"`) > strings.Index(page, `id="matrix"`) {
		t.Error("the causes come after the table of scenarios")
	}
}
