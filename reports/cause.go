package reports

import (
	"cmp"
	"slices"
)

// Cause is what several findings have in common: one thing that is wrong with the target, with the rules that it breaks
// and those that it keeps from being judged. A maintainer fixes causes, not rules.
type Cause struct {
	// Key is stable from run to run; a baseline names causes by it.
	Key string `json:"key"`
	// Operation is the one whose response shows it first, Operations are the others that show it too.
	Operation  string   `json:"operation,omitempty"`
	Operations []string `json:"operations,omitempty"`
	Aspect     string   `json:"aspect"`
	Title      string   `json:"title"`
	Exchanges  int      `json:"exchanges"`
	Breaks     []string `json:"breaks"`
	HoldsBack  []string `json:"holdsBack"`
	Hint       string   `json:"hint,omitempty"`
	Known      bool     `json:"known,omitempty"` // every rule that it breaks is known
	Play       string   `json:"play,omitempty"`
	Step       string   `json:"step,omitempty"`
	Index      int      `json:"index,omitempty"`

	shown map[string][]string // the operations that show it, by rule
}

// ShownBy lists the operations whose responses show the cause, in the order of their names; for a rule that it breaks, those
// by which the rule fails. It is empty for a report without its exchanges.
func (c *Cause) ShownBy(rule string) []string {
	return slices.Sorted(slices.Values(c.shown[rule]))
}

// Everywhere lists all operations that show the cause, in the order of their names.
func (c *Cause) Everywhere() []string {
	all := slices.Clone(c.Operations)
	if c.Operation != "" {
		all = addOnce(all, c.Operation)
	}
	return slices.Sorted(slices.Values(all))
}

// Causes groups what is wrong in a report that is not concluded, as [Report.Conclude] does.
func Causes(r *Report) []Cause { return causesOf(r) }

// Line is the title with how many rules stand under the cause, in one line.
func (c *Cause) Line() string { return oneLine(visible(c.Title + "; " + c.weight())) }

// causesOf groups what is wrong by what is wrong, the cause with the most rules first.
func causesOf(r *Report) []Cause {
	g := grouping{report: r, byKey: map[string]*group{}, parent: map[string]string{}}
	for i := range r.Scenarios {
		for j := range r.Scenarios[i].Rules {
			for _, e := range r.evidenceOf(&r.Scenarios[i].Rules[j]) {
				g.add(e)
			}
		}
	}
	g.merge()
	for i := range r.Scenarios {
		for j := range r.Scenarios[i].Rules {
			g.holdBack(&r.Scenarios[i].Rules[j])
		}
	}
	g.needed()
	g.unmet()
	return g.causes()
}

// weigh orders causes: by how many rules they hold back and break, and by key where that is equal.
func weigh(a, b Cause) int {
	return cmp.Or(
		cmp.Compare(len(b.Breaks)+len(b.HoldsBack), len(a.Breaks)+len(a.HoldsBack)),
		cmp.Compare(len(b.Breaks), len(a.Breaks)),
		cmp.Compare(a.Key, b.Key),
	)
}

func addOnce(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
