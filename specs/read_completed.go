package specs

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readCompleted(b *Book) {
	rule(b, "read-completed/status", func(c *Case, p *scenarios.ReadCompleted) {
		c.Accepts(c.ended(p.Created, p.Looks), match.Status())
	})
	completedState(b)
	completedTarget(b)
	completedUnchanged(b)
	completedOutcome(b)
	completedVersion(b)
	rule(b, "read-completed/public-key", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.answered(p.Current, http.StatusOK)
		request, err := match.CSR(p.Created)
		c.given(err == nil)
		c.Expect(p.Current).To(match.PublicKeyOf(request))
	})
	rule(b, "read-completed/filter-match", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Accepts(p.Matched, match.Status())
		c.Expect(p.Matched).To(match.SameMember(p.Created, "request_id"))
	})
	rule(b, "read-completed/filter-mismatch", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Accepts(p.Mismatched, match.Status())
	})
}

// completed needs a request that was begun and completed, and returns the look that saw it.
func (c *Case) completed(p *scenarios.ReadCompleted) *vault.Exchange {
	return c.endedAs(p.Created, p.Looks, "completed")
}

func completedState(b *Book) {
	rule(b, "read-completed/state", func(c *Case, p *scenarios.ReadCompleted) {
		last := c.ended(p.Created, p.Looks)
		c.given(last.Succeeded())
		c.Accepts(last, match.State())
	})
	rule(b, "read-completed/state-spelling", func(c *Case, p *scenarios.ReadCompleted) {
		c.Accepts(c.completed(p), match.StateSpelling())
	})
	rule(b, "read-completed/state-lasts", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Expect(p.Later).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Later).To(match.InState("completed"))
	})
	rule(b, "read-completed/same-request-throughout", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		for _, look := range p.Looks {
			c.Expect(look).To(match.SameMember(p.Created, "id"))
			c.Expect(look).To(match.SameMember(p.Created, "request_id"))
		}
	})
}

func completedTarget(b *Book) {
	rule(b, "read-completed/target-present", func(c *Case, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p)).To(match.InVault(c.Facts.IDBase, "target"))
	})
	rule(b, "read-completed/target-certificate", func(c *Case, p *scenarios.ReadCompleted) {
		last := c.completed(p)
		c.given(last.Text("target") != "")
		c.Expect(last).To(match.Link(c.Facts.IDBase, "target", "certificates", match.Name(p.Created)))
	})
	rule(b, "read-completed/target-query", func(c *Case, p *scenarios.ReadCompleted) {
		last := c.completed(p)
		c.given(last.Text("target") != "")
		c.Accepts(last, match.TargetQuery())
	})
	rule(b, "read-completed/target-read", func(c *Case, p *scenarios.ReadCompleted) {
		last := c.completed(p)
		c.given(last.Text("target") != "")
		c.Accepts(p.Target, match.Status())
	})
	rule(b, "read-completed/target-version", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.answered(p.Target, http.StatusOK)
		c.Expect(p.Target).To(match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
	})
}

func completedUnchanged(b *Book) {
	for id, member := range map[string]string{
		"read-completed/id-unchanged":         "id",
		"read-completed/csr-unchanged":        "csr",
		"read-completed/request-id-unchanged": "request_id",
	} {
		rule(b, id, func(c *Case, p *scenarios.ReadCompleted) {
			c.Expect(c.completed(p)).To(match.SameMember(p.Created, member))
		})
	}
	rule(b, "read-completed/issuer-unchanged", func(c *Case, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p)).To(match.IssuerName(requestedIssuer(p.Created)))
	})
}

func completedOutcome(b *Book) {
	rule(b, "read-completed/status-details", func(c *Case, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p)).To(match.Absent("status_details"))
	})
	rule(b, "read-completed/no-error", func(c *Case, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p)).To(match.Absent("error"))
	})
	rule(b, "read-completed/cancellation-not-requested", func(c *Case, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p)).To(match.Uncancelled())
	})
}

func completedVersion(b *Book) {
	rule(b, "read-completed/current-version", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Expect(p.Current).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Current).To(match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
		c.Expect(p.Current).To(match.Text("cer"))
		c.Expect(p.Current).To(match.Text("kid"))
	})
	rule(b, "read-completed/version-listed", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.answered(p.Current, http.StatusOK)
		id := p.Current.Text("id")
		c.given(id != "")
		for _, listed := range c.versionsListed(p.Versions) {
			if strings.EqualFold(listed, id) {
				return
			}
		}
		c.Fail(Last(p.Versions), "the version "+id+" in the list", "a list without it")
	})
	rule(b, "read-completed/version-only", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		if listed := c.versionsListed(p.Versions); len(listed) != 1 {
			c.Fail(Last(p.Versions), "one version", fmt.Sprintf("%d versions", len(listed)))
		}
	})
	rule(b, "read-completed/version-read", func(c *Case, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.answered(p.Current, http.StatusOK)
		c.Expect(p.Version).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Version).To(match.SameMember(p.Current, "id"))
		c.Expect(p.Version).To(match.SameMember(p.Current, "cer"))
	})
}

// versionsListed gathers the ids on the pages of a list of versions; the list is broken where it cannot be read.
func (c *Case) versionsListed(pages []*vault.Exchange) []string {
	c.given(len(pages) > 0)
	var ids []string
	for _, page := range pages {
		c.Expect(page).To(match.HasStatus(http.StatusOK))
		c.Expect(page).To(match.Member("to be a list", func(value any) bool {
			_, ok := value.([]any)
			return ok
		}, "value"))
		items, _ := page.Member("value").([]any)
		for _, item := range items {
			object, _ := item.(map[string]any)
			id, _ := object["id"].(string)
			ids = append(ids, id)
		}
	}
	return ids
}
