// Package runner runs the suite: it performs the plays against a target, has the checks judge them, and weighs the findings
// into verdicts and an exit code. Run is for programs, RunT for tests, Judge for the transcript of an earlier run, and
// Inspect says what a run would do. Package target describes the endpoint under test.
package runner

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"time"

	"github.com/kvconform/kvconform/internal/account"
	"github.com/kvconform/kvconform/internal/drive"
	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// Options say what to run, against what, and how strictly.
type Options struct {
	Target Target
	// Handler, where not nil, is the vault itself: it is served over https on the loopback while the run lasts, and the
	// target names no endpoint. Where it writes ids of a fixed host, the target's IDBase says which.
	Handler http.Handler
	// Oracle says whose responses count; the zero value means either.
	Oracle scenarios.Oracle
	// Strict makes failures of broken shoulds and of rules that were not reached.
	Strict bool
	// MinJudged is how many rules have to be judged; a run that judges fewer is incomplete. The target file may ask for more.
	MinJudged int
	// Scenarios and Rules limit the run to those named; both empty means the whole catalogue.
	Scenarios, Rules []string
	// OpenAPI, where not nil, is the document that responses are compared with instead of kvconform's own.
	OpenAPI *schemas.Given
	// Baseline, where not nil, is what the owner of the target knows of.
	Baseline *Baseline
	// Ledger is the file that names whatever the run makes, so that a sweep can remove it should the run be killed. Empty
	// means one of the run's own in the user's state folder. It goes where the run left nothing behind.
	Ledger string
	// Throwaway says that the vault ends with the process, so that nothing of the run is removed from it.
	Throwaway bool
	// Abandoned, where not nil and closed, ends every request, also those that put something back or remove what the run made,
	// so that the reports of a run whose context has ended come at once. What is left is in the ledger.
	Abandoned <-chan struct{}
	// Judged, where not nil, is given the outcome before the rest of what the run made is removed, if that is not done by
	// then: reports can be written that no slow vault and no second signal costs.
	Judged func(*Result)
	// NoLedger keeps these names in memory alone, for a vault that ends with the process.
	NoLedger bool
	// Frame, where not nil, runs the specs.
	Frame Frame
	// Version and Commit are those of the kvconform that judges, as reports name them.
	Version, Commit string
	// Again is the shell command that repeats the run, for reports; with --rule ID behind it, it plays one rule.
	Again string
	// Progress, where not nil, is told how the run goes.
	Progress Progress
	// Clock is the system's where it is nil.
	Clock vault.Clock
}

// Progress is told how a run goes; its methods may be called from several goroutines.
type Progress = drive.Progress

// Result is a run: its report, and its transcript to be judged again.
type Result struct {
	Report     *reports.Report
	Transcript *Transcript
}

// Run plays and judges what the options select. The error is a *Usage where nothing was sent, an *Incomplete where the
// target cannot be used, beside an outcome whose report says so; whatever else goes wrong is in the report. A context that
// ends ends the plays, and what was learnt till then is reported.
func Run(ctx context.Context, options Options) (*Result, error) {
	roots, stop, err := options.serveHandler()
	if err != nil {
		return nil, err
	}
	defer stop()
	return options.run(ctx, roots)
}

func (o Options) run(ctx context.Context, roots *x509.CertPool) (*Result, error) {
	on, err := session.Connect(o.Target, session.Options{Roots: roots, BoundSum: true, Clock: o.Clock, Abandoned: o.Abandoned})
	if err != nil {
		return nil, err
	}
	defer on.Close()
	began := on.Clock.Now()
	var chosen *chosen
	if o.name() {
		if chosen, err = o.choose(on); err != nil {
			return nil, err
		}
	}
	prepared := newPreparing()
	driver, err := drive.New(on, drive.Options{
		Ledger: o.Ledger, NoLedger: o.NoLedger, Throwaway: o.Throwaway, Progress: o.Progress, Abandoned: o.Abandoned, Ended: prepared.take,
	})
	if err != nil {
		return nil, err
	}
	looking, stop := context.WithCancel(ctx)
	defer stop()
	if chosen == nil {
		on.Look(looking) // while the catalogue is read
		if chosen, err = o.choose(on); err != nil {
			return nil, errors.Join(err, driver.Close())
		}
	}
	outcome, err := o.play(ctx, on, chosen, driver, prepared, began)
	if closing := driver.Close(); err == nil && closing != nil {
		outcome.Report.Notes = append(outcome.Report.Notes, closing.Error())
	}
	return outcome, err
}

