package refvault

import (
	"fmt"
	"strings"
	"time"
)

// This file holds every change of state and every condition for one, each in a method of its own: it is the place to
// read what the vault holds for right, and the place at which to make it hold something else.

// status is the state of an operation.
type status string

const (
	statusInProgress status = "inProgress"
	statusCompleted  status = "completed"
	statusCancelled  status = "cancelled" // the documentation's spelling is put in where it is written
	statusFailed     status = "failed"
)

// phase is where a name stands between living and gone.
type phase int

const (
	phaseLive phase = iota
	phaseDeleting
	phaseDeleted
	phaseRecovering
	phasePurging
	phaseGone
)

// settle brings a certificate up to now: what was due has happened.
func (v *Vault) settle(cert *certificate, now time.Time) {
	v.settlePhase(cert, now)
	if cert.operation != nil && cert.phase != phaseGone {
		v.settleOperation(cert, cert.operation, now)
	}
}

func (v *Vault) settlePhase(cert *certificate, now time.Time) {
	switch {
	case cert.phase == phaseDeleting && !now.Before(cert.phaseEnds):
		cert.phase = phaseDeleted
	case cert.phase == phaseRecovering && !now.Before(cert.phaseEnds):
		cert.phase = phaseLive
	case cert.phase == phasePurging && !now.Before(cert.phaseEnds):
		cert.phase = phaseGone
	}
	if cert.phase == phaseDeleted && !now.Before(cert.purgeAllowed) {
		cert.phase = phaseGone
	}
}

// settleOperation lets the issuer's response and the client's cancellation race; the one that was due first wins.
func (v *Vault) settleOperation(cert *certificate, op *operation, now time.Time) {
	if op.status != statusInProgress {
		return
	}
	answered := op.outcome.answers() && !now.Before(op.due)
	cancelled := op.cancellationRequested && !now.Before(op.cancelDue)
	switch {
	case cancelled && (!answered || op.cancelDue.Before(op.due)):
		op.takeCancellation()
	case answered && op.outcome == outcomeFails:
		op.fail("Certificate issuer error", "The issuer could not make the certificate.")
	case answered && op.outcome == outcomeRejects:
		op.fail("Request rejected", "The issuer refused the request.")
	case answered:
		v.issue(cert, op)
	}
}

// issue completes an operation with a certificate made by the vault or by the authority behind the issuers.
func (v *Vault) issue(cert *certificate, op *operation) {
	var der []byte
	var err error
	if op.outcome == outcomeSelf {
		der, err = op.request.selfSign(op.key, v.ids, op.due)
	} else {
		der, err = v.signedByIssuer(op)
	}
	if err == nil {
		var issued *version
		if issued, err = v.newVersion(der, op.key, op.due); err == nil {
			if op.outcome != outcomeSelf {
				issued.kept.Chain = [][]byte{der, v.ca.cert.Raw}
			}
			op.complete(cert, issued)
			return
		}
	}
	op.fail("Certificate issuer error", err.Error())
}

// signedByIssuer makes the certificate of an operation of an issuer. The authority behind the issuers is made when it first has
// to sign: most vaults of a proof see a few requests only, and none that ends so.
func (v *Vault) signedByIssuer(op *operation) ([]byte, error) {
	if v.ca == nil {
		made, err := newAuthority(v.ids, op.due)
		if err != nil {
			return nil, err
		}
		v.ca = made
	}
	return v.ca.sign(op.request, op.key.Public(), v.ids, op.due)
}

// complete makes a version of the certificate that was issued or merged, with what the create asked for.
func (op *operation) complete(cert *certificate, made *version) {
	made.enabled, made.tags, made.keepOrder = op.enabled, op.tags, op.keepOrder
	chain := made.kept.Chain
	made.kept = op.kept
	made.kept.Chain = chain
	cert.add(made)
	if op.policy != nil {
		op.policy.stamp(cert.policy, made.updated)
		cert.policy = op.policy
	}
	op.status, op.failure = statusCompleted, nil
}

func (op *operation) fail(code, message string) {
	op.status, op.failure = statusFailed, &errorBody{Code: code, Message: message}
}

func (op *operation) takeCancellation() { op.status = statusCancelled }

