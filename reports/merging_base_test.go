package reports_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// A vault behind a proxy that rewrites nothing is one cause, whose cure is to say so; what else is wrong stays apart.
func TestLinksOfAnotherBaseAreOneCauseWithItsCure(t *testing.T) {
	const written = "https://inside.example"
	created := step("Created", "CreateCertificate", "POST", "a/create", 202, `{"id":"`+written+`/certificates/a/pending"}`)
	created.ResponseHeader = http.Header{"Location": {written + "/certificates/a/pending"}}
	plays := []reports.Play{{Name: "Create", Steps: []reports.Step{
		created, step("Read", "GetCertificate", "GET", "a", 200, `{"id":"`+written+`/certificates/a/1","tags":{}}`),
		step("Deleted", "DeleteCertificate", "DELETE", "a", 200, `{"id":"`+written+`/certificates/a/1"}`),
	}}}
	broken := []reports.Result{
		{ID: "location", Level: reports.Must, Verdict: reports.Fail, Play: "Create", Step: "Created", Aspect: "header", Header: "Location", Got: "Location " + written + "/certificates/a/pending"},
		rule("link", "Create", "Deleted", "body", "/recoveryId", "recoveryId "+written+"/deletedcertificates/a: its host is inside.example"),
		rule("tags", "Create", "Read", "body", "/tags", "no tags"),
	}
	const outside, cure = "https://vault.example", "set `idBase: " + written + "` in the target file"
	for name, c := range map[string]struct {
		base, title, hint string
		breaks            []string
	}{
		"another host":   {outside, "every id and link (4) begins with " + written + ", want " + outside, "have the proxy before the vault rewrite them", []string{"location", "link"}},
		"another scheme": {"http://inside.example", "every id and link (4) begins with " + written + ", want http://inside.example", "tell the vault the scheme", []string{"location", "link"}},
		"as expected":    {written, "CreateCertificate: Location " + written, "", []string{"location"}},
		"not known":      {"", "CreateCertificate: Location " + written, "", []string{"location"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &reports.Report{Target: reports.Target{IDBase: c.base}, Plays: plays, Scenarios: []reports.Scenario{{ID: "s", Rules: slices.Clone(broken)}}}
			r.Conclude()
			at := slices.IndexFunc(r.Causes, func(cause reports.Cause) bool { return slices.Contains(cause.Breaks, "location") })
			cause := r.Causes[at]
			if !strings.HasPrefix(cause.Title, c.title) || !strings.Contains(cause.Hint, c.hint) || strings.Contains(cause.Hint, cure) != (c.hint != "") {
				t.Errorf("the cause is %q, to be cured by %q", cause.Title, cause.Hint)
			}
			if !slices.Equal(cause.Breaks, c.breaks) {
				t.Errorf("it breaks %v, want %v", cause.Breaks, c.breaks)
			}
			if !slices.ContainsFunc(r.Causes, func(cause reports.Cause) bool { return slices.Equal(cause.Breaks, []string{"tags"}) }) {
				t.Errorf("the tags are no cause of their own: %v", r.Causes)
			}
		})
	}
}
