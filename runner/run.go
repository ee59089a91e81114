// Package runner runs the suite: it reads what the target is, performs the plays against it, has the specs judge them
// under Ginkgo, and weighs the findings into verdicts and an exit code. Run is for programs, RunT for tests.
package runner

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Options say what to run, against what, and how strictly.
type Options struct {
	Target Target
	// Handler, where not nil, is the vault itself: it is served over https on the loopback while the run lasts, and the
	// target names no endpoint. Where it writes ids of a fixed host, the target's IDBase says which.
	Handler http.Handler
	// Oracle says whose answers count; the zero value means either.
	Oracle scenarios.Oracle
	// Strict makes failures of broken shoulds and of rules that were not reached.
	Strict bool
	// Scenarios and Rules limit the run to those named; both empty means the whole catalogue.
	Scenarios, Rules []string
	// Baseline, where not nil, is what the owner of the target knows of.
	Baseline *Baseline
	// Ledger is the file that names whatever the run makes, so that a sweep can remove it should the run be killed. Empty
	// means one of the run's own in StateFolder. It goes where the run left nothing behind.
	Ledger string
	// NoLedger keeps these names in memory alone, for a vault that ends with the process.
	NoLedger bool
	// Version is the version of kvconform that reports name.
	Version string
	// Progress, where not nil, is told how the run goes.
	Progress Progress
	// Clock is the system's where it is nil.
	Clock vault.Clock

	roots *x509.CertPool // what the handler's certificate is trusted by

	// through, where not nil, puts something between the plays and the target.
	through func(http.RoundTripper) http.RoundTripper
}

// Progress is told how a run goes; its methods may be called from several goroutines.
type Progress interface {
	// Planned tells, before anything is played, how many plays a scenario has.
	Planned(scenario string, plays int)
	// Playing tells that a play has begun or waits for something until a time.
	Playing(play, scenario, waitsFor string, until time.Time)
	// Played tells that a play is over, and why early where it did not come to its end.
	Played(play, scenario string, took time.Duration, err error)
	// CleaningUp tells that what the run made is being removed.
	CleaningUp(certificates int)
}

// Outcome is a run: its report, and its transcript to be judged again.
type Outcome struct {
	Report     *reports.Report
	Transcript *Transcript
}

// Run plays and judges what the options select. The error is a *Usage where nothing was sent, an *Incomplete where the
// target cannot be used; whatever else goes wrong is in the report. A context that ends ends the plays, and what was
// learnt till then is reported.
func Run(ctx context.Context, options Options) (*Outcome, error) {
	stop, err := options.serveHandler()
	if err != nil {
		return nil, err
	}
	defer stop()
	r, err := prepare(options)
	if err != nil {
		return nil, err
	}
	outcome, err := r.outcome(ctx)
	if closing := r.ledger.close(r.clean); err == nil && closing != nil {
		outcome.Report.Notes = append(outcome.Report.Notes, closing.Error())
	}
	return outcome, err
}

func (r *run) outcome(ctx context.Context) (*Outcome, error) {
	if len(r.chosen.specs) > 0 {
		if err := r.begin(ctx); err != nil {
			r.cleanUp(ctx) // what was set up before it failed; the error tells more than what would be left
			return nil, err
		}
	}
	performances := r.perform(ctx)
	left, cleaning := r.cleanUp(ctx)
	report := r.report(ctx, performances)
	report.Left = left
	report.Notes = append(report.Notes, cleaning...)
	report.Interrupted = ctx.Err() != nil
	r.conclude(report)
	return &Outcome{Report: report, Transcript: transcript.New(report, r.facts, performances)}, nil
}

// conclude weighs the report with the baseline and settles its outcome.
func (r *run) conclude(report *reports.Report) {
	if r.options.Baseline != nil {
		r.options.Baseline.Apply(report, r.book.Catalogue.RuleIDs(), r.options.Clock.Now())
	}
	report.Conclude()
}

