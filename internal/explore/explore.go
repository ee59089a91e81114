// Package explore sends random sequences of requests to a target and judges what comes of them: every response by the rules of
// every response, and their order by the model. Plans are drawn from a seed before anything is sent, so that the same seed
// sends the same sequence; several episodes are played at once, each on names of its own, and within an episode some
// requests are sent at the same time. A sequence that breaks something is shrunk to one of which every step is needed.
package explore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	randv2 "math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
	"github.com/kvconform/kvconform/specs/model"
)

// Options say what to explore, and for how long.
type Options struct {
	// Seed gives the plans.
	Seed uint64
	// Steps and For bound the exploration; the first that is reached ends it. Zero is no bound.
	Steps int
	For   time.Duration
	// Shrink is how long all of the shrinking takes at most; 0 is half of For, and half a minute without For.
	Shrink time.Duration
	// Lanes is how many episodes are played at once.
	Lanes int
	// Operations limits the requests; empty means all of Operations.
	Operations []string
	Oracle     scenarios.Oracle
	// Replay, where not nil, is the one plan to play instead of random ones.
	Replay *Plan
	// First ends the exploration with the first sequence that breaks a must or a should.
	First bool
	// Keep plays on with the plan as it is and does not shrink it.
	Keep bool
	// Ledger is the file that names what is made; empty means one in the user's state folder, and NoLedger none.
	Ledger   string
	NoLedger bool
	// Episode, where not nil, is told of each episode that is over; it may be called from several goroutines.
	Episode func(episodes, requests, deviations int)
}

// Result is what came of an exploration.
type Result struct {
	Seed     uint64
	Episodes int
	Requests int
	Took     time.Duration
	// Shrinking is how long shortening what was found took, after the exploration.
	Shrinking  time.Duration
	Deviations []*Deviation
	Coverage   *model.Coverage
	// Left is what could not be removed.
	Left []string
	// Stopped says why the exploration ended before its bound, "" if it did not.
	Stopped string

	judged verdicts
	// first is the one deviation that is told, where the exploration ended with it.
	first *Deviation
}

// Operations lists the requests that an exploration sends.
func Operations() []string {
	return []string{
		vault.CreateCertificate, vault.ImportCertificate, vault.MergeCertificate, Await,
		vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation,
		vault.GetCertificate, vault.UpdateCertificate, vault.GetCertificateVersions,
		vault.GetCertificatePolicy, vault.UpdateCertificatePolicy,
		vault.DeleteCertificate, vault.GetDeletedCertificate, vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate,
		Settle, Pause, Rest, vault.BackupCertificate, vault.RestoreCertificate, vault.GetCertificates, vault.GetDeletedCertificates,
		vault.SetCertificateIssuer, vault.GetCertificateIssuer, vault.UpdateCertificateIssuer, vault.DeleteCertificateIssuer,
		vault.GetCertificateIssuers,
	}
}

// explorer is an exploration under way.
type explorer struct {
	options Options
	session *session.Session
	bench   *bench
	stage   *stage
	ledger  *cleanup.Ledger
	remover *cleanup.Remover
	id      string

	mu      sync.Mutex
	planner *planner
	outcome *Result
	found   map[string]*Deviation
	names   int
	failed  int // failures of the transport, one after another
	over    bool
}

// Run explores a target. The error is a *session.Incomplete if it cannot be used.
func Run(ctx context.Context, on *session.Session, suite *specs.Suite, options Options) (*Result, error) {
	x, err := begin(ctx, on, suite, options)
	if err != nil {
		return nil, err
	}
	started := on.Clock.Now()
	exploring, stop := ctx, context.CancelFunc(func() {})
	if options.For > 0 {
		exploring, stop = context.WithTimeout(ctx, options.For)
	}
	x.explore(exploring)
	stop()
	x.outcome.Took = on.Clock.Now().Sub(started)
	if !options.Keep && ctx.Err() == nil {
		x.shrinkAll(ctx)
		x.outcome.Shrinking = on.Clock.Now().Sub(started) - x.outcome.Took
	}
	x.finish(ctx)
	return x.outcome, nil
}

// begin finds the target ready and makes what an exploration needs.
func begin(ctx context.Context, on *session.Session, suite *specs.Suite, options Options) (*explorer, error) {
	drawn := make([]byte, 6)
	if _, err := rand.Read(drawn); err != nil {
		return nil, fmt.Errorf("drawing the id of the exploration: %w", err)
	}
	x := &explorer{
		options: options, session: on, remover: cleanup.NewRemover(cleanup.OptionsOf(on)), id: hex.EncodeToString(drawn), found: map[string]*Deviation{},
		outcome: &Result{Seed: options.Seed, Coverage: model.NewCoverage(), judged: verdicts{}},
	}
	path := options.Ledger
	switch {
	case options.NoLedger:
		path = ""
	case path == "":
		path = cleanup.LedgerOf(x.id)
	}
	shared := cleanup.Entry{Run: x.id, Endpoint: on.Facts.Endpoint, APIVersion: on.Facts.APIVersion}
	var err error
	if x.ledger, err = cleanup.Open(path, shared, on.Clock.Now); err != nil {
		return nil, err
	}
	if err := x.ready(ctx, suite); err != nil {
		return nil, errors.Join(err, x.ledger.Close(true))
	}
	return x, nil
}

