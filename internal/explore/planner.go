package explore

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// planner makes plans from a seed. It plays along with a simple idea of where each name stands, and prefers what it has
// planned least in that situation. It looks at no response, so that the same seed gives the same plans.
type planner struct {
	random     *rand.Rand
	operations []string
	issuers    []string
	otherCase  bool
	planned    map[model.Transition]int
	moved      map[model.Situation]map[string]int
	episode    int
	value      int
	// some are the operations of the episode under way, spread is over how many names it goes.
	some   []string
	spread int
	// tours are what the round under way has left.
	tours tours
}

// episodeSteps is about how many steps an episode has before its last look around.
const episodeSteps = 36

// next makes the next plan.
func (p *planner) next() Plan {
	plan := Plan{Episode: p.episode}
	p.episode++
	p.draw()
	at := make([]guess, names)
	for i := range at {
		at[i].situation = model.Absent
	}
	plan.Groups = p.tour(plan.Episode, at)
	for plan.Steps() < episodeSteps {
		groups := p.part(at)
		for _, group := range groups {
			for _, step := range group {
				at[step.Name].follow(step)
			}
		}
		plan.Groups = append(plan.Groups, groups...)
		for p.random.IntN(2) == 0 {
			plan.Groups = append(plan.Groups, []Step{p.look(at)})
		}
	}
	plan.Groups = append(plan.Groups, p.around(at)...)
	return plan
}

// part draws what comes next: mostly a move of a name, or single requests, some of them at once.
func (p *planner) part(at []guess) [][]Step {
	drawn := p.random.IntN(16)
	switch {
	case drawn < 2:
		if group := p.probe(at); group != nil {
			return [][]Step{group}
		}
	case drawn == 12 || drawn == 15:
		if groups := p.across(p.random.IntN(acrossKinds), at); len(groups) > 0 {
			return groups
		}
	case drawn == 13 || drawn == 14:
		name := p.name()
		if groups := p.atOnce(name, at[name]); len(groups) > 0 {
			return groups
		}
	}
	if drawn < 9 || drawn > 11 {
		if groups := p.disturbed(at); len(groups) > 0 {
			return groups
		}
	}
	return [][]Step{p.single(at)}
}

// disturbed draws a move of a name, with another request of that name in its middle now and then.
func (p *planner) disturbed(at []guess) [][]Step {
	name := p.name()
	var groups [][]Step
	for _, step := range p.moving(name, at[name]) {
		if len(groups) > 0 && p.random.IntN(8) == 0 {
			between := p.step(at)
			between.Name = name
			groups = append(groups, []Step{between})
		}
		groups = append(groups, []Step{step})
	}
	return groups
}

// single draws a request, with others at the same time now and then.
func (p *planner) single(at []guess) []Step {
	group := []Step{p.step(at)}
	if p.random.IntN(5) == 0 {
		for range 1 + p.random.IntN(2) {
			twin := p.step(at)
			if p.random.IntN(3) > 0 {
				twin.Name = group[0].Name
			}
			group = append(group, twin)
		}
		if p.random.IntN(3) == 0 {
			group[1] = group[0] // the same at once
		}
	}
	return group
}

// probe draws the transition of the model that was planned least of those that begin where a name stands.
func (p *planner) probe(at []guess) []Step {
	name := p.name()
	of := at[name]
	var least []string
	fewest := 0
	for _, t := range model.Transitions() {
		if t.From != of.situation || len(p.allowed(t.Operation)) == 0 || slices.Contains(least, t.Operation) {
			continue
		}
		count := p.planned[model.Transition{Operation: t.Operation, From: t.From}]
		if len(least) == 0 || count < fewest {
			least, fewest = nil, count
		}
		if count == fewest {
			least = append(least, t.Operation)
		}
	}
	if len(least) == 0 {
		return nil
	}
	return []Step{p.send(p.pick(least...), name, of)}
}

// draw leaves some of the operations out of an episode, and in most of them most of the names: with fewer to choose from, an
// episode goes further into what is left.
func (p *planner) draw() {
	p.spread = []int{1, 1, 2, names}[p.random.IntN(4)]
	p.some = nil
	for _, operation := range p.operations {
		if operation == vault.CreateCertificate || operation == Await || p.random.IntN(5) < 3 {
			p.some = append(p.some, operation)
		}
	}
	if len(p.some) == 0 {
		p.some = p.operations
	}
}

// name draws a name: of an episode about one name, the others come in now and then.
func (p *planner) name() int {
	if p.random.IntN(8) == 0 {
		return p.random.IntN(names)
	}
	return p.random.IntN(p.spread)
}

// step draws a request: the name at random, the operation by its weight.
func (p *planner) step(at []guess) Step {
	name := p.name()
	of := at[name]
	sum := 0.0
	weights := make([]float64, len(p.some))
	for i, operation := range p.some {
		weights[i] = weight(operation, of) / math.Sqrt(float64(1+p.planned[model.Transition{Operation: operation, From: of.situation}]))
		sum += weights[i]
	}
	drawn := p.random.Float64() * sum
	chosen := p.some[len(p.some)-1]
	for i, w := range weights {
		if drawn -= w; drawn < 0 {
			chosen = p.some[i]
			break
		}
	}
	return p.send(chosen, name, of)
}