// name reports whether the options or the target name anything that may not exist. Such a mistake is found before anything
// is sent.
func (o Options) name() bool {
	return len(o.Scenarios)+len(o.Rules)+len(o.Target.Without) > 0 || o.OpenAPI != nil
}

// chosen is the suite, and what of it a run judges.
type chosen struct {
	suite *specs.Suite
	*selection.Selection
}

// choose loads the suite and selects what the options and the target name.
func (o Options) choose(on *session.Session) (*chosen, error) {
	suite, err := loaded(o.OpenAPI)
	if err != nil {
		return nil, err
	}
	selected, err := selection.Choose(suite, selectionOf(o, on.Target, on.Facts.Expected()))
	if err != nil {
		return nil, err
	}
	return &chosen{suite, selected}, nil
}

func selectionOf(o Options, t Target, apiVersion string) selection.Options {
	return selection.Options{Scenarios: o.Scenarios, Rules: o.Rules, APIVersion: apiVersion, Without: t.Without}
}

// play performs the plays of a selection, and judges and cleans up after them.
func (o Options) play(
	ctx context.Context, on *session.Session, chosen *chosen, driver *drive.Driver, prepared *preparing, began time.Time,
) (*Result, error) {
	suite := chosen.suite
	named, err := ruleSetOf(suite.Catalogue, on.Facts.Expected())
	if err != nil {
		return nil, err
	}
	j := &judging{
		suite: suite, frameOf: o.Frame, specs: chosen.Specs, oracle: oracleOr(o.Oracle), facts: on.Facts,
		target: described(on.Target, on.Facts), strict: o.Strict, minJudged: max(o.MinJudged, on.Target.MinJudged),
		selection: reports.Selection{Scenarios: o.Scenarios, Rules: o.Rules}, version: o.Version, commit: o.Commit, again: o.Again,
		ruleSet: named, openAPI: o.OpenAPI,
		started: began,
	}
	if len(chosen.Specs) > 0 {
		if err := driver.Begin(ctx); err != nil {
			outcome := j.unusable(ctx, err, on.Clock.Now())
			if o.Judged != nil && driver.Left() {
				o.Judged(outcome)
			}
			driver.CleanUp(ctx) // what was set up before it failed; the error tells more than what would be left
			return outcome, err
		}
	}
	var performances []*scenarios.Performance
	prepared.during(
		func(p *scenarios.Performance) { suite.Prepare(p, on.Facts) },
		func() { performances = driver.Perform(ctx, chosen.Plays) },
	)
	j.facts = on.Facts // with the issuers that were set up
	report := j.report(ctx, performances)
	report.Took = account.Duration(on.Clock.Now().Sub(j.started))
	report.Interrupted = ctx.Err() != nil
	conclude(report, o.Baseline, suite, on.Clock.Now())
	outcome := &Result{Report: report, Transcript: transcript.New(report, on.Facts, performances)}
	if o.Judged != nil && driver.Left() {
		o.Judged(outcome)
	}
	left, notes := driver.CleanUp(ctx)
	report.Left = left
	report.Notes = append(report.Notes, notes...)
	report.Took = account.Duration(on.Clock.Now().Sub(j.started))
	report.Interrupted = ctx.Err() != nil
	report.Conclude()
	outcome.Transcript = transcript.New(report, on.Facts, performances)
	return outcome, nil
}

// unusable is the outcome of a run whose target cannot be used: a report without rules that says why.
func (j *judging) unusable(ctx context.Context, why error, now time.Time) *Result {
	report := j.frame()
	report.Unusable = why.Error()
	report.Took = account.Duration(now.Sub(j.started))
	report.Interrupted = ctx.Err() != nil
	report.Conclude()
	return &Result{Report: report, Transcript: transcript.New(report, j.facts, nil)}
}

// conclude weighs the report with the baseline and settles its outcome.
func conclude(report *reports.Report, known *Baseline, suite *specs.Suite, now time.Time) {
	if known != nil {
		known.Apply(report, suite.Catalogue.RuleIDs(), now)
	}
	report.Conclude()
}

func oracleOr(oracle scenarios.Oracle) scenarios.Oracle {
	if oracle == "" {
		return scenarios.Either
	}
	return oracle
}
