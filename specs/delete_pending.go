package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func deletePending(s *Suite) {
	deletedAnswer(s)
	deletedGone(s)
	deletedFree(s)
	deletedFiltered(s)
	deletedEnded(s)
	deletedCancelled(s)
	deletedFailed(s)
}

// deletable needs a request that was read before it was deleted.
func deletable(c *Check, p *scenarios.DeletePending) {
	c.requireAccepted(p.Created)
	c.requireOperation(p.Before)
}

// deleted needs a request that was read, and whose deletion was accepted.
func deleted(c *Check, p *scenarios.DeletePending) {
	deletable(c, p)
	c.requireSuccess(p.Deleted)
}

func deletedAnswer(s *Suite) {
	rule(s, "delete-pending/status", func(c *Check, p *scenarios.DeletePending) {
		deletable(c, p)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-pending/body", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Expect(p.Deleted, match.Object())
		c.Expect(p.Deleted, match.Present("status"))
	})
	for id, path := range map[string][]string{
		"delete-pending/id":         {"id"},
		"delete-pending/issuer":     {"issuer", "name"},
		"delete-pending/csr":        {"csr"},
		"delete-pending/request-id": {"request_id"},
	} {
		rule(s, id, func(c *Check, p *scenarios.DeletePending) {
			deleted(c, p)
			c.Expect(p.Deleted, match.SameMember(p.Before, path...))
		})
	}
	rule(s, "delete-pending/state", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Expect(p.Deleted, match.InState(p.Before.Text("status")))
	})
	rule(s, "delete-pending/not-cancelled", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.requireOf(p.Before, func(e *vault.Exchange) bool { return e.Member("cancellation_requested") != true },
			"an operation without a cancellation")
		c.Expect(p.Deleted, match.Uncancelled())
	})
	rule(s, "delete-pending/issuer-status", func(c *Check, p *scenarios.ConflictWithIssuer) {
		c.requireAccepted(p.Created)
		c.requirePending(p.Before)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-pending/cancellation-kept", func(c *Check, p *scenarios.DeleteAfterAsking) {
		c.requireAccepted(p.Created)
		c.requireSuccess(scenarios.Last(p.Asked))
		c.requireSuccess(p.Deleted)
		c.requireNeeds(scenarios.Last(p.Asked).Member("cancellation_requested") == true)
		c.requireOf(p.Deleted, undecided, "an operation in progress or cancelled")
		c.Expect(p.Deleted, match.Equal(true, "cancellation_requested"))
	})
}

func deletedGone(s *Suite) {
	rule(s, "delete-pending/gone-status", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.After, match.Status())
	})
	rule(s, "delete-pending/gone-code", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.requireRefused(p.After)
		c.Accepts(p.After, match.ErrorCode())
	})
	rule(s, "delete-pending/gone-by-request-id", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.AfterByRequestID, match.Status())
	})
	rule(s, "delete-pending/again-status", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.DeletedAgain, match.StatusClass(http.StatusNotFound))
	})
	rule(s, "delete-pending/again-code", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.requireRefused(p.DeletedAgain)
		c.Accepts(p.DeletedAgain, match.ErrorCode())
	})
	rule(s, "delete-pending/never-existed-status", func(c *Check, p *scenarios.DeletePending) {
		c.requireOnlyFlaw(p.NeverExisted, p.Deleted)
		c.Accepts(p.NeverExisted, match.Status())
	})
	rule(s, "delete-pending/never-existed-code", func(c *Check, p *scenarios.DeletePending) {
		c.requireOnlyFlaw(p.NeverExisted, p.Deleted)
		c.requireStatus(p.NeverExisted, http.StatusNotFound)
		c.Accepts(p.NeverExisted, match.ErrorCode())
	})
	rule(s, "delete-pending/not-created", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.requirePending(p.Before)
		c.Expect(p.Certificate, match.NotIssued())
	})
}

func deletedFree(s *Suite) {
	rule(s, "delete-pending/create-after", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.CreatedAgain, match.Status())
	})
	rule(s, "delete-pending/create-after-request-id", func(c *Check, p *scenarios.DeletePending) {
		deleted(c, p)
		c.requireStatus(p.CreatedAgain, http.StatusAccepted)
		c.Expect(p.CreatedAgain, match.OtherMember(p.Created, "request_id"))
	})
	rule(s, "delete-pending/import-after", func(c *Check, p *scenarios.DeleteByRequestID) {
		c.requireAccepted(p.Created)
		c.requireBody(p.Before)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.Imported, match.Status())
	})
}

