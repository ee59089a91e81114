// Package account draws what a run found up as the model of the reports: each finding as the verdict of its rule, each
// performance as a play with its steps. It decides the verdicts and nothing else; the outcome is the report's own.
package account

import (
	"fmt"
	"slices"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Scenarios puts the results under their scenarios, in the order of the catalogue. Rules of a feature that the target is
// without are not claimed.
func Scenarios(
	catalogue *scenarios.Catalogue, findings []specs.Finding, performances []*scenarios.Performance, without []string,
) []reports.Scenario {
	forbidden := Forbidden(performances)
	permittedFindings := make([]specs.Finding, len(findings))
	for i, finding := range findings {
		permittedFindings[i] = permitted(finding, forbidden)
	}
	return ScenariosAt(catalogue, permittedFindings, placesOf(performances), without)
}

// ScenariosAt puts results under their scenarios whose exchanges are at the places given.
func ScenariosAt(catalogue *scenarios.Catalogue, findings []specs.Finding, places Places, without []string) []reports.Scenario {
	byRule := make(map[string]specs.Finding, len(findings))
	for _, finding := range findings {
		byRule[finding.Rule] = finding
	}
	var grouped []reports.Scenario
	for i := range catalogue.Scenarios {
		scenario := &catalogue.Scenarios[i]
		drawn := reports.Scenario{ID: scenario.ID, Title: scenario.Title, URL: scenario.PageURL()}
		for j := range scenario.Rules {
			if finding, ok := byRule[scenario.Rules[j].ID]; ok {
				drawn.Rules = append(drawn.Rules, result(&scenario.Rules[j], finding, places, without))
			}
		}
		if len(drawn.Rules) > 0 {
			grouped = append(grouped, drawn)
		}
	}
	return grouped
}

// permitted turns a rule that is broken by a missing permission, which is the caller's affair, into one that could not run.
func permitted(finding specs.Finding, forbidden []string) specs.Finding {
	e := finding.Exchange
	if finding.Kind != specs.Broken || e == nil || !slices.Contains(forbidden, e.Operation) || e.Request.Deliberate || !lacksPermission(e) {
		return finding
	}
	finding.Kind, finding.Expected, finding.Breaches = specs.CouldNotRun, "", nil
	finding.Reason = fmt.Sprintf("the caller has no permission for %s: %s", e.Operation, scenarios.Returned(e))
	return finding
}

// verdictOf weighs a finding with the rule's level and with what the target claims.
func verdictOf(rule *scenarios.Rule, finding specs.Finding, without []string) reports.Verdict {
	if slices.Contains(without, rule.Feature) || finding.Unclaimed != "" {
		return reports.NotClaimed
	}
	switch finding.Kind {
	case specs.NotReached:
		return reports.NotReached
	case specs.CouldNotRun:
		return reports.CouldNotRun
	case specs.Broken:
		return map[scenarios.Level]reports.Verdict{
			scenarios.Must: reports.Fail, scenarios.Should: reports.Warn, scenarios.May: reports.Info,
		}[rule.Level]
	}
	if rule.Level == scenarios.May {
		return reports.Info
	}
	return reports.Pass
}

// result is a rule with its verdict, as reports show it.
func result(rule *scenarios.Rule, finding specs.Finding, places Places, without []string) reports.Result {
	r := reports.Result{
		ID:        rule.ID,
		Level:     reports.Level(rule.Level),
		Statement: rule.Statement,
		Feature:   rule.Feature,
		Verdict:   verdictOf(rule, finding, without),
		Accepts:   accepts(rule.Accepts),
	}
	for _, source := range rule.Sources {
		r.Sources = append(r.Sources, reports.Source{Text: source.Text(), URL: source.URL()})
	}
	if r.Verdict == reports.NotClaimed {
		r.Reason = finding.Unclaimed
		if slices.Contains(without, rule.Feature) {
			r.Reason = fmt.Sprintf("the target does not claim %s", rule.Feature)
		}
		return r
	}
	for _, oracle := range finding.As {
		r.As = append(r.As, string(oracle))
	}
	r.Got, r.Reason, r.After = finding.Got, finding.Reason, finding.After
	r.Aspect, r.Member, r.Header = string(finding.Aspect), finding.Member, finding.Header
	for _, breach := range finding.Breaches {
		at := places[breach.Exchange]
		r.Breaches = append(r.Breaches, reports.Breach{
			Play: at.Play, Step: at.Step, Index: at.Index, Aspect: string(breach.Aspect), Member: breach.Member, Header: breach.Header,
			Got: breach.Got, Count: breach.Count,
		})
	}
	if blocker := finding.Blocker; blocker != nil {
		at := places[blocker.Exchange]
		r.Blocker = &reports.Blocker{Play: at.Play, Step: at.Step, Index: at.Index, Want: blocker.Want}
	}
	if !finding.Listed { // the list stands in r.Accepts, with whose responses they are
		r.Expected = finding.Expected
	}
	r.Play, r.Step, r.Index, r.Panic = finding.Play, finding.Step, finding.Index, finding.Panicked
	return r
}

// Places says where each exchange of a run stands.
type Places map[*vault.Exchange]reports.Place

func placesOf(performances []*scenarios.Performance) Places {
	all := Places{}
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			all[step.Exchange] = reports.Place{Play: performance.Play.Name, Step: step.Name, Index: step.Index}
		}
	}
	return all
}

func accepts(a scenarios.Accepts) reports.Accepts {
	if a.Empty() {
		return reports.Accepts{}
	}
	return reports.Accepts{Documented: a.Documented, Observed: a.Observed, Inferred: a.Inferred}
}
