// Package prove shows that the suite can be trusted: every fault is put before a vault and has to fail the rules that it
// names, and every legal variant of the reference vault has to fail none. The bench serves any number of reference vaults
// whose time is driven; a proxy puts the faults before a target of the user's own. The package also writes the page of the
// rules, on which each rule names the faults that prove it.
package prove

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/refvault/variant"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// Options say what of the suite to prove.
type Options struct {
	// Faults and Variants are the ids of those to try; both empty means all.
	Faults, Variants []string
	// APIVersion is that of every request; empty means the default.
	APIVersion string
	// Oracle says whose responses count; empty means either.
	Oracle scenarios.Oracle
	// Target, where not nil, is what the faults are put before instead of the reference vault.
	Target *target.Target
	// Update says that what fails beside a fault is to be listed, so that none of it is unexpected.
	Update bool
	// Tried, where not nil, is told of every fault and variant that is done; it may be called from several goroutines.
	Tried func(id string, done, of int)
}

// Run shows that the suite can fail and that it does not fail for nothing: every fault is put before the reference
// vault and has to make the rules fail that it names, and every variant has to make none fail. Plays that send nothing a fault
// acts on are not played again.
func Run(ctx context.Context, options Options) (*Proof, error) {
	faults, variants, err := chooseTrials(options)
	if err != nil {
		return nil, err
	}
	if options.Oracle == "" {
		options.Oracle = scenarios.Either
	}
	book, err := specs.NewSuite()
	if err != nil {
		return nil, err
	}
	on, err := standFor(ctx, options)
	if err != nil {
		return nil, err
	}
	defer on.close()
	chosen, err := on.selection(book)
	if err != nil {
		return nil, err
	}
	p := &prover{options: options, book: book, chosen: chosen, stand: on, clean: map[string]specs.Finding{}}
	if err := p.playClean(ctx); err != nil {
		return nil, err
	}
	proof := &Proof{Complete: len(options.Faults)+len(options.Variants) == 0, Transcript: p.transcript}
	if options.Target != nil {
		proof.Target = options.Target.Endpoint
	}
	proof.Faults = make([]FaultProof, len(faults))
	proof.Variants = make([]VariantProof, len(variants))
	err = p.each(ctx, len(faults)+len(variants), func(i int) (string, error) {
		var err error
		if i < len(faults) {
			proof.Faults[i], err = p.tryFault(ctx, faults[i])
			return faults[i].ID, err
		}
		i -= len(faults)
		proof.Variants[i], err = p.tryVariant(ctx, variants[i])
		return variants[i].ID, err
	})
	if err != nil {
		return nil, err
	}
	proof.Rules = p.rules(proof.Faults)
	if proof.Complete {
		for contract, reason := range variant.Reasons() {
			proof.NoVariants = append(proof.NoVariants, NoVariant{Contract: contract, Reason: reason})
		}
		slices.SortFunc(proof.NoVariants, func(a, b NoVariant) int { return strings.Compare(a.Contract, b.Contract) })
	}
	proof.conclude()
	return proof, nil
}

// stand is what trials stand on: the bench of reference vaults, or a target of the user's own.
type stand interface {
	facts() specs.Facts
	selection(book *specs.Suite) (*selection.Selection, error)
	// performAll performs plays and gives seen, if that is not nil, every response of the vault.
	performAll(ctx context.Context, plays []scenarios.Play, on trial, seen func(scenarios.Play, *tamper.Response)) ([]*scenarios.Performance, error)
	close()
}

func standFor(ctx context.Context, options Options) (stand, error) {
	if options.Target == nil {
		return newBench(options.APIVersion), nil
	}
	if len(options.Variants) > 0 {
		return nil, input.Usagef("variants are differences of the reference vault: leave --variant or the target out")
	}
	return newTargetBench(ctx, *options.Target)
}

