package drive

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// thing is what the ledger names.
type thing struct {
	kind cleanup.Kind
	name string
}

// making is how far the run has shown that it made a thing.
type making int

const (
	unseen   making = iota // no play shows a request for it: it was named and not used, or set up before, or the run was ended
	refused                // every request for it was refused with a 4xx, or the play removed it for good
	doubtful               // no request for it was accepted, and one ended in a 5xx or a redirect
	made                   // one was accepted, or got no response
)

// strikeRefused strikes from the ledger what was refused whenever the run asked for it, and says of the rest how far the
// run has shown that it was made.
func (d *Driver) strikeRefused() map[thing]making {
	makings := d.makingsOf(d.performances)
	for of, how := range makings {
		if how == refused {
			d.ledger.Strike(of.kind, of.name)
		}
	}
	return makings
}

// makingsOf says how far performances have shown that they made what the ledger names.
func (d *Driver) makingsOf(performances []*scenarios.Performance) map[thing]making {
	makings, entries := map[thing]making{}, d.ledger.Entries()
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			for _, entry := range entries {
				of := thing{entry.Kind, entry.Name}
				switch {
				case makes(step.Exchange, of):
					makings[of] = max(makings[of], madeBy(step.Exchange))
				case removes(step.Exchange, of):
					makings[of] = refused
				}
			}
		}
	}
	return makings
}

// mayHaveMade reports whether a thing that no play shows may be there all the same: an issuer that was set up before the
// plays, or anything if a play broke off.
func (d *Driver) mayHaveMade(of thing) bool {
	issuers := d.session.Facts.Issuers
	if of.kind == cleanup.IssuerKind && slices.Contains(
		[]string{issuers.StaysInProgress, issuers.Completes, issuers.Fails, issuers.Rejects}, of.name) {
		return true
	}
	return d.performances == nil || slices.ContainsFunc(d.performances, func(p *scenarios.Performance) bool {
		var unreached *scenarios.Unreached
		var failure *vault.Failure
		unsent := errors.As(p.Err, &failure) && failure.Kind == vault.NotClaimed
		return p.Err != nil && !unsent && !errors.As(p.Err, &unreached)
	})
}

// makes reports whether a request makes a thing if it is accepted.
func makes(e *vault.Exchange, of thing) bool {
	operations := []string{vault.CreateCertificate, vault.ImportCertificate, vault.MergeCertificate, vault.RestoreCertificate}
	switch of.kind {
	case cleanup.IssuerKind:
		operations = []string{vault.SetCertificateIssuer}
	case cleanup.SecretKind:
		operations = []string{vault.SetSecret}
	case cleanup.KeyKind:
		operations = []string{vault.CreateKey}
	}
	if !slices.Contains(operations, e.Operation) {
		return false
	}
	if e.Operation == vault.RestoreCertificate {
		return e.Succeeded() // the name is in the backup: it may be any
	}
	return isOf(e, of)
}

// removes reports whether a request has removed a secret or a key of its own for good, as the play does that made it.
func removes(e *vault.Exchange, of thing) bool {
	var remove, purge string
	switch of.kind {
	case cleanup.SecretKind:
		remove, purge = vault.DeleteSecret, vault.PurgeSecret
	case cleanup.KeyKind:
		remove, purge = vault.DeleteKey, vault.PurgeKey
	}
	final := e.Operation == purge || e.Operation == remove && e.Member("recoveryId") == nil
	return final && e.Succeeded() && isOf(e, of)
}

// isOf reports whether the path of a request has the name of a thing.
func isOf(e *vault.Exchange, of thing) bool {
	u, err := url.Parse(e.Request.URL)
	return err == nil && slices.ContainsFunc(strings.Split(u.Path, "/"), func(s string) bool { return strings.EqualFold(s, of.name) })
}

func madeBy(e *vault.Exchange) making {
	status := e.Status()
	switch {
	case e.Failure != nil && (e.Failure.Kind == vault.NotSent || e.Failure.Kind == vault.NotClaimed):
		return refused
	case e.Failure != nil, e.Succeeded(), status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return made
	case status >= 400 && status < 500:
		return refused
	}
	return doubtful
}
