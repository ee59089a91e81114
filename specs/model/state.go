package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// answer is what is known of a yes-or-no question.
type answer int

const (
	unknown answer = iota
	no
	yes
)

// life is where a name stands between unused and purged.
type life int

const (
	lifeOpen   life = iota // nothing is known
	absent                 // nothing has the name
	live                   // a certificate, or a request for one, has the name
	deleting               // a deletion was accepted and need not show yet
	deleted                // the deletion has shown
	recovering             // a recovery was accepted and need not show yet
	purging                // a purge was accepted and need not show yet
)

// status is a state of the pending object, in one spelling.
type status string

const (
	statusOpen status = ""
	inProgress status = "in progress"
	completed  status = "completed"
	cancelled  status = "cancelled"
	failed     status = "failed"
	// otherStatus is a status that is none of the four.
	otherStatus status = "other"
)

func statusOf(text string) status {
	letters := func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}
	switch strings.Map(letters, strings.ToLower(text)) {
	case "inprogress":
		return inProgress
	case "completed":
		return completed
	case "cancelled", "canceled":
		return cancelled
	case "failed":
		return failed
	case "":
		return statusOpen
	}
	return otherStatus
}

func (s status) ended() bool { return s == completed || s == cancelled || s == failed }

// pending is what is known of the pending object. Its fields are "" or unknown as long as no response has shown them.
type pending struct {
	there answer
	// because is the statement by which it is not there.
	because   string
	status    status
	requestID string
	csr       string
	issuer    string
	cancel    answer // whether a cancellation was requested
	// manual says that its end takes a request of the client.
	manual, stays bool
	makes         *wanted // what its create asked of the version that it makes; nil if that is not known
	wasMerged     bool
	// seen says that a response has shown the end, shown that one has shown the version that it made.
	seen, shown bool
	// blurred says that a version was shown that this request may have made, or one before it.
	blurred bool
	// before is the one that the name had when it was deleted, nil where it is not the one of a recovered name.
	before *pending
	// policy is the one that its create sent, nil if it sent none; patched says that a PATCH of the policy followed.
	policy  *policy
	patched bool

	made, last *vault.Exchange
}

// wanted is what a create asked of the version that it makes.
type wanted struct {
	tags    map[string]string
	enabled bool
}

// version is what is known of one version.
type version struct {
	id      string
	cer     string
	x5t     string
	tags    map[string]string
	tagged  answer // yes: tags are known
	enabled answer // unknown, or what it is
	times   times
	// fixed are the members that no request changes, as far as they were shown.
	fixed   map[string]string
	last    *vault.Exchange
	changed *vault.Exchange // what set tags or enabled
}

// times are those of a version in seconds, "" where they are not known.
type times struct{ created, updated, nbf, exp string }

// contacts are what is known of the contacts of the vault.
type contacts struct {
	there answer
	list  []any
	last  *vault.Exchange
}

// issuer is what is known of an issuer object.
type issuer struct {
	there   answer
	members map[string]any
	// whole says that the issuer has no other members.
	whole bool
	// usual is how the name was enabled when it was set anew and the request did not say.
	usual any
	times times
	last  *vault.Exchange
}

// state is what is known of one name after some of its exchanges. Steps change a copy.
type state struct {
	stays          []string
	restoresLatest bool
	legal          bool // requests are legal unless they are marked
	most           int  // how many of each are kept, 0 for all

	life    life
	lifeSet *vault.Exchange
	pending pending
	// earlier are the request_ids of requests that are over.
	earlier []string
	// versions are those that responses have shown, complete says that there are no others.
	versions []*version
	complete bool
	// hidden counts the versions that requests may have made and no response has shown.
	hidden int
	// current is the current version, "" if it is not known; newer says that it is one that was not seen yet.
	current string
	newer   bool
	set     *vault.Exchange // what made the current version so
	// purged are the versions of the name that a purge has removed.
	purged   []string
	policies []policy
	// purgedSubject is the subject in the policy that a purge has removed, "" if none was shown.
	purgedSubject string
	issuer        issuer
	contacts      contacts
	// gone is what a response has shown of a deletion: its times and the id for the recovery.
	gone map[string]any
	// backups are what backups of the name hold, oldest first.
	backups []backup
	// lost says that a request got no response, so that nothing is certain any more.
	lost bool
}

// backup is what was known of a name when it was backed up.
type backup struct {
	versions []*version
	complete bool
	current  string
	policies []policy
	made     *vault.Exchange
}

func newState(stays []string) *state { return &state{stays: stays} }

// clone copies a state. What it points to is replaced and never changed, but for versions, which are copied.
func (s *state) clone() *state {
	c := *s
	c.earlier = slices.Clone(s.earlier)
	c.purged = slices.Clone(s.purged)
	c.policies = slices.Clone(s.policies)
	c.backups = slices.Clone(s.backups)
	c.versions = copied(s.versions)
	return &c
}

