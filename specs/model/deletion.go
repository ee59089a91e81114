package model

import (
	"net/http"
	"slices"
	"strings"
)

// delete is DeleteCertificate.
func (t *step) delete() {
	switch {
	case t.o.accepted():
		if t.life == deleted || t.life == absent && t.complete {
			t.breaks("B-7-07", "", "404, because there is no such certificate", t.returned(), t.lifeSet)
		}
		if b, ok := t.body(); ok && (t.life == live || t.life == lifeOpen) {
			t.sees(b, false)
			t.isCurrent(b)
			t.showsPolicy(t.o.Member("policy"))
		}
		t.lifeSet = t.o.Exchange
		if t.o.Text("recoveryId") == "" {
			t.vanish(absent) // a vault without soft delete
			return
		}
		t.life = deleting
	case t.missing() && t.life == live && t.finished():
		t.breaks("B-7-01", "", "the certificate, which has versions", t.returned(), t.set)
	}
}

// overdue says that a deletion, a recovery or a purge has had its time, so that what follows has to show it.
func (h *history) overdue() {
	for i, s := range h.states {
		s = s.clone()
		switch s.life {
		case deleting:
			s.life = deleted
		case recovering:
			s.life = live
		case purging:
			s.life = absent
		case lifeOpen, absent, live, deleted:
		}
		h.states[i] = s
	}
}

// vanish forgets a name that is gone for good.
func (t *step) vanish(to life) {
	for _, v := range t.versions {
		if v.cer != "" {
			t.purged = append(t.purged, v.id)
		}
	}
	if id := t.pending.requestID; id != "" {
		t.earlier = append(t.earlier, id)
	}
	t.life, t.lifeSet = to, t.o.Exchange
	t.versions, t.complete, t.hidden, t.current, t.newer, t.policies = nil, true, 0, "", false, nil
	t.pending = pending{there: no, because: "B-7-10", last: t.o.Exchange}
}

// readDeleted is GetDeletedCertificate.
func (t *step) readDeleted() {
	switch {
	case t.o.accepted():
		switch {
		case t.life == live:
			t.breaks("B-7-08", "", "404, because the certificate is not deleted", t.returned(), t.lifeSet, t.set)
		case t.life == absent && len(t.purged) > 0:
			t.breaks("B-7-10", "", "404, because the certificate was purged", t.returned(), t.lifeSet)
		case t.life == absent && t.complete:
			t.breaks("B-7-08", "", "404, because there is no such certificate", t.returned(), t.lifeSet)
		case t.life == deleting || t.life == lifeOpen:
			t.life = deleted
			if t.lifeSet == nil {
				t.lifeSet = t.o.Exchange
			}
		}
		if b, ok := t.body(); ok && t.life == deleted {
			t.keeps(b, "B-7-08")
		}
	case t.missing() && t.life == deleted:
		t.breaks("B-7-08", "", "the deleted certificate", t.returned(), t.lifeSet)
		t.life = lifeOpen
	case t.missing() && t.life == purging:
		t.life = absent
	}
}

// keeps compares the current version of a certificate that is deleted or recovered with how it was. Whatever differs breaks the
// one statement.
func (t *step) keeps(b bundle, id string) {
	before := len(t.findings)
	t.sees(b, false)
	t.isCurrent(b)
	for i := before; i < len(t.findings); i++ {
		t.findings[i].Statement = statement(id)
	}
}

// recover is RecoverDeletedCertificate.
func (t *step) recover() {
	switch {
	case t.o.accepted():
		if t.life == live || t.life == absent && t.complete {
			t.breaks("B-7-09", "", "404, because there is no such deleted certificate", t.returned(), t.lifeSet)
		}
		t.life, t.lifeSet = recovering, t.o.Exchange
		if b, ok := t.body(); ok {
			t.keeps(b, "B-7-09")
		}
		t.pending = pending{last: t.o.Exchange}
	case t.missing() && t.life == deleted:
		t.breaks("B-7-09", "", "the certificate, because it is deleted", t.returned(), t.lifeSet)
	}
}

// purge is PurgeDeletedCertificate.
func (t *step) purge() {
	switch {
	case t.o.accepted():
		if t.life == live || t.life == absent && t.complete {
			t.breaks("B-7-10", "", "404, because there is no such deleted certificate", t.returned(), t.lifeSet)
		}
		t.vanish(purging)
	case t.missing() && t.life == deleted:
		t.breaks("B-7-10", "", "204, because the certificate is deleted", t.returned(), t.lifeSet)
	}
}

