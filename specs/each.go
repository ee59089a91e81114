package specs

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// judgeEach judges a rule on every exchange that concerns it and reports the first that breaks it, counting the rest.
func (c *Check) judgeEach(performances []*scenarios.Performance, concerns func(*vault.Exchange) bool, judge func(*Check, *vault.Exchange)) {
	var first *Finding
	var breaches []Breach
	seen, broken := 0, 0
	one := *c // judges one exchange after the other
	for _, performance := range performances {
		for _, step := range judgedSteps(performance) {
			if !concerns(step.Exchange) {
				continue
			}
			seen++
			one.step = step
			finding := c.judgeOne(&one, performance, step.Exchange, judge)
			if finding.Kind == NotReached {
				seen--
			}
			if finding.Kind != Held && finding.Kind != NotReached {
				broken++
				breaches = withBreaches(breaches, finding)
				if first == nil {
					found := *finding
					first = &found
				}
			}
		}
	}
	switch {
	case first != nil:
		c.finding = *first
		c.finding.Breaches = breaches
		if broken > 1 {
			c.finding.Got += fmt.Sprintf(" (and %d more responses of %d)", broken-1, seen)
		}
	case seen == 0:
		c.finding.Step, c.finding.Exchange = "", nil
		c.end(NotReached, "needs "+c.needs()+"; the run has no such response")
	default:
		c.needSuccess(performances)
	}
}

// judgedSteps are the steps of a performance with a response that rules of every response judge, each with the name under
// which its exchange came first.
func judgedSteps(performance *scenarios.Performance) []scenarios.Step {
	type judged struct{}
	return performance.Derived(judged{}, func() any {
		var steps []scenarios.Step
		first := map[*vault.Exchange]scenarios.Step{}
		for _, step := range performance.Steps() {
			known, seen := first[step.Exchange]
			if seen {
				step = known
			} else {
				first[step.Exchange] = step
			}
			if step.Exchange.Failure == nil && step.Exchange.Response != nil && !vault.IsCompanion(step.Exchange.Operation) {
				steps = append(steps, step)
			}
		}
		return steps
	}).([]scenarios.Step) //nolint:forcetypeassert // as made here
}

// needSuccess leaves a rule of every response unreached if the run has no success at all, or only one and the same
// response to everything: an endpoint that refuses all in the right form, or tells no requests apart, has shown nothing.
func (c *Check) needSuccess(performances []*scenarios.Performance) {
	var first *vault.Exchange
	successes := 0
	for _, performance := range performances {
		for _, step := range performance.Steps() {
			e := step.Exchange
			if !e.Succeeded() {
				continue
			}
			successes++
			if first == nil {
				first = e
			} else if !bytes.Equal(first.Response.Body, e.Response.Body) {
				return
			}
		}
	}
	if successes > 0 && successes < 3 {
		return
	}
	c.finding.Step, c.finding.Exchange = "", nil
	if successes == 0 {
		c.end(NotReached, "needs an endpoint that accepts a request; every request of this run was refused")
	}
	c.end(NotReached, "needs an endpoint that tells requests apart; every success of this run has the same body")
}

// judgeOne judges one exchange with a copy of the check, which it may change. The finding is that copy's.
func (c *Check) judgeOne(one *Check, performance *scenarios.Performance, e *vault.Exchange, judge func(*Check, *vault.Exchange)) *Finding {
	one.performance, one.finding = performance, c.finding
	one.finding.Play = performance.Play.Name
	func() {
		defer func() {
			if recovered := recover(); recovered != nil {
				if _, ended := recovered.(stop); !ended {
					panic(recovered)
				}
			}
		}()
		one.focus(e)
		judge(one, e)
	}()
	if one.finding.Kind == Held {
		c.finding.As = intersect(c.finding.As, one.finding.As)
	}
	return &one.finding
}

// withBreaches adds the breaches of one response to those of the responses before: responses to the same operation with the
// same status that lack the same thing are one breach.
func withBreaches(breaches []Breach, finding *Finding) []Breach {
	own := finding.Breaches
	if len(own) == 0 {
		own = []Breach{{
			Aspect: finding.Aspect, Member: finding.Member, Header: finding.Header, Got: finding.Got,
			Exchange: finding.Exchange, Count: 1,
		}}
	}
	for _, breach := range own {
		at := slices.IndexFunc(breaches, func(other Breach) bool {
			return other.Exchange.Operation == breach.Exchange.Operation && other.Exchange.Status() == breach.Exchange.Status() &&
				other.Aspect == breach.Aspect && other.Member == breach.Member && other.Header == breach.Header
		})
		if at < 0 {
			breaches = append(breaches, breach)
			continue
		}
		breaches[at].Count++
	}
	return breaches
}

// intersect returns the sides that have a source for two responses; one that is inferred makes both so.
func intersect(a, b []scenarios.Oracle) []scenarios.Oracle {
	var both []scenarios.Oracle
	for _, oracle := range a {
		if slices.Contains(b, oracle) {
			both = append(both, oracle)
		}
	}
	if len(both) == 0 {
		return []scenarios.Oracle{scenarios.Inferred}
	}
	return both
}
