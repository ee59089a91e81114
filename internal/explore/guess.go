package explore

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// guess is where a name stands by the plan.
type guess struct {
	situation model.Situation
	auto      bool // the request ends by itself
	versions  int
	requests  int
	// issuer is that of the request, policyEnds says that requests by the policy of the name end by themselves.
	issuer     string
	policyEnds bool
	backedUp   bool
	purged     bool
}

// versioned reports whether there is a version that is not deleted.
func (g *guess) versioned() bool { return g.versions > 0 && !g.gone() }

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

// follow takes the guess through a step, as a vault without faults would.
func (g *guess) follow(step Step) {
	if step.With == Wrong {
		return
	}
	switch step.Operation {
	case vault.CreateCertificate:
		g.begins(step)
	case vault.ImportCertificate:
		if g.free() {
			g.versions++
			g.policyEnds = false
			if g.situation == model.Absent {
				g.situation = model.None
			}
		}
	case vault.MergeCertificate:
		if step.Which == Right && g.mergeable() {
			g.completes()
		}
	case vault.UpdateCertificateOperation:
		if g.running() && step.findsRequest() {
			g.situation = model.Cancelling
		}
	case Await:
		g.ends()
	default:
		g.followDeletion(step)
	}
}

// begins is a create.
func (g *guess) begins(step Step) {
	if !g.free() {
		return
	}
	g.situation, g.requests = model.InProgress, g.requests+1
	g.auto = step.Issuer != scenarios.Unknown && step.Issuer != "stays" && step.Issuer != Own
	if step.Issuer == "" {
		g.auto = g.policyEnds
	}
	g.issuer = step.Issuer
}

// ends is a request that its issuer, or its cancellation, has brought to an end.
func (g *guess) ends() {
	switch {
	case g.situation == model.Cancelling:
		g.situation = model.Cancelled
	case g.running() && g.issuer == "fails":
		g.situation = model.Failed
	case g.running() && g.auto:
		g.completes()
	}
}

// completes is a request that has made a version.
func (g *guess) completes() {
	g.situation, g.versions = model.Completed, g.versions+1
	if g.issuer != "" {
		g.policyEnds = g.auto
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
			*g = guess{situation: model.Absent, backedUp: g.backedUp, purged: true}
		}
	case vault.BackupCertificate:
		g.backedUp = g.backedUp || g.versioned()
	case vault.RestoreCertificate:
		if g.situation == model.Absent && g.backedUp {
			g.situation, g.versions = model.None, 1
		}
	}
}
