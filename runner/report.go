package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvconform/kvconform/internal/account"
	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// judging is what a report is drawn from beside the performances.
type judging struct {
	suite     *specs.Suite
	frameOf   Frame
	specs     []specs.Spec
	oracle    scenarios.Oracle
	facts     specs.Facts
	target    reports.Target
	strict    bool
	minJudged int
	selection reports.Selection
	version   string
	commit    string
	ruleSet   reports.RuleSet
	openAPI   *schemas.Given
	again     string
	started   time.Time
}

// ruleSetOf names the rules that hold at an api-version, whatever a run was limited to.
func ruleSetOf(catalogue *scenarios.Catalogue, apiVersion string) (reports.RuleSet, error) {
	set, err := ruleset.At(catalogue, apiVersion)
	if err != nil {
		return reports.RuleSet{}, err
	}
	return reports.RuleSet{Name: apiVersion, Digest: set.Digest, Rules: len(set.Rules)}, nil
}

// loaded is the suite, with the OpenAPI document of the user's if there is one. An error about that is a *Usage.
func loaded(given *schemas.Given) (*specs.Suite, error) {
	suite, err := specs.NewSuite()
	if err != nil || given == nil {
		return suite, err
	}
	if err := suite.JudgeBy(given); err != nil {
		return nil, &Usage{Message: err.Error()}
	}
	return suite, nil
}

// report judges the performances and draws the report.
func (j *judging) report(ctx context.Context, performances []*scenarios.Performance) *reports.Report {
	findings := judge(context.WithoutCancel(ctx), j.frameOf, &specs.Judgement{
		Suite: j.suite, Oracle: j.oracle, Facts: j.facts, Specs: j.specs, Performances: specs.NewPerformed(performances),
	})
	report := j.frame()
	report.Scenarios = account.Scenarios(j.suite.Catalogue, findings, performances, j.target.Claims.Without)
	report.Unknown = account.Unknown(j.suite, j.facts, performances)
	report.Notes = append(account.LikeNotes(j.facts, report.Unknown), account.Notes(j.facts, performances, report.Scenarios)...)
	report.Unmet = account.Unmet(j.facts, performances)
	report.Faults = ownFaults(j.suite, j.facts, performances)
	var err error
	if report.Document, err = account.Document(j.suite, j.openAPI, j.facts, performances); err != nil {
		report.Faults = append(report.Faults, err.Error())
	}
	report.Notes = append(account.DocumentNotes(report.Document, j.facts), report.Notes...)
	report.Plays = account.Plays(performances)
	for _, note := range []string{account.Cut(report.Plays), account.Repeated(performances)} {
		if note != "" {
			report.Notes = append(report.Notes, note)
		}
	}
	return report
}

// frame is a report of what is known before anything is judged.
func (j *judging) frame() *reports.Report {
	return &reports.Report{
		Format:     reports.Format,
		Tool:       reports.Tool{Name: "kvconform", Version: j.version, Commit: j.commit},
		Target:     j.target,
		APIVersion: j.facts.APIVersion,
		Like:       j.facts.Like,
		RuleSet:    j.ruleSet,
		Oracle:     string(j.oracle),
		Strict:     j.strict,
		MinJudged:  j.minJudged,
		Selection:  j.selection,
		Again:      j.again,
		Started:    account.Moment(j.started),
		Scenarios:  []reports.Scenario{},
		Plays:      []reports.Play{},
	}
}

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
