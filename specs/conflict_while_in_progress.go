package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func conflictWhileInProgress(b *Book) {
	conflictRefused(b)
	conflictKeeps(b)
	conflictEnds(b)
	conflictElsewhere(b)
	statesKnown(b)
}

// waiting needs a request that was begun and is still in progress.
func (c *Case) waiting(created, read *vault.Exchange) {
	c.begun(created)
	c.given(scenarios.InProgress(c.Got(read)))
}

func conflictRefused(b *Book) {
	rule(b, "conflict-while-in-progress/create-status", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.Accepts(p.CreatedAgain, match.Status())
	})
	rule(b, "conflict-while-in-progress/import-status", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.Accepts(p.Imported, match.Status())
	})
	rule(b, "conflict-while-in-progress/create-code", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.answered(p.CreatedAgain, http.StatusConflict)
		c.Accepts(p.CreatedAgain, match.ErrorCode())
	})
	rule(b, "conflict-while-in-progress/import-code", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.answered(p.Imported, http.StatusConflict)
		c.Accepts(p.Imported, match.ErrorCode())
	})
	rule(b, "conflict-while-in-progress/refusal-lasts", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.After)
		c.refused(p.CreatedAgain)
		c.Accepts(p.CreatedThird, match.Status())
	})
	rule(b, "conflict-while-in-progress/issuer-create-status", func(c *Case, p *scenarios.ConflictWithIssuer) {
		c.waiting(p.Created, p.Before)
		c.Accepts(p.CreatedAgain, match.Status())
	})
}

func conflictKeeps(b *Book) {
	rule(b, "conflict-while-in-progress/create-keeps-request", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.refused(p.CreatedAgain)
		c.sameRequest(p.Before, p.Between)
	})
	rule(b, "conflict-while-in-progress/create-keeps-state", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.refused(p.CreatedAgain)
		c.stillInProgress(p.Between)
	})
	rule(b, "conflict-while-in-progress/create-keeps-policy", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.answered(p.PolicyBefore, http.StatusOK)
		c.refused(p.CreatedAgain)
		c.Expect(p.PolicyAfter).To(match.HasStatus(http.StatusOK))
		c.Expect(p.PolicyAfter).To(match.SameMember(p.PolicyBefore, "x509_props"))
	})
	rule(b, "conflict-while-in-progress/import-keeps-request", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.refused(p.Imported)
		c.sameRequest(p.Between, p.After)
	})
	rule(b, "conflict-while-in-progress/import-keeps-state", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.refused(p.Imported)
		c.stillInProgress(p.After)
	})
	rule(b, "conflict-while-in-progress/import-makes-no-version", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Between)
		c.refused(p.Imported)
		c.given(len(p.Imported.Request.Certificates) > 0)
		c.Expect(p.Certificate).To(match.NotCertificate(p.Imported.Request.Certificates[0]))
	})
}

// sameRequest expects a read to show the request that an earlier one showed.
func (c *Case) sameRequest(before, after *vault.Exchange) {
	c.Expect(after).To(match.HasStatus(http.StatusOK))
	for _, member := range []string{"id", "request_id", "csr"} {
		c.Expect(after).To(match.SameMember(before, member))
	}
}

// stillInProgress expects a read to show an operation in progress with no sign of an end.
func (c *Case) stillInProgress(after *vault.Exchange) {
	c.Expect(after).To(match.HasStatus(http.StatusOK))
	c.Expect(after).To(match.InState("inProgress"))
	c.Expect(after).To(match.Uncancelled())
	c.Expect(after).To(match.Absent("error"))
	c.Expect(after).To(match.Absent("target"))
}

func conflictEnds(b *Book) {
	rule(b, "conflict-while-in-progress/merge-ends-it", func(c *Case, p *scenarios.ConflictEndedByMerge) {
		c.begun(p.Created)
		c.answered(p.Refused, http.StatusConflict)
		c.answered(p.Merged, http.StatusCreated)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(b, "conflict-while-in-progress/delete-ends-it", func(c *Case, p *scenarios.ConflictEndedByDeletion) {
		c.begun(p.Created)
		c.answered(p.Refused, http.StatusConflict)
		c.answered(p.Deleted, http.StatusOK)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(b, "conflict-while-in-progress/delete-ends-it-for-import", func(c *Case, p *scenarios.ConflictEndedByDeletion) {
		c.begun(p.CreatedForImport)
		c.answered(p.ImportRefused, http.StatusConflict)
		c.answered(p.DeletedForImport, http.StatusOK)
		c.Accepts(p.ImportedAfter, match.Status())
	})
	rule(b, "conflict-while-in-progress/issuer-delete-ends-it", func(c *Case, p *scenarios.ConflictWithIssuer) {
		c.waiting(p.Created, p.Before)
		c.answered(p.CreatedAgain, http.StatusConflict)
		c.answered(p.Deleted, http.StatusOK)
		c.Accepts(p.CreatedAfter, match.Status())
	})
	rule(b, "conflict-while-in-progress/waiting-ends-it", func(c *Case, p *scenarios.ConflictEndedByWaiting) {
		c.endedAs(p.Created, p.Looks, "completed")
		c.Accepts(p.CreatedAfter, match.Status())
	})
}

func conflictElsewhere(b *Book) {
	meanwhile := func(c *Case, p *scenarios.ConflictWhileInProgress) {
		c.waiting(p.Created, p.Before)
		c.given(scenarios.InProgress(c.Got(p.AtLast)))
	}
	rule(b, "conflict-while-in-progress/other-name-create", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		meanwhile(c, p)
		c.Accepts(p.OtherCreated, match.Status())
	})
	rule(b, "conflict-while-in-progress/other-name-import", func(c *Case, p *scenarios.ConflictWhileInProgress) {
		meanwhile(c, p)
		c.Accepts(p.OtherImported, match.Status())
	})
}

// statesKnown adds the spec of the four states, judged on every operation of the run; a run in which no create was
// accepted shows no operation, whatever its answers look like.
func statesKnown(b *Book) {
	b.add(Spec{Rule: "conflict-while-in-progress/states-known", judge: func(c *Case, program Program) {
		performances := program.All(c.ctx)
		begun := false
		for _, performance := range performances {
			for _, step := range scenarios.Steps(performance.Play) {
				e := step.Exchange
				begun = begun || e.Operation == "CreateCertificate" && e.Status() == http.StatusAccepted
			}
		}
		c.given(begun)
		c.judgeEach(performances, showsOperation, func(c *Case, e *vault.Exchange) { c.Accepts(e, match.State()) })
	}})
}

func showsOperation(e *vault.Exchange) bool {
	switch e.Operation {
	case "CreateCertificate", "GetCertificateOperation", "UpdateCertificateOperation", "DeleteCertificateOperation":
		return e.Succeeded() && e.Member("status") != nil
	default:
		return false
	}
}
