package account

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
	"github.com/kvconform/kvconform/specs/match"
)

// claim is what the target file says of an issuer: the states in which its requests end, none if they stay in progress.
type claim struct {
	key, issuer string
	ends        []string
}

// Unmet lists the claims about issuers that the target did not keep, a line each. Issuers that the run made of its own
// accord are no claims.
func Unmet(facts specs.Facts, performances []*scenarios.Performance) []string {
	var lines []string
	for _, c := range []claim{
		{"issuers.staysInProgress", facts.Issuers.StaysInProgress, nil},
		{"issuers.completes", facts.Issuers.Completes, []string{"completed"}},
		{"issuers.fails", facts.Issuers.Fails, []string{"failed"}},
		{"issuers.rejects", facts.Issuers.Rejects, []string{"failed"}},
	} {
		if c.issuer == "" || slices.Contains(facts.OwnIssuers, c.issuer) {
			continue
		}
		if how := c.broken(performances); how != "" {
			lines = append(lines, fmt.Sprintf("the target file names %q as %s, and %s", c.issuer, c.key, how))
		}
	}
	return lines
}

// broken says how the target broke the claim; "" if no play shows that.
func (c claim) broken(performances []*scenarios.Performance) string {
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if step.Exchange.Operation != vault.CreateCertificate || !step.Exchange.Succeeded() || issuerOf(step.Exchange) != c.issuer {
				continue
			}
			if how := c.brokenBy(performance, step.Exchange); how != "" {
				return how
			}
		}
	}
	return ""
}

// brokenBy follows one request of the issuer through its play, up to the first request of ours that changes it.
func (c claim) brokenBy(performance *scenarios.Performance, created *vault.Exchange) string {
	last := created
	for _, e := range after(performance, created) {
		if e.Request.Method != http.MethodGet {
			break
		}
		if e.Operation == vault.GetCertificateOperation && scenarios.ShowsOperation(e) {
			last = e
		}
	}
	state := scenarios.State(last)
	var unreached *scenarios.Unreached
	switch {
	case len(c.ends) == 0 && slices.Contains([]string{"completed", "failed"}, state):
		return fmt.Sprintf("a request of it is %s (%s)", state, performance.Play.Name)
	case len(c.ends) > 0 && slices.Contains([]string{"completed", "failed"}, state) && !slices.Contains(c.ends, state):
		return fmt.Sprintf("a request of it is %s (%s)", state, performance.Play.Name)
	case len(c.ends) > 0 && scenarios.InProgress(last) && errors.As(performance.Err, &unreached) && unreached.Exchange == last:
		return fmt.Sprintf("a request of it is still in progress at the end of polling.timeout (%s)", performance.Play.Name)
	}
	return ""
}

// after lists the exchanges of a play about the certificate of another one, later than that, in the order of their sending.
func after(performance *scenarios.Performance, first *vault.Exchange) []*vault.Exchange {
	var later []*vault.Exchange
	for _, step := range scenarios.Steps(performance.Script) {
		if e := step.Exchange; e.Started.After(first.Started) && strings.EqualFold(match.Name(e), match.Name(first)) {
			later = append(later, e)
		}
	}
	slices.SortStableFunc(later, func(a, b *vault.Exchange) int { return a.Started.Compare(b.Started) })
	return later
}

// issuerOf is the issuer that a create asks for.
func issuerOf(created *vault.Exchange) string {
	value, err := created.Request.JSON()
	if err != nil {
		return ""
	}
	body, _ := value.(map[string]any)
	policy, _ := body["policy"].(map[string]any)
	issuer, _ := policy["issuer"].(map[string]any)
	name, _ := issuer["name"].(string)
	return name
}
