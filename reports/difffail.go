package reports

import "slices"

// The kinds of change that can be a failure of a comparison.
const (
	FailBroken    = "broken"    // a rule that held is broken
	FailUnreached = "unreached" // a rule that held is not judged any more
	FailNew       = "new"       // a rule that only the new report has is broken
	FailReached   = "reached"   // a rule that was not judged before is broken
	FailChanged   = "changed"   // a broken rule is broken in another way, or a rule holds as another oracle says
	FailResponses = "responses" // a response differs, where no rule cares as well
)

// FailKinds lists them all.
func FailKinds() []string {
	return []string{FailBroken, FailUnreached, FailNew, FailReached, FailChanged, FailResponses}
}

// DefaultFailKinds are those that count if nothing else is said. A rule that comes into reach and turns out to be broken is
// no regression: it was broken before, and nobody could see it.
func DefaultFailKinds() []string { return []string{FailBroken, FailUnreached, FailNew} }

// FailOn says which kinds of change are a regression. Rules count if they are a must, or a should of a strict new report; an
// excused failure never counts.
func (d *Difference) FailOn(kinds []string) {
	d.Regressed = slices.Contains(kinds, FailResponses) && len(d.Exchanges) > 0
	for i := range d.Rules {
		c := &d.Rules[i]
		kind := c.failKind()
		c.Regression = kind != "" && slices.Contains(kinds, kind) && (c.Level == Must || d.strict && c.Level == Should)
		d.Regressed = d.Regressed || c.Regression
	}
}

// failKind is the kind of failure that a change is if it counts, "" if it never does.
func (c RuleChange) failKind() string {
	now := Result{Verdict: c.New}.conduct()
	isBroken := now == broken && c.New != KnownFail
	switch {
	case c.Kind == Broken && isBroken:
		return FailBroken
	case c.Kind == Unreached && Result{Verdict: c.Old}.conduct() == held:
		return FailUnreached
	case c.Kind == Added && isBroken:
		return FailNew
	case c.Kind == Reached && isBroken:
		return FailReached
	case c.Kind == Oracle, c.Kind == ChangedOther && isBroken && c.Old != KnownFail:
		return FailChanged
	}
	return ""
}
