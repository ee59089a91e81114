package explore

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Wrong is a body that no vault may accept as a whole: beside members that are legal it has one that is not.
const Wrong = "wrong"

// beyondPercent is a lifetime_percentage that the documentation rules out: it is from 1 to 99.
const beyondPercent = 150

// mistakes are moves with a request that is rejected, and a look at what it may have left behind.
func mistakes() []move {
	pending, policy := Step{Operation: vault.GetCertificateOperation}, Step{Operation: vault.GetCertificatePolicy}
	read := Step{Operation: vault.GetCertificate}
	create := Step{Operation: vault.CreateCertificate, Issuer: scenarios.Unknown, With: Wrong}
	imports := Step{Operation: vault.ImportCertificate, With: Wrong}
	patch := Step{Operation: vault.UpdateCertificatePolicy, With: Wrong}
	return []move{
		{"begin by mistake", when((*guess).free, 1), func(p *planner, _ guess) []Step {
			first := create
			if p.random.IntN(3) == 0 {
				first = imports
			}
			return []Step{first, pending, read, policy}
		}},
		{"mistake under way", when((*guess).running, 2), func(p *planner, _ guess) []Step {
			cancel := Step{Operation: vault.UpdateCertificateOperation, Which: MadeUp}
			merge := Step{Operation: vault.MergeCertificate, Which: MadeUp, With: "tags"}
			return []Step{[]Step{create, create, imports, patch, cancel, merge}[p.random.IntN(6)], pending, policy}
		}},
		{"change by mistake", when((*guess).versioned, 2), func(p *planner, _ guess) []Step {
			update := Step{Operation: vault.UpdateCertificate, Which: MadeUp, With: p.pick("tags", "disabled")}
			mistake := []Step{patch, patch, update, update, create, imports}[p.random.IntN(6)]
			return []Step{read, policy, mistake, read, policy, {Operation: vault.GetCertificateVersions}}
		}},
	}
}

// wrongPolicy is a change of a policy, one group of which is legal and one is not.
func wrongPolicy(step Step) vault.Policy {
	return vault.Policy{
		X509Properties: &vault.X509Properties{ValidityMonths: 2 + step.Value%20},
		LifetimeActions: []vault.LifetimeAction{{
			Trigger: vault.Trigger{LifetimePercentage: beyondPercent}, Action: vault.Action{Type: "EmailContacts"},
		}},
	}
}
