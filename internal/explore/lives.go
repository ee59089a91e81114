package explore

import (
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// lives are long moves: several versions one after another, a name that is deleted more than once, an issuer that is changed while
// requests name it. What is wrong only the third time, or only with what an earlier life of the name has left, shows in them.
func lives() []move {
	return slices.Concat(livesOfNames(), livesOfDeletions(), livesUnderWay(), livesOfIssuers())
}

// settled is a request whose effect is waited for.
func settled(operation string) []Step { return []Step{{Operation: operation}, {Operation: Settle}} }

func deletion() []Step { return settled(vault.DeleteCertificate) }
func recovery() []Step { return settled(vault.RecoverDeletedCertificate) }
func purge() []Step    { return settled(vault.PurgeDeletedCertificate) }

// livesOfNames are lives of a name: several versions one after another, a request that ends and comes back.
func livesOfNames() []move {
	return []move{
		{"grow", when((*guess).free, 2), func(p *planner, _ guess) []Step {
			steps := p.aVersion("tags", "disabled", "policy")
			for range 2 + p.random.IntN(2) {
				steps = append(steps, p.aVersion("", "", "tags")...)
			}
			return slices.Concat(steps, everything())
		}},
		{"cancel twice", when((*guess).running, 2), func(p *planner, _ guess) []Step {
			cancel := Step{Operation: vault.UpdateCertificateOperation, Which: p.pick("", "", Right)}
			return []Step{cancel, cancel, {Operation: vault.GetCertificateOperation}, {Operation: Await}}
		}},
		{"recover a request", when(func(g *guess) bool { return g.running() || g.ended() }, 2), func(p *planner, g guess) []Step {
			var ends []Step
			if g.running() && p.random.IntN(3) > 0 {
				ends = []Step{{Operation: vault.UpdateCertificateOperation}, {Operation: Await}}
			}
			return slices.Concat(ends, deletion(), recovery(), everything())
		}},
	}
}

// livesOfDeletions are lives that a deletion ends: recovered, restored, purged and used again.
func livesOfDeletions() []move {
	read := Step{Operation: vault.GetCertificate}
	return []move{
		{"change what is deleted", when((*guess).versioned, 1), func(p *planner, _ guess) []Step {
			change := Step{Operation: vault.UpdateCertificatePolicy, With: p.policy()}
			if p.random.IntN(3) == 0 {
				change = Step{Operation: vault.UpdateCertificate, With: p.change()}
			}
			return slices.Concat(deletion(), []Step{change}, recovery(), everything())
		}},
		{"delete later", when((*guess).versioned, 0.7), func(p *planner, _ guess) []Step {
			later := []Step{{Operation: Pause}, {Operation: vault.UpdateCertificate, With: p.change()}, read}
			return slices.Concat(deletion(), recovery(), later, deletion(), []Step{{Operation: vault.GetDeletedCertificate}}, recovery())
		}},
		{"restore again", when((*guess).versioned, 1), func(p *planner, _ guess) []Step {
			life := slices.Concat(deletion(), purge(), []Step{{Operation: vault.RestoreCertificate}})
			return slices.Concat([]Step{p.between(), {Operation: vault.BackupCertificate}}, life, []Step{p.between()}, life, everything())
		}},
		{"use again after a purge", when((*guess).versioned, 1), func(p *planner, _ guess) []Step {
			policy := []Step{{Operation: vault.UpdateCertificatePolicy, With: p.policy()}, {Operation: vault.GetCertificatePolicy}, {Operation: vault.GetCertificate, Which: Right}}
			again := []Step{{Operation: vault.ImportCertificate, With: p.pick("", "tags")}}
			if p.random.IntN(3) == 0 {
				again = p.aVersion("", "tags")
			}
			return slices.Concat(policy, deletion(), purge(), again, everything(), deletion(), []Step{{Operation: vault.GetDeletedCertificates}}, recovery(), everything())
		}},
	}
}

// livesUnderWay are lives with requests in progress: dropped again, beside versions, under a policy that changes.
func livesUnderWay() []move {
	read := Step{Operation: vault.GetCertificate}
	return []move{
		{"drop again", when((*guess).free, 1.5), func(p *planner, _ guess) []Step {
			begin, drop := Step{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown}, Step{Operation: vault.DeleteCertificateOperation}
			if p.random.IntN(3) == 0 {
				return []Step{begin, {Operation: vault.UpdateCertificateOperation}, {Operation: Await}, begin, {Operation: vault.UpdateCertificateOperation}, {Operation: Await}, begin}
			}
			return []Step{begin, drop, begin, drop, begin, {Operation: vault.GetCertificateOperation}}
		}},
		{"list in progress", when(func(g *guess) bool { return g.versioned() && g.free() }, 1.5), func(_ *planner, _ guess) []Step {
			begin := Step{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown}
			return []Step{read, begin, {Operation: vault.GetCertificates}, {Operation: vault.GetCertificateVersions}, read}
		}},
		{"page through versions", when(func(g *guess) bool { return g.versioned() && g.versions > 1 }, 1.5), func(p *planner, _ guess) []Step {
			return []Step{{Operation: vault.GetCertificateVersions}, {Operation: vault.GetCertificateVersions, With: Paged}, p.between(), {Operation: Rest}}
		}},
		{"change the policy under way", when((*guess).mergeable, 1), func(p *planner, _ guess) []Step {
			patch := []Step{{Operation: vault.UpdateCertificatePolicy, With: p.policy()}, {Operation: vault.GetCertificatePolicy}}
			return slices.Concat(patch, []Step{{Operation: vault.MergeCertificate, Which: Right}}, everything())
		}},
	}
}

// livesOfIssuers are lives of an issuer, and of requests that name one.
func livesOfIssuers() []move {
	return []move{
		{"lives of an issuer", func(guess) float64 { return 0.7 }, func(p *planner, _ guess) []Step {
			set, get, list := Step{Operation: vault.SetCertificateIssuer}, Step{Operation: vault.GetCertificateIssuer}, Step{Operation: vault.GetCertificateIssuers}
			change, organization := Step{Operation: vault.UpdateCertificateIssuer}, Step{Operation: vault.UpdateCertificateIssuer, With: "organization"}
			again := Step{Operation: vault.SetCertificateIssuer, With: p.pick("provider", "account")}
			return []Step{set, change, organization, get, {Operation: vault.DeleteCertificateIssuer}, get, again, get, list, organization, change, get, set, get}
		}},
		{"use an issuer", when((*guess).free, 1.5), func(p *planner, _ guess) []Step { return p.useIssuer() }},
	}
}

// aVersion makes a version, most often by a merge, and with one of some bodies.
func (p *planner) aVersion(with ...string) []Step {
	if p.random.IntN(4) == 0 {
		body := p.pick(with...)
		return []Step{{Operation: vault.ImportCertificate, With: either(body == "policy", "", body)}}
	}
	return []Step{
		{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown, With: p.pick(with...)},
		{Operation: vault.MergeCertificate, Which: Right},
	}
}

// useIssuer has a request name an issuer of the episode, which is changed or deleted while the request is there.
func (p *planner) useIssuer() []Step {
	change := Step{Operation: p.pick(vault.DeleteCertificateIssuer, vault.DeleteCertificateIssuer, vault.UpdateCertificateIssuer, vault.SetCertificateIssuer)}
	if change.Operation == vault.UpdateCertificateIssuer {
		change.With = p.pick("", "organization")
	}
	return append([]Step{
		{Operation: vault.SetCertificateIssuer}, {Operation: vault.CreateCertificate, Issuer: Own, With: p.pick("", "tags", "policy")},
		{Operation: vault.GetCertificateOperation}, {Operation: vault.GetCertificatePolicy}, change,
	}, everything()...)
}

// pageThroughNames begins a list in small pages, changes what is listed, and reads the rest. The names are all that a small vault
// has, so that the first page is one of them.
func (p *planner) pageThroughNames(at []guess, add func(int, ...Step)) {
	settle := Step{Operation: Settle}
	first := p.random.IntN(names)
	gone := p.random.IntN(3) == 0
	for name := range names {
		if at[name].situation == model.Deleted || at[name].running() {
			continue
		}
		if !at[name].versioned() && (p.random.IntN(4) > 0 || name == first) {
			add(name, Step{Operation: vault.ImportCertificate})
		}
		add(name, Step{Operation: vault.GetCertificate})
		if gone {
			add(name, Step{Operation: vault.DeleteCertificate}, settle)
		}
	}
	if gone {
		add(first, Step{Operation: vault.GetDeletedCertificates, With: Paged},
			Step{Operation: p.pick(vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate)}, settle, Step{Operation: Rest})
		return
	}
	add(first, Step{Operation: vault.GetCertificates, With: Paged}, p.between(), Step{Operation: Rest})
	for k := range names - 1 { // whichever the vault lists first, it is one of those that go
		add((first+k)%names, Step{Operation: vault.GetCertificates, With: Paged}, Step{Operation: vault.DeleteCertificate}, settle, Step{Operation: Rest})
	}
}

// pageThroughVersions is pageThroughNames with the versions of a name, beside another one that has versions.
func (p *planner) pageThroughVersions(at []guess, one, two int, add func(int, ...Step)) {
	for _, name := range []int{one, two} {
		if at[name].gone() || at[name].free() {
			add(name, p.aVersion("", "tags")...)
		}
		add(name, Step{Operation: vault.ImportCertificate}, Step{Operation: vault.GetCertificateVersions})
	}
	for _, name := range []int{one, two} {
		add(name, Step{Operation: vault.GetCertificateVersions, With: Paged}, p.between(), Step{Operation: Rest})
	}
}

// pageThroughIssuers is pageThroughNames with issuers.
func (p *planner) pageThroughIssuers(one, two int, add func(int, ...Step)) {
	set := Step{Operation: vault.SetCertificateIssuer}
	add(one, set)
	add(two, set)
	add(one, Step{Operation: vault.GetCertificateIssuers, With: Paged},
		Step{Operation: p.pick(vault.DeleteCertificateIssuer, vault.UpdateCertificateIssuer, vault.SetCertificateIssuer)}, Step{Operation: Rest})
}