// run is a run under way.
type run struct {
	options   Options
	target    Target
	endpoint  *url.URL
	book      *specs.Suite
	chosen    *selection
	facts     specs.Facts
	ledger    *ledger
	clean     bool // nothing is left that the ledger names
	id        string
	started   time.Time
	transport http.RoundTripper
	client    *vault.Client // one for all plays, so that one token serves them
}

func prepare(options Options) (*run, error) {
	if options.Oracle == "" {
		options.Oracle = scenarios.Either
	}
	if options.Clock == nil {
		options.Clock = vault.SystemClock{}
	}
	book, err := specs.NewSuite()
	if err != nil {
		return nil, err
	}
	target := options.Target.WithDefaults()
	endpoint, err := target.Check()
	if err != nil {
		return nil, err
	}
	if target.APIVersion, err = target.OneVersion(); err != nil {
		return nil, err
	}
	chosen, err := choose(book, options.Scenarios, options.Rules, target)
	if err != nil {
		return nil, err
	}
	r := &run{
		options: options, target: target, endpoint: endpoint, book: book, chosen: chosen,
		started: options.Clock.Now(),
	}
	if r.id, err = newRunID(); err != nil {
		return nil, err
	}
	if err := r.connect(); err != nil {
		return nil, err
	}
	return r, r.openLedger()
}

// openLedger opens the file that names what the run makes.
func (r *run) openLedger() error {
	path := r.options.Ledger
	if path == "" {
		path = filepath.Join(StateFolder(), r.id+ledgerSuffix)
	}
	if r.options.NoLedger {
		path = ""
	}
	var err error
	r.ledger, err = openLedger(path, LedgerEntry{Run: r.id, Endpoint: r.facts.Endpoint, APIVersion: r.target.APIVersion}, r.options.Clock.Now)
	return err
}

// connect prepares the connection and the facts that judges know of it.
func (r *run) connect() error {
	transport, err := r.target.Transport()
	if err != nil {
		return r.target.Located(err)
	}
	header, err := r.target.Header()
	if err != nil {
		return r.target.Located(err)
	}
	credential, err := r.target.Credential(r.options.Clock.Now)
	if err != nil {
		return err
	}
	r.options.trustHandler(transport)
	idBase := r.endpoint
	if r.target.IDBase != "" {
		if idBase, err = url.Parse(r.target.IDBase); err != nil {
			return usage("the idBase %q is no URL", r.target.IDBase)
		}
	}
	r.transport = transport
	if r.options.through != nil {
		r.transport = r.options.through(transport)
	}
	r.client = vault.NewClient(vault.Options{
		Endpoint: r.endpoint, IDBase: idBase, Transport: r.transport, APIVersion: r.target.APIVersion,
		Credential: credential, Header: header, RequestTimeout: r.target.Deadlines.Request,
		MaxBody: r.target.MaxAnswer, Clock: r.options.Clock,
	})
	r.facts = specs.Facts{
		Endpoint:   strings.TrimSuffix(r.endpoint.String(), "/"),
		IDBase:     strings.TrimSuffix(idBase.String(), "/"),
		APIVersion: r.target.APIVersion,
		Issuers:    r.target.Issuers,
	}
	return nil
}

// newRunID is six random bytes in hex: what tells the names of one run from those of another.
func newRunID() (string, error) {
	id := make([]byte, 6)
	if _, err := rand.Read(id); err != nil {
		return "", fmt.Errorf("drawing the run's id: %w", err)
	}
	return hex.EncodeToString(id), nil
}

// perform plays every piece that the selection needs, several at once, and returns them in the order of the repertoire.
func (r *run) perform(ctx context.Context) []*scenarios.Performance {
	ctx, stop := bounded(ctx, r.target)
	defer stop()
	company := &scenarios.Pool{
		NewEnv: func(piece scenarios.Play) (*scenarios.Env, error) { return r.stage(ctx, piece) },
		Limit:  r.target.Plays,
		Now:    r.options.Clock.Now,
	}
	if progress := r.options.Progress; progress != nil {
		planned(progress, r.chosen.pieces)
		company.Began = func(piece scenarios.Play) { progress.Playing(piece.Name, piece.Scenario, "", time.Time{}) }
		company.Ended = func(p *scenarios.Performance) {
			progress.Played(p.Play.Name, p.Play.Scenario, p.Took, p.Err)
		}
	}
	company.Start(ctx, r.chosen.pieces...)
	performances := make([]*scenarios.Performance, 0, len(r.chosen.pieces))
	for _, piece := range r.chosen.pieces {
		performances = append(performances, company.Performance(ctx, piece))
	}
	return performances
}

