package specs

import "github.com/kvconform/kvconform/scenarios"

// Prepare finds out ahead of the judging what many rules ask of a performance that has ended: its decoded bodies, their kinds,
// the signatures of its CSRs, and what the model makes of it. A run has time for that while other plays wait for the vault. It
// judges nothing; a rule that asks for something else, or with other facts, finds it out by itself.
func (s *Suite) Prepare(performance *scenarios.Performance, facts Facts) {
	defer func() { _ = recover() }() // it comes up again for the rule that asks for the same, which says so
	c := &Check{Suite: s, Facts: facts, performance: performance}
	concernsCSR := pendingCSR()
	for _, step := range judgedSteps(performance) {
		if len(step.Exchange.Response.Body) == 0 {
			continue
		}
		c.kindOf(step.Exchange)
		if concernsCSR(step.Exchange) {
			_ = c.csrSigned(step.Exchange) // for the rules that ask for it
		}
	}
	c.modelled(performance, matter{})
}
