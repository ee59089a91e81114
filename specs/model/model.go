// Package model knows the documented states of what stands under one name of a vault, and judges any history of exchanges
// with it: the transcript of a run, the random sequences of the explorer, or traffic that somebody else recorded.
//
//	judge := model.New(model.Options{})
//	for _, e := range exchanges { // in the order in which they were sent
//		judge.Add(e)
//	}
//	for _, finding := range judge.Findings() {
//		fmt.Println(finding) // this response is impossible after these, by this statement
//	}
//
// # The states
//
// A name is absent, live or deleted, and passes from one to the other in its own time. A live name has versions, one policy,
// and at most one pending object, which is in progress, completed, cancelled or failed. A history need not begin at the
// beginning: everything is unknown until a response shows it, and nothing is reported that an unknown could explain. A
// request in progress may end between two polls without a request of the client; deleting, recovering and purging may take
// a while to show. Whatever part F of docs/contract.md leaves open is left open here.
//
// # Requests at the same time
//
// Two exchanges whose times overlap may have taken effect in either order. The judge tries all orders of such exchanges and
// reports a finding only if none explains the responses, which is the test of linearizability. It is written here and not
// taken from a library, because the finding has to name the statement that the best order breaks.
//
// The model is written from docs/contract.md and shares no code with the reference vault. Each finding cites a statement of
// that page; a test compares the ids and the levels.
package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Options say what a judge knows beside the exchanges.
type Options struct {
	// Fresh reports whether a name was unused when the history began; nil means that nothing is known of any name.
	Fresh func(name string) bool
	// MostNames bounds of how many names at most the judge keeps what it knows; it forgets the oldest. 0 means all.
	MostNames int
	// MostVersions bounds how many versions, earlier requests and backups of a name the judge keeps; it forgets the oldest. 0
	// means all.
	MostVersions int
	// SameAs returns the base URL of the vault that another base URL stands for: a vault behind a proxy may be dialled by one
	// address and name itself by another in ids and links. nil means that each base is a vault of its own.
	SameAs func(base string) string
	// RestoresLatest says that each restore is of the latest backup of its name: the backup itself is not in an exchange.
	RestoresLatest bool
	// RestoreOf returns the URL of the certificate that a restore is of, "" if that is not known: of one that was rejected the
	// exchange itself does not tell.
	RestoreOf func(e *vault.Exchange) string
	// Legal says that every request is legal and permitted unless it is marked as deliberate, as those of the explorer are:
	// a rejection then needs a reason in what is known of the name.
	Legal bool
	// Stays lists the issuers that never end a request by themselves, beside Unknown.
	Stays []string
}

// Finding is a response that is impossible after the responses before it.
type Finding struct {
	// Statement is the statement of the contract that no order of the exchanges keeps.
	Statement Statement
	// Subject is the URL of the certificate or issuer whose history it is.
	Subject string
	// Expected and Got say which response was possible and which one came.
	Expected, Got string
	// Member points (RFC 6901) at the member of the body that shows it; "" if the status does.
	Member string
	// Exchange is the response, After are the exchanges that make it impossible, oldest first.
	Exchange *vault.Exchange
	After    []*vault.Exchange
}

// String is the finding in one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s; expected %s, got %s (%s)", f.Statement.ID, f.Exchange.Line(), f.Expected, f.Got, f.Statement.Text)
}

// Judge judges histories, each name's by itself. It keeps what it knows of each name and the exchanges that showed it, so
// its memory grows with the number of names and not with the length of the history. It is not safe for concurrent use.
type Judge struct {
	options  Options
	names    map[string]*history
	order    []*history
	findings []Finding
	coverage *Coverage
	scopes   map[Topic]scope
	reached  map[Topic]bool
	steps    map[string]func(*step)
	// chains are the lists whose pages are not all there yet, due are those that are and that are to be judged.
	chains, due []*chain
}

// New returns a judge that has seen nothing.
func New(options Options) *Judge {
	return &Judge{
		options: options, names: map[string]*history{}, coverage: NewCoverage(), scopes: scopes(), reached: map[Topic]bool{}, steps: steps(),
	}
}

// Add takes the next exchange of a history whose exchanges follow one another.
func (j *Judge) Add(e *vault.Exchange) {
	j.judgePages(time.Time{})
	page := j.pageOf(e, time.Time{})
	for _, o := range j.observed(e) {
		h := j.historyOf(o)
		j.met(h, o)
		h.flush(j)
		h.takes(o)
		h.flush(j)
	}
	j.turn(page, time.Time{})
}

