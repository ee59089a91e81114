package model

import (
	"encoding/json"
	"slices"
	"strconv"
)

// delete is DeleteCertificate.
func (t *step) delete() {
	switch {
	case t.o.accepted():
		if t.life == deleted || t.life == absent && t.complete {
			t.breaks("B-7-07", "", "404, because there is no such certificate", t.returned(), t.lifeSet)
			return
		}
		b, ok := t.body()
		if ok && (t.life == live || t.life == lifeOpen) {
			t.sees(b, false)
			t.isCurrent(b)
			t.showsPolicy(t.o.Member("policy"))
		}
		t.lifeSet = t.o.Exchange
		if !ok { // it does not say whether it can be taken back
			t.life, t.gone = lifeOpen, nil
			return
		}
		if t.o.Text("recoveryId") == "" {
			t.vanish(absent) // a vault without soft delete
			return
		}
		t.life, t.gone = deleting, deletionOf(t.o.Member)
		t.deletedSince()
	case t.missing() && t.life == live && t.finished():
		t.breaks("B-7-01", "", "the certificate, which has versions", t.returned(), t.set)
	}
}

// deletedSince compares the time of a deletion with the times that the versions of the name have shown: what was made or changed
// cannot have been deleted before.
func (t *step) deletedSince() {
	at, ok := seconds(t.gone["deletedDate"])
	if !ok || t.broken() {
		return
	}
	for _, v := range t.versions {
		for name, time := range map[string]string{"created": v.times.created, "updated": v.times.updated} {
			if shown, ok := seconds(json.Number(time)); ok && at < shown && !t.broken() {
				t.breaks("B-7-14", "/deletedDate", time+" or later, because a version has it as "+name, strconv.FormatInt(at, 10), v.last)
			}
		}
	}
}

// seconds is a time in a response.
func seconds(value any) (int64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	whole, err := number.Int64()
	return whole, err == nil
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
	for _, p := range t.policies {
		if subject, _ := dig(p.members, "x509_props", "subject").(string); subject != "" {
			t.purgedSubject = subject
		}
	}
	t.versions, t.complete, t.hidden, t.current, t.newer, t.policies = nil, true, 0, "", false, nil
	t.gone = nil
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
			t.showsDeletion(t.o.Member, "B-7-08", "")
		}
	case t.missing() && t.life == deleted:
		t.breaks("B-7-08", "", "the deleted certificate", t.returned(), t.lifeSet)
		t.life = lifeOpen
	case t.missing() && t.life == purging:
		t.life = absent
	}
}

// deletionOf is what a response shows of a deletion.
func deletionOf(member func(string) any) map[string]any {
	shown := map[string]any{}
	for _, name := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate"} {
		if value := member(name); value != nil {
			shown[name] = value
		}
	}
	return shown
}

// showsDeletion compares what a response or an item shows of the deletion with what was shown before, and learns from it.
func (t *step) showsDeletion(member func(string) any, id, path string) {
	shown := deletionOf(member)
	if t.gone != nil && !t.broken() {
		if at, differs := difference(t.gone, shown, ""); differs != "" {
			t.breaks(id, path+at, "the deletion as it was shown", differs, t.lifeSet)
		}
	}
	t.gone = shown
}

// keeps compares the current version of a certificate that is deleted or recovered with how it was. Whatever differs breaks the
// one statement.
func (t *step) keeps(b bundle, id string) {
	before := len(t.findings)
	t.sees(b, false)
	t.isCurrent(b)
	t.showsPolicy(t.o.Member("policy"))
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
		t.life, t.lifeSet, t.gone = recovering, t.o.Exchange, nil
		if b, ok := t.body(); ok {
			t.keeps(b, "B-7-09")
		}
		// Whether the pending object comes back is open. It makes a version only if the one before the deletion may have.
		mayMake := t.pending.mayMake()
		before := t.pending
		before.before = nil
		t.pending = pending{last: t.o.Exchange, blurred: mayMake, shown: !mayMake, before: &before}
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
		}
		return
	}
	if ok {
		t.sees(b, true)
		t.isCurrent(b)
		t.showsPolicy(t.o.Member("policy"))
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
