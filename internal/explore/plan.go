package explore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// Await is the step that polls the pending object of a name until it has ended.
const Await = "Await"

// The requests, versions and csrs that a step can name, by what the responses before it have shown.
const (
	Right   = "right"   // the one that is there
	Earlier = "earlier" // one before it
	Cut     = "cut"     // the beginning of the right one
	MadeUp  = "made-up" // one that nothing has
)

// Step is one request of a plan. It names nothing that only a response can tell, so that a plan can be made before anything
// is sent, and played again.
type Step struct {
	// Operation is that of the REST specification, or Await.
	Operation string `json:"operation"`
	// Name says which of the names of the episode it is about, OtherCase that the name is spelled in another case.
	Name      int  `json:"name"`
	OtherCase bool `json:"otherCase,omitempty"`
	// Which names a request, a version or a csr: one of the words above; "" for none.
	Which string `json:"which,omitempty"`
	// Issuer is that of a create: Unknown, Self, or one of the target's by how its requests end.
	Issuer string `json:"issuer,omitempty"`
	// With says what the body holds beside what it has to: tags, disabled, policy; "" for nothing.
	With string `json:"with,omitempty"`
	// Value makes the contents of two steps differ.
	Value int `json:"value,omitempty"`
}

// String is the step in a few words.
func (s Step) String() string {
	words := []string{s.Operation, fmt.Sprintf("of name %c", 'A'+s.Name)}
	if s.OtherCase {
		words = append(words, "in another case")
	}
	if s.Issuer != "" {
		words = append(words, "by "+s.Issuer)
	}
	if s.Which != "" {
		words = append(words, "("+s.Which+")")
	}
	if s.With != "" {
		words = append(words, "with "+s.With)
	}
	return strings.Join(words, " ")
}

// findsRequest reports whether the step is about the request that is there, and names no other one.
func (s Step) findsRequest() bool { return s.Which == "" || s.Which == Right }

// Plan is what one episode sends: groups one after another, the steps of a group at once.
type Plan struct {
	Episode int      `json:"episode"`
	Groups  [][]Step `json:"groups"`
}

// Steps counts the steps of the plan.
func (p Plan) Steps() int {
	sum := 0
	for _, group := range p.Groups {
		sum += len(group)
	}
	return sum
}

// names is how many certificate names an episode has: the second begins with the first, the third with neither.
const names = 3

// planner makes plans from a seed. It plays along with a simple idea of where each name stands, and prefers what it has
// planned least in that situation. It looks at no response, so that the same seed gives the same plans.
type planner struct {
	random     *rand.Rand
	operations []string
	issuers    []string
	otherCase  bool
	planned    map[model.Transition]int
	episode    int
	value      int
	// some are the operations of the episode under way, alone says that it is about one name mostly.
	some  []string
	alone bool
}

// guess is where a name stands by the plan.
type guess struct {
	situation model.Situation
	auto      bool // the request ends by itself
	versions  int
	requests  int
}

// running reports whether a request is in progress.
func (g *guess) running() bool {
	return g.situation == model.InProgress || g.situation == model.Cancelling
}

// ended reports whether the pending object shows an end.
func (g *guess) ended() bool {
	return g.situation == model.Cancelled || g.situation == model.Failed || g.situation == model.Completed
}

// gone reports whether there is no certificate that is not deleted.
func (g *guess) gone() bool {
	return g.situation == model.Absent || g.situation == model.Deleted
}

// free reports whether a create or an import meets no conflict.
func (g *guess) free() bool { return !g.running() && g.situation != model.Deleted }

// mergeable reports whether a merge is accepted.
func (g *guess) mergeable() bool {
	return g.running() && !g.auto || g.situation == model.Cancelled || g.situation == model.Failed
}

// episodeSteps is about how many steps an episode has before its last look around.
const episodeSteps = 30

// next makes the next plan.
func (p *planner) next() Plan {
	plan := Plan{Episode: p.episode}
	p.episode++
	p.draw()
	at := make([]guess, names)
	for i := range at {
		at[i].situation = model.Absent
	}
	for plan.Steps() < episodeSteps {
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
		plan.Groups = append(plan.Groups, group)
		for _, step := range group {
			at[step.Name].follow(step)
		}
		for p.random.IntN(2) == 0 {
			plan.Groups = append(plan.Groups, []Step{p.look(at)})
		}
	}
	plan.Groups = append(plan.Groups, p.around(at)...)
	return plan
}