// AddTimed takes an exchange of a history in which several may have been under way at once. They are to be added in the order
// in which they began. An exchange is judged once one is added that began after it had ended.
func (j *Judge) AddTimed(e *vault.Exchange) {
	j.AddBetween(e, e.Started, e.Ended())
}

// AddBetween is AddTimed for a caller that has taken the times itself, around the exchange.
func (j *Judge) AddBetween(e *vault.Exchange, began, ended time.Time) {
	j.judgePages(began)
	page := j.pageOf(e, began)
	defer j.turn(page, ended)
	for _, o := range j.observed(e) {
		o.began, o.ended = began, ended
		h := j.historyOf(o)
		j.met(h, o)
		switch {
		case h.over(began):
			h.flush(j)
		case len(h.window) >= mostAtOnce:
			h.giveUp()
		}
		if !h.blind.IsZero() && !began.After(h.blind) {
			h.removals++ // whatever it is
			continue
		}
		h.takes(o)
	}
}

// AddOverdue is AddBetween for the last poll for a deletion, a recovery or a purge that has had all the time that the caller
// allows: if it still shows nothing, it never happened.
func (j *Judge) AddOverdue(e *vault.Exchange, began, ended time.Time) {
	for _, o := range j.observed(e) {
		if h := j.names[o.subject]; h != nil {
			h.flush(j)
			h.overdue()
		}
	}
	j.AddBetween(e, began, ended)
}

// Findings judges what was added and not judged yet, and returns all findings, in the order in which they were made.
func (j *Judge) Findings() []Finding {
	for _, h := range j.order {
		h.flush(j)
	}
	j.judgePages(time.Time{})
	return j.findings
}

// Take is Findings, and forgets them: for a judge that goes on for long.
func (j *Judge) Take() []Finding {
	taken := j.Findings()
	j.findings = nil
	return taken
}

// Settled returns the findings so far without those of exchanges that may still be under way beside others, and forgets them.
func (j *Judge) Settled() []Finding {
	settled := j.findings
	j.findings = nil
	return settled
}

// Forget makes everything unknown of the names that an exchange is about: it changed something in a way that nobody saw.
func (j *Judge) Forget(e *vault.Exchange) {
	for _, o := range j.observe(e) {
		h := j.names[o.subject]
		if h == nil {
			continue
		}
		h.flush(j)
		delete(j.names, o.subject)
		j.order = slices.DeleteFunc(j.order, func(other *history) bool { return other == h })
	}
}

// Coverage returns the transitions that the judged exchanges showed.
func (j *Judge) Coverage() *Coverage { return j.coverage }

// Situation says where a name stands, as far as the judge knows.
func (j *Judge) Situation(endpoint, name string) Situation {
	h := j.names[j.subjectOf(endpoint, "certificates", name)]
	if h == nil {
		if j.options.Fresh != nil && j.options.Fresh(name) {
			return Absent
		}
		return Open
	}
	return h.states[0].situation()
}

func (j *Judge) historyOf(o *observation) *history {
	h := j.names[o.subject]
	if h == nil {
		if most := j.options.MostNames; most > 0 && len(j.order) >= most {
			oldest := j.order[0]
			oldest.flush(j)
			delete(j.names, oldest.subject)
			j.order = j.order[1:]
		}
		h = &history{subject: o.subject, states: []*state{j.begin(o)}, opened: map[Topic]bool{}}
		j.names[o.subject] = h
		j.order = append(j.order, h)
	}
	return h
}

// begin is what is known of a name before its first exchange.
func (j *Judge) begin(o *observation) *state {
	s := newState(j.options.Stays)
	s.restoresLatest, s.legal, s.most = j.options.RestoresLatest, j.options.Legal, j.options.MostVersions
	if j.options.Fresh != nil && j.options.Fresh(o.name) {
		s.life, s.complete = absent, true
		s.pending = pending{there: no, because: "SC-05-06"}
		s.issuer.there = no
	}
	return s
}

func (j *Judge) subjectOf(base, kind, name string) string {
	if j.options.SameAs != nil {
		base = j.options.SameAs(base)
	}
	return strings.ToLower(strings.TrimSuffix(base, "/") + "/" + kind + "/" + name)
}
