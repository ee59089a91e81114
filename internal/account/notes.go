package account

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Notes say in a line each what a list of failures would hide: that many of them have one reason, and its cure.
func Notes(facts specs.Facts, performances []*scenarios.Performance, drawn []reports.Scenario) []string {
	var exchanges []*vault.Exchange
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if step.Exchange.Response != nil {
				exchanges = append(exchanges, step.Exchange)
			}
		}
	}
	var notes []string
	for _, note := range []string{uniform(exchanges), otherBase(facts, exchanges), issuersMissing(facts, drawn)} {
		if note != "" {
			notes = append(notes, note)
		}
	}
	for _, operation := range Forbidden(performances) {
		notes = append(notes, forbiddenNote(operation, exchanges))
	}
	return notes
}

// uniform tells of an endpoint that returns one kind of response to everything.
func uniform(exchanges []*vault.Exchange) string {
	if len(exchanges) == 0 {
		return ""
	}
	all := func(of func(*vault.Exchange) bool) bool {
		return !slices.ContainsFunc(exchanges, func(e *vault.Exchange) bool { return !of(e) })
	}
	first := exchanges[0]
	count := fmt.Sprintf("(%d of %d)", len(exchanges), len(exchanges))
	switch {
	case all(func(e *vault.Exchange) bool { return e.Status() >= 300 && e.Status() < 400 }):
		return fmt.Sprintf("every response is a redirect %s, the first to %q; give the address that it leads to as the endpoint",
			count, first.Response.Header.Get("Location"))
	case all(func(e *vault.Exchange) bool { return e.Status() == first.Status() }):
		if cure := cures()[first.Status()]; cure != "" {
			return fmt.Sprintf("every response is a %d %s; %s", first.Status(), count, cure)
		}
		if first.Status() >= 500 {
			return fmt.Sprintf("every response is a %d %s; the endpoint fails at every request: read its log", first.Status(), count)
		}
	}
	if all(html) {
		return fmt.Sprintf("every response is an HTML page %s; a sign-in page, a portal or a proxy responds, not a vault: check the endpoint", count)
	}
	return ""
}

func cures() map[int]string {
	return map[int]string{
		http.StatusUnauthorized: "the token is not accepted: check that it is fresh and for this vault",
		http.StatusForbidden:    "the token is accepted but may do nothing: check its permissions on certificates, and the vault's firewall",
		http.StatusNotFound:     "nothing is found there: check the endpoint's path prefix, and that it is a vault at all",
	}
}

func html(e *vault.Exchange) bool {
	return strings.HasPrefix(e.Response.Header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(e.Response.Body), []byte("<"))
}

// otherBase tells of ids and links that all begin with one base which is not the one expected.
func otherBase(facts specs.Facts, exchanges []*vault.Exchange) string {
	base, count := reports.WrittenBase(func(yield func(string) bool) {
		for _, e := range exchanges {
			if e.Succeeded() && (!yield(e.Text("id")) || !yield(e.Response.Header.Get("Location"))) {
				return
			}
		}
	})
	expected := strings.TrimSuffix(facts.IDBase, "/")
	if count == 0 || strings.EqualFold(base, expected) {
		return ""
	}
	why := "have the proxy before it rewrite them if that is not meant"
	if reports.SchemeDiffers(base, expected) {
		why = "only the scheme differs: let it know the scheme that its clients use if that is not meant"
	}
	return fmt.Sprintf("every id and link (%d) begins with %s and not with %s; set `idBase: %s` in the target file if the vault is to write that base, or %s",
		count, base, expected, base, why)
}

// issuersMissing tells how many rules wait for an issuer that the target file does not name.
func issuersMissing(facts specs.Facts, drawn []reports.Scenario) string {
	waiting := 0
	for _, scenario := range drawn {
		for _, rule := range scenario.Rules {
			if rule.Verdict == reports.NotReached && strings.Contains(rule.Reason, "the target file names none") {
				waiting++
			}
		}
	}
	if waiting == 0 || facts.Issuers != (scenarios.Issuers{}) {
		return ""
	}
	return fmt.Sprintf("%d rules need an issuer and the target file names none; name the vault's issuers under `issuers` in the target file, "+
		"by how their requests end (staysInProgress, completes, fails, rejects), or claim less with `without: [issuers]`", waiting)
}

// Forbidden lists the operations that are refused every time for want of a permission, by a service that accepts others.
func Forbidden(performances []*scenarios.Performance) []string {
	type seen struct{ forbidden, other int }
	operations := map[string]seen{}
	accepted := false
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			e := step.Exchange
			if e.Response == nil || e.Request.Deliberate {
				continue
			}
			of := operations[e.Operation]
			if lacksPermission(e) {
				of.forbidden++
			} else {
				of.other++
			}
			operations[e.Operation] = of
			accepted = accepted || e.Succeeded()
		}
	}
	var list []string
	for operation, of := range operations {
		if accepted && of.forbidden > 0 && of.other == 0 {
			list = append(list, operation)
		}
	}
	slices.Sort(list)
	return list
}

// lacksPermission reports whether a response is the service's refusal for want of a permission.
func lacksPermission(e *vault.Exchange) bool {
	problem, _ := e.Member("error").(map[string]any)
	code, _ := problem["code"].(string)
	return e.Status() == http.StatusForbidden && strings.EqualFold(code, "Forbidden")
}

// forbiddenNote names the permission that is missing in the service's own words.
func forbiddenNote(operation string, exchanges []*vault.Exchange) string {
	words := ""
	for _, e := range exchanges {
		if e.Operation == operation && lacksPermission(e) {
			problem, _ := e.Member("error").(map[string]any)
			inner, _ := problem["innererror"].(map[string]any)
			code, _ := inner["code"].(string)
			message, _ := problem["message"].(string)
			words = strings.TrimSpace(strings.TrimSpace("Forbidden "+code) + ": " + message)
			break
		}
	}
	return fmt.Sprintf("%s is refused with 403 every time, and other operations are not: a permission is missing, and rules about it could not run; "+
		"grant it to the caller, or leave the feature out with `without` (%s)", operation, words)
}