// planned tells the progress how many plays each scenario has.
func planned(progress Progress, pieces []scenarios.Play) {
	for i := 0; i < len(pieces); {
		next := i
		for next < len(pieces) && pieces[next].Scenario == pieces[i].Scenario {
			next++
		}
		progress.Planned(pieces[i].Scenario, next-i)
		i = next
	}
}

// stage makes the stage of one play.
func (r *run) stage(ctx context.Context, piece scenarios.Play) (*scenarios.Env, error) {
	stage := &scenarios.Env{
		Vault:   r.client,
		Issuers: r.target.Issuers,
		Polling: scenarios.Polling(r.target.Polling),
		Clock:   r.options.Clock,
		Hooks:   r.target.StageHooks(r.facts.Endpoint, r.facts.APIVersion),
		NewName: func(purpose string) (string, error) {
			name := fmt.Sprintf("%s-%s-%s", r.target.Names.Prefix, r.id, purpose)
			if err := r.makeWay(ctx, name); err != nil {
				return "", err
			}
			return name, r.ledger.note(CertificateKind, name)
		},
		NoteIssuer: func(name string) error { return r.ledger.note(IssuerKind, name) },
	}
	if r.options.Progress != nil {
		stage.Doing = func(what string, until time.Time) {
			r.options.Progress.Playing(piece.Name, piece.Scenario, what, until)
		}
	}
	return stage, nil
}

// report judges the performances and draws the report.
func (r *run) report(ctx context.Context, performances []*scenarios.Performance) *reports.Report {
	session := &specs.Judgement{
		Suite: r.book, Oracle: r.options.Oracle, Facts: r.facts, Specs: r.chosen.specs,
		Performances: newProgramme(performances),
	}
	findings := judge(context.WithoutCancel(ctx), session)
	report := &reports.Report{
		Format:     reports.Format,
		Tool:       reports.Tool{Name: "kvconform", Version: r.options.Version},
		Target:     described(r.target, r.facts.Endpoint),
		APIVersion: r.target.APIVersion,
		Oracle:     string(r.options.Oracle),
		Strict:     r.options.Strict,
		Selection:  reports.Selection{Scenarios: r.options.Scenarios, Rules: r.options.Rules},
		Started:    moment(r.started),
		Took:       since(r.options.Clock.Now(), r.started),
		Notes:      notes(performances),
		Scenarios:  group(r.book.Catalogue, findings, placesOf(performances), r.target.Without),
		Faults:     ownFaults(r.book, r.facts, performances),
	}
	for _, performance := range performances {
		report.Plays = append(report.Plays, play(performance))
	}
	return report
}

// group puts the results under their scenarios, in the order of the catalogue.
func group(catalogue *scenarios.Catalogue, findings []specs.Finding, places places, without []string) []reports.Scenario {
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

// programme gives the specs performances that are over.
type programme struct {
	performances []*scenarios.Performance
	byName       map[string]*scenarios.Performance
}

func newProgramme(performances []*scenarios.Performance) *programme {
	p := &programme{performances: performances, byName: map[string]*scenarios.Performance{}}
	for _, performance := range performances {
		p.byName[performance.Play.Name] = performance
	}
	return p
}

// Performance returns the performance of a piece; a piece that was not played has an empty one.
func (p *programme) Performance(_ context.Context, piece scenarios.Play) *scenarios.Performance {
	if performance, ok := p.byName[piece.Name]; ok {
		return performance
	}
	return &scenarios.Performance{
		Play: piece, Script: piece.New(), Err: &scenarios.Unreached{Reason: "the play " + piece.Name + " was not played"},
	}
}

// All returns them all.
func (p *programme) All(context.Context) []*scenarios.Performance { return p.performances }
