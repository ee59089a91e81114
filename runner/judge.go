package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// JudgeOptions say what to judge, and how strictly.
type JudgeOptions struct {
	// Transcript is the run to judge.
	Transcript *Transcript
	// Oracle says whose responses count; the zero value means either.
	Oracle scenarios.Oracle
	// Strict makes failures of broken shoulds and of rules that were not reached.
	Strict bool
	// MinJudged is how many rules have to be judged; a run that judges fewer is incomplete.
	MinJudged int
	// Scenarios and Rules limit the judging to those named; both empty means what the run was limited to.
	Scenarios, Rules []string
	// OpenAPI, where not nil, is the document that responses are compared with instead of kvconform's own.
	OpenAPI *schemas.Given
	// Baseline, where not nil, is what the owner of the target knows of.
	Baseline *Baseline
	// Frame, where not nil, runs the specs.
	Frame Frame
	// Version and Commit are those of the kvconform that judges, as reports name them.
	Version, Commit string
	// Again is the shell command that repeats the judging, for reports; with --rule ID behind it, it judges one rule.
	Again string
	// Clock tells on which day the baseline's entries expire; it is the system's where it is nil.
	Clock vault.Clock
}

// Judge judges a transcript offline. By the same oracle and selection it comes to the verdicts of the run. The error is
// a *Usage.
func Judge(ctx context.Context, options JudgeOptions) (*Result, error) {
	head := &options.Transcript.Head
	if len(options.Scenarios)+len(options.Rules) == 0 {
		options.Scenarios, options.Rules = head.Selection.Scenarios, head.Selection.Rules
	}
	if options.Clock == nil {
		options.Clock = vault.SystemClock{}
	}
	suite, err := loaded(options.OpenAPI)
	var wrong *Usage
	if errors.As(err, &wrong) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("loading the rules: %w", err)
	}
	chosen, err := selection.Choose(suite, selection.Options{
		Scenarios: options.Scenarios, Rules: options.Rules, APIVersion: head.Facts.Expected(),
		Without: head.Target.Claims.Without,
	})
	if err != nil {
		return nil, err
	}
	named, err := ruleSetOf(suite.Catalogue, head.Facts.Expected())
	if err != nil {
		return nil, err
	}
	j := &judging{
		suite: suite, frameOf: options.Frame, specs: chosen.Specs, oracle: oracleOr(options.Oracle), facts: head.Facts, target: head.Target,
		strict: options.Strict, minJudged: options.MinJudged, selection: reports.Selection{Scenarios: options.Scenarios, Rules: options.Rules},
		version: options.Version, commit: options.Commit, again: options.Again, ruleSet: named, openAPI: options.OpenAPI,
		started: head.Started,
	}
	report := j.report(ctx, options.Transcript.Performances)
	report.Took = reports.Duration(head.Took)
	if head.Interrupted {
		report.Notes = append(report.Notes, "the run of this transcript was interrupted")
	}
	conclude(report, options.Baseline, suite, options.Clock.Now())
	return &Result{Report: report, Transcript: options.Transcript}, nil
}
