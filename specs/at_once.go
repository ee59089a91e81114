package specs

import (
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// atOnce registers the rules of requests that were sent at the same time. Each judges every round of its play, and none
// asks which request was first: it asks whether there is an order that explains the responses.
func atOnce(s *Suite) {
	createsAtOnce(s)
	createsLeave(s)
	namesAtOnce(s)
	deletionAndCreate(s)
	cancellationAndDeletion(s)
	importAndCreate(s)
	importsAtOnce(s)
}

// named are the exchanges of a list that are about the same name as another, in their order.
func named(about *vault.Exchange, list []*vault.Exchange) []*vault.Exchange {
	var same []*vault.Exchange
	for _, e := range list {
		if match.Name(e) == match.Name(about) {
			same = append(same, e)
		}
	}
	return same
}

// rounds are the requests at once of a play by their names.
func rounds(created []*vault.Exchange) [][]*vault.Exchange {
	var all [][]*vault.Exchange
	seen := map[string]bool{}
	for _, e := range created {
		if name := match.Name(e); !seen[name] {
			seen[name] = true
			all = append(all, named(e, created))
		}
	}
	return all
}

// accepted are the exchanges that succeeded, and others those that did not.
func accepted(list []*vault.Exchange) (accepted, others []*vault.Exchange) {
	for _, e := range list {
		if e.Succeeded() {
			accepted = append(accepted, e)
		} else {
			others = append(others, e)
		}
	}
	return accepted, others
}

func createsAtOnce(s *Suite) {
	rule(s, "at-once/creates-one-accepted", func(c *Check, p *scenarios.CreatesAtOnce) {
		c.eachCreated(p, func(created []*vault.Exchange) {
			c.allInProgress(named(created[0], p.Pending))
			accepted, _ := accepted(created)
			c.requireNeeds(len(accepted) > 0)
			c.Got(accepted[0])
			if len(accepted) > 1 {
				c.finding.Aspect = match.AspectRefusal
				c.Fail(accepted[1], "409, because another create of the name at once was accepted", "status "+scenarios.Returned(accepted[1]))
			}
		})
	})
	rule(s, "at-once/creates-others-rejected", func(c *Check, p *scenarios.CreatesAtOnce) {
		c.eachCreated(p, func(created []*vault.Exchange) {
			accepted, others := accepted(created)
			c.requireNeeds(len(accepted) > 0 && len(others) > 0)
			c.allInProgress(named(created[0], p.Pending))
			for _, e := range others {
				c.Accepts(e, match.Status())
			}
		})
	})
	rule(s, "at-once/creates-one-begins", func(c *Check, p *scenarios.CreatesAtOnce) {
		c.requireSuccess(p.Free)
		c.eachCreated(p, func(created []*vault.Exchange) {
			if accepted, others := accepted(created); len(accepted) == 0 {
				c.finding.Aspect = match.AspectStatus
				c.Fail(others[0], "one of the creates at once to be accepted", "status "+scenarios.Returned(others[0])+", and none was accepted")
			}
		})
	})
}

// eachCreated judges each round of creates of one name.
func (c *Check) eachCreated(p *scenarios.CreatesAtOnce, judge func(created []*vault.Exchange)) {
	c.eachRound(p.Created, judge)
}

// eachRound judges each round of requests at once of one name, which need responses.
func (c *Check) eachRound(sent []*vault.Exchange, judge func(round []*vault.Exchange)) {
	all := rounds(sent)
	if len(all) == 0 {
		c.Got(nil)
	}
	for _, round := range all {
		for _, e := range round {
			c.Got(e)
		}
		judge(round)
	}
}

// allInProgress needs reads that show a request in progress: after one that ended, the next create is right to be accepted.
func (c *Check) allInProgress(reads []*vault.Exchange) {
	if len(reads) == 0 {
		c.Got(nil)
	}
	for _, read := range reads {
		c.requirePending(read)
	}
}

func createsLeave(s *Suite) {
	one := func(c *Check, created []*vault.Exchange) *vault.Exchange {
		accepted, _ := accepted(created)
		c.requireNeeds(len(accepted) == 1)
		return accepted[0]
	}
	rule(s, "at-once/creates-one-pending", func(c *Check, p *scenarios.CreatesAtOnce) {
		c.eachCreated(p, func(created []*vault.Exchange) {
			c.expectRequestOf(one(c, created), named(created[0], p.Pending)...)
		})
	})
	rule(s, "at-once/creates-one-version", func(c *Check, p *scenarios.CreatesAtOnce) {
		c.eachCreated(p, func(created []*vault.Exchange) {
			one(c, created)
			c.requireSuccess(scenarios.Last(named(created[0], p.Merged)))
			versions := c.Got(scenarios.Last(named(created[0], p.Versions)))
			c.requireBody(versions)
			c.Expect(versions, match.MostItems(1))
		})
	})
}

// expectRequestOf expects reads to show the request of a create that was accepted.
func (c *Check) expectRequestOf(created *vault.Exchange, reads ...*vault.Exchange) {
	c.requireBody(created)
	members := c.identity(created)
	if len(reads) == 0 {
		c.Got(nil)
	}
	for _, read := range reads {
		c.Expect(read, match.HasStatus(http.StatusOK))
		for _, member := range members {
			c.Expect(read, match.SameMember(created, member))
		}
	}
}

func namesAtOnce(s *Suite) {
	rule(s, "at-once/names-accepted", func(c *Check, p *scenarios.NamesAtOnce) {
		if len(p.Created) == 0 {
			c.Got(nil)
		}
		for _, created := range p.Created {
			c.Accepts(created, match.Accepted())
		}
	})
	rule(s, "at-once/names-request-ids", func(c *Check, p *scenarios.NamesAtOnce) {
		accepted, _ := accepted(p.Created)
		accepted = slices.DeleteFunc(accepted, func(e *vault.Exchange) bool { return e.Text("request_id") == "" })
		c.requireNeeds(len(accepted) > 1)
		for i, e := range accepted {
			for _, earlier := range accepted[:i] {
				c.Expect(e, match.OtherMember(earlier, "request_id"))
			}
		}
	})
	rule(s, "at-once/names-readable", func(c *Check, p *scenarios.NamesAtOnce) {
		accepted, _ := accepted(p.Created)
		c.requireNeeds(len(accepted) > 0)
		for _, created := range accepted {
			c.expectRequestOf(created, named(created, p.Pending)...)
		}
	})
}

func deletionAndCreate(s *Suite) {
	each := func(c *Check, p *scenarios.DeleteAgainstCreate, judge func(before, deleted, created *vault.Exchange)) {
		c.eachPair(p.Deleted, p.CreatedAgain, func(deleted, created *vault.Exchange) {
			before := scenarios.Last(named(deleted, p.Before))
			c.requirePending(c.Got(before))
			judge(before, deleted, created)
		})
	}
	rule(s, "at-once/create-against-deletion", func(c *Check, p *scenarios.DeleteAgainstCreate) {
		each(c, p, func(_, _, created *vault.Exchange) { c.Accepts(created, match.Accepted()) })
	})
	rule(s, "at-once/deletion-against-create", func(c *Check, p *scenarios.DeleteAgainstCreate) {
		each(c, p, func(_, deleted, _ *vault.Exchange) { c.Accepts(deleted, match.Status()) })
	})
	rule(s, "at-once/deletion-shows-the-deleted", func(c *Check, p *scenarios.DeleteAgainstCreate) {
		each(c, p, func(before, deleted, _ *vault.Exchange) {
			c.requireBody(deleted)
			for _, member := range c.identity(before) {
				c.Expect(deleted, match.SameMember(before, member))
			}
		})
	})
	rule(s, "at-once/deletion-outcome", func(c *Check, p *scenarios.DeleteAgainstCreate) {
		each(c, p, func(before, deleted, created *vault.Exchange) {
			after := named(deleted, p.After)
			switch {
			case created.Succeeded():
				c.expectRequestOf(created, after...)
			case deleted.Succeeded():
				c.allGone(after)
			default:
				c.expectRequestOf(before, after...)
			}
		})
	})
}

// eachPair judges two requests at once, round by round.
func (c *Check) eachPair(first, second []*vault.Exchange, judge func(first, second *vault.Exchange)) {
	if len(first) == 0 || len(first) != len(second) {
		c.Got(nil)
	}
	for i := range first {
		c.Got(first[i])
		c.Got(second[i])
		judge(first[i], second[i])
	}
}

// allGone expects reads of a pending object that is not there.
func (c *Check) allGone(reads []*vault.Exchange) {
	if len(reads) == 0 {
		c.Got(nil)
	}
	for _, read := range reads {
		c.Expect(read, match.HasStatus(http.StatusNotFound))
	}
}

func cancellationAndDeletion(s *Suite) {
	each := func(c *Check, p *scenarios.CancelAgainstDelete, judge func(cancelled, deleted *vault.Exchange)) {
		c.eachPair(p.Cancelled, p.Deleted, func(cancelled, deleted *vault.Exchange) {
			c.requirePending(c.Got(scenarios.Last(named(deleted, p.Before))))
			judge(cancelled, deleted)
		})
	}
	rule(s, "at-once/cancellation-against-deletion", func(c *Check, p *scenarios.CancelAgainstDelete) {
		each(c, p, func(cancelled, _ *vault.Exchange) { c.Accepts(cancelled, match.Status()) })
	})
	rule(s, "at-once/deletion-against-cancellation", func(c *Check, p *scenarios.CancelAgainstDelete) {
		each(c, p, func(_, deleted *vault.Exchange) { c.Accepts(deleted, match.Status()) })
	})
	rule(s, "at-once/cancelled-and-deleted-gone", func(c *Check, p *scenarios.CancelAgainstDelete) {
		each(c, p, func(_, deleted *vault.Exchange) {
			c.requireSuccess(deleted)
			after := named(deleted, p.After)
			c.requireNeeds(len(after) > 0)
			for _, read := range after {
				c.Accepts(read, match.Status())
			}
		})
	})
}

func importAndCreate(s *Suite) {
	each := func(c *Check, p *scenarios.ImportAgainstCreate, judge func(imported, created *vault.Exchange)) {
		c.requireSuccess(p.Free)
		c.eachPair(p.Imported, p.Created, judge)
	}
	rule(s, "at-once/import-against-create", func(c *Check, p *scenarios.ImportAgainstCreate) {
		each(c, p, func(imported, created *vault.Exchange) {
			if imported.Status() == http.StatusConflict {
				c.requireSuccess(created) // nothing else stands against an import of a new name
			}
			c.Accepts(imported, match.Status())
		})
	})
	rule(s, "at-once/create-against-import", func(c *Check, p *scenarios.ImportAgainstCreate) {
		each(c, p, func(imported, created *vault.Exchange) {
			if created.Status() == http.StatusConflict && !imported.Succeeded() {
				c.finding.Aspect = match.AspectStatus
				c.Fail(created, "2xx, because the import at once was not accepted", "status "+scenarios.Returned(created))
			}
			c.Accepts(created, match.Accepted())
		})
	})
	rule(s, "at-once/import-outcome", func(c *Check, p *scenarios.ImportAgainstCreate) {
		each(c, p, func(imported, created *vault.Exchange) {
			c.requireNeeds(len(imported.Request.Certificates) > 0)
			current := c.Got(scenarios.Last(named(imported, p.Current)))
			file := imported.Request.Certificates[0]
			switch {
			case !imported.Succeeded():
				c.Expect(current, match.CarriesNot(file))
			case scenarios.Ended(scenarios.Last(named(created, p.Pending))):
				// A create that completed after the import made the current version.
				c.requirePending(scenarios.Last(named(created, p.Pending)))
			default:
				c.Expect(imported, match.Carries(file))
				c.Expect(current, match.Carries(file))
			}
		})
	})
	rule(s, "at-once/create-outcome", func(c *Check, p *scenarios.ImportAgainstCreate) {
		each(c, p, func(imported, created *vault.Exchange) {
			c.requireSuccess(created)
			if imported.Succeeded() {
				c.requireInProgress(created) // an import after a request that has ended may leave no pending object
			}
			c.expectRequestOf(created, named(created, p.Pending)...)
		})
	})
}
