// Package audit judges traffic that kvconform did not send: recordings of other programs, and whatever passes a proxy.
//
// Each exchange of the certificates API is recognised by its path, on any host and below any prefix, and judged by the
// rules that need no play. Other traffic is left out and counted. Nothing grows with the traffic: the audit keeps the
// first breaches of each rule and compares a response with earlier ones only as far back as a bounded window reaches.
//
// A recording may have other hosts and other values than the vault returned. Both are told apart from breaches: ids that
// all begin with one other base are judged against that base, and a value that a recorder put in breaks no rule.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kvconform/kvconform/internal/account"
	"github.com/kvconform/kvconform/internal/baseline"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// Options say what is judged, and how strictly.
type Options struct {
	// Suite is the rules, if they are loaded already; nil loads them.
	Suite *specs.Suite
	// Oracle says whose responses count; the zero value means either.
	Oracle scenarios.Oracle
	// Strict makes failures of broken shoulds and of rules that were not reached.
	Strict bool
	// MinJudged is how many rules have to be judged; an audit that judges fewer is incomplete.
	MinJudged int
	// Scenarios and Rules limit the judging to those named; both empty means every rule that needs no play.
	Scenarios, Rules []string
	// Baseline, where not nil, is what the owner of the vault knows of.
	Baseline *baseline.Baseline
	// IDBase is what the vault writes before its ids; "" means that the traffic shows it.
	IDBase string
	// Sanitized are texts that the recorder put in the place of values, beside those that are known.
	Sanitized []string
	// Target describes the vault in the report, as far as it is known.
	Target reports.Target
	// Version and Commit are those of the kvconform that judges, as reports name them.
	Version, Commit string
	// Clock is the system's where it is nil.
	Clock vault.Clock
}

// Audit judges exchanges one at a time. It is for one goroutine.
type Audit struct {
	options  Options
	suite    *specs.Suite
	stream   *specs.Stream
	holding  map[string]map[string]bool // the rules that hold at an api-version
	vaults   map[string]*vaultSeen
	markers  *markers
	places   account.Places
	latest   latest
	kept     map[string][]reports.Step // by source
	sources  []string
	versions []string
	started  time.Time
	tally    tally
}

// tally counts what the audit has seen.
type tally struct {
	files, judged, other, bodiless, unanswered int
	unread                                     []string
	unreadMore                                 int
	excused                                    map[string]bool // the rules with breaches at values that a recorder put in
	excusedBreaches                            int
}

// The bounds of what the audit keeps.
const (
	mostUnread = 20
	mostVaults = 1000
	mostBody   = 8 << 20
	mostShown  = 64 << 10
)

// New prepares an audit. A name that the catalogue does not have, or whose rule needs the requests of a run, is a mistake
// in usage.
func New(options Options) (*Audit, error) {
	suite := options.Suite
	if suite == nil {
		var err error
		if suite, err = specs.NewSuite(); err != nil {
			return nil, fmt.Errorf("loading the rules: %w", err)
		}
	}
	if options.Oracle == "" {
		options.Oracle = scenarios.Either
	}
	if options.Clock == nil {
		options.Clock = vault.SystemClock{}
	}
	chosen, err := choose(suite, options)
	if err != nil {
		return nil, err
	}
	marks, err := newMarkers(options.Sanitized)
	if err != nil {
		return nil, err
	}
	return &Audit{
		options: options, suite: suite, stream: suite.NewStream(options.Oracle, chosen),
		holding: map[string]map[string]bool{}, vaults: map[string]*vaultSeen{}, markers: marks,
		places: account.Places{}, latest: latest{of: map[*vault.Exchange]reports.Place{}}, kept: map[string][]reports.Step{}, started: options.Clock.Now(),
		tally: tally{excused: map[string]bool{}},
	}, nil
}

// choose lists the specs to judge: those that need no play.
func choose(suite *specs.Suite, options Options) ([]specs.Spec, error) {
	named := selection.Options{Scenarios: options.Scenarios, Rules: options.Rules, APIVersion: string(schemas.Newest())}
	if _, err := selection.Choose(suite, named); err != nil { // it knows the names
		return nil, err
	}
	for _, id := range options.Rules {
		if spec, _ := suite.Spec(id); !spec.Passing() {
			return nil, input.Usagef("the rule %s is about requests that only a run sends: audit judges the rules about every response", id)
		}
	}
	passing := slices.DeleteFunc(suite.Specs(), func(spec specs.Spec) bool { return !spec.Passing() || !named.Names(spec.Rule) })
	if len(passing) == 0 {
		return nil, input.Usagef("no rule of these scenarios is about every response: leave --scenario out, or name every-answer")
	}
	return passing, nil
}

// Finding is a breach of a new kind, with the place of its exchange.
type Finding struct {
	specs.Finding
	Level reports.Level
	At    reports.Place
}

