package explore

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// tour begins an episode with one move, after what brings a name to where the move begins, or with requests about several names.
// Every second episode does, with one of them after the other, so that what is seldom possible is tried as often as anything else.
func (p *planner) tour(round int, at []guess) [][]Step {
	if round%4 == 0 {
		groups := p.across(round/4%acrossKinds, at)
		for _, group := range groups {
			p.following(group, at)
		}
		return groups
	}
	if len(p.toured) == 0 {
		p.toured = moves()
		p.random.Shuffle(len(p.toured), func(i, k int) { p.toured[i], p.toured[k] = p.toured[k], p.toured[i] })
	}
	m := p.toured[0]
	p.toured = p.toured[1:]
	name := p.random.IntN(2)
	steps := p.waysTo(m, name, at)
	steps = append(steps, p.following(p.stepsOf(m, name, at[name]), at)...)
	var groups [][]Step
	for _, step := range steps {
		groups = append(groups, []Step{step})
	}
	return groups
}

// following takes the guesses through steps.
func (p *planner) following(steps []Step, at []guess) []Step {
	for _, step := range steps {
		at[step.Name].follow(step)
	}
	return steps
}

// waysTo draws steps that bring an unused name to where a move is possible: a few that suffice, in front of which there may be more.
func (p *planner) waysTo(m move, name int, at []guess) []Step {
	begin := Step{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown, With: p.pick("", "tags", "disabled")}
	cancel, await, settle := Step{Operation: vault.UpdateCertificateOperation}, Step{Operation: Await}, Step{Operation: Settle}
	remove := Step{Operation: vault.DeleteCertificate}
	one, two := p.aVersion("", "tags", "disabled"), p.aVersion("", "tags")
	ways := [][]Step{
		nil, one, append(one[:len(one):len(one)], two...), {begin}, append(one[:len(one):len(one)], begin), {begin, cancel, await}, {begin, {Operation: vault.MergeCertificate, Which: Right}},
		append(one[:len(one):len(one)], remove, settle), append(one[:len(one):len(one)], Step{Operation: vault.BackupCertificate}, remove, settle, Step{Operation: vault.PurgeDeletedCertificate}, settle),
	}
	p.random.Shuffle(len(ways), func(i, k int) { ways[i], ways[k] = ways[k], ways[i] })
	for _, way := range ways {
		tried := at[name]
		for _, step := range way {
			tried.follow(step)
		}
		if m.weight(tried) > 0 {
			return p.following(p.about(name, way), at)
		}
	}
	return nil
}