func (x *explorer) ready(ctx context.Context, suite *specs.Suite) error {
	on := x.session
	if err := on.Ready(ctx); err != nil {
		return err
	}
	if err := on.SetUpIssuers(ctx, func(purpose string) (string, error) {
		name := fmt.Sprintf("%s-%s-%s", on.Target.Names.Prefix, x.id, purpose)
		return name, x.ledger.Note(cleanup.IssuerKind, name)
	}); err != nil {
		return err
	}
	authority, err := scenarios.NewAuthority(on.Clock.Now())
	if err != nil {
		return err
	}
	x.stage = &stage{
		client: on.Client.Without(on.Target.Without), clock: on.Clock, polling: scenarios.Polling{
			Min: on.Target.Polling.Min, Max: on.Target.Polling.Max, Timeout: on.Target.Polling.Timeout,
		},
		issuers: on.Facts.Issuers, provider: on.Provider(), authority: authority,
	}
	x.bench = newBench(suite, on.Facts, x.options.Oracle)
	x.planner = newPlanner(x.options, on.Facts.Issuers)
	x.planner.otherCase = x.findsOtherCase(ctx)
	return nil
}

func newPlanner(options Options, issuers scenarios.Issuers) *planner {
	p := &planner{
		random:     randv2.New(randv2.NewPCG(options.Seed, 0)), //nolint:gosec // the same plans for the same seed
		operations: options.Operations, planned: map[model.Transition]int{}, moved: map[model.Situation]map[string]int{}, issuers: []string{scenarios.Self},
	}
	if len(p.operations) == 0 {
		p.operations = Operations()
	}
	for outcome, name := range map[string]string{
		"stays": issuers.StaysInProgress, "completes": issuers.Completes, "fails": issuers.Fails, "rejects": issuers.Rejects,
	} {
		if name != "" {
			p.issuers = append(p.issuers, outcome)
		}
	}
	slices.Sort(p.issuers)
	return p
}

// findsOtherCase reports whether the target finds a name in any case: no source demands it, so a target that does not is
// explored with one spelling.
func (x *explorer) findsOtherCase(ctx context.Context) bool {
	plan := Plan{Groups: [][]Step{
		{{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown}},
		{{Operation: vault.GetCertificateOperation, OtherCase: true}},
	}}
	p, err := x.player(plan)
	if err != nil {
		return false
	}
	defer x.clean(ctx, p)
	sent := p.play(ctx, plan)
	return len(sent) == 2 && sent[0].Exchange.Succeeded() && sent[1].Exchange.Succeeded()
}

// explore plays episodes until a bound is reached.
func (x *explorer) explore(ctx context.Context) {
	var lanes sync.WaitGroup
	for range max(x.options.Lanes, 1) {
		lanes.Go(func() {
			for {
				plan, more := x.nextPlan(ctx)
				if !more {
					return
				}
				x.episode(ctx, plan)
			}
		})
	}
	lanes.Wait()
}

// nextPlan draws the next plan; false if the exploration is over.
func (x *explorer) nextPlan(ctx context.Context) (Plan, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case ctx.Err() != nil || x.outcome.Stopped != "" || x.over:
		return Plan{}, false
	case x.options.Replay != nil:
		if x.outcome.Episodes > 0 {
			return Plan{}, false
		}
		x.outcome.Episodes++
		x.outcome.Requests += x.options.Replay.Steps()
		return *x.options.Replay, true
	case x.options.Steps > 0 && x.outcome.Requests >= x.options.Steps:
		return Plan{}, false
	}
	x.outcome.Episodes++
	plan := x.planner.next()
	x.outcome.Requests += plan.Steps()
	return plan, true
}

// player makes a player for a plan with names of its own; those that the plan uses are in the ledger.
func (x *explorer) player(plan Plan) (*player, error) {
	x.mu.Lock()
	x.names++
	base := fmt.Sprintf("%s-%s-x%d", x.session.Target.Names.Prefix, x.id, x.names)
	x.mu.Unlock()
	p := &player{stage: x.stage, names: [names]string{base + "a", base + "ab", base + "c"}, owns: [names]string{base + "i", base + "ij", base + "k"}}
	p.uses = plan.uses(p.names, p.owns)
	for _, used := range p.uses {
		if err := x.ledger.Note(used.Kind, used.Name); err != nil {
			return nil, fmt.Errorf("noting a name in the ledger: %w", err)
		}
	}
	return p, nil
}

