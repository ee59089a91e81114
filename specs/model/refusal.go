package model

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// unexplained notes a rejection of a legal request that nothing known of the name explains. A 404 is judged where the operation
// is, and a missing permission, a throttle or a race may reject anything.
func (t *step) unexplained() {
	switch t.o.status {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return
	case http.StatusConflict:
		if t.o.raced {
			return
		}
	case http.StatusForbidden:
		if !t.usesRequests() {
			return
		}
	}
	if id, expected := t.mustAccept(); id != "" {
		t.breaks(id, "", expected, t.returned(), t.lifeSet, t.set, t.pending.made, t.pending.last)
	}
}

// usesRequests reports whether the operation needs no permission beyond those that every exploration needs.
func (t *step) usesRequests() bool {
	switch t.o.Operation {
	case vault.CreateCertificate, vault.ImportCertificate, vault.MergeCertificate, vault.GetCertificateOperation,
		vault.UpdateCertificateOperation, vault.DeleteCertificateOperation, vault.GetCertificate, vault.UpdateCertificate,
		vault.GetCertificateVersions, vault.GetCertificatePolicy, vault.UpdateCertificatePolicy:
		return true
	}
	return false
}

// mustAccept is the statement by which a request has to be accepted in this state, "" if there is none, with the response that
// was possible.
func (t *step) mustAccept() (id, expected string) {
	conflict := t.o.status == http.StatusConflict
	switch t.o.Operation {
	case vault.CreateCertificate, vault.ImportCertificate:
		return t.mustBegin(conflict)
	case vault.MergeCertificate:
		return t.mustMerge()
	case vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		return t.mustServePending(conflict)
	case vault.RecoverDeletedCertificate:
		return when(t.life == deleted && !conflict, "B-7-09", "200, because the certificate is deleted")
	case vault.RestoreCertificate:
		last := len(t.backups) - 1
		return when(last >= 0 && len(t.backups[last].versions) > 0 && t.life == absent && t.complete && !conflict, "B-8-04",
			"200, because the backup is the vault's own and the name is free")
	case vault.SetCertificateIssuer:
		return "B-10-01", "200"
	case vault.GetCertificateIssuer, vault.UpdateCertificateIssuer:
		return when(t.issuer.there == yes, "B-10-04", "the issuer, which was set")
	}
	if t.life == live && t.finished() {
		return t.mustServe(conflict)
	}
	return "", ""
}

// mustServePending is mustAccept of an operation on the pending object.
func (t *step) mustServePending(conflict bool) (id, expected string) {
	p := &t.pending
	switch t.o.Operation {
	case vault.GetCertificateOperation:
		return when(p.there == yes && t.life == live, "SC-02-01", "the pending object")
	case vault.UpdateCertificateOperation:
		return when(p.surely() && t.life == live && !conflict, "SC-08-01", "200, because the request is in progress")
	case vault.DeleteCertificateOperation:
		return when(p.there == yes && t.life == live && !conflict, "SC-09-01", "200, because there is a pending object")
	}
	return "", ""
}

// mustServe is mustAccept of an operation on a certificate that is there.
func (t *step) mustServe(conflict bool) (id, expected string) {
	switch t.o.Operation {
	case vault.GetCertificate:
		return "B-3-01", "the certificate, which has versions"
	case vault.GetCertificateVersions:
		return "B-1-14", "the list of versions"
	case vault.GetCertificatePolicy:
		return "B-5-01", "the policy of the certificate"
	case vault.UpdateCertificate:
		// without a version it is a should only
		return when(!conflict && t.o.version != "", "B-4-01", "200, because the certificate is there")
	case vault.UpdateCertificatePolicy:
		return when(!conflict, "B-5-02", "200, because the certificate is there")
	case vault.DeleteCertificate:
		return when(!conflict, "B-7-01", "200, because the certificate is there")
	}
	return "", ""
}

func when(condition bool, id, expected string) (string, string) {
	if condition {
		return id, expected
	}
	return "", ""
}

// mustBegin is mustAccept of a create or an import. What is left behind by a name that was used before may be a conflict.
func (t *step) mustBegin(conflict bool) (id, expected string) {
	p := &t.pending
	_, policy := t.o.sent["policy"]
	create := t.o.Operation == vault.CreateCertificate
	unused := t.life == absent && t.complete && len(t.purged) == 0 && len(t.earlier) == 0
	switch {
	case create && !policy && (t.life != live || !t.finished()):
		return "", "" // the first create needs a policy
	case unused && conflict:
		return "SC-06-11", "no conflict, because the name was never used"
	case conflict, !unused && (t.life != live || p.there != no && !p.status.ended()):
		return "", ""
	case create:
		return "B-1-15", "202, because the request is legal and none is in progress"
	}
	return "B-2-04", "200, because the file is legal and no request is in progress"
}

// mustMerge is mustAccept of a merge of a certificate for the key of the request.
func (t *step) mustMerge() (id, expected string) {
	p := &t.pending
	chain, _ := t.o.sent["x5c"].([]any)
	if len(chain) == 0 || t.life != live || p.there != yes || !p.manual {
		return "", ""
	}
	leaf, _ := chain[0].(string)
	if key := certificateKey(leaf); key == "" || key != requestKey(p.csr) {
		return "", ""
	}
	switch {
	case p.surely():
		return "SC-11-01", "201, because the certificate is of the csr's key and the request is in progress"
	case p.status == cancelled || p.status == failed:
		return "SC-04-12", "201, because the certificate is of the csr's key and the request has ended without one"
	}
	return "", ""
}
