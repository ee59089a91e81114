package specs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// Kind is the result of judging a rule, before its level and the claims of the target are taken into account.
type Kind string

// The kinds of findings.
const (
	Held        Kind = "held"
	Broken      Kind = "broken"
	NotReached  Kind = "not-reached"
	CouldNotRun Kind = "could-not-run"
)

// Finding is the result of judging one rule, with its reasons.
type Finding struct {
	Rule string
	Kind Kind
	// As are the sides that have a source for the response: those that list the value that was read, or, where the rule
	// lists none, those that the rule's sources are of. It is Inferred alone where neither has one.
	As []scenarios.Oracle
	// Expected and Got describe the response that a broken rule accepts and the one returned; a rule that held has only Got.
	Expected, Got string
	// Listed is true if Expected is the list of values of the rule and no more.
	Listed bool
	// Reason is the precondition that never held, or why the rule could not be judged.
	Reason string
	// After is the coarser rule whose breach says it all, so that this one was not judged.
	After string
	// Blocker is the response that kept the rule from being judged, where there is one.
	Blocker *Blocker
	// Aspect is what of the response breaks the rule; Member (RFC 6901) and Header say where, if it is in one of those.
	Aspect         match.Aspect
	Member, Header string
	// Breaches are the distinct ways in which returns break the rule, if there are several. The finding shows the first.
	Breaches []Breach
	// Play, Step and Index say which exchange was judged.
	Play, Step string
	Index      int
	Exchange   *vault.Exchange
	// Unclaimed says which feature the target does not claim that the rule needs to be judged, in words.
	Unclaimed string
	// Panicked is true for an internal error of kvconform.
	Panicked bool
}

// Breach is one way in which responses of a run break a rule of every response, with the first response that does.
type Breach struct {
	Aspect         match.Aspect
	Member, Header string
	Got            string
	// Exchange is the first such response, Count how many of them there are.
	Exchange *vault.Exchange
	Count    int
}

// Blocker is a response that kept a rule from being judged.
type Blocker struct {
	// Want is what the rule needed of it, such as "2xx"; "" where the rule needed more than one response can show.
	Want     string
	Exchange *vault.Exchange
}

// Check is the judging of one rule. Its methods end the judging where they find the rule broken or not reached.
type Check struct {
	Rule   *scenarios.Rule
	Oracle scenarios.Oracle
	Facts  Facts
	Suite  *Suite

	ctx         context.Context
	performance *scenarios.Performance
	step        scenarios.Step // the exchange that is judged, in a rule of every response
	finding     Finding
}

// stop unwinds a check; it is recovered in Judge and judgeOne.
type stop struct{}

// Judge judges one rule on the performances of a run.
func (s *Suite) Judge(ctx context.Context, spec Spec, oracle scenarios.Oracle, facts Facts, performances Performances) (finding Finding) {
	rule, ok := s.Catalogue.Rule(spec.Rule)
	if !ok {
		return Finding{Rule: spec.Rule, Kind: CouldNotRun, Panicked: true, Reason: "the rule is not in the catalogue"}
	}
	c := &Check{Rule: rule, Oracle: oracle, Facts: facts, Suite: s, ctx: ctx}
	c.finding = Finding{Rule: rule.ID, Kind: Held, As: rule.Sides()}
	defer func() {
		if recovered := recover(); recovered != nil {
			if _, ended := recovered.(stop); !ended {
				c.finding.Kind, c.finding.Panicked = CouldNotRun, true
				c.finding.Reason = fmt.Sprintf("kvconform panicked while judging: %v", recovered)
			}
		}
		c.doubt()
		c.claims(spec, performances)
		finding = c.finding
	}()
	spec.judge(c, performances)
	return c.finding
}