// requestCancellation notes the first request; asking again does not put it off.
func (op *operation) requestCancellation(now time.Time, takes time.Duration) {
	if !op.cancellationRequested {
		op.cancellationRequested, op.cancelDue = true, now.Add(takes)
	}
}

// begin puts a new operation in the place of the one before, if any.
func (v *Vault) begin(cert *certificate, op *operation, requested *policy, now time.Time) {
	requested.stamp(cert.policy, now)
	if v.policyAtCompletion && cert.policy != nil {
		op.policy = requested
	} else {
		cert.policy = requested
	}
	cert.operation = op
	if !cert.completed() && cert.placeholder == nil {
		cert.placeholder = v.newPlaceholder(op, now)
	}
	if !cert.completed() {
		cert.placeholder.tags = op.tags
	}
	v.certificates[strings.ToLower(cert.name)] = cert
}

func (v *Vault) newPlaceholder(op *operation, now time.Time) *version {
	notBefore, notAfter := op.request.validity(now)
	return &version{
		id: v.ids.hex(), notBefore: notBefore, notAfter: notAfter, created: now, updated: now, tags: op.tags,
	}
}

// forget removes the operation. What it had begun stays behind as a placeholder.
func (cert *certificate) forget() { cert.operation = nil }

// refuseOverwriting is the condition for create and import: nothing is in progress, and the name is not deleted.
func (v *Vault) refuseOverwriting(cert *certificate) error {
	if cert == nil {
		return nil
	}
	if err := refusePhase(cert); err != nil {
		return err
	}
	if cert.operation == nil || cert.operation.status != statusInProgress {
		return nil
	}
	refused := conflict("", "A pending certificate for %s is in progress.", cert.name)
	if v.manner == Documented {
		refused.code = codeForbidden
	}
	return refused
}

// refusePhase is the condition for anything that needs the name for itself.
func refusePhase(cert *certificate) error {
	switch cert.phase {
	case phaseDeleting, phasePurging:
		return conflict(innerBeingDeleted, "The certificate %s is being deleted.", cert.name)
	case phaseDeleted:
		return conflict(innerRecoverable, "The certificate %s is deleted and can be recovered or purged.", cert.name)
	case phaseRecovering:
		return conflict(innerBeingRecovered, "The certificate %s is being recovered.", cert.name)
	case phaseLive, phaseGone:
	}
	return nil
}

// matches is the filter that a request_id in the query is.
func (op *operation) matches(requestID string) bool {
	return requestID == "" || requestID == op.requestID
}

// refuseUpdate is the condition for a cancellation: it cannot be asked for when all is over.
func (v *Vault) refuseUpdate(op *operation) error {
	if op.status == statusInProgress {
		return nil
	}
	message := fmt.Sprintf("The pending certificate is %s; only one in progress can be changed.", op.status)
	if v.manner == Documented {
		return badParameter("%s", message)
	}
	return forbidden("%s", message)
}

// refuseMerge is the condition for a merge: nobody else is about to deliver the certificate, and none was delivered.
func (op *operation) refuseMerge() error {
	switch {
	case op.status == statusCompleted:
		return forbidden("The pending certificate is completed; there is nothing left to merge.")
	case op.status == statusInProgress && op.outcome != outcomeManual:
		return forbidden("The pending certificate is in progress with the issuer %s.", op.issuer)
	}
	return nil
}

// remove starts the deletion of a certificate.
func (v *Vault) remove(cert *certificate, now time.Time) {
	cert.phase, cert.phaseEnds = phaseDeleting, now.Add(v.deleteAfter)
	cert.deleted = now
	cert.purgeAllowed = now.Add(time.Duration(v.recoverableDays) * 24 * time.Hour)
	v.settlePhase(cert, now)
}

// bringBack starts the recovery of a deleted certificate.
func (v *Vault) bringBack(cert *certificate, now time.Time) {
	cert.phase, cert.phaseEnds = phaseRecovering, now.Add(v.deleteAfter)
	v.settlePhase(cert, now)
}

// purge starts the end of a deleted certificate.
func (v *Vault) purge(cert *certificate, now time.Time) {
	cert.phase, cert.phaseEnds = phasePurging, now.Add(v.deleteAfter)
}
