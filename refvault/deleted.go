package refvault

import "net/http"

// deletion returns the members that a deleted certificate has in addition.
func (c *call) deletion(cert *certificate) (recoveryID string, deleted, scheduledPurge int64) {
	return c.base + "/deletedcertificates/" + cert.name, cert.deleted.Unix(), cert.purgeAllowed.Unix()
}

func (v *Vault) deletedBundle(c *call, cert *certificate) *bundle {
	b := v.currentBundle(c, cert)
	b.RecoveryID, b.DeletedDate, b.ScheduledPurgeDate = c.deletion(cert)
	return b
}

// deleteCertificate is DeleteCertificate. All versions, the policy and the operation go together.
func (v *Vault) deleteCertificate(c *call) (*response, error) {
	cert, err := v.live(c)
	if err != nil {
		return nil, err
	}
	v.remove(cert, c.now)
	return ok(v.deletedBundle(c, cert)), nil
}

// deleted returns the deleted certificate that a call names. One whose deletion is still under way cannot be seen yet,
// and is in the way of any change.
func (v *Vault) deleted(c *call) (*certificate, error) {
	cert := v.named(c.name, c.now)
	if cert == nil || cert.phase == phaseLive {
		return nil, certificateMissing(c.name)
	}
	if cert.phase != phaseDeleted {
		return nil, refusePhase(cert)
	}
	return cert, nil
}

// getDeleted is GetDeletedCertificate.
func (v *Vault) getDeleted(c *call) (*response, error) {
	cert, err := v.deleted(c)
	if err != nil {
		return nil, certificateMissing(c.name)
	}
	return ok(v.deletedBundle(c, cert)), nil
}

// purgeDeleted is PurgeDeletedCertificate.
func (v *Vault) purgeDeleted(c *call) (*response, error) {
	cert, err := v.deleted(c)
	if err != nil {
		return nil, err
	}
	v.purge(cert, c.now)
	return &response{status: http.StatusNoContent}, nil
}

// recoverDeleted is RecoverDeletedCertificate.
func (v *Vault) recoverDeleted(c *call) (*response, error) {
	cert, err := v.deleted(c)
	if err != nil {
		return nil, err
	}
	v.bringBack(cert, c.now)
	return ok(v.currentBundle(c, cert)), nil
}