// send is a request of an operation, its details drawn.
func (p *planner) send(operation string, name int, of guess) Step {
	p.planned[model.Transition{Operation: operation, From: of.situation}]++
	p.value++
	step := Step{Operation: operation, Name: name, Value: p.value}
	step.OtherCase = p.otherCase && p.random.IntN(8) == 0
	p.detail(&step, of)
	return step
}

// weight is how much an operation is wanted in a situation: what moves the name along most, what is rejected less, and what
// finds nothing least.
func weight(operation string, of guess) float64 {
	switch operation {
	case Pause:
		return 0.02
	case Rest:
		return 0.1
	case Settle, vault.GetCertificates, vault.GetDeletedCertificates, vault.GetCertificateIssuers:
		return 0.2
	case vault.SetCertificateIssuer, vault.DeleteCertificateIssuer, vault.GetCertificateIssuer, vault.UpdateCertificateIssuer:
		return 0.6
	}
	return weightOfCertificate(operation, of)
}

// weightOfCertificate is the weight of an operation on a certificate.
func weightOfCertificate(operation string, of guess) float64 {
	switch operation {
	case vault.BackupCertificate:
		return either[float64](of.versioned(), 0.5, 0.1)
	case vault.RestoreCertificate:
		return either[float64](of.backedUp, 0.5, 0)
	case Await:
		return either[float64](of.running() && (of.auto || of.situation == model.Cancelling), 12, 0)
	case vault.CreateCertificate:
		return either[float64](of.free(), 8, 2)
	case vault.ImportCertificate:
		return either[float64](of.free(), 4, 1)
	case vault.MergeCertificate:
		return either[float64](of.running() && !of.auto, 10, 1)
	case vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate, vault.GetDeletedCertificate:
		return either[float64](of.situation == model.Deleted, 6, 0.3)
	case vault.DeleteCertificate:
		return either[float64](of.gone(), 0.3, 1.5)
	case vault.UpdateCertificate, vault.UpdateCertificatePolicy:
		return either[float64](of.versions > 0, 3, 0.5)
	case vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		return either[float64](of.ended(), 5, either(of.gone(), 0.4, 3.0))
	}
	return either[float64](of.gone(), 0.3, 1)
}

// either chooses one of two.
func either[T any](condition bool, yes, no T) T {
	if condition {
		return yes
	}
	return no
}

// detail draws what a step holds.
func (p *planner) detail(step *Step, of guess) {
	pick := p.pick
	switch step.Operation {
	case vault.CreateCertificate:
		step.Issuer = "Unknown"
		if p.random.IntN(3) == 0 {
			step.Issuer = pick(p.issuers...)
		}
		step.With = pick("", "", "tags", "disabled", "policy")
		if of.versions > 0 && p.random.IntN(3) == 0 {
			step.Issuer, step.With = "", pick("nothing", "tags", "disabled")
		}
	case vault.ImportCertificate:
		step.With = pick("", "tags", "disabled")
	case vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		step.Which = pick("", "", "", "", Right, Right, Earlier, Cut, MadeUp, Other)
	case vault.MergeCertificate:
		step.Which = pick(Right, Right, Right, Right, Earlier, MadeUp)
		step.With = pick("", "", "tags")
	case vault.GetCertificate:
		step.Which = pick("", "", Right, Earlier, Earlier, MadeUp, Other)
	case vault.UpdateCertificate:
		step.Which = pick("", Right, Earlier, Earlier)
		step.With = p.change()
	case vault.UpdateCertificatePolicy:
		step.With = p.policy()
	case vault.GetCertificates, vault.GetDeletedCertificates, vault.GetCertificateVersions:
		step.With = pick("", "", Paged)
	case vault.SetCertificateIssuer, vault.UpdateCertificateIssuer:
		step.With = p.issuer(step.Operation)
	}
}

// look is a read of a name that has something to be read.
func (p *planner) look(at []guess) Step {
	name := p.random.IntN(names)
	if at[name].situation == model.Absent {
		name = 0
	}
	reads := p.allowed(vault.GetCertificateOperation, vault.GetCertificate, vault.GetCertificateVersions, vault.GetCertificatePolicy)
	if len(reads) == 0 {
		return p.step(at)
	}
	step := Step{Operation: reads[p.random.IntN(len(reads))], Name: name}
	if step.Operation == vault.GetCertificate {
		step.Which = []string{"", Earlier}[p.random.IntN(2)]
	}
	return step
}

// allowed are those of some operations that the planner may use.
func (p *planner) allowed(operations ...string) []string {
	return slices.DeleteFunc(operations, func(o string) bool { return !slices.Contains(p.operations, o) })
}

// around reads all of every name that was used, at the end of an episode.
func (p *planner) around(at []guess) [][]Step {
	var groups [][]Step
	for name := range at {
		if at[name].requests+at[name].versions == 0 {
			continue
		}
		for _, operation := range p.allowed(
			vault.GetCertificateOperation, vault.GetCertificate, vault.GetCertificateVersions, vault.GetCertificatePolicy,
		) {
			groups = append(groups, []Step{{Operation: operation, Name: name}})
		}
		for range min(at[name].versions, 2) {
			if slices.Contains(p.operations, vault.GetCertificate) {
				groups = append(groups, []Step{{Operation: vault.GetCertificate, Name: name, Which: Earlier, Value: len(groups)}})
			}
		}
	}
	if len(groups) == 0 {
		return nil
	}
	for _, operation := range p.allowed(vault.GetCertificates, vault.GetDeletedCertificates) {
		groups = append(groups, []Step{{Operation: operation}})
	}
	return groups
}
