package model

// flag compares cancellation_requested with what was asked for, and learns from it.
func (t *step) flag(now status) {
	shown, there := t.o.Member("cancellation_requested").(bool)
	if !there {
		return
	}
	if !t.broken() {
		t.rightFlag(shown, now)
	}
	switch {
	case shown:
		t.pending.cancel = yes
	case now == inProgress:
		t.pending.cancel = no
	}
}

// rightFlag notes a cancellation that nobody requested, and one that was accepted and is not shown.
func (t *step) rightFlag(shown bool, now status) {
	p := &t.pending
	switch {
	case shown && p.cancel == no:
		unasked := map[status]string{inProgress: "SC-02-05", failed: "SC-04-10", completed: "SC-03-08"}
		if id := unasked[now]; id != "" {
			t.breaks(id, "/cancellation_requested", "false, because no cancellation was requested", "true", p.made, p.last)
		}
	case !shown && p.cancel == yes && (now == inProgress || now == cancelled):
		t.breaks("SC-08-02", "/cancellation_requested", "true, because a cancellation was accepted", "false", p.made, p.last)
	}
}

// noError notes the error of another request: one that is in progress or completed has none.
func (t *step) noError(now status) {
	id := map[status]string{inProgress: "SC-01-13", completed: "SC-03-08"}[now]
	if id != "" && t.o.Member("error") != nil && !t.broken() {
		t.breaks(id, "/error", "no error, because the request is "+string(now), text(t.o.Member("error")), t.pending.made, t.pending.last)
	}
}

// moves takes the request from the state that it was in to the one that a response shows.
func (t *step) moves(now status) {
	if now == statusOpen {
		return
	}
	if !t.broken() {
		t.mayMove(now)
	}
	p := &t.pending
	before := p.status
	p.status = now
	p.seen = now.ended()
	switch {
	case now != completed || before == completed:
	case before == statusOpen:
		t.completedBefore()
	default:
		t.completes()
	}
}

// mayMove notes a state that the request cannot have come to from the one that it was in.
func (t *step) mayMove(now status) {
	p := &t.pending
	before := p.status
	switch {
	case now == otherStatus:
		t.breaks("SC-06-06", "/status", "one of the four states", t.o.Text("status"))
	case before == completed && now != completed && p.wasMerged && !p.seen:
		t.breaks("SC-11-17", "/status", "completed, because of the merge", string(now), p.made, p.last)
	case before.ended() && now != before:
		t.breaks("SC-04-13", "/status", string(before)+", which is an end", string(now), p.made, p.last)
	case before == inProgress && p.manual && (now == completed || now == failed):
		t.breaks("SC-10-07", "/status", "in progress, because nobody merged it", string(now), p.made, p.last)
	case before == inProgress && p.manual && now == cancelled && p.cancel == no:
		t.breaks("SC-10-07", "/status", "in progress, because nobody cancelled it", string(now), p.made, p.last)
	}
}