// restore is RestoreCertificate.
func (t *step) restore() {
	if !t.o.accepted() {
		return
	}
	switch {
	case t.life == deleted || t.life == deleting:
		t.breaks("B-7-13", "", "409, because the name is deleted and not purged", t.returned(), t.lifeSet)
	case t.life == live && t.finished():
		t.breaks("B-8-05", "", "409, because the name exists", t.returned(), t.lifeSet)
	}
	t.versions, t.complete, t.current, t.newer, t.policies, t.purged = nil, false, "", false, nil, nil
	t.pending = pending{last: t.o.Exchange}
	t.live()
	b, ok := t.body()
	if last := len(t.backups) - 1; last >= 0 && t.restoresLatest {
		from := t.backups[last]
		t.versions, t.complete, t.current, t.policies, t.set = copied(from.versions), from.complete, from.current, slices.Clone(from.policies), from.made
		for _, v := range t.versions {
			t.before = append(t.before, v.id)
		}
		if ok {
			t.keeps(b, "B-8-04")
			t.showsPolicy(t.o.Member("policy"))
		}
		return
	}
	if ok {
		t.sees(b, true)
		t.isCurrent(b)
	}
}

// backUp is BackupCertificate: it remembers all that is known of the versions.
func (t *step) backUp() {
	if !t.o.accepted() || t.life != live {
		return
	}
	var finished []*version
	for _, v := range copied(t.versions) {
		if v.cer != "" {
			finished = append(finished, v)
		}
	}
	t.backups = append(t.backups, backup{
		versions: finished, complete: t.complete && t.hidden == 0 && !t.pending.mayMake(), current: t.current,
		policies: slices.Clone(t.policies), made: t.o.Exchange,
	})
}

// setIssuer is SetCertificateIssuer.
func (t *step) setIssuer() {
	if !t.o.accepted() {
		return
	}
	t.issuer = issuer{there: yes, members: known(t.o.sent), last: t.o.Exchange}
	t.showsIssuer("B-10-01")
}

// patchIssuer is UpdateCertificateIssuer.
func (t *step) patchIssuer() {
	switch {
	case t.o.accepted():
		t.present()
		merged := map[string]any{}
		for name, value := range t.issuer.members {
			merged[name] = value
		}
		for name, value := range known(t.o.sent) {
			merged[name] = value
		}
		t.issuer = issuer{there: yes, members: merged, last: t.o.Exchange}
		t.showsIssuer("B-10-03")
	case t.missing():
		t.absentIssuer()
	}
}

// readIssuer is GetCertificateIssuer.
func (t *step) readIssuer() {
	switch {
	case t.o.accepted():
		t.present()
		t.showsIssuer("B-10-01")
	case t.missing():
		t.absentIssuer()
	}
}

// deleteIssuer is DeleteCertificateIssuer.
func (t *step) deleteIssuer() {
	switch {
	case t.o.accepted():
		t.present()
		t.showsIssuer("B-10-05")
		t.issuer = issuer{there: no, last: t.o.Exchange}
	case t.missing():
		t.absentIssuer()
	}
}

// present notes a success for an issuer that was deleted.
func (t *step) present() {
	if t.issuer.there == no && t.issuer.last != nil {
		t.breaks("B-10-05", "", "404, because the issuer was deleted", t.returned(), t.issuer.last)
	}
	t.issuer.there = yes
}

// absentIssuer notes a 404 for an issuer that was set.
func (t *step) absentIssuer() {
	if t.issuer.there == yes {
		t.breaks("B-10-04", "", "the issuer, which was set", t.returned(), t.issuer.last)
	}
	t.issuer = issuer{there: no}
}

// showsIssuer compares the issuer in a response with how it was last set.
func (t *step) showsIssuer(id string) {
	value, err := t.o.Response.Read()
	object, ok := value.(map[string]any)
	if err != nil || !ok || t.o.status == http.StatusNoContent {
		return
	}
	if at, differs := difference(t.issuer.members, object, ""); differs != "" && !t.broken() {
		t.breaks(id, at, "the issuer as it was set", strings.TrimSpace(differs), t.issuer.last)
	}
	t.issuer.members = known(object)
	t.issuer.last = t.o.Exchange
}

// known are the members of an issuer that every response has to show as they were sent.
func known(object map[string]any) map[string]any {
	members := map[string]any{}
	if provider := object["provider"]; provider != nil {
		members["provider"] = provider
	}
	if account := dig(object, "credentials", "account_id"); account != nil {
		members["credentials"] = map[string]any{"account_id": account}
	}
	if id := dig(object, "org_details", "id"); id != nil {
		members["org_details"] = map[string]any{"id": id}
	}
	return members
}
