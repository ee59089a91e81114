package explore

import (
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// tours are what an episode begins with, in turn: a move, or requests about several names, or requests in situations of the model.
// Whatever is seldom possible is tried as often as anything else, so that a short exploration leaves little out.
type tours struct {
	moves       []move
	transitions []model.Transition
	meetings    []meeting
}

// meeting is a pair of requests to send at once where a name stands like another one.
type meeting struct {
	pair [2]string
	like guess
}

// meetings lists the pairs of all situations.
func meetings() []meeting {
	var all []meeting
	for _, like := range []guess{
		{situation: model.InProgress}, {situation: model.Deleted}, {situation: model.None, versions: 1}, {situation: model.Absent, backedUp: true}, {situation: model.Absent},
	} {
		for _, pair := range together(like) {
			all = append(all, meeting{pair, like})
		}
	}
	return all
}

// stands reports whether a name stands where the pair is for.
func (m meeting) stands(g guess) bool {
	return g.running() == m.like.running() && (g.situation == model.Deleted) == (m.like.situation == model.Deleted) &&
		g.versioned() == m.like.versioned() && (m.like.situation != model.Absent || g.situation == model.Absent && g.backedUp == m.like.backedUp)
}

// tour draws the beginning of an episode.
func (p *planner) tour(episode int, at []guess) [][]Step {
	var steps []Step
	switch round := episode / 2; {
	case episode%2 == 1:
		return append(apart(p.tourOfTransitions(0, at)), p.tourOfMeetings(1, at)...)
	case round%4 == 0:
		groups := p.across(p.random.IntN(acrossKinds), at)
		for _, group := range groups {
			p.following(group, at)
		}
		return groups
	default:
		steps = p.tourOfMoves(p.random.IntN(2), at)
	}
	return apart(steps)
}

// apart are steps one after another.
func apart(steps []Step) [][]Step {
	var groups [][]Step
	for _, step := range steps {
		groups = append(groups, []Step{step})
	}
	return groups
}

// tourOfMeetings sends the next pair at once, and again if it can be repeated: requests that are sent at once need not meet.
func (p *planner) tourOfMeetings(name int, at []guess) [][]Step {
	if len(p.tours.meetings) == 0 {
		p.tours.meetings = meetings()
		shuffle(p, p.tours.meetings)
	}
	m := p.tours.meetings[0]
	p.tours.meetings = p.tours.meetings[1:]
	groups := apart(p.waysTo(m.stands, name, at))
	for range 3 {
		if !m.stands(at[name]) {
			break
		}
		for _, group := range p.meet(m.pair, name, at[name]) {
			groups = append(groups, p.following(group, at))
		}
	}
	return groups
}

// tourOfMoves makes the next move of a name, after what brings the name to where the move is possible.
func (p *planner) tourOfMoves(name int, at []guess) []Step {
	if len(p.tours.moves) == 0 {
		p.tours.moves = moves()
		shuffle(p, p.tours.moves)
	}
	m := p.tours.moves[0]
	p.tours.moves = p.tours.moves[1:]
	steps := p.waysTo(func(g guess) bool { return m.weight(g) > 0 }, name, at)
	return append(steps, p.following(p.stepsOf(m, name, at[name]), at)...)
}

// tourOfTransitions sends the next operation in the next situation, and reads all of the name.
func (p *planner) tourOfTransitions(name int, at []guess) []Step {
	if len(p.tours.transitions) == 0 {
		p.tours.transitions = p.changing()
		shuffle(p, p.tours.transitions)
	}
	if len(p.tours.transitions) == 0 {
		return nil
	}
	t := p.tours.transitions[0]
	p.tours.transitions = p.tours.transitions[1:]
	steps := p.waysTo(func(g guess) bool { return g.situation == t.From }, name, at)
	step := p.send(t.Operation, name, at[name])
	switch t.Operation {
	case vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		step.Which = p.pick("", "", Right)
	case vault.MergeCertificate:
		step.Which = Right
	}
	last := append(p.only([]Step{step}), p.about(name, everything())...)
	return append(steps, p.following(last, at)...)
}

// changing are the transitions of the model by operations that may change something; each operation and situation once.
func (p *planner) changing() []model.Transition {
	reads := []string{vault.GetCertificate, vault.GetCertificateOperation, vault.GetCertificatePolicy, vault.GetCertificateVersions}
	var all []model.Transition
	for _, t := range model.Transitions() {
		t.Accepted = false
		if !slices.Contains(reads, t.Operation) && !slices.Contains(all, t) && len(p.allowed(t.Operation)) > 0 {
			all = append(all, t)
		}
	}
	return all
}

func shuffle[T any](p *planner, list []T) {
	p.random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
}

// following takes the guesses through steps.
func (p *planner) following(steps []Step, at []guess) []Step {
	for _, step := range steps {
		at[step.Name].follow(step)
	}
	return steps
}

// waysTo draws steps that bring a name to where something is possible: versions or none, and then a request or a deletion.
func (p *planner) waysTo(possible func(guess) bool, name int, at []guess) []Step {
	begin := Step{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown, With: p.pick("", "tags", "disabled")}
	cancel, await, settle := Step{Operation: vault.UpdateCertificateOperation}, Step{Operation: Await}, Step{Operation: Settle}
	remove, self := Step{Operation: vault.DeleteCertificate}, Step{Operation: vault.CreateCertificate, Issuer: scenarios.Self}
	first := [][]Step{nil, nil, p.aVersion("", "tags", "disabled"), append(p.aVersion("", "tags"), p.aVersion("", "tags", "disabled")...)}
	then := [][]Step{
		nil, {begin}, {begin, cancel}, {begin, cancel, await}, {begin, {Operation: vault.MergeCertificate, Which: Right}}, {self, await},
		{begin, {Operation: vault.DeleteCertificateOperation}}, {remove, settle}, {begin, remove, settle},
		{{Operation: vault.BackupCertificate}, remove, settle, {Operation: vault.PurgeDeletedCertificate}, settle},
	}
	if slices.Contains(p.issuers, "fails") {
		then = append(then, []Step{{Operation: vault.CreateCertificate, Issuer: "fails"}, await})
	}
	var ways [][]Step
	for _, before := range first {
		for _, after := range then {
			ways = append(ways, slices.Concat(before, after))
		}
	}
	shuffle(p, ways)
	for _, way := range ways {
		tried := at[name]
		for _, step := range way {
			tried.follow(step)
		}
		if possible(tried) {
			return p.following(p.about(name, way), at)
		}
	}
	return nil
}
