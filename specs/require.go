package specs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// The functions below end the judging of a rule as not reached unless its precondition was shown. They ask for no more
// than the rule's own sentence needs, shown by any exchange of the play, and never that another rule passed: the wrong
// status of a create is one failure of one rule.

// requireNeeds ends the judging unless the precondition that the catalogue names was shown.
func (c *Check) requireNeeds(shown bool) { c.Need(shown, "%s", c.needs()) }

// exchanges lists those of the play about the certificate that an exchange is about.
func (c *Check) exchanges(about *vault.Exchange) []*vault.Exchange {
	name := match.Name(about)
	var list []*vault.Exchange
	for _, step := range c.performance.Steps() {
		if step.Exchange != nil && step.Exchange.Response != nil && match.Name(step.Exchange) == name {
			list = append(list, step.Exchange)
		}
	}
	return list
}

// requireAccepted needs a create that was accepted: any 2xx. Rules about its body say themselves what is wrong with it.
func (c *Check) requireAccepted(created *vault.Exchange) { c.requireSuccess(created) }

// requireInProgress needs a create that was accepted and whose operation does not show an end, in its own response or in
// a read. A missing or unknown status is a failure of its own rule and stands in no other's way.
func (c *Check) requireInProgress(created *vault.Exchange) {
	c.requireAccepted(created)
	c.requireOf(created, func(e *vault.Exchange) bool {
		return !scenarios.Ended(e) || slices.ContainsFunc(c.exchanges(created), scenarios.InProgress)
	}, "an operation in progress")
}

// requirePending needs a read that shows a pending object which has not ended.
func (c *Check) requirePending(read *vault.Exchange) {
	c.requireOf(read, scenarios.ShowsOperation, "a certificate operation")
	c.requireOf(read, func(e *vault.Exchange) bool { return !scenarios.Ended(e) }, "an operation in progress")
}

// requireOperation needs a response that shows a certificate operation, in whatever state.
func (c *Check) requireOperation(e *vault.Exchange) {
	c.requireOf(e, (*vault.Exchange).Succeeded, "2xx")
	c.requireOf(e, scenarios.ShowsOperation, "a certificate operation")
}

// requireEnded needs an accepted request that is over, and returns the poll that saw it end.
func (c *Check) requireEnded(created *vault.Exchange, polls []*vault.Exchange) *vault.Exchange {
	c.requireAccepted(created)
	last := c.Got(scenarios.Last(polls))
	c.requireOf(last, func(e *vault.Exchange) bool { return !scenarios.InProgress(e) }, "an operation that has ended")
	return last
}

// requireEndedAs needs an accepted request that ended in one of some states, and returns the poll that saw it end.
func (c *Check) requireEndedAs(created *vault.Exchange, polls []*vault.Exchange, states ...string) *vault.Exchange {
	last := c.requireEnded(created, polls)
	c.requireOf(last, func(e *vault.Exchange) bool { return scenarios.InState(e, states...) || c.looksEndedAs(e, states[0]) },
		"an operation that is "+states[0])
	return last
}

// looksEndedAs reports whether an operation shows by its other members that it ended in a state, whatever its status says:
// failed by its error, cancelled by a cancellation that was accepted in this play and left neither target nor error.
func (c *Check) looksEndedAs(e *vault.Exchange, state string) bool {
	if !scenarios.ShowsOperation(e) || scenarios.InProgress(e) {
		return false
	}
	if state == vault.StateFailed {
		return e.Member("error") != nil
	}
	return e.Text("target") == "" && e.Member("error") == nil && slices.ContainsFunc(c.exchanges(e), func(e *vault.Exchange) bool {
		return e.Operation == vault.UpdateCertificateOperation && e.Succeeded()
	})
}

// requireCompleted needs an accepted request that completed, however it was born, and returns the last poll. A completed
// request is known by its state, or, where the state says nothing known or cannot be read, by the certificate that it
// made: a target, or a certificate under its name.
func (c *Check) requireCompleted(created *vault.Exchange, polls []*vault.Exchange) *vault.Exchange {
	last := c.requireEnded(created, polls)
	c.requireOf(last, func(e *vault.Exchange) bool {
		if scenarios.InState(e, vault.StateCompleted) {
			return true
		}
		if scenarios.InState(e, vault.StateFailed, vault.StateCancelled, vault.StateCanceled) {
			return false
		}
		return e.Text("target") != "" || slices.ContainsFunc(c.exchanges(created), showsCertificate)
	}, "an operation that is completed")
	return last
}

// showsCertificate reports whether an exchange shows a whole certificate under its name.
func showsCertificate(e *vault.Exchange) bool {
	return e.Operation == vault.GetCertificate && e.Succeeded() && e.Text("cer") != ""
}

// undecided reports whether a requested cancellation can still show: one that lost against the issuer's own work leaves no
// trace.
func undecided(e *vault.Exchange) bool {
	return !scenarios.InState(e, vault.StateCompleted, vault.StateFailed)
}

