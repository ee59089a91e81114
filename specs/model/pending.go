package model

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// surely reports whether the request is in progress beyond doubt: nothing but the client can end it, and it has not.
func (p *pending) surely() bool {
	return p.there == yes && p.status == inProgress && p.cancel == no && (p.manual || p.stays)
}

// mayMake reports whether the request may have made a version that no response has shown.
func (p *pending) mayMake() bool {
	switch {
	case p.there == no || p.shown || p.status == cancelled || p.status == failed:
		return false
	case p.manual || p.stays:
		return p.status == completed // only a merge completes it
	}
	return true
}

// mayYetMake reports whether the request was in progress when it was seen last, and may have made a version since.
func (p *pending) mayYetMake() bool { return p.there == yes && !p.status.ended() && p.mayMake() }

// of sets the issuer of a request, and what follows from it.
func (p *pending) of(name string, stays []string) {
	if name == "" {
		return
	}
	p.issuer = name
	p.manual = strings.EqualFold(name, "Unknown")
	p.stays = slices.ContainsFunc(stays, func(issuer string) bool { return strings.EqualFold(issuer, name) })
}

// create is CreateCertificate.
func (t *step) create() {
	switch {
	case t.o.accepted():
		t.barred("SC-06-01")
		t.leave()
		t.begin()
	case t.o.status == http.StatusConflict:
		t.conflict()
	}
}

// barred notes a create or an import that should have met a conflict.
func (t *step) barred(conflict string) {
	switch {
	case t.life == deleted || t.life == deleting:
		t.breaks("B-7-13", "", "409, because the name is deleted and not purged", t.returned(), t.lifeSet)
	case t.pending.surely() && t.life == live:
		t.breaks(conflict, "", "409, because the request "+t.pending.requestID+" is in progress", t.returned(), t.pending.made, t.pending.last)
	}
}

// leave ends what is known of a request that another one overwrites.
func (t *step) leave() {
	p := &t.pending
	if p.requestID != "" && !slices.Contains(t.earlier, p.requestID) {
		t.earlier = append(t.earlier, p.requestID)
	}
	if !p.mayMake() {
		return
	}
	t.hidden++ // it may have completed
	if p.status != completed {
		t.current, t.newer = "", false
	}
}

// begin takes a new request from the response to its create.
func (t *step) begin() {
	id := t.o.Text("request_id")
	if id != "" && slices.Contains(t.earlier, id) {
		t.breaks("SC-05-04", "/request_id", "a request_id that no earlier request of the name had", id, t.pending.made, t.pending.last)
	}
	if t.life == absent || t.life == purging || t.life == lifeOpen {
		t.live()
	}
	if t.o.Member("cancellation_requested") == true && !t.broken() {
		t.breaks("SC-02-05", "/cancellation_requested", "false, because the request is new", "true")
	}
	p := pending{there: yes, status: statusOf(t.o.Text("status")), requestID: id, csr: t.o.Text("csr"), cancel: no, made: t.o.Exchange}
	if p.status == statusOpen {
		p.status = inProgress
	}
	sent := t.o.object("policy")
	p.of(t.o.issuerOf(sent), t.stays)
	p.makes = &wanted{tags: texts(t.o.sent["tags"]), enabled: t.o.object("attributes")["enabled"] != false}
	if sent != nil {
		p.policy = sentPolicy(sent, t.o.Exchange)
		switch {
		case len(t.policies) == 0 && !t.finished() && t.complete:
			t.policies = []policy{*p.policy}
		case t.policies != nil: // until the request completes the name may keep the policy that it had
			t.policies = append(slices.Clone(t.policies), *p.policy)
		}
	}
	t.pending = p
	if p.status == completed {
		t.completes()
	}
}

// issuerOf is the issuer of a request: the one of the response, or of the policy that was sent, where none is Unknown.
func (o *observation) issuerOf(sent map[string]any) string {
	issuer := o.memberText("issuer", "name")
	if issuer == "" && sent != nil {
		return cmp.Or(o.text("policy", "issuer", "name"), "Unknown")
	}
	return issuer
}

// live makes the name one that is taken.
func (t *step) live() { t.life, t.lifeSet = live, t.o.Exchange }

