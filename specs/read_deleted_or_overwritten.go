package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func readDeletedOrOverwritten(b *Book) {
	deletedInProgress(b)
	deletedAfterCompletion(b)
	overwriting(b)
	overwritten(b)
	neverExisted(b)
	importedOver(b)
}

// deleted needs a pending object that was read and then deleted.
func (c *Case) deleted(p *scenarios.DeletedRequest) {
	c.begun(p.Created)
	c.answered(p.Read, http.StatusOK)
	c.answered(p.Deleted, http.StatusOK)
}

func deletedInProgress(b *Book) {
	rule(b, "read-deleted-or-overwritten/deleted-status", func(c *Case, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.Accepts(p.ReadAfter, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/deleted-filter-status", func(c *Case, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.answered(p.Matched, http.StatusOK)
		c.Accepts(p.FilteredAfter, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/deleted-code", func(c *Case, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.answered(p.ReadAfter, http.StatusNotFound)
		c.Accepts(p.ReadAfter, match.ErrorCode())
	})
	rule(b, "read-deleted-or-overwritten/deleted-message", func(c *Case, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.answered(p.ReadAfter, http.StatusNotFound)
		c.Expect(p.ReadAfter).To(match.Member("to be a string", isString, "error", "message"))
	})
	rule(b, "read-deleted-or-overwritten/deleted-stays-gone", func(c *Case, p *scenarios.DeletedRequest) {
		c.deleted(p)
		c.answered(p.Matched, http.StatusOK)
		c.promised(p.Recreated)
		c.Expect(p.Recreated).To(match.OtherMember(p.Created, "request_id"))
		c.Expect(p.OldFilter).To(match.HasStatus(http.StatusNotFound))
	})
}

func deletedAfterCompletion(b *Book) {
	rule(b, "read-deleted-or-overwritten/completed-deleted-status", func(c *Case, p *scenarios.DeletedAfterCompletion) {
		c.endedAs(p.Created, p.Looks, "completed")
		c.answered(p.Deleted, http.StatusOK)
		c.Accepts(p.ReadAfter, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/completed-deleted-certificate", func(c *Case, p *scenarios.DeletedAfterCompletion) {
		c.endedAs(p.Created, p.Looks, "completed")
		c.answered(p.Deleted, http.StatusOK)
		c.Accepts(p.Certificate, match.Status())
		c.Expect(p.Certificate).To(match.Text("cer"))
	})
}

// overwrote needs a request that completed and a create that was accepted after that.
func (c *Case) overwrote(p *scenarios.OverwrittenRequest) {
	c.endedAs(p.Created, p.Looks, "completed")
	c.promised(p.Overwriting)
}

func overwriting(b *Book) {
	rule(b, "read-deleted-or-overwritten/overwrite-status", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.endedAs(p.Created, p.Looks, "completed")
		c.Accepts(p.Overwriting, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/overwrite-request-id", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting).To(match.OtherMember(p.Created, "request_id"))
	})
	rule(b, "read-deleted-or-overwritten/overwrite-fresh", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting).To(match.InState("inProgress"))
		c.Expect(p.Overwriting).To(match.Absent("target"))
		c.Expect(p.Overwriting).To(match.Absent("error"))
	})
	rule(b, "read-deleted-or-overwritten/overwrite-csr", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.Overwriting).To(match.OtherMember(p.Created, "csr"))
		c.Expect(p.Overwriting).To(match.CSRSubject(requestedSubject(p.Overwriting)))
	})
	rule(b, "read-deleted-or-overwritten/not-overwritten-in-progress", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.given(scenarios.InProgress(c.Got(p.NewRead)))
		c.Got(p.Refused)
		c.Expect(p.Kept).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Kept).To(match.SameMember(p.Overwriting, "request_id"))
		c.Expect(p.Kept).To(match.SameMember(p.Overwriting, "csr"))
	})
}

func overwritten(b *Book) {
	rule(b, "read-deleted-or-overwritten/overwritten-filter-status", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.answered(p.Matched, http.StatusOK)
		c.Accepts(p.OldFilter, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/overwritten-code", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.answered(p.Matched, http.StatusOK)
		c.answered(p.OldFilter, http.StatusNotFound)
		c.Accepts(p.OldFilter, match.ErrorCode())
	})
	rule(b, "read-deleted-or-overwritten/overwritten-read", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Expect(p.NewRead).To(match.HasStatus(http.StatusOK))
		for _, member := range []string{"id", "request_id", "csr"} {
			c.Expect(p.NewRead).To(match.SameMember(p.Overwriting, member))
		}
	})
	rule(b, "read-deleted-or-overwritten/overwritten-read-filter", func(c *Case, p *scenarios.OverwrittenRequest) {
		c.overwrote(p)
		c.Accepts(p.NewFilter, match.Status())
	})
}

func neverExisted(b *Book) {
	rule(b, "read-deleted-or-overwritten/never-existed-status", func(c *Case, p *scenarios.DeletedRequest) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.Accepts(p.NeverExisted, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/never-existed-code", func(c *Case, p *scenarios.DeletedRequest) {
		c.begun(p.Created)
		c.answered(p.Read, http.StatusOK)
		c.answered(p.NeverExisted, http.StatusNotFound)
		c.Accepts(p.NeverExisted, match.ErrorCode())
	})
}

func importedOver(b *Book) {
	rule(b, "read-deleted-or-overwritten/import-overwrites", func(c *Case, p *scenarios.ImportedOver) {
		c.endedAs(p.Created, p.Looks, "completed")
		c.Accepts(p.Imported, match.Status())
	})
	rule(b, "read-deleted-or-overwritten/import-old-pending", func(c *Case, p *scenarios.ImportedOver) {
		c.endedAs(p.Created, p.Looks, "completed")
		c.answered(p.Imported, http.StatusOK)
		c.Accepts(p.ReadAfter, match.Status())
	})
}
