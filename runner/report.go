package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// judging is what a report is drawn from beside the performances.
type judging struct {
	suite     *specs.Suite
	specs     []specs.Spec
	oracle    scenarios.Oracle
	facts     specs.Facts
	target    reports.Target
	strict    bool
	selection reports.Selection
	version   string
	started   time.Time
}

// report judges the performances and draws the report.
func (j *judging) report(ctx context.Context, performances []*scenarios.Performance) *reports.Report {
	findings := judge(context.WithoutCancel(ctx), &specs.Judgement{
		Suite: j.suite, Oracle: j.oracle, Facts: j.facts, Specs: j.specs, Performances: specs.NewPerformed(performances),
	})
	report := &reports.Report{
		Format:     reports.Format,
		Tool:       reports.Tool{Name: "kvconform", Version: j.version},
		Target:     j.target,
		APIVersion: j.facts.APIVersion,
		Oracle:     string(j.oracle),
		Strict:     j.strict,
		Selection:  j.selection,
		Started:    moment(j.started),
		Notes:      notes(performances),
		Scenarios:  group(j.suite.Catalogue, findings, placesOf(performances), j.target.Claims.Without),
		Faults:     ownFaults(j.suite, j.facts, performances),
	}
	for _, performance := range performances {
		report.Plays = append(report.Plays, play(performance))
	}
	return report
}

// group puts the results under their scenarios, in the order of the catalogue.
func group(
	catalogue *scenarios.Catalogue, findings []specs.Finding, places places, without []string,
) []reports.Scenario {
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

// verdictOf weighs a finding with the rule's level and with what the target claims.
func verdictOf(rule *scenarios.Rule, finding specs.Finding, without []string) reports.Verdict {
	if slices.Contains(without, rule.Feature) {
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
func result(rule *scenarios.Rule, finding specs.Finding, places places, without []string) reports.Result {
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
		r.Reason = fmt.Sprintf("the target does not claim %s", rule.Feature)
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
	if !finding.Listed { // the list stands in r.Accepts, with whose answers they are
		r.Expected = finding.Expected
	}
	r.Play, r.Step, r.Index, r.Panic = finding.Play, finding.Step, finding.Index, finding.Panicked
	return r
}

// places says where each exchange of a run stands.
type places map[*vault.Exchange]reports.Place

func placesOf(performances []*scenarios.Performance) places {
	all := places{}
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

// play is a performance as reports show it.
func play(performance *scenarios.Performance) reports.Play {
	p := reports.Play{
		Name:     performance.Play.Name,
		Scenario: performance.Play.Scenario,
		Started:  moment(performance.Started),
		Took:     duration(performance.Took),
	}
	if performance.Err != nil {
		p.Error = performance.Err.Error()
	}
	for _, step := range scenarios.Steps(performance.Script) {
		p.Steps = append(p.Steps, drawn(step))
	}
	return p
}

func drawn(step scenarios.Step) reports.Step {
	e := step.Exchange
	s := reports.Step{
		Name:          step.Name,
		Index:         step.Index,
		Operation:     e.Operation,
		Method:        e.Request.Method,
		URL:           e.Request.URL,
		RequestHeader: e.Request.Header,
		RequestBody:   string(e.Request.Body),
		Started:       moment(e.Started),
		Took:          duration(e.Took),
		Waited:        duration(e.Waited),
		Attempts:      e.Attempts,
	}
	if e.Response != nil {
		s.Status, s.ResponseHeader, s.ResponseBody = e.Response.Status, e.Response.Header, string(e.Response.Body)
	}
	if e.Failure != nil {
		s.Failure = e.Failure.Message
	}
	return s
}

// notes says in one line what a list of failures would hide: that the endpoint refuses everything.
func notes(performances []*scenarios.Performance) []string {
	counts := map[int]int{}
	total := 0
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if status := step.Exchange.Status(); status != 0 {
				counts[status]++
				total++
			}
		}
	}
	hints := []struct {
		status int
		hint   string
	}{
		{401, "the token is not accepted: check that it is fresh and for this vault"},
		{403, "the token is accepted but may do nothing: check its permissions on certificates, and the vault's firewall"},
		{404, "nothing is found there: check the endpoint's path prefix, and that it is a vault at all"},
	}
	for _, h := range hints {
		if total > 0 && counts[h.status] == total {
			return []string{fmt.Sprintf("every answer was a %d (%d of %d); %s", h.status, total, total, h.hint)}
		}
	}
	return nil
}

// duration is a duration as reports keep it: what JSON rounds away is not there in the first place, so that a report
// drawn again from its JSON is the same.
func duration(d time.Duration) reports.Duration { return reports.Duration(d.Round(time.Microsecond)) }

// ownFaults lists the requests of ours that break our own document.
func ownFaults(book *specs.Suite, facts specs.Facts, performances []*scenarios.Performance) []string {
	var faults []string
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			for _, fault := range book.OwnFaults(step.Exchange, facts) {
				faults = append(faults, fmt.Sprintf("%s.%s: %s", performance.Play.Name, step.Name, fault))
			}
		}
		var panicked *scenarios.Panicked
		if errors.As(performance.Err, &panicked) {
			faults = append(faults, panicked.Error())
		}
	}
	return faults
}

// moment is a time as reports keep it, without the monotonic reading that no file can hold.
func moment(t time.Time) time.Time { return t.UTC().Round(0) }