// copied copies versions.
func copied(versions []*version) []*version {
	all := make([]*version, len(versions))
	for i, v := range versions {
		one := *v
		one.tags = maps.Clone(v.tags)
		all[i] = &one
	}
	return all
}

// key tells states apart that judge what follows differently. Two with maps of their own may still hold the same.
func (s *state) key() string { return s.keyed((*stateKey).identity) }

// contents is key by what the maps hold, which takes longer.
func (s *state) contents() string {
	return s.keyed(func(k *stateKey, members map[string]any) { k.texts(text(members)) })
}

func (s *state) keyed(add func(*stateKey, map[string]any)) string {
	p := &s.pending
	k := make(stateKey, 0, 512)
	k.numbers(int(s.life), int(p.there), int(p.cancel), int(s.issuer.there), s.hidden, len(s.policies), len(s.backups), len(s.versions))
	k.flags(p.wasMerged, p.shown, p.blurred, p.makes != nil, s.newer, s.complete, s.lost)
	k.texts(string(p.status), p.requestID, p.because, s.current, s.purgedSubject)
	if p.before != nil {
		k.texts(string(p.before.status), p.before.requestID)
	}
	k.texts(s.earlier...)
	byID := func(a, b *version) int { return strings.Compare(a.id, b.id) } // the order in which they were shown judges nothing
	for _, v := range slices.SortedFunc(slices.Values(s.versions), byID) {
		k.numbers(int(v.tagged), int(v.enabled), len(v.tags))
		k.texts(v.id, v.cer)
		for _, name := range slices.Sorted(maps.Keys(v.tags)) {
			k.texts(name, v.tags[name])
		}
	}
	for _, v := range s.policies {
		add(&k, v.members)
	}
	add(&k, s.issuer.members)
	k.numbers(int(s.contacts.there), len(s.contacts.list))
	k.texts(text(s.contacts.list))
	add(&k, s.gone)
	return string(k)
}

// stateKey is the text by which states are told apart.
type stateKey []byte

func (k *stateKey) numbers(values ...int) {
	for _, value := range values {
		*k = append(strconv.AppendInt(*k, int64(value), 10), ' ')
	}
}

func (k *stateKey) flags(values ...bool) {
	for _, value := range values {
		*k = strconv.AppendBool(*k, value)
	}
}

func (k *stateKey) texts(values ...string) {
	for _, value := range values {
		*k = append(append(*k, value...), 0)
	}
}

// identity tells one map from another, whatever they hold: members are replaced and never changed.
func (k *stateKey) identity(members map[string]any) {
	*k = fmt.Appendf(*k, "%p", members)
}

// bound forgets the oldest of what grows with the length of a history. What is forgotten is unknown again: a version that was
// not seen may be there.
func (s *state) bound() {
	if s.most <= 0 {
		return
	}
	for len(s.versions) > s.most {
		oldest := slices.IndexFunc(s.versions, func(v *version) bool { return v.id != s.current })
		s.versions = slices.Delete(s.versions, oldest, oldest+1)
		s.complete = false
	}
	s.earlier, s.purged, s.backups, s.policies = latest(s.earlier, s.most), latest(s.purged, s.most), latest(s.backups, s.most), latest(s.policies, s.most)
}

// latest is the end of a list.
func latest[T any](list []T, most int) []T {
	return list[max(0, len(list)-most):]
}

// version finds a version by its id.
func (s *state) version(id string) *version {
	for _, v := range s.versions {
		if strings.EqualFold(v.id, id) {
			return v
		}
	}
	return nil
}

// finished reports whether a version of the name is sure to be there.
func (s *state) finished() bool {
	return slices.ContainsFunc(s.versions, func(v *version) bool { return v.cer != "" })
}

// forget makes everything unknown that a request with an unknown effect may have changed.
func (s *state) forget() {
	s.life, s.pending, s.complete, s.current, s.newer, s.policies = lifeOpen, pending{}, false, "", false, nil
	for _, v := range s.versions {
		v.tagged, v.enabled = unknown, unknown
	}
	s.issuer, s.contacts, s.gone = issuer{}, contacts{}, nil
}

// Situation is where a name stands, as far as a history shows it.
type Situation string

// The situations.
const (
	Open       Situation = "not known"
	Absent     Situation = "unused"
	Deleted    Situation = "deleted"
	None       Situation = "no request"
	InProgress Situation = "in progress"
	Cancelling Situation = "cancellation requested"
	Completed  Situation = "completed"
	Cancelled  Situation = "cancelled"
	Failed     Situation = "failed"
)

// situation sums the state up.
func (s *state) situation() Situation {
	switch s.life {
	case deleting, deleted, recovering:
		return Deleted
	case absent, purging:
		return Absent
	}
	switch p := &s.pending; {
	case p.there == no:
		return None
	case p.status == inProgress && p.cancel == yes:
		return Cancelling
	case p.status == inProgress:
		return InProgress
	case p.status == completed:
		return Completed
	case p.status == cancelled:
		return Cancelled
	case p.status == failed:
		return Failed
	}
	return Open
}
