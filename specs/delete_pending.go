package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func deletePending(b *Book) {
	deletedAnswer(b)
	deletedGone(b)
	deletedFree(b)
	deletedFiltered(b)
	deletedEnded(b)
}

// deletable needs a request that was read before it was deleted.
func deletable(c *Case, p *scenarios.DeletePending) {
	c.promised(p.Created)
	c.given(c.Got(p.Before).Status() == http.StatusOK && p.Before.Text("request_id") == p.Created.Text("request_id"))
}

// deleted needs a request that was read, and whose deletion was accepted.
func deleted(c *Case, p *scenarios.DeletePending) {
	deletable(c, p)
	c.ok(p.Deleted)
}

func deletedAnswer(b *Book) {
	rule(b, "delete-pending/status", func(c *Case, p *scenarios.DeletePending) {
		deletable(c, p)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(b, "delete-pending/body", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Expect(p.Deleted).To(match.Object())
		c.Expect(p.Deleted).To(match.Present("status"))
	})
	for id, path := range map[string][]string{
		"delete-pending/id":         {"id"},
		"delete-pending/issuer":     {"issuer", "name"},
		"delete-pending/csr":        {"csr"},
		"delete-pending/request-id": {"request_id"},
	} {
		rule(b, id, func(c *Case, p *scenarios.DeletePending) {
			deleted(c, p)
			c.Expect(p.Deleted).To(match.SameMember(p.Before, path...))
		})
	}
	rule(b, "delete-pending/state", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Expect(p.Deleted).To(match.InState(p.Before.Text("status")))
	})
	rule(b, "delete-pending/cancellation-kept", func(c *Case, p *scenarios.DeleteAfterAsking) {
		c.promised(p.Created)
		c.ok(Last(p.Asked))
		c.ok(p.Deleted)
		c.given(Last(p.Asked).Member("cancellation_requested") == true)
		c.Expect(p.Deleted).To(match.Equal(true, "cancellation_requested"))
	})
}

func deletedGone(b *Book) {
	rule(b, "delete-pending/gone-status", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.After, match.Status())
	})
	rule(b, "delete-pending/gone-code", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.answered(p.After, http.StatusNotFound)
		c.Accepts(p.After, match.ErrorCode())
	})
	rule(b, "delete-pending/gone-by-request-id", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.AfterByRequestID, match.Status())
	})
	rule(b, "delete-pending/again-status", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.DeletedAgain, match.StatusClass(http.StatusNotFound))
	})
	rule(b, "delete-pending/again-code", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.answered(p.DeletedAgain, http.StatusNotFound)
		c.Accepts(p.DeletedAgain, match.ErrorCode())
	})
	rule(b, "delete-pending/not-created", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Expect(p.Certificate).To(match.NotIssued())
	})
}

func deletedFree(b *Book) {
	rule(b, "delete-pending/create-after", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.Accepts(p.CreatedAgain, match.Status())
	})
	rule(b, "delete-pending/create-after-request-id", func(c *Case, p *scenarios.DeletePending) {
		deleted(c, p)
		c.answered(p.CreatedAgain, http.StatusAccepted)
		c.Expect(p.CreatedAgain).To(match.OtherMember(p.Created, "request_id"))
	})
	rule(b, "delete-pending/import-after", func(c *Case, p *scenarios.DeleteByRequestID) {
		c.promised(p.Created)
		c.ok(p.Before)
		c.ok(p.Deleted)
		c.Accepts(p.Imported, match.Status())
	})
}

func deletedFiltered(b *Book) {
	rule(b, "delete-pending/request-id-accepted", func(c *Case, p *scenarios.DeleteByRequestID) {
		c.promised(p.Created)
		c.ok(p.Before)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(b, "delete-pending/request-id-mismatch", func(c *Case, p *scenarios.DeletePending) {
		deletable(c, p)
		c.alone(p.Mismatched, p.Deleted, http.StatusOK)
		c.Accepts(p.Mismatched, match.Status())
	})
	rule(b, "delete-pending/request-id-mismatch-keeps", func(c *Case, p *scenarios.DeletePending) {
		deletable(c, p)
		c.Got(p.Mismatched)
		c.Expect(p.AfterMismatched).To(match.HasStatus(http.StatusOK))
		c.Expect(p.AfterMismatched).To(match.SameMember(p.Before, "request_id"))
	})
}

func deletedEnded(b *Book) {
	rule(b, "delete-pending/completed-status", func(c *Case, p *scenarios.DeleteCompleted) {
		c.finished(p.Created, p.Looks)
		c.Accepts(p.Deleted, match.Status())
	})
	rule(b, "delete-pending/completed-state", func(c *Case, p *scenarios.DeleteCompleted) {
		c.finished(p.Created, p.Looks)
		c.ok(p.Deleted)
		c.Accepts(p.Deleted, match.State())
	})
	rule(b, "delete-pending/completed-certificate", func(c *Case, p *scenarios.DeleteCompleted) {
		c.finished(p.Created, p.Looks)
		c.ok(p.Before)
		c.ok(p.Deleted)
		c.Expect(p.Current).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Current).To(match.SameMember(p.Before, "id"))
		c.Expect(p.Current).To(match.SameMember(p.Before, "cer"))
		c.Expect(p.Current).To(match.SameMember(p.Before, "attributes", "enabled"))
	})
}
