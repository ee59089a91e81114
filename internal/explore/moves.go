package explore

import (
	"math"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// move is a few requests that take a name from one situation to another. Single random requests seldom get a name through a
// deletion, a recovery and a third version; moves do, and every pair of moves is a sequence that somebody may not have thought of.
type move struct {
	id string
	// weight is how much the move is wanted in a situation, 0 for not at all.
	weight func(g guess) float64
	// steps are its requests, without the name.
	steps func(p *planner, g guess) []Step
}

// when is a weight that counts under a condition.
func when(condition func(g *guess) bool, weight float64) func(guess) float64 {
	return func(g guess) float64 { return either(condition(&g), weight, 0) }
}

// moves lists the moves.
func moves() []move {
	return slices.Concat(requestMoves(), versionMoves(), deletionMoves(), mistakes(), revivals(), lives())
}

// requestMoves are about the pending object.
func requestMoves() []move {
	create := func(p *planner, issuer string) Step {
		return Step{Operation: vault.CreateCertificate, Issuer: issuer, With: p.pick("", "tags", "disabled", "policy")}
	}
	return []move{
		{"issue", when((*guess).free, 6), func(p *planner, _ guess) []Step {
			steps := []Step{create(p, scenarios.Unknown)}
			if p.random.IntN(4) == 0 {
				steps = append(steps, Step{Operation: vault.GetCertificateOperation})
			}
			return append(steps, Step{Operation: vault.MergeCertificate, Which: Right, With: p.pick("", "", "tags")})
		}},
		{"begin", when((*guess).free, 5), func(p *planner, _ guess) []Step {
			return []Step{create(p, p.pick(scenarios.Unknown, scenarios.Unknown, p.pick(p.issuers...)))}
		}},
		{"automatic", when((*guess).free, 2), func(p *planner, _ guess) []Step {
			return []Step{create(p, p.pick(p.issuers...)), {Operation: Await}}
		}},
		{"try again", when(func(g *guess) bool { return g.situation == model.Failed || g.situation == model.Cancelled }, 4), func(p *planner, _ guess) []Step {
			end := Step{Operation: vault.MergeCertificate, Which: Right}
			issuer := p.pick(p.issuers...)
			if issuer != scenarios.Unknown {
				end = Step{Operation: Await}
			}
			return []Step{create(p, issuer), {Operation: vault.GetCertificateOperation}, end, {Operation: vault.GetCertificateOperation}, {Operation: vault.GetCertificate}}
		}},
		{"merge", when((*guess).mergeable, 6), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.MergeCertificate, Which: Right, With: p.pick("", "", "tags")}}
		}},
		{"finish", when((*guess).running, 2), func(*planner, guess) []Step { return []Step{{Operation: Await}} }},
		{"cancel", when((*guess).running, 5), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.UpdateCertificateOperation, Which: p.pick("", "", Right)}, {Operation: Await}}
		}},
		{"drop", when(func(g *guess) bool { return g.running() || g.ended() }, 4), func(p *planner, _ guess) []Step {
			return []Step{
				{Operation: vault.DeleteCertificateOperation, Which: p.pick("", "", Right)},
				{Operation: vault.GetCertificateOperation},
			}
		}},
		{"contest", when((*guess).running, 3), func(p *planner, _ guess) []Step {
			return []Step{create(p, scenarios.Unknown)}
		}},
		{"insist", when((*guess).running, 1), func(p *planner, _ guess) []Step {
			again := []Step{create(p, scenarios.Unknown), {Operation: vault.ImportCertificate}, create(p, scenarios.Unknown)}
			return append(again, Step{Operation: vault.GetCertificateOperation}, Step{Operation: vault.GetCertificatePolicy})
		}},
		{"merge after a mistake", when(func(g *guess) bool { return g.mergeable() && g.requests > 0 }, 2), func(p *planner, _ guess) []Step {
			return []Step{
				{Operation: vault.MergeCertificate, Which: p.pick(MadeUp, Other)}, {Operation: vault.GetCertificateOperation},
				{Operation: vault.MergeCertificate, Which: Right}, {Operation: vault.GetCertificate},
			}
		}},
		{"merge what is not there", when(func(g *guess) bool { return g.requests > 0 && !g.gone() }, 1), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.MergeCertificate, Which: p.pick(Earlier, Earlier, MadeUp)}}
		}},
		{"ask for another request", when(func(g *guess) bool { return g.running() || g.ended() }, 3), func(p *planner, g guess) []Step {
			operation := p.pick(vault.GetCertificateOperation, vault.GetCertificateOperation, vault.DeleteCertificateOperation, vault.UpdateCertificateOperation)
			earlier := either(g.requests > 1, Earlier, Cut)
			which := p.pick(Cut, MadeUp, Other, earlier, earlier, earlier)
			return []Step{{Operation: operation, Which: which}, {Operation: vault.GetCertificateOperation}}
		}},
		{"poll", when((*guess).running, 1), func(p *planner, _ guess) []Step {
			steps := make([]Step, 4+p.random.IntN(9))
			for i := range steps {
				steps[i].Operation = vault.GetCertificateOperation
			}
			return steps
		}},
	}
}