// conflict is a create or an import that returned 409.
func (t *step) conflict() {
	p := &t.pending
	if t.o.raced {
		return // a vault may reject one of two requests at once, whichever it took first
	}
	if t.life != live {
		return // deleted names and names of keys and secrets are conflicts, too
	}
	want := "no conflict, because no request is in progress"
	switch {
	case p.there == no && p.because == "SC-09-05":
		t.breaks("SC-06-08", "", "no conflict, because the pending object was deleted", t.returned(), p.last)
	case p.there == no && t.finished():
		t.breaks("SC-06-09", "", want, t.returned(), p.last)
	case p.there == yes && (p.status == cancelled || p.status == failed):
		t.breaks("SC-04-11", "", "no conflict, because the request is "+string(p.status), t.returned(), p.made, p.last)
	case p.there == yes && p.status == completed && p.wasMerged:
		t.breaks("SC-06-07", "", "no conflict, because the request was merged", t.returned(), p.made, p.last)
	case p.there == yes && p.status == completed:
		t.breaks("SC-06-09", "", want, t.returned(), p.made, p.last)
	}
}

// readPending is GetCertificateOperation.
func (t *step) readPending() {
	switch {
	case t.o.accepted():
		t.found("SC-02-03", "SC-05-01")
		t.shows("SC-02-04")
	case t.missing():
		t.notFound(map[status]string{
			inProgress: "SC-02-01", completed: "SC-03-01", cancelled: "SC-04-01", failed: "SC-04-01",
		})
	}
}

// patchPending is UpdateCertificateOperation.
func (t *step) patchPending() {
	switch {
	case t.o.accepted():
		t.found("B-11-13", "B-11-01")
		p := &t.pending
		if p.status.ended() && p.there == yes && !t.broken() {
			t.breaks("SC-08-05", "", "400 or 403, because the request is "+string(p.status), t.returned(), p.made, p.last)
		}
		switch t.o.sent["cancellation_requested"] {
		case true:
			p.cancel = yes
		case false:
			p.cancel = unknown // the effect is not documented
		}
		t.shows("SC-02-04")
	case t.missing():
		t.notFound(map[status]string{
			inProgress: "SC-08-01", completed: "SC-08-01", cancelled: "SC-08-01", failed: "SC-08-01",
		})
	}
}

// deletePending is DeleteCertificateOperation.
func (t *step) deletePending() {
	switch {
	case t.o.accepted():
		t.found("B-11-13", "SC-09-09")
		t.shows("SC-09-02")
		p := t.pending
		if p.status == completed && !p.shown {
			t.hidden++
		}
		if p.requestID != "" && !slices.Contains(t.earlier, p.requestID) {
			t.earlier = append(t.earlier, p.requestID)
		}
		t.pending = pending{there: no, because: "SC-09-05", made: p.made, last: t.o.Exchange}
	case t.missing():
		t.notFound(map[status]string{
			inProgress: "SC-09-01", completed: "SC-09-01", cancelled: "SC-09-01", failed: "SC-09-01",
		})
	}
}

// found notes a response that shows a pending object although none can be there, or another than the one asked for.
func (t *step) found(filter, gone string) {
	p := &t.pending
	shown := t.o.Text("request_id")
	if shown == "" {
		shown = p.requestID
	}
	switch {
	case t.life == deleted:
		t.breaks("B-7-05", "", "404, because the certificate is deleted", t.returned(), t.lifeSet)
	case p.there == no && t.life != deleting && t.life != recovering:
		id := p.because
		if id == "SC-09-05" {
			id = gone
		}
		t.breaks(id, "", "404, because there is no pending object", t.returned(), p.made, p.last)
		t.pending = pending{made: t.o.Exchange}
	case t.o.filter != "" && shown != "" && !strings.EqualFold(t.o.filter, shown):
		t.breaks(filter, "/request_id", "404, because the pending object is not the request "+t.o.filter, "the request "+shown, p.made, p.last)
	}
}