// draw leaves some of the operations out of an episode, and in half of them most of the names: with fewer to choose from, an
// episode goes further into what is left.
func (p *planner) draw() {
	p.alone = p.random.IntN(2) == 0
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

// step draws a request: the name at random, the operation by its weight.
func (p *planner) step(at []guess) Step {
	name := p.random.IntN(names + 2)
	if name >= names || p.alone && p.random.IntN(4) > 0 {
		name = 0 // one name has most of the history
	}
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
	p.planned[model.Transition{Operation: chosen, From: of.situation}]++
	p.value++
	step := Step{Operation: chosen, Name: name, Value: p.value}
	step.OtherCase = p.otherCase && p.random.IntN(8) == 0
	p.detail(&step, of)
	return step
}

// weight is how much an operation is wanted in a situation: what moves the name along most, what is rejected less, and what
// finds nothing least.
func weight(operation string, of guess) float64 {
	switch operation {
	case Await:
		return either(of.running() && (of.auto || of.situation == model.Cancelling), 12, 0)
	case vault.CreateCertificate:
		return either(of.free(), 8, 2)
	case vault.ImportCertificate:
		return either(of.free(), 4, 1)
	case vault.MergeCertificate:
		return either(of.running() && !of.auto, 10, 1)
	case vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate, vault.GetDeletedCertificate:
		return either(of.situation == model.Deleted, 6, 0.3)
	case vault.DeleteCertificate:
		return either(of.gone(), 0.3, 1.5)
	case vault.SetCertificateIssuer, vault.DeleteCertificateIssuer, vault.GetCertificateIssuer:
		return 0.6
	case vault.UpdateCertificate, vault.UpdateCertificatePolicy:
		return either(of.versions > 0, 3, 0.5)
	case vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		return either(of.ended(), 5, either(of.gone(), 0.4, 3))
	}
	return either(of.gone(), 0.3, 1)
}

// either chooses one of two weights.
func either(condition bool, yes, no float64) float64 {
	if condition {
		return yes
	}
	return no
}

// detail draws what a step holds.
func (p *planner) detail(step *Step, of guess) {
	pick := func(words ...string) string { return words[p.random.IntN(len(words))] }
	switch step.Operation {
	case vault.CreateCertificate:
		step.Issuer = "Unknown"
		if p.random.IntN(3) == 0 {
			step.Issuer = pick(p.issuers...)
		}
		step.With = pick("", "", "tags", "disabled", "policy")
		if of.versions > 0 && p.random.IntN(3) == 0 {
			step.Issuer, step.With = "", pick("nothing", "tags")
		}
	case vault.ImportCertificate:
		step.With = pick("", "tags", "disabled")
	case vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		step.Which = pick("", "", "", "", Right, Right, Earlier, Cut, MadeUp)
	case vault.MergeCertificate:
		step.Which = pick(Right, Right, Right, Right, Earlier, MadeUp)
		step.With = pick("", "", "tags")
	case vault.GetCertificate:
		step.Which = pick("", "", Right, Earlier, Earlier, MadeUp)
	case vault.UpdateCertificate:
		step.Which = pick("", Right, Earlier, Earlier)
		step.With = pick("tags", "tags", "disabled", "enabled")
	case vault.UpdateCertificatePolicy:
		step.With = pick("policy", "months")
	}
}

// follow takes the guess through a step, as a vault without faults would.
func (g *guess) follow(step Step) {
	switch step.Operation {
	case vault.CreateCertificate:
		if g.free() {
			g.situation, g.requests = model.InProgress, g.requests+1
			g.auto = step.Issuer != "Unknown" && step.Issuer != "stays"
		}
	case vault.ImportCertificate:
		if g.free() {
			g.versions++
			if g.situation == model.Absent {
				g.situation = model.None
			}
		}
	case vault.MergeCertificate:
		if step.Which == Right && g.mergeable() {
			g.situation, g.versions = model.Completed, g.versions+1
		}
	case vault.UpdateCertificateOperation:
		if g.running() && step.findsRequest() {
			g.situation = model.Cancelling
		}
	case Await:
		switch {
		case g.situation == model.Cancelling:
			g.situation = model.Cancelled
		case g.running():
			g.situation, g.versions = model.Completed, g.versions+1
		}
	default:
		g.followDeletion(step)
	}
}

func (g *guess) followDeletion(step Step) {
	switch step.Operation {
	case vault.DeleteCertificateOperation:
		if !g.gone() && step.findsRequest() {
			g.situation = model.None
		}
	case vault.DeleteCertificate:
		if g.situation != model.Absent {
			g.situation = model.Deleted
		}
	case vault.RecoverDeletedCertificate:
		if g.situation == model.Deleted {
			g.situation = model.None
		}
	case vault.PurgeDeletedCertificate:
		if g.situation == model.Deleted {
			*g = guess{situation: model.Absent}
		}
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
	return groups
}