// cancelledStates are the two spellings of the state of a cancelled operation.
func cancelledStates() []string { return []string{vault.StateCanceled, vault.StateCancelled} }

// requireSuccess needs an exchange that succeeded, with any 2xx.
func (c *Check) requireSuccess(e *vault.Exchange) {
	c.requireOf(e, (*vault.Exchange).Succeeded, "2xx")
}

// requireBody needs a success with a JSON object: something that can be judged.
func (c *Check) requireBody(e *vault.Exchange) {
	c.requireSuccess(e)
	c.requireOf(e, hasObject, "a JSON object")
}

// requireMember needs a member of a response, to compare it with that of another.
func (c *Check) requireMember(e *vault.Exchange, name string) {
	c.requireOf(e, func(e *vault.Exchange) bool { return e.Member(name) != nil }, "the member "+name)
}

func hasObject(e *vault.Exchange) bool {
	value, err := e.Response.Read()
	object, ok := value.(map[string]any)
	return err == nil && ok && len(object) > 0
}

// requireStatus needs an exchange with this very status.
func (c *Check) requireStatus(e *vault.Exchange, status int) {
	c.requireOf(e, func(e *vault.Exchange) bool { return e.Status() == status }, fmt.Sprint(status))
}

// requireRefused needs an exchange that was refused.
func (c *Check) requireRefused(e *vault.Exchange) {
	c.requireOf(e, match.IsRefused, "a refusal of the 4xx class")
}

// requireOnlyFlaw needs the right request to have been accepted in the end, so that nothing else was in the way of the
// wrong one. A wrong one that was not refused (accepted, or a 500) is broken without that proof.
func (c *Check) requireOnlyFlaw(wrong, right *vault.Exchange) {
	if c.Got(wrong); !match.IsRefused(wrong) {
		return
	}
	c.requireOf(right, (*vault.Exchange).Succeeded, "2xx, as the control of the refusal")
	c.focus(wrong)
}

// requireControl needs a simpler form of a request to have been accepted before the refusal of a fuller one counts: a vault
// that refuses both has failed a rule about the simpler one.
func (c *Check) requireControl(fuller, simpler *vault.Exchange) {
	if c.Got(fuller).Succeeded() {
		return
	}
	c.requireSuccess(simpler)
	c.focus(fuller)
}

// stableRequestID reports whether the first two responses of this play that show the same request in the same state agree on
// its request_id. If they do not, the vault makes a new one for every response: a failure of the rules about request_id,
// by which no other rule can tell requests apart.
func (c *Check) stableRequestID(about *vault.Exchange) bool {
	first := map[string]string{}
	for _, e := range c.exchanges(about) {
		id := e.Text("request_id")
		if !showsOperation(e) || id == "" {
			continue
		}
		same := scenarios.State(e) + " " + e.Text("csr")
		if before, seen := first[same]; seen {
			return before == id
		}
		first[same] = id
	}
	return true
}

// identity lists the members of a response by which another response shows the same certificate request. request_id is
// one of them only if it is stable in this play, csr only if there is one.
func (c *Check) identity(e *vault.Exchange) []string {
	members := []string{"id"}
	if e.Text("csr") != "" {
		members = append(members, "csr")
	}
	if e.Text("request_id") != "" && c.stableRequestID(e) {
		members = append(members, "request_id")
	}
	return members
}

// expectSameBody expects the body of an earlier read again. A request_id that changes with every read of this play is a
// failure of the rules about it, and leaves this one to judge the rest.
func (c *Check) expectSameBody(before, after *vault.Exchange) {
	if before.Text("request_id") != "" && !c.stableRequestID(before) {
		c.Expect(after, match.SameBodyBut(before, "request_id"))
		return
	}
	c.Expect(after, match.SameBody(before))
}

// showsOperationOf reports whether a read shows a certificate operation of a certificate, as far as its id says which.
func showsOperationOf(e *vault.Exchange, name string) bool {
	id := strings.ToLower(e.Text("id"))
	return scenarios.ShowsOperation(e) && (id == "" || strings.Contains(id, "/certificates/"+strings.ToLower(name)+"/"))
}

// requireSignable needs, of a merge that was refused, a csr that could be signed: otherwise the merge was for another key
// and the refusal was right.
func (c *Check) requireSignable(merged *vault.Exchange, responses ...*vault.Exchange) {
	if c.Got(merged).Succeeded() || scenarios.Signable(responses...) {
		return
	}
	c.requireOf(responses[0], func(*vault.Exchange) bool { return false }, "a csr that a CA can sign")
}

// spelled judges how a status is spelled. A status that is missing or no text is a failure of the rule about the state.
func (c *Check) spelled(e *vault.Exchange) {
	c.requireOf(e, func(e *vault.Exchange) bool { return e.Text("status") != "" }, "a status")
	c.Accepts(e, match.StateSpelling())
}