// doubt leaves a rule that holds unreached if its play got one and the same response to all its requests: an endpoint that
// does not tell requests apart, such as a sign-in page, has shown nothing.
func (c *Check) doubt() {
	if c.finding.Kind != Held || c.performance == nil {
		return
	}
	var first *vault.Exchange
	asked := map[string]bool{}
	for _, step := range c.performance.Steps() {
		e := step.Exchange
		if e.Response == nil {
			continue
		}
		asked[e.Request.Method+" "+e.Request.URL] = true
		switch {
		case first == nil:
			first = e
		case e.Status() != first.Status() || !bytes.Equal(e.Response.Body, first.Response.Body):
			return
		}
	}
	if len(asked) < 3 {
		return
	}
	c.finding.Kind, c.finding.As = NotReached, nil
	c.finding.Blocker = &Blocker{Want: "another response than " + first.Operation, Exchange: first}
	c.finding.Reason = fmt.Sprintf("needs an endpoint that tells requests apart; all %d requests of the play %s returned the same: %s",
		len(asked), c.performance.Play.Name, scenarios.Returned(first))
}

// start sets the performance under judgement.
func (c *Check) start(performance *scenarios.Performance) {
	c.performance = performance
	c.finding.Play = performance.Play.Name
	var panicked *scenarios.Panicked
	if errors.As(performance.Err, &panicked) {
		c.finding.Panicked = true
		c.end(CouldNotRun, panicked.Error())
	}
}

// Expect ends the judging as broken if the exchange fails a test of package match.
func (c *Check) Expect(e *vault.Exchange, test match.Test) {
	c.focus(e)
	if failure := test(e); failure != nil {
		if failure.Unreadable {
			c.end(NotReached, "this build of kvconform cannot read "+failure.Got)
		}
		c.finding.Aspect, c.finding.Member, c.finding.Header = failure.Of(), failure.Member, failure.Header
		c.Fail(e, failure.Expected, failure.Got)
	}
}

// Accepts compares a value of the exchange with the values that the rule lists, and notes the oracles that accept it.
func (c *Check) Accepts(e *vault.Exchange, read match.Reader) {
	c.focus(e)
	c.finding.Aspect, c.finding.Header = read.Aspect, read.Header
	got, err := read.Read(e)
	if err != nil {
		c.finding.Member = read.Member
		c.finding.Expected, c.finding.Got = c.accepted(), err.Error()
		c.end(Broken, "")
	}
	c.finding.Member = read.Member
	c.weigh(read.Name, got)
	c.finding.Aspect, c.finding.Member, c.finding.Header = "", "", ""
}

// weigh compares a value with the rule's lists.
func (c *Check) weigh(name, got string) {
	shown := got
	if got == "" {
		shown = `""`
	}
	c.finding.Got = strings.TrimSpace(name + " " + shown)
	var as []scenarios.Oracle
	for _, side := range []scenarios.Oracle{scenarios.Documented, scenarios.Observed} {
		if slices.Contains(c.Rule.Accepts.Listed(side), got) {
			as = append(as, side)
		}
	}
	if len(as) == 0 {
		as = []scenarios.Oracle{scenarios.Inferred}
	}
	c.finding.As = as
	if slices.Contains(c.Rule.Accepts.For(c.Oracle), got) {
		return
	}
	c.finding.Expected, c.finding.Listed = strings.TrimSpace(name+" "+c.accepted()), true
	c.end(Broken, "")
}

// accepted lists the values that the oracle of the run accepts, in words.
func (c *Check) accepted() string { return Alternatives(c.Rule.Accepts.For(c.Oracle)) }

// Alternatives writes values as "a, b or c".
func Alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// Need ends the judging as not reached unless the rule's precondition was shown.
func (c *Check) Need(shown bool, format string, values ...any) {
	if shown {
		return
	}
	reason := "needs " + fmt.Sprintf(format, values...)
	if e := c.finding.Exchange; e != nil && e.Response != nil {
		c.finding.Blocker = &Blocker{Exchange: e}
		reason += fmt.Sprintf("; %s returned %s", e.Operation, scenarios.Returned(e))
	}
	c.end(NotReached, reason)
}

