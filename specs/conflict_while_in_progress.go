package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func conflictWhileInProgress(s *Suite) {
	conflictRefused(s)
	conflictKeeps(s)
	conflictEnds(s)
	conflictElsewhere(s)
	statesKnown(s)
}

// waiting needs a request that was begun and is still in progress.
func (c *Check) waiting(created, read *vault.Exchange) {
	c.requireAccepted(created)
	c.requirePending(read)
}

func conflictRefused(s *Suite) {
	rule(s, "conflict-while-in-progress/create-status", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.Accepts(p.CreatedAgain, match.Status())
	})
	rule(s, "conflict-while-in-progress/import-status", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.Accepts(p.Imported, match.Status())
	})
	rule(s, "conflict-while-in-progress/create-code", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.requireRefused(p.CreatedAgain)
		c.Accepts(p.CreatedAgain, match.ErrorCode())
	})
	rule(s, "conflict-while-in-progress/import-code", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.requireRefused(p.Imported)
		c.Accepts(p.Imported, match.ErrorCode())
	})
	rule(s, "conflict-while-in-progress/refusal-lasts", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.After)
		c.requireRefused(p.CreatedAgain)
		c.Accepts(p.CreatedThird, match.Status())
	})
	rule(s, "conflict-while-in-progress/issuer-create-status", func(c *Check, p *scenarios.ConflictWithIssuer) {
		c.waiting(p.Created, p.Before)
		c.Accepts(p.CreatedAgain, match.Status())
	})
}

func conflictKeeps(s *Suite) {
	rule(s, "conflict-while-in-progress/create-keeps-request", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.expectSameRequest(p.Before, p.Between)
	})
	rule(s, "conflict-while-in-progress/create-keeps-state", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.stillInProgress(p.Between)
	})
	rule(s, "conflict-while-in-progress/create-keeps-policy", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.requireBody(p.PolicyBefore)
		c.Expect(p.PolicyAfter, match.HasStatus(http.StatusOK))
		c.Expect(p.PolicyAfter, match.SameMember(p.PolicyBefore, "x509_props"))
	})
	rule(s, "conflict-while-in-progress/import-keeps-request", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.expectSameRequest(p.Between, p.After)
	})
	rule(s, "conflict-while-in-progress/import-keeps-state", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.stillInProgress(p.After)
	})
	rule(s, "conflict-while-in-progress/import-makes-no-version", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.requireNeeds(len(c.Got(p.Imported).Request.Certificates) > 0)
		c.Expect(p.Certificate, match.CarriesNot(p.Imported.Request.Certificates[0]))
	})
}

// expectSameRequest expects a read to show the request that an earlier one showed.
func (c *Check) expectSameRequest(before, after *vault.Exchange) {
	c.Expect(after, match.HasStatus(http.StatusOK))
	for _, member := range c.identity(before) {
		c.Expect(after, match.SameMember(before, member))
	}
}

// stillInProgress expects a read to show an operation in progress with no sign of an end.
func (c *Check) stillInProgress(after *vault.Exchange) {
	c.Expect(after, match.HasStatus(http.StatusOK))
	c.Expect(after, match.InState(vault.StateInProgress))
	c.Expect(after, match.Uncancelled())
	c.Expect(after, match.Absent("error"))
	c.Expect(after, match.Absent("target"))
}

func conflictEnds(s *Suite) {
	rule(s, "conflict-while-in-progress/merge-ends-it", func(c *Check, p *scenarios.ConflictEndedByMerge) {
		c.requireInProgress(p.Created)
		c.requireBody(p.Merged)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(s, "conflict-while-in-progress/delete-ends-it", func(c *Check, p *scenarios.ConflictEndedByDeletion) {
		c.requireInProgress(p.Created)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(s, "conflict-while-in-progress/delete-ends-it-for-import", func(c *Check, p *scenarios.ConflictEndedByDeletion) {
		c.requireInProgress(p.CreatedForImport)
		c.requireSuccess(p.DeletedForImport)
		c.Accepts(p.ImportedAfter, match.Status())
	})
	rule(s, "conflict-while-in-progress/issuer-delete-ends-it", func(c *Check, p *scenarios.ConflictWithIssuer) {
		c.waiting(p.Created, p.Before)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(s, "conflict-while-in-progress/waiting-ends-it", func(c *Check, p *scenarios.ConflictEndedByWaiting) {
		c.requireCompleted(p.Created, p.Polls)
		c.Accepts(p.CreatedAfter, match.Status())
	})
}

func conflictElsewhere(s *Suite) {
	meanwhile := func(c *Check, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.requirePending(p.AtLast)
	}
	rule(s, "conflict-while-in-progress/other-name-create", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		meanwhile(c, p)
		c.Accepts(p.OtherCreated, match.Status())
	})
	rule(s, "conflict-while-in-progress/other-name-import", func(c *Check, p *scenarios.ConflictWhileInProgress) {
		meanwhile(c, p)
		c.Accepts(p.OtherImported, match.Status())
	})
}

// statesKnown adds the spec of the four states, judged on every operation of the run; a run in which no create was
// accepted shows no operation, whatever its responses look like.
func statesKnown(s *Suite) {
	s.add(Spec{Rule: "conflict-while-in-progress/states-known", judge: func(c *Check, run Performances) {
		performances := run.All(c.ctx)
		begun := false
		for _, performance := range performances {
			for _, step := range performance.Steps() {
				e := step.Exchange
				begun = begun || e.Operation == vault.CreateCertificate && scenarios.ShowsOperation(e)
			}
		}
		c.requireNeeds(begun)
		c.judgeEach(performances, showsOperation, func(c *Check, e *vault.Exchange) { c.Accepts(e, match.State()) })
	}})
}

func showsOperation(e *vault.Exchange) bool {
	switch e.Operation {
	case vault.CreateCertificate, vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation:
		return e.Succeeded() && e.Member("status") != nil
	default:
		return false
	}
}
