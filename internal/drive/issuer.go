package drive

import (
	"context"
	"slices"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/scenarios"
)

// ownIssuerPause is how long a request of an issuer of the run's own is watched before it is taken to stay in progress.
const ownIssuerPause = 200 * time.Millisecond

// setUpOwnIssuer makes an issuer of the run's own if plays need one that keeps its requests in progress and the target file
// names none. It serves only if the vault is seen to keep a request of it in progress. The target file says nothing of it,
// so that it is never an unmet claim.
func (d *Driver) setUpOwnIssuer(ctx context.Context, plays []scenarios.Play) {
	s := d.session
	if s.Facts.Issuers.StaysInProgress != "" || slices.Contains(s.Target.Without, "issuers") || !slices.ContainsFunc(plays, needsIssuer) {
		return
	}
	name, probe := d.name("ownissuer"), d.name("ownrequest")
	if d.ledger.Note(cleanup.IssuerKind, name) != nil || d.ledger.Note(cleanup.CertificateKind, probe) != nil {
		return // whatever keeps the ledger from being written is told by the first play
	}
	if set := s.Client.SetIssuer(ctx, name, scenarios.OwnIssuer(s.Provider())); set.Failure == nil && !set.Succeeded() {
		d.ledger.Strike(cleanup.IssuerKind, name)
		d.ledger.Strike(cleanup.CertificateKind, probe)
		return
	}
	created := s.Client.CreateCertificate(ctx, probe, scenarios.IssuerRequest("CN=own-issuer.example.com", name))
	if created.Failure == nil && !created.Succeeded() {
		d.ledger.Strike(cleanup.CertificateKind, probe)
		return
	}
	if s.Clock.Sleep(ctx, min(ownIssuerPause, s.Target.Polling.Min)) != nil || !scenarios.InProgress(s.Client.GetPending(ctx, probe)) {
		return
	}
	s.Facts.Issuers.StaysInProgress = name
	s.Facts.OwnIssuers = append(s.Facts.OwnIssuers, name)
}

// needsIssuer reports whether a play may need an issuer that keeps its requests in progress.
func needsIssuer(play scenarios.Play) bool {
	return slices.Contains([]string{
		"cancel-in-progress", "conflict-while-in-progress", "delete-pending", "merge-on-issuer-request", "read-cancelled-or-failed",
		"request-from-issuer",
	}, play.Scenario)
}