// requireOf ends the judging as not reached unless an exchange shows what the rule needs of it. It ends it too if the play
// has no such exchange.
func (c *Check) requireOf(e *vault.Exchange, shown func(*vault.Exchange) bool, want string) {
	if e != nil && e.Failure != nil && e.Failure.Kind == vault.NotSent {
		// A link that cannot be followed breaks the rules of that link, not those that only need it.
		c.finding.Exchange = e
		c.end(NotReached, fmt.Sprintf("needs %s to return %s; %s", e.Operation, want, e.Failure.Message))
	}
	if c.Got(e); !shown(e) {
		c.finding.Blocker = &Blocker{Want: want, Exchange: e}
		c.end(NotReached, scenarios.Blocks(e, want))
	}
}

// Got returns the exchange, or ends the judging where the play has none: not reached where it came to its end before,
// could-not-run where a response was missing.
func (c *Check) Got(e *vault.Exchange) *vault.Exchange {
	c.focus(e)
	return e
}

// Fail ends the judging as broken: what was expected and what came instead.
func (c *Check) Fail(e *vault.Exchange, expected, got string) {
	c.focus(e)
	c.finding.Expected, c.finding.Got = expected, got
	if c.finding.Aspect == "" {
		c.finding.Aspect = match.AspectBody
	}
	c.end(Broken, "")
}

// focus makes the exchange the one that is judged.
func (c *Check) focus(e *vault.Exchange) {
	if e == nil {
		c.absent()
	}
	c.finding.Exchange = e
	c.finding.Play, c.finding.Step, c.finding.Index = c.placeOf(e)
	if e.Failure == nil {
		return
	}
	if e.Failure.Kind == vault.NotSent {
		c.finding.Expected, c.finding.Got = "a link that can be followed within the vault", e.Failure.Message
		c.finding.Aspect = match.AspectWay
		c.end(Broken, "")
	}
	c.end(CouldNotRun, e.Line())
}

// absent ends the judging of a rule whose exchange was never made.
func (c *Check) absent() {
	err := c.performance.Err
	var unreached *scenarios.Unreached
	var failure *vault.Failure
	switch {
	case errors.As(err, &unreached):
		if unreached.Exchange != nil {
			c.finding.Exchange = unreached.Exchange
			c.finding.Play, c.finding.Step, c.finding.Index = c.placeOf(unreached.Exchange)
			c.finding.Blocker = &Blocker{Want: unreached.Want, Exchange: unreached.Exchange}
		}
		c.end(NotReached, unreached.Reason)
	case errors.As(err, &failure):
		c.end(CouldNotRun, "the play "+c.performance.Play.Name+" broke off: "+failure.Message)
	case err != nil:
		c.end(CouldNotRun, "the play "+c.performance.Play.Name+" broke off: "+err.Error())
	default:
		c.end(NotReached, "needs "+c.needs()+"; the play did not come to it")
	}
}

func (c *Check) needs() string {
	if c.Rule.Needs == "" {
		return "a response"
	}
	return c.Rule.Needs
}

// placeOf is where the exchange stands: the play under judgement, its step, and the index in it.
func (c *Check) placeOf(e *vault.Exchange) (play, step string, index int) {
	if c.performance == nil {
		return "", "", 0
	}
	if e == c.step.Exchange {
		return c.performance.Play.Name, c.step.Name, c.step.Index
	}
	type places struct{}
	steps := c.performance.Derived(places{}, func() any {
		steps := map[*vault.Exchange]scenarios.Step{}
		for _, step := range c.performance.Steps() {
			if _, seen := steps[step.Exchange]; !seen {
				steps[step.Exchange] = step
			}
		}
		return steps
	}).(map[*vault.Exchange]scenarios.Step) //nolint:forcetypeassert // as made here
	if step, ok := steps[e]; ok {
		return c.performance.Play.Name, step.Name, step.Index
	}
	return c.performance.Play.Name, "", 0
}

func (c *Check) end(outcome Kind, reason string) {
	c.finding.Kind, c.finding.Reason = outcome, reason
	if outcome != Held {
		c.finding.As = nil
	}
	panic(stop{})
}
