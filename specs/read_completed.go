package specs

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func readCompleted(s *Suite) {
	rule(s, "read-completed/status", func(c *Check, p *scenarios.ReadCompleted) {
		c.Accepts(c.requireEnded(p.Created, p.Polls), match.Status())
	})
	completedState(s)
	completedTarget(s)
	completedUnchanged(s)
	completedOutcome(s)
	completedVersion(s)
	rule(s, "read-completed/public-key", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.requireBody(p.Current)
		request, err := match.CSR(p.Created)
		c.requireNeeds(err == nil)
		c.Expect(p.Current, match.PublicKeyOf(request))
	})
	rule(s, "read-completed/filter-match", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Accepts(p.Matched, match.Status())
		for _, member := range c.identity(p.Created) {
			c.Expect(p.Matched, match.SameMember(p.Created, member))
		}
	})
	rule(s, "read-completed/filter-mismatch", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Accepts(p.Mismatched, match.Status())
	})
}

// completed needs a request that was begun and completed, and returns the poll that saw it.
func (c *Check) completed(p *scenarios.ReadCompleted) *vault.Exchange {
	return c.requireCompleted(p.Created, p.Polls)
}

func completedState(s *Suite) {
	rule(s, "read-completed/state", func(c *Check, p *scenarios.ReadCompleted) {
		last := c.requireEnded(p.Created, p.Polls)
		c.requireSuccess(last)
		c.Accepts(last, match.State())
	})
	rule(s, "read-completed/state-spelling", func(c *Check, p *scenarios.ReadCompleted) {
		c.spelled(c.completed(p))
	})
	rule(s, "read-completed/state-lasts", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Expect(p.Later, match.HasStatus(http.StatusOK))
		c.Expect(p.Later, match.InState(vault.StateCompleted))
	})
	rule(s, "read-completed/same-request-throughout", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		for _, poll := range p.Polls {
			c.requireOperation(poll)
			for _, member := range c.identity(p.Created) {
				c.Expect(poll, match.SameMember(p.Created, member))
			}
		}
	})
}

func completedTarget(s *Suite) {
	rule(s, "read-completed/target-present", func(c *Check, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p), match.InVault(c.Facts.IDBase, "target"))
	})
	rule(s, "read-completed/target-certificate", func(c *Check, p *scenarios.ReadCompleted) {
		last := c.completed(p)
		c.requireNeeds(last.Text("target") != "")
		c.Expect(last, match.Link(c.Facts.IDBase, "target", "certificates", match.Name(p.Created)))
	})
	rule(s, "read-completed/target-query", func(c *Check, p *scenarios.ReadCompleted) {
		last := c.completed(p)
		c.requireNeeds(last.Text("target") != "")
		c.Accepts(last, match.TargetQuery())
	})
	rule(s, "read-completed/target-read", func(c *Check, p *scenarios.ReadCompleted) {
		last := c.completed(p)
		c.requireNeeds(last.Text("target") != "")
		c.Accepts(p.Target, match.Status())
	})
	rule(s, "read-completed/target-version", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.requireBody(p.Target)
		c.Expect(p.Target, match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
	})
}

func completedUnchanged(s *Suite) {
	for id, member := range map[string]string{
		"read-completed/id-unchanged":         "id",
		"read-completed/csr-unchanged":        "csr",
		"read-completed/request-id-unchanged": "request_id",
	} {
		rule(s, id, func(c *Check, p *scenarios.ReadCompleted) {
			last := c.completed(p)
			c.requireMember(p.Created, member)
			c.Expect(last, match.SameMember(p.Created, member))
		})
	}
	rule(s, "read-completed/issuer-unchanged", func(c *Check, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p), match.IssuerName(requestedIssuer(p.Created)))
	})
}

func completedOutcome(s *Suite) {
	rule(s, "read-completed/status-details", func(c *Check, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p), match.Absent("status_details"))
	})
	rule(s, "read-completed/no-error", func(c *Check, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p), match.Absent("error"))
	})
	rule(s, "read-completed/cancellation-not-requested", func(c *Check, p *scenarios.ReadCompleted) {
		c.Expect(c.completed(p), match.Uncancelled())
	})
}

func completedVersion(s *Suite) {
	rule(s, "read-completed/current-version", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.Expect(p.Current, match.HasStatus(http.StatusOK))
		c.Expect(p.Current, match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
		c.Expect(p.Current, match.Text("cer"))
		c.Expect(p.Current, match.Text("kid"))
	})
	rule(s, "read-completed/version-listed", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.requireBody(p.Current)
		id := p.Current.Text("id")
		c.requireNeeds(id != "")
		for _, listed := range c.versionsListed(p.Versions) {
			if strings.EqualFold(listed, strings.TrimSuffix(id, "/")) {
				return
			}
		}
		c.Fail(scenarios.Last(p.Versions), "the version "+id+" in the list", "a list without it")
	})
	rule(s, "read-completed/version-only", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		if listed := c.versionsListed(p.Versions); len(listed) != 1 {
			c.Fail(scenarios.Last(p.Versions), "one version", fmt.Sprintf("%d versions", len(listed)))
		}
	})
	rule(s, "read-completed/version-read", func(c *Check, p *scenarios.ReadCompleted) {
		c.completed(p)
		c.requireBody(p.Current)
		c.Expect(p.Version, match.HasStatus(http.StatusOK))
		c.Expect(p.Version, match.SameMember(p.Current, "id"))
		c.Expect(p.Version, match.SameMember(p.Current, "cer"))
	})
}

// versionsListed gathers the ids on the pages of a list of versions; the list is broken where it cannot be read.
func (c *Check) versionsListed(pages []*vault.Exchange) []string {
	c.requireNeeds(len(pages) > 0)
	var ids []string
	for _, page := range pages {
		c.Expect(page, match.HasStatus(http.StatusOK))
		c.Expect(page, match.Member("to be a list", func(value any) bool {
			_, ok := value.([]any)
			return ok
		}, "value"))
		items, _ := page.Member("value").([]any)
		for _, item := range items {
			object, _ := item.(map[string]any)
			id, _ := object["id"].(string)
			ids = append(ids, strings.TrimSuffix(id, "/")) // a matter of every-answer/identifier-form
		}
	}
	return ids
}
