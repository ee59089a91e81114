package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
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
	c.requireInProgress(p.Created)
	c.requireStatus(p.Read, http.StatusOK)
	c.requireStatus(p.Deleted, http.StatusOK)
}

func deletedInProgress(s *Suite) {
	rule(s, "read-deleted-or-overwritten/deleted-status", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.Accepts(p.ReadAfter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/deleted-filter-status", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireStatus(p.Matched, http.StatusOK)
		c.Accepts(p.FilteredAfter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/deleted-code", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireStatus(p.ReadAfter, http.StatusNotFound)
		c.Accepts(p.ReadAfter, match.ErrorCode())
	})
	rule(s, "read-deleted-or-overwritten/deleted-message", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireStatus(p.ReadAfter, http.StatusNotFound)
		c.Expect(p.ReadAfter, match.Member("to be a string", isString, "error", "message"))
	})
	rule(s, "read-deleted-or-overwritten/deleted-stays-gone", func(c *Check, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.requireStatus(p.Matched, http.StatusOK)
		c.requireAccepted(p.Recreated)
		c.Expect(p.Recreated, match.OtherMember(p.Created, "request_id"))
		c.Expect(p.OldFilter, match.HasStatus(http.StatusNotFound))
	})
}

func deletedAfterCompletion(s *Suite) {
	rule(s, "read-deleted-or-overwritten/completed-deleted-status", func(c *Check, p *scenarios.DeletedAfterCompletion) {
		c.requireEndedAs(p.Created, p.Looks, "completed")
		c.requireStatus(p.Deleted, http.StatusOK)
		c.Accepts(p.ReadAfter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/completed-deleted-certificate", func(c *Check, p *scenarios.DeletedAfterCompletion) {
		c.requireEndedAs(p.Created, p.Looks, "completed")
		c.requireStatus(p.Deleted, http.StatusOK)
		c.Accepts(p.Certificate, match.Status())
		c.Expect(p.Certificate, match.Text("cer"))
	})
}

// overwrote needs a request that completed and a create that was accepted after that.
func (c *Check) overwrote(p *scenarios.OverwrittenRequest) {
	c.requireEndedAs(p.Created, p.Looks, "completed")
	c.requireAccepted(p.Overwriting)
}

func overwriting(s *Suite) {
	rule(s, "read-deleted-or-overwritten/overwrite-status", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.requireEndedAs(p.Created, p.Looks, "completed")
		c.Accepts(p.Overwriting, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/overwrite-request-id", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting, match.OtherMember(p.Created, "request_id"))
	})
	rule(s, "read-deleted-or-overwritten/overwrite-fresh", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting, match.InState("inProgress"))
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
		c.requireNeeds(scenarios.InProgress(c.Got(p.NewRead)))
		c.Got(p.Refused)
		c.Expect(p.Kept, match.HasStatus(http.StatusOK))
		c.Expect(p.Kept, match.SameMember(p.Overwriting, "request_id"))
		c.Expect(p.Kept, match.SameMember(p.Overwriting, "csr"))
	})
}

func overwritten(s *Suite) {
	rule(s, "read-deleted-or-overwritten/overwritten-filter-status", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.requireStatus(p.Matched, http.StatusOK)
		c.Accepts(p.OldFilter, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/overwritten-code", func(c *Check, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.requireStatus(p.Matched, http.StatusOK)
		c.requireStatus(p.OldFilter, http.StatusNotFound)
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
		c.requireInProgress(p.Created)
		c.requireStatus(p.Read, http.StatusOK)
		c.Accepts(p.NeverExisted, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/never-existed-code", func(c *Check, p *scenarios.DeletedRequest) {
		c.requireInProgress(p.Created)
		c.requireStatus(p.Read, http.StatusOK)
		c.requireStatus(p.NeverExisted, http.StatusNotFound)
		c.Accepts(p.NeverExisted, match.ErrorCode())
	})
}

func importedOver(s *Suite) {
	rule(s, "read-deleted-or-overwritten/import-overwrites", func(c *Check, p *scenarios.ImportedOver) {
		c.requireEndedAs(p.Created, p.Looks, "completed")
		c.Accepts(p.Imported, match.Status())
	})
	rule(s, "read-deleted-or-overwritten/import-old-pending", func(c *Check, p *scenarios.ImportedOver) {
		c.requireEndedAs(p.Created, p.Looks, "completed")
		c.requireStatus(p.Imported, http.StatusOK)
		c.Accepts(p.ReadAfter, match.Status())
	})
}
