package prove

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// ReachOptions say which faults to plant together, and how often.
type ReachOptions struct {
	// Faults are the ids of those to plant; none means all.
	Faults []string
	// Together is how many stand in the vault at once; 0 means one.
	Together int
	// Rounds is how many groups of faults are tried; 0 means as many as it takes to plant each once.
	Rounds int
	// Seed picks the groups.
	Seed uint64
	// APIVersion is that of every request; empty means the default.
	APIVersion string
	// Oracle says whose responses count; empty means either.
	Oracle scenarios.Oracle
	// Tried, where not nil, is told of every group that is done; it may be called from several goroutines.
	Tried func(id string, done, of int)
}

// Reach is how far faults reach: what each keeps from being judged, and which are found in the company of others.
type Reach struct {
	// Rules is how many rules hold on the vault as it is; shares are shares of them.
	Rules    int    `json:"rules"`
	Together int    `json:"together"`
	Seed     uint64 `json:"seed"`
	// Median, P90, P95 and Max are of the groups' shares of rules that hold on the vault as it is and are not judged.
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
	// Planted counts faults once for each group that they stand in; Found those of which a rule that must fail did,
	// Shared those of the found whose rules fail by another of the group as well; Apart those of which no response
	// arrived, because another of the group replaced them all; Hidden those of which every response is the same without
	// them; Unreadable those of which none arrived as JSON.
	Planted    int `json:"planted"`
	Found      int `json:"found"`
	Shared     int `json:"shared"`
	Apart      int `json:"apart"`
	Hidden     int `json:"hidden"`
	Unreadable int `json:"unreadable"`

	Groups []ReachGroup `json:"groups"`
}

// ReachGroup is a group of faults in one vault.
type ReachGroup struct {
	// Faults are their ids, the innermost first.
	Faults []string `json:"faults"`
	// NotReached are the rules that hold on the vault as it is and are not judged on this one, Share their share.
	NotReached []string `json:"notReached"`
	Share      float64  `json:"share"`
	// Masked are the faults of which no rule that must fail did.
	Masked []MaskedFault `json:"masked,omitempty"`
	// Causes are the keys of what a report tells of the group; Named says that the first names an operation at fault.
	Causes []string `json:"causes,omitempty"`
	Named  bool     `json:"named,omitempty"`
	// Recorded says that every rule which the faults break is a may: what breaks one is recorded, and is no cause.
	Recorded bool `json:"recorded,omitempty"`

	shared int
}

// MaskedFault is a fault that is not found in the company of others.
type MaskedFault struct {
	ID string `json:"id"`
	// Kind says how far it got.
	Kind MaskKind `json:"kind"`
	// By are those of the group that mask it alone already.
	By []string `json:"by,omitempty"`
}

// MaskKind says how far a masked fault got.
type MaskKind string

const (
	// Apart is a fault that was asked, and no response of its making reached the client. Such faults cannot stand together.
	Apart MaskKind = "apart"
	// Hidden is a fault whose edits are written over: every response is the same, byte for byte, as it is without the fault.
	Hidden MaskKind = "hidden"
	// Unreadable is a fault whose responses arrived, and none as JSON. What their members say cannot be judged then.
	Unreadable MaskKind = "unreadable"
	// Unsent is a fault for which no request that it acts on was sent; a script ended before.
	Unsent MaskKind = "unsent"
	// Unseen is a fault whose responses arrived, and no rule that must fail by it did.
	Unseen MaskKind = "unseen"
)

// MeasureReach plants faults, one or more at once, and measures what the suite still judges and finds.
func MeasureReach(ctx context.Context, options ReachOptions) (*Reach, error) {
	faults, _, err := chooseTrials(Options{Faults: options.Faults})
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
	on := newBench(options.APIVersion)
	defer on.close()
	chosen, err := on.selection(book)
	if err != nil {
		return nil, err
	}
	p := &prover{
		options: Options{Oracle: options.Oracle, Tried: options.Tried}, book: book, chosen: chosen, stand: on,
		clean: map[string]specs.Finding{},
	}
	if err := p.playClean(ctx); err != nil {
		return nil, err
	}
	groups := grouped(faults, max(options.Together, 1), options.Rounds, options.Seed)
	reach := &Reach{Together: max(options.Together, 1), Seed: options.Seed, Groups: make([]ReachGroup, len(groups))}
	for _, finding := range p.clean {
		if finding.Kind == specs.Held {
			reach.Rules++
		}
	}
	err = p.each(ctx, len(groups), func(i int) (string, error) {
		var err error
		reach.Groups[i], err = p.tryGroup(ctx, groups[i], reach.Rules)
		return strings.Join(reach.Groups[i].Faults, " "), err
	})
	if err != nil {
		return nil, err
	}
	reach.sum()
	return reach, nil
}

// grouped deals faults into groups of a size. A deck is shuffled anew when it has been dealt; its last group is filled
// from the next. One at a time they stay in their order.
func grouped(faults []fault.Fault, size, rounds int, seed uint64) [][]fault.Fault {
	size = min(size, len(faults))
	if size == 0 {
		return nil
	}
	if rounds == 0 {
		rounds = (len(faults) + size - 1) / size
	}
	random := rand.New(rand.NewPCG(seed, uint64(size))) //nolint:gosec // the same groups for the same seed
	var deck []fault.Fault
	groups := make([][]fault.Fault, 0, rounds)
	for range rounds {
		var group []fault.Fault
		for len(group) < size {
			if len(deck) == 0 {
				deck = slices.Clone(faults)
				if size > 1 {
					random.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
				}
			}
			next := slices.IndexFunc(deck, func(f fault.Fault) bool {
				return !slices.ContainsFunc(group, func(in fault.Fault) bool { return in.ID == f.ID })
			})
			if next < 0 { // what is left of the deck stands in the group already
				deck = nil
				continue
			}
			group = append(group, deck[next])
			deck = slices.Delete(deck, next, next+1)
		}
		groups = append(groups, group)
	}
	return groups
}

