package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readDeletedOrOverwritten(s *Suite) {
	deletedInProgress(s)
	deletedAfterCompletion(s)
	overwriting(s)
	overwritten(s)
	neverExisted(s)
	importedOver(s)
}

// deleted needs a pending object that was read and then deleted.
func (c *Check) deleted(p *scenarios.DeletedRequest) {
	c.requireOperation(p.Read)
	c.requireSuccess(p.Deleted)
}

func deletedInProgress(s *Suite) {
	rule(s, "read-deleted-or-overwritten/deleted-status", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.Accepts(p.ReadAfter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/deleted-filter-status", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireSuccess(p.Matched)
		c.Accepts(p.FilteredAfter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/deleted-code", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireRefused(p.ReadAfter)
		c.Accepts(p.ReadAfter, match.ErrorCode())
	})
	rule(s, "read-deleted-or-overwritten/deleted-message", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireRefused(p.ReadAfter)
		c.Expect(p.ReadAfter, match.Member("to be a string", isString, "error", "message"))
	})
	rule(s, "read-deleted-or-overwritten/deleted-stays-gone", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireSuccess(p.Matched)
		c.requireAccepted(p.Recreated)
		c.Expect(p.Recreated, match.OtherMember(p.Created, "request_id"))
		c.Expect(p.OldFilter, match.HasStatus(http.StatusNotFound))
	})
}

func deletedAfterCompletion(s *Suite) {
	rule(s, "read-deleted-or-overwritten/completed-deleted-status", func(c *Check, p *scenarios.DeletedAfterCompletion) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.ReadAfter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/completed-deleted-certificate", func(c *Check, p *scenarios.DeletedAfterCompletion) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireSuccess(p.Deleted)
		c.Accepts(p.Certificate, match.Status())
		c.Expect(p.Certificate, match.Text("cer"))
	})
}

// overwrote needs a request that completed and a create that was accepted after that.
func (c *Check) overwrote(p *scenarios.OverwrittenRequest) {
	c.requireCompleted(p.Created, p.Polls)
	c.requireAccepted(p.Overwriting)
}

func overwriting(s *Suite) {
	rule(s, "read-deleted-or-overwritten/overwrite-status", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.requireCompleted(p.Created, p.Polls)
		c.Accepts(p.Overwriting, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/overwrite-request-id", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting, match.OtherMember(p.Created, "request_id"))
	})
	rule(s, "read-deleted-or-overwritten/overwrite-fresh", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting, match.InState(vault.StateInProgress))
	})
	rule(s, "read-deleted-or-overwritten/overwrite-no-outcome", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting, match.Absent("target"))
		c.Expect(p.Overwriting, match.Absent("error"))
	})
	rule(s, "read-deleted-or-overwritten/overwrite-csr", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting, match.OtherMember(p.Created, "csr"))
		c.Expect(p.Overwriting, match.CSRSubject(requestedSubject(p.Overwriting)))
	})
	rule(s, "read-deleted-or-overwritten/not-overwritten-in-progress", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.requirePending(p.NewRead)
		c.Got(p.Refused)
		c.Expect(p.Kept, match.HasStatus(http.StatusOK))
		for _, member := range c.identity(p.Overwriting) {
			c.Expect(p.Kept, match.SameMember(p.Overwriting, member))
		}
	})
}

func overwritten(s *Suite) {
	rule(s, "read-deleted-or-overwritten/overwritten-filter-status", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.requireSuccess(p.Matched)
		c.Accepts(p.OldFilter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/overwritten-code", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.requireSuccess(p.Matched)
		c.requireRefused(p.OldFilter)
		c.Accepts(p.OldFilter, match.ErrorCode())
	})
	rule(s, "read-deleted-or-overwritten/overwritten-read", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.NewRead, match.HasStatus(http.StatusOK))
		for _, member := range []string{"id", "request_id", "csr"} {
			c.Expect(p.NewRead, match.SameMember(p.Overwriting, member))
		}
	})
	rule(s, "read-deleted-or-overwritten/overwritten-read-filter", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Accepts(p.NewFilter, match.Status())
	})
}

func neverExisted(s *Suite) {
	rule(s, "read-deleted-or-overwritten/never-existed-status", func(c *Check, p *scenarios.DeletedRequest) {
		c.requireOperation(p.Read)
		c.Accepts(p.NeverExisted, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/never-existed-code", func(c *Check, p *scenarios.DeletedRequest) {
		c.requireOperation(p.Read)
		c.requireRefused(p.NeverExisted)
		c.Accepts(p.NeverExisted, match.ErrorCode())
	})
}

func importedOver(s *Suite) {
	rule(s, "read-deleted-or-overwritten/import-overwrites", func(c *Check, p *scenarios.ImportedOver) {
		c.requireCompleted(p.Created, p.Polls)
		c.Accepts(p.Imported, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/import-old-pending", func(c *Check, p *scenarios.ImportedOver) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.Imported)
		c.Accepts(p.ReadAfter, match.Status())
	})
}