// notFound notes a 404 although the pending object is sure to be there.
func (t *step) notFound(by map[status]string) {
	p := &t.pending
	if t.o.filter != "" && !strings.EqualFold(t.o.filter, p.requestID) {
		return
	}
	if p.there == yes && t.life == live && by[p.status] != "" {
		t.breaks(by[p.status], "", "the pending object, which is "+string(p.status), t.returned(), p.made, p.last)
	}
	switch {
	case t.o.filter != "" || p.there == no:
	case p.there == yes || t.o.Operation != vault.GetCertificateOperation:
		p.there = unknown // the 404 is wrong, or says that the operation is not offered
	default:
		t.leave()
		t.pending = pending{there: no, because: "B-11-01", last: t.o.Exchange}
	}
}

// shows compares the operation in a response with what is known of it, and learns from it. Changed is the statement that a
// member breaks which has to stay the same.
func (t *step) shows(changed string) {
	if t.life == deleting || t.life == recovering || t.life == deleted {
		return
	}
	p := &t.pending
	t.comesBack()
	if p.there == unknown {
		p.there = yes
	}
	if t.life != live {
		t.live()
	}
	now := statusOf(t.o.Text("status"))
	t.sameRequest(changed, now)
	t.moves(now)
	t.flag(now)
	t.noError(now)
	p.last = t.o.Exchange
}

// comesBack takes the end that a request had before its name was deleted: whether a recovery brings the pending object back is
// open, but not that an end is one.
func (t *step) comesBack() {
	p := &t.pending
	before := p.before
	p.before = nil
	if p.there != unknown || before == nil || !before.status.ended() || before.requestID == "" || !strings.EqualFold(before.requestID, t.o.Text("request_id")) {
		return
	}
	p.status, p.requestID, p.csr, p.seen, p.made = before.status, before.requestID, before.csr, true, before.made
}

// sameRequest compares the members that a request keeps: its id, its csr and its issuer.
func (t *step) sameRequest(changed string, now status) {
	if changed == "SC-02-04" && now != inProgress {
		changed = "SC-03-06"
	}
	t.sameID(changed)
	t.sameCSR(changed, now)
	t.sameIssuer(changed)
}

func (t *step) sameID(changed string) {
	p := &t.pending
	id := t.o.Text("request_id")
	if id == "" {
		return
	}
	switch {
	case t.broken() || p.requestID == "" || strings.EqualFold(id, p.requestID):
	case slices.Contains(t.earlier, id):
		t.breaks("SC-05-03", "/request_id", "the request "+p.requestID, "the earlier request "+id, p.made, p.last)
	default:
		t.breaks(changed, "/request_id", p.requestID, id, p.made, p.last)
	}
	p.requestID = id
}

// sameCSR compares the csr while the request is in progress, and in the response to its DELETE whatever its state.
func (t *step) sameCSR(changed string, now status) {
	p := &t.pending
	csr := t.o.Text("csr")
	if csr == "" {
		return
	}
	if p.csr != "" && csr != p.csr && !t.broken() && (now == inProgress || changed == "SC-09-02") {
		t.breaks(changed, "/csr", "the csr of the create", "another csr", p.made, p.last)
	}
	p.csr = csr
}

func (t *step) sameIssuer(changed string) {
	p := &t.pending
	issuer := t.o.memberText("issuer", "name")
	if issuer == "" {
		return
	}
	if p.issuer != "" && !strings.EqualFold(issuer, p.issuer) && !t.broken() {
		t.breaks(changed, "/issuer/name", p.issuer, issuer, p.made, p.last)
	}
	p.of(issuer, t.stays)
}

// completes is the end of a request that has made a version.
func (t *step) completes() {
	p := &t.pending
	if !p.shown {
		t.current, t.newer, t.set = "", !p.blurred, t.o.Exchange
	}
	if p.policy == nil {
		return
	}
	if p.patched && t.policies != nil {
		t.policies = append(slices.Clone(t.policies), *p.policy)
		return
	}
	t.policies = []policy{*p.policy}
}

// completedBefore is a completion that is seen for the first time, of a request that may have ended before what is known: after
// a recovery, or at the beginning of a recording. Its version may be one of those that were seen.
func (t *step) completedBefore() {
	if !t.pending.shown {
		t.current, t.newer, t.set = "", false, t.o.Exchange
	}
	t.policies = nil
}

// texts are the members of an object that are texts.
func texts(value any) map[string]string {
	all := map[string]string{}
	object, _ := value.(map[string]any)
	for name, value := range object {
		if text, ok := value.(string); ok {
			all[name] = text
		}
	}
	return all
}
