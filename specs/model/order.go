package model

import (
	"slices"
	"time"
)

// maxStates bounds how many states are kept of one name, and maxConfigs how many are looked at to order one group of exchanges. A
// group with more orders is not judged: what is known of the name is dropped instead.
const (
	maxStates  = 32
	maxConfigs = 4000
)

// mostAtOnce bounds how many exchanges of a name that overlap are put in order.
const mostAtOnce = 64

// history is what is known of one name.
type history struct {
	subject string
	// states are those that the exchanges so far allow; there is always one.
	states []*state
	// window holds exchanges that may overlap with the next one.
	window []*observation
	// contradicted says that a response was impossible after those before it, so that what is known of the name is a guess.
	contradicted bool
	// blind is when the last exchange of a group that was not judged had ended: nothing that began before is judged either.
	blind time.Time
	// opened are the topics that an exchange of the name has begun.
	opened map[Topic]bool
	// removals counts the requests that may have removed something or brought something back.
	removals int
}

// takes adds an exchange to the window.
func (h *history) takes(o *observation) {
	if o.removes() {
		h.removals++
	}
	h.window = append(h.window, o)
}

// over reports whether every exchange of the window had ended before a time.
func (h *history) over(began time.Time) bool {
	return !slices.ContainsFunc(h.window, func(o *observation) bool { return !o.ended.Before(began) })
}

// giveUp drops a window of more exchanges at once than are put in order, and whatever is known of the name.
func (h *history) giveUp() {
	for _, o := range h.window {
		if o.ended.After(h.blind) {
			h.blind = o.ended
		}
	}
	h.window, h.states = nil, []*state{h.unknown()}
}

// unknown is a state of which nothing is known.
func (h *history) unknown() *state {
	s := newState(h.states[0].stays)
	s.restoresLatest, s.legal, s.most = h.states[0].restoresLatest, h.states[0].legal, h.states[0].most
	return s
}

// flush judges the window.
func (h *history) flush(j *Judge) {
	window := h.window
	h.window = nil
	switch len(window) {
	case 0:
	case 1:
		h.one(j, window[0])
	default:
		h.several(j, window)
	}
}

// one takes every state through one exchange. Those that the response breaks nothing of are kept; if there are none, those
// that it breaks least of are, and what it breaks is found.
func (h *history) one(j *Judge, o *observation) {
	situation := h.states[0].situation()
	var kept []*state
	var best []*state
	var broken []Finding
	for _, s := range h.states {
		next, findings := s.after(o)
		switch {
		case len(findings) == 0:
			kept = append(kept, next)
		case best == nil || severity(findings) < severity(broken):
			best, broken = []*state{next}, findings
		case severity(findings) == severity(broken):
			best = append(best, next)
		}
	}
	if len(kept) == 0 {
		kept = best
		h.contradicted = true
		j.findings = append(j.findings, broken...)
	}
	h.keep(kept)
	j.coverage.saw(o, situation)
}

// keep makes some states those of the name. Of more than are kept at once none is dropped, since it may be the true one: what is known
// of the name is.
func (h *history) keep(states []*state) {
	kept := distinct(states, (*state).key)
	if len(kept) > maxStates {
		kept = distinct(kept, (*state).contents)
	}
	if len(kept) > maxStates {
		kept = []*state{h.unknown()}
	}
	h.states = kept
}

// distinct leaves out states that judge the same as one before them.
func distinct(states []*state, key func(*state) string) []*state {
	seen := map[string]bool{}
	var kept []*state
	for _, s := range states {
		if k := key(s); !seen[k] {
			seen[k] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// config is a state with the exchanges of the window that have taken effect in it.
type config struct {
	*state
	done uint64
}

// several orders a window of exchanges that overlap. Going by the times at which they ended, each has to take effect in some
// order with those that had begun by then; the configurations that allow that go on. If none does, the exchange is forced to
// take effect in the one that it breaks least of. A name whose history is contradicted already is not judged: every order would
// break something, and which exchange is blamed would be an accident.
func (h *history) several(j *Judge, window []*observation) {
	if len(window) > mostAtOnce || h.contradicted {
		h.states = []*state{h.unknown()}
		return
	}
	byEnd := make([]int, len(window))
	for i := range window {
		byEnd[i] = i
		window[i].raced = slices.ContainsFunc(window, window[i].races)
	}
	slices.SortStableFunc(byEnd, func(a, b int) int { return window[a].ended.Compare(window[b].ended) })
	configs := make([]config, 0, len(h.states))
	for _, s := range h.states {
		configs = append(configs, config{state: s})
	}
	for _, i := range byEnd {
		next, looked := reach(configs, window, i)
		if looked > maxConfigs {
			h.states = []*state{h.unknown()}
			return
		}
		if len(next) == 0 {
			forced, findings := force(configs, window, i)
			j.findings = append(j.findings, findings...)
			h.contradicted = true
			next = forced
		}
		configs = next
	}
	for _, o := range window {
		j.coverage.saw(o, h.states[0].situation())
	}
	states := make([]*state, len(configs))
	for i, c := range configs {
		states[i] = c.state
	}
	h.keep(states)
}

// races reports whether another exchange was under way at once for which a vault may reject this one with a conflict, whichever
// it took first. A read is rejected for none.
func (o *observation) races(other *observation) bool {
	return other != o && o.changes() && other.holds() && !other.began.After(o.ended) && !o.began.After(other.ended)
}

// reach returns the configurations in which exchange i has taken effect and nothing was broken.
func reach(configs []config, window []*observation, i int) (reached []config, looked int) {
	type place struct {
		key  string
		done uint64
	}
	seen := map[place]bool{}
	queue := slices.Clone(configs)
	for len(queue) > 0 && looked <= maxConfigs {
		c := queue[0]
		queue = queue[1:]
		if c.done&(1<<i) != 0 {
			reached = append(reached, c)
			continue
		}
		following, tried := c.following(window, i)
		looked += tried
		for _, next := range following {
			if at := (place{next.key(), next.done}); !seen[at] {
				seen[at] = true
				queue = append(queue, next)
			}
		}
	}
	return reached, looked
}

// following are the configurations one exchange further that break nothing, among the exchanges that had begun when exchange i
// ended, and how many were tried. Where an exchange that changes nothing in the vault changes nothing in the state either, the
// one that takes it is enough: every order in which it takes effect later is as good with it first.
func (c config) following(window []*observation, i int) (all []config, tried int) {
	for k, o := range window {
		if c.done&(1<<k) != 0 || o.began.After(window[i].ended) {
			continue
		}
		tried++
		state, findings := c.after(o)
		if len(findings) > 0 {
			continue
		}
		next := config{state: state, done: c.done | 1<<k}
		if (!o.changes() || o.refused()) && state.key() == c.key() {
			return []config{next}, tried
		}
		all = append(all, next)
	}
	return all, tried
}

// force lets exchange i take effect in the configurations that it breaks least of. All of them are kept, since what they differ in
// is as open as it was before.
func force(configs []config, window []*observation, i int) (best []config, broken []Finding) {
	for _, c := range configs {
		next, findings := c.after(window[i])
		forced := config{state: next, done: c.done | 1<<i}
		switch {
		case broken == nil || severity(findings) < severity(broken):
			best, broken = []config{forced}, findings
		case severity(findings) == severity(broken):
			best = append(best, forced)
		}
	}
	return best, broken
}
