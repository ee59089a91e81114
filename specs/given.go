package specs

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// The preconditions below ask for the one status that each success has. An endpoint that says yes to everything in
// the same words has shown nothing by it.

// given ends the judging as not reached unless the rule's precondition was shown.
func (c *Case) given(shown bool) { c.Need(shown, "%s", c.needs()) }

// promised needs a create that was accepted: a 202.
func (c *Case) promised(created *vault.Exchange) {
	c.given(c.Got(created).Status() == http.StatusAccepted)
}

// begun needs a create that was accepted and answered with an operation in progress.
func (c *Case) begun(created *vault.Exchange) {
	c.promised(created)
	c.given(scenarios.InProgress(created))
}

// ended needs a request that was begun and is over, and returns the look that saw it end.
func (c *Case) ended(created *vault.Exchange, looks []*vault.Exchange) *vault.Exchange {
	c.begun(created)
	last := c.Got(Last(looks))
	c.given(!scenarios.InProgress(last))
	return last
}

// endedAs needs a request that was begun and ended in one of some states, and returns the look that saw it end.
func (c *Case) endedAs(created *vault.Exchange, looks []*vault.Exchange, states ...string) *vault.Exchange {
	last := c.ended(created, looks)
	c.given(last.Succeeded() && inState(last, states...))
	return last
}

func inState(e *vault.Exchange, states ...string) bool {
	for _, state := range states {
		if strings.EqualFold(e.Text("status"), state) {
			return true
		}
	}
	return false
}

// cancelledStates are the two spellings of the state of a cancelled operation.
func cancelledStates() []string { return []string{"canceled", "cancelled"} }

// answered needs an exchange with this very status.
func (c *Case) answered(e *vault.Exchange, status int) {
	if e != nil && e.Failure != nil && e.Failure.Kind == vault.NotSent {
		c.given(false) // a link that cannot be followed breaks the rules of that link, not those that only need it
	}
	c.given(c.Got(e).Status() == status)
}

// refused needs an exchange that was refused.
func (c *Case) refused(e *vault.Exchange) {
	c.given(match.IsRefused(c.Got(e)))
}