func deletedFiltered(s *Suite) {
	rule(s, "delete-pending/request-id-accepted", func(c *Check, p *scenarios.DeleteByRequestID) {
		c.requireAccepted(p.Created)
		c.requireBody(p.Before)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-pending/request-id-mismatch", func(c *Check, p *scenarios.DeletePending) {
		deletable(c, p)
		c.requireOnlyFlaw(p.Mismatched, p.Deleted)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(s, "delete-pending/request-id-mismatch-keeps", func(c *Check, p *scenarios.DeletePending) {
		deletable(c, p)
		if scenarios.ShowsOperation(c.Got(p.AfterMismatched)) { // kept: by the filter, if a deletion without that flaw is accepted
			c.requireOnlyFlaw(p.Mismatched, p.Deleted)
		}
		c.Expect(p.AfterMismatched, match.HasStatus(http.StatusOK))
		for _, member := range c.identity(p.Before) {
			c.Expect(p.AfterMismatched, match.SameMember(p.Before, member))
		}
	})
}

func deletedEnded(s *Suite) {
	rule(s, "delete-pending/completed-status", func(c *Check, p *scenarios.DeleteCompleted) {
		c.requireCompleted(p.Created, p.Polls)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-pending/completed-state", func(c *Check, p *scenarios.DeleteCompleted) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.Deleted, match.State())
	})
	rule(s, "delete-pending/completed-certificate", func(c *Check, p *scenarios.DeleteCompleted) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.Before)
		c.requireSuccess(p.Deleted)
		c.Expect(p.Current, match.HasStatus(http.StatusOK))
		c.Expect(p.Current, match.SameMember(p.Before, "id"))
		c.Expect(p.Current, match.SameMember(p.Before, "cer"))
		c.Expect(p.Current, match.SameMember(p.Before, "attributes", "enabled"))
	})
}

func deletedCancelled(s *Suite) {
	cancelled := func(c *Check, p *scenarios.DeleteCancelled) {
		c.requireSuccess(scenarios.Last(p.Asked))
		c.requireEndedAs(p.Created, p.Polls, cancelledStates()...)
	}
	rule(s, "delete-pending/cancelled-status", func(c *Check, p *scenarios.DeleteCancelled) {
		cancelled(c, p)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-pending/cancelled-state", func(c *Check, p *scenarios.DeleteCancelled) {
		cancelled(c, p)
		c.requireSuccess(p.Deleted)
		last := scenarios.Last(p.Polls)
		c.Expect(p.Deleted, match.InState(last.Text("status")))
		if last.Member("cancellation_requested") == true { // a read without the flag is a failure of its own rule
			c.Expect(p.Deleted, match.Equal(true, "cancellation_requested"))
		}
	})
	rule(s, "delete-pending/cancelled-gone", func(c *Check, p *scenarios.DeleteCancelled) {
		cancelled(c, p)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.After, match.Status())
	})
}

func deletedFailed(s *Suite) {
	failed := func(c *Check, p *scenarios.DeleteFailed) *vault.Exchange {
		return c.requireEndedAs(p.Created, p.Polls, vault.StateFailed)
	}
	rule(s, "delete-pending/failed-status", func(c *Check, p *scenarios.DeleteFailed) {
		failed(c, p)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(s, "delete-pending/failed-state", func(c *Check, p *scenarios.DeleteFailed) {
		last := failed(c, p)
		c.requireSuccess(p.Deleted)
		c.Expect(p.Deleted, match.InState(last.Text("status")))
	})
	rule(s, "delete-pending/failed-error", func(c *Check, p *scenarios.DeleteFailed) {
		last := failed(c, p)
		c.requireSuccess(p.Deleted)
		c.requireMember(last, "error")
		c.Expect(p.Deleted, match.SameMember(last, "error"))
	})
	rule(s, "delete-pending/failed-gone", func(c *Check, p *scenarios.DeleteFailed) {
		failed(c, p)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.After, match.Status())
	})
}
