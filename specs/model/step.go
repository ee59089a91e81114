package model

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// step takes a state through one exchange. After a breach it goes on with what the response shows, so that one deviation is
// not reported with every exchange that follows.
type step struct {
	*state
	o        *observation
	findings []Finding
	// before are the versions that were known with their certificates before the exchange.
	before []string
}

// after is what is known after an exchange, and which statements it breaks.
func (s *state) after(o *observation) (*state, []Finding) {
	t := &step{state: s.clone(), o: o}
	for _, v := range s.versions {
		if v.cer != "" {
			t.before = append(t.before, v.id)
		}
	}
	switch {
	case t.lost:
	case o.lost():
		t.unanswered()
	case o.take != nil:
		o.take(t)
		if t.legal && o.refused() && !t.broken() && !o.Request.Deliberate {
			t.unexplained()
		}
	}
	t.bound()
	return t.state, t.findings
}

// unanswered is a request whose effect no response tells.
func (t *step) unanswered() {
	if !t.o.changes() {
		return
	}
	t.forget()
	t.lost = t.o.Failure != nil // it may take effect at any later time
}

// steps are what the model takes of each operation; it takes nothing of any other.
func steps() map[string]func(*step) {
	return map[string]func(*step){
		vault.CreateCertificate:          (*step).create,
		vault.ImportCertificate:          (*step).importing,
		vault.GetCertificateOperation:    (*step).readPending,
		vault.UpdateCertificateOperation: (*step).patchPending,
		vault.DeleteCertificateOperation: (*step).deletePending,
		vault.MergeCertificate:           (*step).merge,
		vault.GetCertificate:             (*step).read,
		vault.GetCertificateVersions:     (*step).list,
		vault.UpdateCertificate:          (*step).update,
		vault.GetCertificatePolicy:       (*step).readPolicy,
		vault.UpdateCertificatePolicy:    (*step).patchPolicy,
		vault.DeleteCertificate:          (*step).delete,
		vault.GetDeletedCertificate:      (*step).readDeleted,
		vault.RecoverDeletedCertificate:  (*step).recover,
		vault.PurgeDeletedCertificate:    (*step).purge,
		vault.BackupCertificate:          (*step).backUp,
		vault.RestoreCertificate:         (*step).restore,
		vault.GetCertificates:            (*step).listedNames,
		vault.GetDeletedCertificates:     (*step).listedDeleted,
		vault.GetCertificateIssuers:      (*step).listedIssuers,
		vault.SetCertificateIssuer:       (*step).setIssuer,
		vault.UpdateCertificateIssuer:    (*step).patchIssuer,
		vault.GetCertificateIssuer:       (*step).readIssuer,
		vault.DeleteCertificateIssuer:    (*step).deleteIssuer,
		vault.SetCertificateContacts:     (*step).setContacts,
		vault.GetCertificateContacts:     (*step).readContacts,
		vault.DeleteCertificateContacts:  (*step).deleteContacts,
	}
}

// breaks notes a breach of a statement; after are the exchanges that show it together with this one.
func (t *step) breaks(id, member, expected, got string, after ...*vault.Exchange) {
	f := Finding{Statement: statement(id), Subject: t.o.subject, Member: member, Expected: expected, Got: got, Exchange: t.o.Exchange}
	for _, e := range after {
		if e != nil && e != t.o.Exchange && !slices.Contains(f.After, e) {
			f.After = append(f.After, e)
		}
	}
	slices.SortStableFunc(f.After, func(a, b *vault.Exchange) int { return a.Started.Compare(b.Started) })
	t.findings = append(t.findings, f)
}

// broken reports whether the step has broken a statement.
func (t *step) broken() bool { return len(t.findings) > 0 }

// missing reports whether the response says that there is no such thing.
func (t *step) missing() bool { return t.o.status == http.StatusNotFound }

// returned is the response's status in words.
func (t *step) returned() string { return fmt.Sprintf("status %d", t.o.status) }

// severity orders the findings of a step: the more and the weightier, the worse.
func severity(findings []Finding) int {
	sum := 0
	for _, f := range findings {
		sum++
		if f.Statement.Level == Must {
			sum += 100
		}
	}
	return sum
}