// Take judges one entry of a source, a file for example, and returns the breaches of a kind that no entry before had.
func (a *Audit) Take(ctx context.Context, source string, entry recorded.Entry) []Finding {
	e := entry.Exchange
	if e == nil {
		a.lose(source, entry.Number, entry.Problem)
		return nil
	}
	place, ok := recognise(a.suite.Document, e)
	switch {
	case !ok:
		a.tally.other++
		return nil
	case e.Failure != nil || e.Response == nil:
		a.tally.unanswered++
		return nil
	case entry.Bodiless:
		a.tally.bodiless++
		return nil
	case len(e.Response.Body) > mostBody:
		a.lose(source, entry.Number, "its response is larger than 8 MiB")
		return nil
	}
	e.Operation = place.operation
	a.tally.judged++
	seen := a.vaultAt(source, place.base, entry.IDBase)
	seen.learn(e)
	facts := specs.Facts{Endpoint: place.base, IDBase: seen.idBase, APIVersion: versionOf(e)}
	if !schemas.Known(facts.APIVersion) {
		facts.Like = string(schemas.Default())
	}
	holds := a.rulesAt(cmp.Or(facts.Like, facts.APIVersion))
	a.latest.put(e, reports.Place{Play: source, Step: reports.RecordedStep, Index: entry.Number})
	fresh := a.stream.Take(ctx, specs.Passage{
		Exchange: e, Scope: source, Facts: facts, Timed: e.Took > 0, Blur: entry.Blur, Blind: entry.Blind, History: entry.Play,
		Holds: func(rule *scenarios.Rule) bool { return holds[rule.ID] },
		Excused: func(breach specs.Breach) bool {
			excused := a.markers.excuse(breach)
			if excused {
				a.tally.excusedBreaches++
			}
			return excused
		},
	})
	return a.keep(fresh)
}

// Settle judges the exchanges whose order beside others is not settled yet. It belongs to the end of a source.
func (a *Audit) Settle() []Finding { return a.keep(a.stream.Settle()) }

// Recognises reports whether an exchange is one of the certificates API.
func (a *Audit) Recognises(e *vault.Exchange) bool {
	_, ok := recognise(a.suite.Document, e)
	return ok
}

// LeaveOut counts an exchange of other traffic.
func (a *Audit) LeaveOut() { a.tally.other++ }

// lose notes an entry that cannot be read.
func (a *Audit) lose(source string, number int, problem string) {
	if len(a.tally.unread) >= mostUnread {
		a.tally.unreadMore++
		return
	}
	a.tally.unread = append(a.tally.unread, fmt.Sprintf("%s, entry %d: %s", source, number, problem))
}

// rulesAt lists the rules that hold at an api-version.
func (a *Audit) rulesAt(version string) map[string]bool {
	if known, ok := a.holding[version]; ok {
		return known
	}
	holds := map[string]bool{}
	for _, id := range a.suite.Catalogue.RuleIDs() {
		rule, _ := a.suite.Catalogue.Rule(id)
		holds[id] = ruleset.HoldsAt(rule, version)
	}
	a.holding[version] = holds
	a.versions = append(a.versions, version)
	return holds
}

// keep holds the exchanges of new breaches, for the report.
func (a *Audit) keep(fresh []specs.Finding) []Finding {
	findings := make([]Finding, 0, len(fresh))
	for _, finding := range fresh {
		e := finding.Exchange
		at, known := a.places[e]
		if !known {
			if at, known = a.latest.of[e]; !known {
				continue
			}
			a.places[e] = at
			a.keepStep(at, e)
		}
		rule, _ := a.suite.Catalogue.Rule(finding.Rule)
		finding.Play, finding.Step, finding.Index = at.Play, at.Step, at.Index
		findings = append(findings, Finding{Finding: finding, Level: reports.Level(rule.Level), At: at})
	}
	return findings
}

func (a *Audit) keepStep(at reports.Place, e *vault.Exchange) {
	if _, known := a.kept[at.Play]; !known {
		a.sources = append(a.sources, at.Play)
	}
	a.kept[at.Play] = append(a.kept[at.Play], account.Step(scenarios.Step{Name: at.Step, Index: at.Index, Exchange: e}, mostShown))
}

// latest are the places of the exchanges that passed last: those under way beside others are judged a little later.
type latest struct {
	of    map[*vault.Exchange]reports.Place
	order []*vault.Exchange
}

// mostLatest is far more than are under way at once.
const mostLatest = 500

func (l *latest) put(e *vault.Exchange, at reports.Place) {
	l.of[e] = at
	l.order = append(l.order, e)
	if len(l.order) > mostLatest {
		oldest := l.order[0]
		oldest.Response.Forget()
		delete(l.of, oldest)
		l.order = l.order[1:]
	}
}