// tryGroup plants a group, and asks of each fault that is not found which other masks it alone.
func (p *prover) tryGroup(ctx context.Context, group []fault.Fault, rules int) (ReachGroup, error) {
	result := ReachGroup{NotReached: []string{}}
	for _, f := range group {
		result.Faults = append(result.Faults, f.ID)
	}
	found, err := p.plant(ctx, group)
	if err != nil {
		return result, err
	}
	result.NotReached = found.notReached
	result.tell(found.causes, found.operations)
	result.Recorded = !slices.ContainsFunc(group, p.breaksMore)
	result.Share = float64(len(found.notReached)) / float64(max(rules, 1))
	for i, f := range group {
		failed := found.of(f)
		if len(failed) > 0 {
			if !slices.ContainsFunc(failed, func(rule string) bool { return !failsByAnother(group, i, rule) }) {
				result.shared++
			}
			continue
		}
		masked := MaskedFault{ID: f.ID, Kind: found.kinds[f.ID]}
		for j, other := range group {
			if i == j || len(group) == 2 {
				continue
			}
			pair := []fault.Fault{f, other}
			if j < i {
				pair = []fault.Fault{other, f}
			}
			alone, err := p.plant(ctx, pair)
			if err != nil {
				return result, err
			}
			if len(alone.of(f)) == 0 {
				masked.By = append(masked.By, other.ID)
			}
		}
		if len(group) == 2 {
			masked.By = []string{group[1-i].ID}
		}
		result.Masked = append(result.Masked, masked)
	}
	return result, nil
}

// breaksMore reports whether a fault breaks a rule that is more than a may.
func (p *prover) breaksMore(f fault.Fault) bool {
	return slices.ContainsFunc(f.Breaks, func(id string) bool {
		rule, known := p.book.Catalogue.Rule(id)
		return known && rule.Level != scenarios.May
	})
}

// failsByAnother reports whether a rule fails by another fault of the group than the one at i.
func failsByAnother(group []fault.Fault, i int, rule string) bool {
	return slices.ContainsFunc(group, func(f fault.Fault) bool {
		return f.ID != group[i].ID && (slices.Contains(f.Breaks, rule) || slices.Contains(f.AlsoFails, rule))
	})
}

// planted is what the suite made of a group of faults.
type planted struct {
	failed, notReached []string
	kinds              map[string]MaskKind
	causes             []reports.Cause
	operations         map[string]bool
}

// of are the rules that must fail by a fault and did.
func (p *planted) of(f fault.Fault) []string {
	var failed []string
	for _, rule := range f.Breaks {
		if slices.Contains(p.failed, rule) {
			failed = append(failed, rule)
		}
	}
	return failed
}

// plant plays on a vault with all faults of a group whatever any of them can be seen in, after the plays that find the
// forms of requests, as every run does: without them a play uses forms that the vault is not known to take.
func (p *prover) plant(ctx context.Context, group []fault.Fault) (*planted, error) {
	var plays []scenarios.Play
	for _, play := range p.chosen.Plays {
		if slices.ContainsFunc(group, func(f fault.Fault) bool { return p.reaches(f, play) }) {
			plays = append(plays, play)
		}
	}
	seen := newSightings(group)
	performances, err := p.stand.performAll(ctx, selection.WithForms(plays, nil), trial{wrap: seen.wrap}, func(_ scenarios.Play, a *tamper.Response) { seen.look(a) })
	if err != nil {
		return nil, err
	}
	result := &planted{notReached: []string{}, kinds: seen.kinds()}
	findings := p.judge(ctx, performances)
	result.causes, result.operations = p.causesOf(performances, findings), actsOn(group, performances)
	for _, finding := range findings {
		switch {
		case p.clean[finding.Rule].Kind != specs.Held: // it says nothing of the faults
		case finding.Kind == specs.Broken:
			result.failed = append(result.failed, finding.Rule)
		case finding.Kind == specs.NotReached && p.elsewhere(finding.Rule, performances):
		case finding.Kind == specs.NotReached, finding.Kind == specs.CouldNotRun:
			result.notReached = append(result.notReached, finding.Rule)
		}
	}
	return result, nil
}

// sum counts over the groups.
func (r *Reach) sum() {
	shares := make([]float64, 0, len(r.Groups))
	for _, group := range r.Groups {
		shares = append(shares, group.Share)
		r.Planted += len(group.Faults)
		r.Found += len(group.Faults) - len(group.Masked)
		r.Shared += group.shared
		for _, masked := range group.Masked {
			switch masked.Kind {
			case Apart:
				r.Apart++
			case Hidden:
				r.Hidden++
			case Unreadable:
				r.Unreadable++
			}
		}
	}
	slices.Sort(shares)
	at := func(percent int) float64 {
		if len(shares) == 0 {
			return 0
		}
		return shares[(len(shares)-1)*percent/100]
	}
	r.Median, r.P90, r.P95, r.Max = at(50), at(90), at(95), at(100)
}