// chooseTrials picks the faults and variants to try.
func chooseTrials(options Options) ([]fault.Fault, []variant.Variant, error) {
	all := len(options.Faults)+len(options.Variants) == 0
	home := options.Target == nil
	var faults []fault.Fault
	var variants []variant.Variant
	var faultIDs, variantIDs []string
	for _, f := range fault.All() {
		faultIDs = append(faultIDs, f.ID)
		if all || slices.Contains(options.Faults, f.ID) {
			faults = append(faults, f)
		}
	}
	for _, v := range variant.All() {
		variantIDs = append(variantIDs, v.ID)
		if all && home || slices.Contains(options.Variants, v.ID) {
			variants = append(variants, v)
		}
	}
	for _, id := range options.Faults {
		if !slices.Contains(faultIDs, id) {
			return nil, nil, input.Usagef("there is no fault %q%s", id, nearestTrial(id, faultIDs))
		}
	}
	for _, id := range options.Variants {
		if !slices.Contains(variantIDs, id) {
			return nil, nil, input.Usagef("there is no variant %q%s", id, nearestTrial(id, variantIDs))
		}
	}
	return faults, variants, nil
}

// nearestTrial names the nearest of the known ids, or where to find them.
func nearestTrial(id string, known []string) string {
	if said := input.Suggest(id, known); strings.HasPrefix(said, "; did you mean") {
		return said
	}
	return "; `kvconform prove` shows them all"
}

// prover tries faults and variants.
type prover struct {
	options Options
	book    *specs.Suite
	chosen  *selection.Selection
	stand   stand
	// clean are the findings on the vault as it is, by rule; seen is its response in each play.
	clean map[string]specs.Finding
	seen  map[string][]*tamper.Response
	// transcript are the rules that get another finding from the transcript of the vault as it is.
	transcript []string
	// shows are the plays that a rule of every response is judged on, by rule. A trial plays again only what shows the
	// fault; such a rule is judged in a run all the same if one of its other plays is left.
	shows map[string][]string
}

