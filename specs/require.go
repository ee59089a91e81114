package specs

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// Preconditions require the exact status, so that an endpoint that always returns 200 satisfies none.

// requireNeeds ends the judging as not reached unless the rule's precondition was shown.
func (c *Check) requireNeeds(shown bool) { c.Need(shown, "%s", c.needs()) }

// requireAccepted needs a create that was accepted: a 202.
func (c *Check) requireAccepted(created *vault.Exchange) {
	c.requireNeeds(c.Got(created).Status() == http.StatusAccepted)
}

// requireInProgress needs a create that was accepted and answered with an operation in progress.
func (c *Check) requireInProgress(created *vault.Exchange) {
	c.requireAccepted(created)
	c.requireNeeds(scenarios.InProgress(created))
}

// requireEnded needs a request that was begun and is over, and returns the look that saw it end.
func (c *Check) requireEnded(created *vault.Exchange, looks []*vault.Exchange) *vault.Exchange {
	c.requireInProgress(created)
	last := c.Got(Last(looks))
	c.requireNeeds(!scenarios.InProgress(last))
	return last
}

// requireEndedAs needs a request that was begun and ended in one of some states, and returns the look that saw it end.
func (c *Check) requireEndedAs(created *vault.Exchange, looks []*vault.Exchange, states ...string) *vault.Exchange {
	last := c.requireEnded(created, looks)
	c.requireNeeds(last.Succeeded() && inState(last, states...))
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

// requireStatus needs an exchange with this very status.
func (c *Check) requireStatus(e *vault.Exchange, status int) {
	if e != nil && e.Failure != nil && e.Failure.Kind == vault.NotSent {
		c.requireNeeds(false) // a link that cannot be followed breaks the rules of that link, not those that only need it
	}
	c.requireNeeds(c.Got(e).Status() == status)
}

// requireRefused needs an exchange that was refused.
func (c *Check) requireRefused(e *vault.Exchange) {
	c.requireNeeds(match.IsRefused(c.Got(e)))
}
