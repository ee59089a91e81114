package specs

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// manualUnfinished are the rules about a certificate whose only request nobody has merged.
func manualUnfinished(s *Suite) {
	rule(s, "create-manually/name-case", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requireOperation(p.Pending)
		c.Accepts(p.OtherCase, match.Status())
		if csr := p.Pending.Text("csr"); csr != "" {
			c.Expect(p.OtherCase, match.SameMember(p.Pending, "csr"))
		}
	})
	rule(s, "create-manually/policy-readable", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requirePending(p.Pending)
		c.Accepts(p.Policy, match.Accepted())
	})
	rule(s, "create-manually/listed-with-pending", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requirePending(p.Pending)
		c.Expect(scenarios.Last(p.ListedPending), match.HasStatus(http.StatusOK))
		if name := match.Name(p.Created); !namedIn(p.ListedPending, name) {
			c.Fail(scenarios.Last(p.ListedPending), "a list with "+name, "a list without it")
		}
	})
	rule(s, "create-manually/not-listed", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requirePending(p.Pending)
		c.requireBody(scenarios.Last(p.Listed))
		if name := match.Name(p.Created); namedIn(p.Listed, name) {
			c.Fail(scenarios.Last(p.Listed), "a list without "+name, "a list with it")
		}
		c.requireOf(scenarios.Last(p.ListedPending), func(*vault.Exchange) bool { return namedIn(p.ListedPending, match.Name(p.Created)) },
			"the name with includePending=true")
	})
	rule(s, "create-manually/invalid-name", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requireOnlyFlaw(p.InvalidName, p.Created)
		c.Accepts(p.InvalidName, match.StatusClass())
	})
	rule(s, "create-manually/invalid-name-code", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requireOnlyFlaw(p.InvalidName, p.Created)
		c.requireStatus(p.InvalidName, http.StatusBadRequest) // of another status no source tells the code
		c.Accepts(p.InvalidName, match.ErrorCode())
	})
	rule(s, "create-manually/unfinished-deleted", func(c *Check, p *scenarios.UnfinishedCertificate) {
		c.requirePending(p.Pending)
		c.Accepts(p.Deleted, match.Status())
	})
}

// namedIn reports whether a list has an item of a certificate, ignoring case.
func namedIn(pages []*vault.Exchange, name string) bool {
	for _, id := range itemIDs(pages) {
		if strings.EqualFold(id[strings.LastIndex(strings.TrimSuffix(id, "/"), "/")+1:], name) {
			return true
		}
	}
	return false
}

// everyRoute are the rules about requests that the API does not have, and about paths that look like others.
func everyRoute(s *Suite) {
	for id, step := range map[string]func(p *scenarios.UnknownRoutes) *vault.Exchange{
		"every-answer/unknown-route":  func(p *scenarios.UnknownRoutes) *vault.Exchange { return p.NoRoute },
		"every-answer/unknown-method": func(p *scenarios.UnknownRoutes) *vault.Exchange { return p.WrongMethod },
		"every-answer/create-method":  func(p *scenarios.UnknownRoutes) *vault.Exchange { return p.WrongCreate },
	} {
		rule(s, id, func(c *Check, p *scenarios.UnknownRoutes) {
			c.requireOnlyFlaw(step(p), p.Listed)
			c.Accepts(step(p), match.Status())
			c.Expect(step(p), match.Present("error", "code"))
		})
	}
	rule(s, "every-answer/contacts", func(c *Check, p *scenarios.UnknownRoutes) {
		c.requireBody(p.Listed)
		if c.Got(p.Contacts).Succeeded() {
			c.Expect(p.Contacts, match.ID(c.Facts.IDBase, "id", "certificates", "contacts"))
			return
		}
		c.requireStatus(p.Contacts, http.StatusNotFound)
		c.Accepts(p.Contacts, match.ErrorCode())
	})
}
