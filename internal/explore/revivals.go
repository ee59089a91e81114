package explore

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// change draws what an update holds.
func (p *planner) change() string {
	return p.pick("tags", "tags", "untagged", "disabled", "disabled", "enabled", "both")
}

// policy draws what a PATCH of the policy holds.
func (p *planner) policy() string {
	return p.pick("policy", "policy", "months", "months", "content", "issuer")
}

// between draws a change of a name that something is to survive, or not to survive.
func (p *planner) between() Step {
	step := Step{Operation: p.pick(
		vault.UpdateCertificate, vault.UpdateCertificate, vault.UpdateCertificatePolicy, vault.UpdateCertificatePolicy, vault.ImportCertificate, vault.GetCertificate,
	)}
	switch step.Operation {
	case vault.UpdateCertificate:
		step.Which, step.With = p.pick("", Right, Earlier), p.change()
	case vault.UpdateCertificatePolicy:
		step.With = p.policy()
	case vault.ImportCertificate:
		step.With = p.pick("", "tags", "disabled")
	}
	return step
}

// everything reads all of a name.
func everything() []Step {
	return []Step{
		{Operation: vault.GetCertificateOperation}, {Operation: vault.GetCertificate}, {Operation: vault.GetCertificateVersions},
		{Operation: vault.GetCertificatePolicy}, {Operation: vault.GetCertificate, Which: Earlier}, {Operation: vault.GetDeletedCertificate},
	}
}

// revivals take a name through several deletions and restores, with a change somewhere in them.
func revivals() []move {
	settle := Step{Operation: Settle}
	deletion := []Step{{Operation: vault.DeleteCertificate}, settle}
	recovery := []Step{{Operation: vault.RecoverDeletedCertificate}, settle}
	join := func(parts ...[]Step) []Step {
		var steps []Step
		for _, part := range parts {
			steps = append(steps, part...)
		}
		return steps
	}
	return []move{
		{"back up and restore", when((*guess).versioned, 3), func(p *planner, _ guess) []Step {
			backup := []Step{{Operation: vault.BackupCertificate}}
			return join(
				[]Step{p.between()}, either(p.random.IntN(3) == 0, join(deletion, recovery), nil), backup, []Step{p.between()}, either(p.random.IntN(4) == 0, backup, nil), deletion,
				[]Step{{Operation: vault.PurgeDeletedCertificate}, settle, {Operation: vault.RestoreCertificate}}, everything(),
			)
		}},
		{"restore what is there", when((*guess).versioned, 1), func(p *planner, _ guess) []Step {
			return join(
				[]Step{{Operation: vault.BackupCertificate}}, either(p.random.IntN(3) > 0, join(deletion, recovery), nil),
				[]Step{p.between(), {Operation: vault.RestoreCertificate}}, everything(),
			)
		}},
		{"recover again", when((*guess).versioned, 2), func(p *planner, _ guess) []Step {
			return join([]Step{p.between()}, deletion, recovery, []Step{p.between()}, deletion, recovery, everything())
		}},
		{"change and recover later", when((*guess).versioned, 0.5), func(p *planner, _ guess) []Step {
			return join([]Step{{Operation: vault.GetCertificate}, {Operation: Pause}, p.between()}, deletion, recovery, everything())
		}},
	}
}

// together are requests that are sent at once where a name stands in a situation.
func together(g guess) [][2]string {
	switch {
	case g.running():
		return [][2]string{
			{vault.DeleteCertificateOperation, vault.DeleteCertificateOperation}, {vault.UpdateCertificateOperation, vault.DeleteCertificateOperation},
			{vault.MergeCertificate, vault.MergeCertificate}, {vault.MergeCertificate, vault.UpdateCertificateOperation},
			{vault.MergeCertificate, vault.DeleteCertificateOperation}, {vault.CreateCertificate, vault.DeleteCertificateOperation},
			{vault.MergeCertificate, vault.CreateCertificate},
		}
	case g.situation == model.Deleted:
		return [][2]string{
			{vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate}, {vault.RecoverDeletedCertificate, vault.RecoverDeletedCertificate},
			{vault.PurgeDeletedCertificate, vault.PurgeDeletedCertificate},
		}
	case g.versioned():
		return [][2]string{
			{vault.UpdateCertificate, vault.UpdateCertificate}, {vault.UpdateCertificate, vault.UpdateCertificate},
			{vault.UpdateCertificatePolicy, vault.UpdateCertificatePolicy}, {vault.UpdateCertificate, vault.UpdateCertificatePolicy},
			{vault.DeleteCertificate, vault.UpdateCertificate}, {vault.DeleteCertificate, vault.CreateCertificate},
			{vault.DeleteCertificate, vault.DeleteCertificate}, {vault.CreateCertificate, vault.CreateCertificate},
			{vault.ImportCertificate, vault.ImportCertificate}, {vault.CreateCertificate, vault.ImportCertificate},
			{vault.UpdateCertificateIssuer, vault.UpdateCertificateIssuer}, {vault.BackupCertificate, vault.UpdateCertificate},
		}
	case g.backedUp:
		return [][2]string{{vault.RestoreCertificate, vault.RestoreCertificate}, {vault.RestoreCertificate, vault.CreateCertificate}}
	}
	return [][2]string{
		{vault.CreateCertificate, vault.CreateCertificate}, {vault.CreateCertificate, vault.ImportCertificate},
		{vault.ImportCertificate, vault.ImportCertificate},
	}
}

// apart gives changes at once different members, so that one of them that is lost shows: of two changes of one member either may
// be the last.
func (p *planner) apart(step Step, i int) string {
	switch step.Operation {
	case vault.UpdateCertificate:
		return []string{"tags", p.pick("disabled", "enabled")}[i%2]
	case vault.UpdateCertificatePolicy:
		return []string{"months", p.pick("content", "policy")}[i%2]
	case vault.UpdateCertificateIssuer:
		return []string{"", "organization"}[i%2]
	}
	return step.With
}

// atOnce sends two or three requests about a name at once that cannot all have their way, and looks at what came of it.
func (p *planner) atOnce(name int, of guess) [][]Step {
	pairs := together(of)
	return p.meet(pairs[p.random.IntN(len(pairs))], name, of)
}

// meet sends a pair of requests at once.
func (p *planner) meet(pair [2]string, name int, of guess) [][]Step {
	group := []Step{p.send(pair[0], name, of), p.send(pair[1], name, of)}
	if p.random.IntN(4) == 0 {
		group = append(group, p.send(pair[p.random.IntN(2)], name, of))
	}
	for i := range group {
		group[i].With = p.apart(group[i], i)
		switch group[i].Operation {
		case vault.MergeCertificate:
			group[i].Which = Right
		case vault.DeleteCertificateOperation, vault.UpdateCertificateOperation:
			group[i].Which = ""
		case vault.CreateCertificate:
			group[i].Issuer = scenarios.Unknown
		}
	}
	groups := [][]Step{p.only(group)}
	if len(groups[0]) == 0 {
		return nil
	}
	if pair[0] == vault.UpdateCertificateIssuer {
		set := Step{Operation: vault.SetCertificateIssuer, Name: name, Value: p.value}
		return [][]Step{{set}, groups[0], {{Operation: vault.GetCertificateIssuer, Name: name}}}
	}
	for _, step := range p.only(everything()) {
		step.Name = name
		groups = append(groups, []Step{step})
	}
	return groups
}
