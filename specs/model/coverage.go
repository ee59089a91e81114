package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Transition is a request in a situation, and whether it was accepted.
type Transition struct {
	Operation string    `json:"operation"`
	From      Situation `json:"from"`
	Accepted  bool      `json:"accepted"`
}

// String is the transition in a few words.
func (t Transition) String() string {
	word := "rejected"
	if t.Accepted {
		word = "accepted"
	}
	return fmt.Sprintf("%s, %s: %s", t.Operation, t.From, word)
}

// Coverage counts the transitions that a history shows.
type Coverage struct {
	seen map[Transition]int
}

// NewCoverage counts nothing yet.
func NewCoverage() *Coverage { return &Coverage{seen: map[Transition]int{}} }

// Add counts what another history shows, too.
func (c *Coverage) Add(other *Coverage) {
	for t, count := range other.seen {
		c.seen[t] += count
	}
}

func (c *Coverage) saw(o *observation, from Situation) {
	if o.lost() {
		return
	}
	c.seen[Transition{o.Operation, from, o.accepted()}]++
}

// Count is how often a transition was seen.
func (c *Coverage) Count(t Transition) int { return c.seen[t] }

// Seen lists the transitions that were seen, of those that the model has.
func (c *Coverage) Seen() []Transition { return c.only(true) }

// Unseen lists the transitions of the model that were not seen.
func (c *Coverage) Unseen() []Transition { return c.only(false) }

func (c *Coverage) only(seen bool) []Transition {
	var all []Transition
	for _, t := range Transitions() {
		if (c.seen[t] > 0) == seen {
			all = append(all, t)
		}
	}
	return all
}

// Transitions lists the transitions that the contract allows, in a fixed order: each operation in each situation in which its
// outcome is documented, accepted or rejected.
func Transitions() []Transition {
	ended := []Situation{Completed, Cancelled, Failed}
	running := []Situation{InProgress, Cancelling}
	there := slices.Concat(running, ended)
	gone := []Situation{Absent, Deleted}
	accepted := map[string][]Situation{
		vault.CreateCertificate:          slices.Concat([]Situation{Absent, None}, ended),
		vault.ImportCertificate:          slices.Concat([]Situation{Absent, None}, ended),
		vault.GetCertificateOperation:    there,
		vault.UpdateCertificateOperation: running,
		vault.DeleteCertificateOperation: there,
		vault.MergeCertificate:           {InProgress, Cancelled, Failed},
		vault.GetCertificate:             append(slices.Clone(there), None),
		vault.GetCertificateVersions:     append(slices.Clone(there), None),
		vault.UpdateCertificate:          append(slices.Clone(there), None),
		vault.GetCertificatePolicy:       append(slices.Clone(there), None),
		vault.UpdateCertificatePolicy:    append(slices.Clone(there), None),
		vault.DeleteCertificate:          append(slices.Clone(there), None),
		vault.GetDeletedCertificate:      {Deleted},
		vault.RecoverDeletedCertificate:  {Deleted},
		vault.PurgeDeletedCertificate:    {Deleted},
	}
	rejected := map[string][]Situation{
		vault.CreateCertificate:          {InProgress, Cancelling, Deleted},
		vault.ImportCertificate:          {InProgress, Cancelling, Deleted},
		vault.GetCertificateOperation:    append(slices.Clone(gone), None),
		vault.UpdateCertificateOperation: slices.Concat(gone, ended, []Situation{None}),
		vault.DeleteCertificateOperation: append(slices.Clone(gone), None),
		vault.MergeCertificate:           slices.Concat(gone, []Situation{None, InProgress}),
		vault.GetCertificate:             gone,
		vault.UpdateCertificate:          gone,
		vault.GetCertificatePolicy:       gone,
		vault.UpdateCertificatePolicy:    gone,
		vault.DeleteCertificate:          gone,
		vault.GetDeletedCertificate:      {Absent, None},
		vault.RecoverDeletedCertificate:  {Absent, None},
		vault.PurgeDeletedCertificate:    {Absent, None},
	}
	var all []Transition
	for outcome, table := range map[bool]map[string][]Situation{true: accepted, false: rejected} {
		for _, operation := range slices.Sorted(maps.Keys(table)) {
			for _, from := range table[operation] {
				all = append(all, Transition{operation, from, outcome})
			}
		}
	}
	slices.SortFunc(all, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.From, b.From), cmp.Compare(fmt.Sprint(a.Accepted), fmt.Sprint(b.Accepted)))
	})
	return all
}