// versionMoves are about versions, their attributes and the policy.
func versionMoves() []move {
	read := Step{Operation: vault.GetCertificate}
	return []move{
		{"import", when((*guess).free, 4), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.ImportCertificate, With: p.pick("", "tags", "disabled")}}
		}},
		{"renew", when(func(g *guess) bool { return g.free() && g.versions > 0 }, 6), func(p *planner, g guess) []Step {
			ends := Step{Operation: vault.MergeCertificate, Which: Right}
			if g.policyEnds {
				ends = Step{Operation: Await}
			}
			return []Step{{Operation: vault.CreateCertificate, With: p.pick("nothing", "nothing", "tags")}, ends, read}
		}},
		{"change", when((*guess).versioned, 4), func(p *planner, g guess) []Step {
			return []Step{{Operation: vault.UpdateCertificate, Which: p.version(g), With: p.change()}, read}
		}},
		{"change an earlier version", when(func(g *guess) bool { return g.versioned() && g.versions > 1 }, 3), func(p *planner, _ guess) []Step {
			steps := []Step{{Operation: vault.UpdateCertificate, With: "both"}}
			for _, change := range p.inAnyOrder("tags", "untagged", "disabled", "enabled") {
				steps = append(steps, Step{Operation: vault.UpdateCertificate, Which: Earlier, With: change}, read)
			}
			return steps
		}},
		{"change later", when((*guess).versioned, 0.5), func(p *planner, g guess) []Step {
			return []Step{read, {Operation: Pause}, {Operation: vault.UpdateCertificate, Which: p.version(g), With: p.change()}, read}
		}},
		{"tag and list", when((*guess).versioned, 1), func(*planner, guess) []Step {
			list := Step{Operation: vault.GetCertificates}
			return []Step{list, {Operation: vault.UpdateCertificate, With: "tags"}, read, list}
		}},
		{"toggle", when((*guess).versioned, 3), func(p *planner, g guess) []Step {
			return []Step{{Operation: vault.UpdateCertificate, Which: p.version(g), With: p.pick("disabled", "disabled", "enabled")}, read}
		}},
		{"set the policy", when((*guess).versioned, 3), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.UpdateCertificatePolicy, With: p.policy()}, {Operation: vault.GetCertificatePolicy}}
		}},
		{"back up", when((*guess).versioned, 1), func(*planner, guess) []Step {
			return []Step{{Operation: vault.BackupCertificate}}
		}},
		{"restore", func(g guess) float64 {
			return either(!g.backedUp, 0, either(g.situation == model.Absent, 8.0, 0.5))
		}, func(*planner, guess) []Step {
			return []Step{{Operation: vault.RestoreCertificate}, {Operation: vault.GetCertificateVersions}, read}
		}},
		{"list", when(func(g *guess) bool { return g.requests+g.versions > 0 }, 1), func(p *planner, _ guess) []Step {
			return []Step{{Operation: p.pick(vault.GetCertificates, vault.GetDeletedCertificates)}}
		}},
		{"issuer", func(guess) float64 { return 0.7 }, func(p *planner, _ guess) []Step {
			steps := []Step{{Operation: vault.SetCertificateIssuer, With: p.issuer(vault.SetCertificateIssuer)}}
			for range 1 + p.random.IntN(3) {
				change := p.pick(vault.SetCertificateIssuer, vault.UpdateCertificateIssuer, vault.DeleteCertificateIssuer)
				steps = append(steps, Step{Operation: change, With: p.issuer(change)})
			}
			return append(steps, Step{Operation: vault.GetCertificateIssuer}, Step{Operation: vault.GetCertificateIssuers})
		}},
	}
}