// each does count things, several at a time, and stops at the first error.
func (p *prover) each(ctx context.Context, count int, do func(i int) (string, error)) error {
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	if p.options.Target != nil {
		workers.SetLimit(1) // the plays of one trial are enough for a vault
	}
	var done atomic.Int64
	var failed atomic.Bool
	for i := range count {
		if ctx.Err() != nil || failed.Load() {
			break
		}
		workers.Go(func() error {
			id, err := do(i)
			if err != nil {
				failed.Store(true)
				return err
			}
			if p.options.Tried != nil {
				p.options.Tried(id, int(done.Add(1)), count)
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// playClean performs every play on the vault as it is and judges every rule.
func (p *prover) playClean(ctx context.Context) error {
	p.seen = map[string][]*tamper.Response{}
	var mu sync.Mutex
	performances, err := p.stand.performAll(ctx, p.chosen.Plays, trial{}, func(play scenarios.Play, a *tamper.Response) {
		mu.Lock()
		defer mu.Unlock()
		p.seen[play.Name] = append(p.seen[play.Name], a)
	})
	if err != nil {
		return err
	}
	findings := p.judge(ctx, performances)
	for _, finding := range findings {
		p.clean[finding.Rule] = finding
	}
	if p.transcript, err = p.judgedAgain(ctx, performances, findings); err != nil {
		return err
	}
	p.shows = map[string][]string{}
	for _, performance := range performances {
		for _, finding := range p.judge(ctx, []*scenarios.Performance{performance}) {
			if spec, ok := p.book.Spec(finding.Rule); ok && spec.Play == "" && finding.Kind != specs.NotReached {
				p.shows[finding.Rule] = append(p.shows[finding.Rule], performance.Play.Name)
			}
		}
	}
	return nil
}

// elsewhere reports whether a rule of every response is judged on a play that a trial did not play again.
func (p *prover) elsewhere(rule string, played []*scenarios.Performance) bool {
	return slices.ContainsFunc(p.shows[rule], func(name string) bool {
		return !slices.ContainsFunc(played, func(performance *scenarios.Performance) bool { return performance.Play.Name == name })
	})
}

// judge judges every rule that the performances have something to say of. A rule of all responses is judged on those
// performances alone: what the others show is known from the clean vault. Each rule is judged by itself: a finer rule has
// to fail, whatever a coarser one says.
func (p *prover) judge(ctx context.Context, performances []*scenarios.Performance) []specs.Finding {
	program := specs.NewPerformed(performances)
	var findings []specs.Finding
	for _, spec := range p.chosen.Specs {
		if program.Has(spec.Play) || spec.Play == "" {
			findings = append(findings, p.book.Judge(ctx, spec, p.options.Oracle, p.stand.facts(), program))
		}
	}
	return findings
}

// tryFault plays what the fault can reach, with the fault before the vault.
func (p *prover) tryFault(ctx context.Context, f fault.Fault) (FaultProof, error) {
	proof := FaultProof{ID: f.ID, Title: f.Title, Breaks: f.Breaks, Plays: []string{}, Failed: []RuleFailure{}}
	var plays []scenarios.Play
	for _, play := range p.chosen.Plays {
		if p.reaches(f, play) {
			plays = append(plays, play)
			proof.Plays = append(proof.Plays, play.Name)
		}
	}
	performances, err := p.stand.performAll(ctx, selection.WithForms(plays, nil), trial{wrap: f.Wrap}, nil)
	if err != nil {
		return proof, err
	}
	findings := p.judge(ctx, performances)
	if proof.Transcript, err = p.otherwise(ctx, performances, findings); err != nil {
		return proof, err
	}
	for _, finding := range findings {
		if finding.Kind == specs.NotReached && p.elsewhere(finding.Rule, performances) {
			continue
		}
		if p.clean[finding.Rule].Kind == specs.Held { // what does not hold anyway says nothing of the fault
			proof.take(p.book.Catalogue, f, finding)
		}
	}
	proof.conclude(f, p)
	return proof, nil
}

// reaches reports whether the fault can be seen in a play: whether it acts on a request of it, and alters a response,
// where that can be told without asking. Up to its first altered response a play goes as it went on the vault as it is.
func (p *prover) reaches(f fault.Fault, play scenarios.Play) bool {
	if f.AtOnce && !play.AtOnce {
		return false
	}
	return slices.ContainsFunc(p.seen[play.Name], func(a *tamper.Response) bool {
		return f.On(a.Request) && (f.Alters == nil || f.Alters(a))
	})
}

// tryVariant plays on the vault that is legal in another way whatever shows the difference.
func (p *prover) tryVariant(ctx context.Context, v variant.Variant) (VariantProof, error) {
	proof := VariantProof{ID: v.ID, Title: v.Title, Ambiguities: v.Ambiguities}
	var plays []scenarios.Play
	for _, play := range p.chosen.Plays {
		if v.AtOnce && !play.AtOnce {
			continue
		}
		if v.Alters == nil || slices.ContainsFunc(p.seen[play.Name], v.Alters) {
			plays = append(plays, play)
		}
	}
	proof.Idle = len(plays) == 0
	performances, err := p.stand.performAll(ctx, selection.WithForms(plays, nil), trial{options: v.Options, wrap: v.Wrap}, nil)
	if err != nil {
		return proof, err
	}
	for _, finding := range p.judge(ctx, performances) {
		rule, _ := p.book.Catalogue.Rule(finding.Rule)
		switch {
		case finding.Kind == specs.Broken && rule.Level == scenarios.Should && slices.Contains(v.MayWarn, finding.Rule):
			proof.Warned = append(proof.Warned, finding.Rule)
		case finding.Kind == specs.Broken && rule.Level != scenarios.May, finding.Kind == specs.CouldNotRun:
			proof.Broke = append(proof.Broke, RuleFailure{Rule: finding.Rule, Why: inOneLine(finding)})
		case finding.Kind == specs.NotReached && p.clean[finding.Rule].Kind == specs.Held:
			proof.NotReached = append(proof.NotReached, finding.Rule)
		}
	}
	return proof, nil
}

// inOneLine is a finding in one line.
func inOneLine(finding specs.Finding) string {
	return strings.ReplaceAll(finding.Text(), "\n", "; ")
}
