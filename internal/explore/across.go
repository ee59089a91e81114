package explore

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// acrossKinds is how many kinds of requests about several names there are.
const acrossKinds = 7

// across draws a few requests about two names, one of which must not feel what is done to the other, of one of acrossKinds.
func (p *planner) across(kind int, at []guess) [][]Step {
	one := p.random.IntN(names)
	two := (one + 1 + p.random.IntN(names-1)) % names
	var steps []Step
	add := func(name int, more ...Step) {
		for _, step := range more {
			p.value++
			step.Name, step.Value = name, p.value
			steps = append(steps, step)
		}
	}
	both := func(more ...Step) { add(one, more...); add(two, more...) }
	switch kind {
	case 4:
		p.pageThroughNames(at, add)
	case 5:
		p.pageThroughIssuers(one, two, add)
	case 6:
		p.pageThroughVersions(at, one, two, add)
	case 0:
		p.acrossDeletions(at, one, two, add)
	case 1:
		p.acrossRequests(at, one, two, add)
	case 2:
		for _, name := range []int{one, two} {
			add(name, p.present(at[name])...)
		}
		add(one, p.between())
		both(everything()...)
	default:
		both(Step{Operation: vault.SetCertificateIssuer, With: p.pick("", "account")})
		change := p.pick(vault.UpdateCertificateIssuer, vault.UpdateCertificateIssuer, vault.DeleteCertificateIssuer, vault.SetCertificateIssuer)
		add(one, Step{Operation: change, With: p.issuer(change)})
		both(Step{Operation: vault.GetCertificateIssuer})
		add(one, Step{Operation: vault.GetCertificateIssuers})
	}
	var groups [][]Step
	for _, step := range p.only(steps) {
		groups = append(groups, []Step{step})
	}
	return groups
}

// present are steps after which a name has a version.
func (p *planner) present(of guess) []Step {
	if of.versioned() {
		return nil
	}
	return []Step{{Operation: vault.ImportCertificate, With: p.pick("", "tags")}}
}

// acrossDeletions deletes two names and brings one back.
func (p *planner) acrossDeletions(at []guess, one, two int, add func(int, ...Step)) {
	settle, names, deleted := Step{Operation: Settle}, Step{Operation: vault.GetCertificates}, Step{Operation: vault.GetDeletedCertificates}
	for _, name := range []int{one, two} {
		add(name, p.present(at[name])...)
	}
	add(one, Step{Operation: vault.DeleteCertificate}, settle, names)
	add(two, Step{Operation: vault.GetCertificate}, Step{Operation: vault.DeleteCertificate}, settle, deleted)
	add(one, Step{Operation: p.pick(vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate)}, settle, names, deleted)
	add(two, Step{Operation: vault.GetDeletedCertificate}, Step{Operation: vault.RecoverDeletedCertificate}, settle)
	add(two, everything()...)
	add(one, everything()...)
}

// acrossRequests begins a request of each of two names and ends one of them.
func (p *planner) acrossRequests(at []guess, one, two int, add func(int, ...Step)) {
	for _, name := range []int{one, two} {
		if !at[name].running() {
			add(name, Step{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown, With: p.pick("", "tags", "policy")})
		}
	}
	ends := Step{Operation: p.pick(
		vault.MergeCertificate, vault.DeleteCertificateOperation, vault.UpdateCertificateOperation, vault.CreateCertificate, vault.ImportCertificate,
	)}
	switch ends.Operation {
	case vault.MergeCertificate:
		ends.Which = Right
	case vault.CreateCertificate:
		ends.Issuer = scenarios.Unknown
	}
	add(two, Step{Operation: p.pick(vault.GetCertificateOperation, vault.UpdateCertificateOperation), Which: Other})
	add(one, ends, Step{Operation: vault.GetCertificateOperation})
	add(two, everything()...)
}