// deletionMoves are about deleting and what follows.
func deletionMoves() []move {
	is := func(situation model.Situation) func(*guess) bool {
		return func(g *guess) bool { return g.situation == situation }
	}
	settle, read := Step{Operation: Settle}, Step{Operation: vault.GetCertificate}
	return []move{
		{"delete", when((*guess).versioned, 6), func(*planner, guess) []Step {
			return []Step{{Operation: vault.DeleteCertificate}, settle}
		}},
		{"recover", when(is(model.Deleted), 8), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.RecoverDeletedCertificate}, settle, {Operation: vault.GetCertificateVersions}, read,
				{Operation: vault.GetCertificatePolicy}, {Operation: vault.GetCertificateOperation},
				{Operation: p.pick(vault.GetCertificates, vault.GetDeletedCertificates)}}
		}},
		{"purge", when(is(model.Deleted), 6), func(*planner, guess) []Step {
			return []Step{{Operation: vault.PurgeDeletedCertificate}, settle}
		}},
		{"live twice", when(is(model.Absent), 1.5), func(p *planner, _ guess) []Step {
			life := []Step{
				{Operation: vault.ImportCertificate, With: p.pick("", "tags")}, {Operation: vault.DeleteCertificate}, settle,
				{Operation: vault.PurgeDeletedCertificate}, settle,
			}
			return append(life, life...)
		}},
		{"use a deleted name", when(is(model.Deleted), 2), func(p *planner, _ guess) []Step {
			return []Step{{Operation: p.pick(vault.CreateCertificate, vault.ImportCertificate, vault.GetDeletedCertificate, vault.GetCertificateVersions), Issuer: scenarios.Unknown}}
		}},
		{"look for what was purged", func(g guess) float64 { return either(g.purged && g.situation == model.Absent, 3.0, 0) }, func(p *planner, _ guess) []Step {
			return []Step{{Operation: p.pick(vault.GetDeletedCertificate, vault.PurgeDeletedCertificate, vault.RecoverDeletedCertificate, vault.GetCertificate)}}
		}},
	}
}

// inAnyOrder are some words in an order that is drawn.
func (p *planner) inAnyOrder(words ...string) []string {
	p.random.Shuffle(len(words), func(i, k int) { words[i], words[k] = words[k], words[i] })
	return words
}

// pick draws one of some words.
func (p *planner) pick(words ...string) string { return words[p.random.IntN(len(words))] }

// issuer draws what a request about an issuer holds.
func (p *planner) issuer(operation string) string {
	switch operation {
	case vault.SetCertificateIssuer:
		return p.pick("", "", "account", "provider", "disabled")
	case vault.UpdateCertificateIssuer:
		return p.pick("", "organization", "disabled")
	}
	return ""
}

// version draws which version an update is about.
func (p *planner) version(g guess) string {
	return p.pick("", Right, either(g.versions > 1, Earlier, ""), either(g.versions > 1, Earlier, Right))
}

// moving draws a move of a name, and returns its steps; nil if none is possible.
func (p *planner) moving(name int, of guess) []Step {
	all := moves()
	weights := make([]float64, len(all))
	sum := 0.0
	for i, m := range all {
		// What was moved least in this situation is wanted most.
		weights[i] = m.weight(of) / math.Sqrt(float64(1+p.moved[of.situation][m.id]))
		sum += weights[i]
	}
	drawn := p.random.Float64() * sum
	for i, m := range all {
		if drawn -= weights[i]; drawn >= 0 || weights[i] == 0 {
			continue
		}
		if p.moved[of.situation] == nil {
			p.moved[of.situation] = map[string]int{}
		}
		p.moved[of.situation][m.id]++
		return p.stepsOf(m, name, of)
	}
	return nil
}

// stepsOf are the requests of a move of a name.
func (p *planner) stepsOf(m move, name int, of guess) []Step {
	return p.about(name, m.steps(p, of))
}

// about makes steps those of one name.
func (p *planner) about(name int, all []Step) []Step {
	var steps []Step
	for _, step := range all {
		if step.Operation != vault.CreateCertificate {
			step.Issuer = ""
		}
		p.value++
		step.Name, step.Value = name, p.value
		step.OtherCase = p.otherCase && p.random.IntN(12) == 0
		if step.Operation == vault.GetCertificateOperation && step.Which == "" && p.random.IntN(3) == 0 {
			step.Which = Right // by its request_id
		}
		steps = append(steps, step)
	}
	return p.only(steps)
}

// only leaves the steps out that the planner may not send.
func (p *planner) only(steps []Step) []Step {
	var left []Step
	for _, step := range steps {
		if len(p.allowed(step.Operation)) > 0 {
			left = append(left, step)
		}
	}
	return left
}