// uses are the certificates and issuers that a plan may make.
func (p Plan) uses(certificates, issuers [names]string) []cleanup.Leftover {
	var used []cleanup.Leftover
	for _, group := range p.Groups {
		for _, step := range group {
			one := cleanup.Leftover{Kind: cleanup.CertificateKind, Name: certificates[step.Name]}
			switch step.Operation {
			case vault.GetCertificates, vault.GetDeletedCertificates, vault.GetCertificateIssuers, Pause, Rest:
				continue
			case vault.SetCertificateIssuer, vault.GetCertificateIssuer, vault.UpdateCertificateIssuer, vault.DeleteCertificateIssuer:
				one = cleanup.Leftover{Kind: cleanup.IssuerKind, Name: issuers[step.Name]}
			}
			if !slices.Contains(used, one) {
				used = append(used, one)
			}
		}
	}
	return used
}

// episode plays one plan, judges it and removes what it made.
func (x *explorer) episode(ctx context.Context, plan Plan) {
	p, err := x.player(plan)
	if err != nil {
		x.stop(err.Error())
		return
	}
	sent := p.play(ctx, plan)
	x.clean(ctx, p)
	deviations, judged, coverage := x.bench.judge(context.WithoutCancel(ctx), plan, sent)
	x.take(plan, sent, deviations, judged, coverage)
}

func (x *explorer) stop(why string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.outcome.Stopped == "" {
		x.outcome.Stopped = why
	}
}

// tooManyFailures is how many requests without a response, one after another, end an exploration.
const tooManyFailures = 20

// take notes what came of an episode.
func (x *explorer) take(plan Plan, sent []Sent, deviations []Deviation, judged verdicts, coverage *model.Coverage) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.outcome.Requests += len(sent) - plan.Steps()
	x.outcome.Coverage.Add(coverage)
	for _, s := range sent {
		if f := s.Exchange.Failure; f == nil {
			x.failed = 0
		} else if f.Kind != vault.Interrupted && f.Kind != vault.NotClaimed {
			if x.failed++; x.failed >= tooManyFailures {
				x.outcome.Stopped = "the target no longer returns anything: " + f.Message
			}
		}
	}
	for rule, finding := range judged {
		if before, there := x.outcome.judged[rule]; !there || worse(finding.Kind, before.Kind) {
			x.outcome.judged[rule] = finding
		}
	}
	for _, d := range deviations {
		if before := x.found[d.Key]; before != nil {
			before.Count++
			continue
		}
		x.found[d.Key] = &d
		x.outcome.Deviations = append(x.outcome.Deviations, &d)
		x.over = x.over || x.options.First && x.bench.counts(d.Finding)
	}
	if x.options.Episode != nil {
		x.options.Episode(x.outcome.Episodes, x.outcome.Requests, len(x.found))
	}
}

// worse orders the kinds of findings: of several episodes the one that says most counts.
func worse(a, b specs.Kind) bool {
	order := []specs.Kind{specs.NotReached, specs.Held, specs.CouldNotRun, specs.Broken}
	return slices.Index(order, a) > slices.Index(order, b)
}

// clean removes what a player made, and strikes it from the ledger.
func (x *explorer) clean(ctx context.Context, p *player) {
	if x.session.Target.Cleanup == target.Leave {
		return
	}
	for _, removal := range x.remover.Remove(context.WithoutCancel(ctx), p.uses) {
		if removal.Fate == cleanup.Gone || removal.Fate == cleanup.Unpurged {
			x.ledger.Strike(removal.Kind, removal.Name)
		}
	}
}

// finish removes what is left, and closes the ledger.
func (x *explorer) finish(ctx context.Context) {
	entries := x.ledger.Entries()
	clean := true
	if len(entries) > 0 && x.session.Target.Cleanup != target.Leave {
		leftovers := make([]cleanup.Leftover, len(entries))
		for i, entry := range entries {
			leftovers[i] = cleanup.Leftover{Kind: entry.Kind, Name: entry.Name}
		}
		for _, removal := range x.remover.Remove(context.WithoutCancel(ctx), leftovers) {
			if removal.Fate == cleanup.Live || removal.Fate == cleanup.Unsettled {
				x.outcome.Left = append(x.outcome.Left, removal.String())
				clean = false
			}
		}
	}
	if err := x.ledger.Close(clean && x.session.Target.Cleanup != target.Leave); err != nil {
		x.outcome.Left = append(x.outcome.Left, err.Error())
	}
	slices.SortStableFunc(x.outcome.Deviations, func(a, b *Deviation) int { return compare(a, b) })
}

// compare orders deviations: those of histories first, then by key.
func compare(a, b *Deviation) int {
	switch {
	case (a.History != nil) != (b.History != nil):
		if a.History != nil {
			return -1
		}
		return 1
	case a.Key < b.Key:
		return -1
	case a.Key > b.Key:
		return 1
	}
	return 0
}
